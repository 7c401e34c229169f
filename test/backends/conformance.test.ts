/**
 * Rondo's backends do what every backend must: the reference, and WebAssembly with all passes of the compiler, with none,
 * and with each one left out. What each pass makes is checked.
 */

import { reference } from "../../src/backends/reference/index.ts";
import { wasm, wasmBackend } from "../../src/backends/wasm/index.ts";
import { type PassName, passes } from "../../src/compiler/passes/index.ts";
import { conformance } from "./conformance.ts";

const names = Object.keys(passes) as PassName[];
const rewritesAlone = true;

conformance("the reference", reference);
conformance("wasm", wasm);
conformance("wasm, products and sums rounded one by one", wasmBackend({ fused: false, check: true }));
conformance("wasm without passes", wasmBackend({ without: names, check: true }), { rewritesAlone });
conformance("wasm, split for threads", wasmBackend({ threads: 2, check: true }), { rewritesAlone });
for (const name of names)
  conformance(`wasm without ${name}`, wasmBackend({ without: [name], check: true }), { rewritesAlone });
