/** Relaxed SIMD in Node 20, which has it behind a flag. */

import { setFlagsFromString } from "node:v8";
import { fusedAvailable } from "../backends/wasm/engine.ts";

/**
 * Lets programs that are compiled from now on multiply and add in one instruction, for the whole process and its
 * workers; see `fused` of `wasmBackend`. Node 22 and later do so without being asked, and then this does nothing; in
 * Node 20 it sets V8's flag `--experimental-wasm-relaxed-simd`. Returns whether there are such instructions now.
 */
export function enableFusedMultiplyAdd(): boolean {
  if (!fusedAvailable()) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return fusedAvailable();
}
