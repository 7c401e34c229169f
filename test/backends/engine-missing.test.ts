/** Where WebAssembly is missing or forbidden, a program says so instead of failing with what the engine says. */

import { afterEach, expect, test, vi } from "vitest";
import { compile, float32, reference, UsageError } from "../../src/index.ts";

const backend = "the backend named reference runs everywhere, slowly";
const cases: readonly (readonly [string, string])[] = [
  ["missing", `there is no WebAssembly here: ${backend}`],
  [
    "forbidden",
    `WebAssembly may not be compiled here: a Content-Security-Policy allows it by 'wasm-unsafe-eval' in script-src: ${backend}`,
  ],
  ["without SIMD", `the engine has no SIMD in its WebAssembly: ${backend}`],
];

/** As an engine under a Content-Security-Policy does, or one from before SIMD. */
function engine(kind: string): unknown {
  if (kind === "missing") return undefined;
  class Module {
    constructor(bytes: Uint8Array) {
      if (kind === "forbidden" || bytes.length > 8) throw new WebAssembly.CompileError("refused");
    }
  }
  return { Module, Memory: WebAssembly.Memory, validate: () => false };
}

afterEach(() => vi.unstubAllGlobals());

test.each(cases)("WebAssembly %s", (kind, message) => {
  vi.stubGlobal("WebAssembly", engine(kind));
  const double = (backend?: typeof reference) =>
    compile((x) => x.mul(2), { inputs: float32(1), ...(backend && { backend }) });
  expect(() => double()).toThrow(new UsageError(message));
  expect([...double(reference)([3]).data]).toEqual([6]);
});
