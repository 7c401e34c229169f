/** Results are the same bits for any number of threads. */

import { describe, expect, test } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { pool, processors } from "../../src/backends/wasm/pool.ts";
import { compile, float32, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { type Case, cases } from "./cases.ts";

/** Runs all calls of a case, after the workers had time to start. */
async function run({ build, inputs, types }: Case, threads: number) {
  const backend = wasmBackend({ threads, minimumWork: 0 });
  const compiled = compile((tensors: Record<string, Tensor>) => [build(tensors)].flat(), {
    inputs: types,
    backend,
  });
  compiled(inputs[0] as never);
  await new Promise((resolve) => setTimeout(resolve, threads > 1 ? 40 : 0));
  return inputs.map((given) => compiled(given as never).map(({ data }) => [...data]));
}

describe("one thread and several agree to the bit", () => {
  for (const one of cases.filter(
    ({ rewrites, name }) => rewrites || /product|softmax|gather|layout|sum and max/.test(name),
  )) {
    test(one.name, async () => {
      const alone = await run(one, 1);
      for (const threads of [2, 3, 5]) expect(await run(one, threads), `${threads} threads`).toEqual(alone);
    });
  }
});

test("options that do not exist are refused", () => {
  for (const threads of [0, 1.5, 65]) {
    expect(() => wasmBackend({ threads })).toThrow(
      `threads ${threads}: expected a whole number from 1 to 64`,
    );
  }
  expect(() => wasmBackend({ without: ["mergeLoops" as never] })).toThrow(
    "without mergeLoops: expected mergeScans",
  );
});

const isAlone = processors() < 2;
const why = isAlone ? " (skipped: there is one processor, on which nobody stays awake)" : "";
test.skipIf(isAlone)(
  `workers stay awake for short calls in quick succession, and sleep soon after the last${why}`,
  async () => {
    const size = 64;
    const square = compile(({ x }) => (x as Tensor).dot(x as Tensor), {
      inputs: { x: float32(size, size) },
      backend: wasmBackend({ threads: 2 }),
    });
    const x = value(
      Float32Array.from({ length: size * size }, (_, index) => Math.sin(index)),
      [size, size],
    );
    const expected = square({ x }).data;
    const workers = pool();
    const start = workers.start.bind(workers);
    let shared = 0;
    workers.start = (program, threads) => {
      shared += 1;
      start(program, threads);
    };
    const end = performance.now() + 20_000;
    while (shared < 10 && performance.now() < end) {
      for (let call = 0; call < 100; call += 1) square({ x });
      expect(square({ x }).data).toEqual(expected);
      // Workers get the program when this thread lets them.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(shared).toBeGreaterThanOrEqual(10);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(workers.areAwake(2)).toBe(false);
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100);
  },
);
