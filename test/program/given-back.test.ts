/** Programs that nobody can reach are given back, within one job of the event loop too. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { compile } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { needNative } from "../backends/x86/runtime/native.ts";

/** Runs search.ts, in a process of its own. */
function search(backend: string, threads: number, steps: number) {
  const script = join(inject("built"), "test/program/search.js");
  const { stdout, stderr } = spawnSync(process.execPath, [script, backend, `${threads}`, `${steps}`], {
    encoding: "utf8",
    timeout: 55_000,
    killSignal: "SIGKILL",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as { before: number; peak: number; input: number; losses: number[] };
}

describe("of many training steps made in a synchronous search, a few are held", () => {
  // Workers hold 256 MiB: eight of them.
  test.for([
    { backend: "wasm", threads: 1, held: 10 },
    { backend: "wasm", threads: 2, held: 18 },
    { backend: "native", threads: 1, held: 10 },
  ])("$backend, $threads threads", { timeout: 60_000 }, ({ backend, threads, held }, context) => {
    if (backend === "native") needNative(context);
    const { before, peak, input, losses } = search(backend, threads, 24);
    expect(losses).toHaveLength(1);
    // Each holds its input, and more.
    expect(peak - before).toBeLessThan(held * input);
  });
});

describe("without declared inputs, the programs of the shapes given last are kept", () => {
  /** Counts what it compiles; each program says that it holds so many bytes. */
  function counting(bytes: number) {
    const counter = { compiled: 0, backend: undefined as unknown as Backend };
    counter.backend = {
      name: "counting",
      compile(program) {
        counter.compiled += 1;
        const { run, prepare } = bound(wasm.compile(program));
        return { bytes, run, prepare };
      },
    };
    return counter;
  }
  const bound = (executable: ReturnType<Backend["compile"]>) => ({
    run: executable.run.bind(executable),
    prepare: executable.prepare.bind(executable),
  });
  /** Calls a function with so many numbers, for each of the counts; how often it was compiled. */
  function compiledFor(bytes: number, sizes: readonly number[]): number {
    const counter = counting(bytes);
    const sum = compile((x: Tensor) => x.sum(), { backend: counter.backend });
    for (const size of sizes) {
      const x = { data: new Float32Array(size).fill(1), shape: [size] };
      expect(sum(x)).toMatchObject({ data: Float32Array.of(size) });
    }
    return counter.compiled;
  }
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  test("64 small ones", () => {
    expect(compiledFor(1, [...upTo(64), ...upTo(64)])).toBe(64);
    expect(compiledFor(1, [...upTo(64), 1, 65, 1, 2])).toBe(66);
  });
  test("and large ones up to 256 MiB, the last whatever it takes", () => {
    expect(compiledFor(2 ** 26, [1, 2, 3, 4, 1, 2, 3, 4])).toBe(4);
    expect(compiledFor(2 ** 30, [1, 1, 2, 2, 1])).toBe(3);
  });
});
