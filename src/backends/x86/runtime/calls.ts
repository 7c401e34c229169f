/** Calls of machine code, from this thread and from others, and where a memory stands that it works on. */

import { UsageError } from "../../../errors.ts";
import { loadKoffi } from "./koffi.ts";
import { codeFunction } from "./pages.ts";
import { system } from "./system.ts";

/**
 * Runs code as one of its threads, and returns when it returns. It is called by the convention of the system: the parameters
 * are 64, 32 and 32 bits.
 * @param base where the memory starts; a number is quicker than a bigint
 */
export type NativeRun = (base: number | bigint, thread: number, threads: number) => void;

const parameters = ["uint64_t", "uint32_t", "uint32_t"] as const;

/** How the code is called: made once, as koffi keeps every prototype. */
let prototype: unknown;

/** The code from a byte of its pages on, as a function; it holds the pages, and not the memory. */
export function callable(pages: SharedArrayBuffer, offset = 0): NativeRun {
  prototype ??= loadKoffi().koffi.proto("void", parameters);
  return codeFunction(pages, offset, prototype) as NativeRun;
}

/**
 * Where a memory starts. Only of a shared one, which stays there when it grows, and behind which V8 keeps addresses that
 * nobody may touch, up to 8 GiB from its start.
 */
export function memoryAddress(memory: WebAssembly.Memory): bigint {
  const { buffer } = memory as { readonly buffer: ArrayBufferLike };
  if (Object.prototype.toString.call(buffer) !== "[object SharedArrayBuffer]")
    throw new UsageError("memory for machine code: one that may move given, a shared one expected");
  return loadKoffi().koffi.address(new Uint8Array(buffer));
}

/** Code as it is posted to a worker. */
export interface PortableCode {
  readonly koffi: string;
  readonly library: string | null;
  readonly pages: SharedArrayBuffer;
  readonly offset: number;
}

export function portableCode(pages: SharedArrayBuffer, offset = 0): PortableCode {
  return { koffi: loadKoffi().file, library: system()?.library ?? null, pages, offset };
}

/**
 * `callable` as source text, for a worker: makes `(thread, threads)`, which holds code and memory, of portable code and a
 * memory.
 */
export const nativeSource = `
let native, prototype;
function nativeRun({ koffi, library, pages, offset }, memory) {
  if (!native) {
    native = globalThis.process.getBuiltinModule("node:module").createRequire(koffi)(koffi);
    native.load(library);
    prototype = native.proto("void", ${JSON.stringify(parameters)});
  }
  const run = native.decode(native.address(new Uint8Array(pages)) + BigInt(offset), prototype);
  const base = Number(native.address(new Uint8Array(memory.buffer)));
  return Object.assign((thread, threads) => run(base, thread, threads), { pages, memory });
}`;
