/** Results are the same bits for any number of threads. */

import { describe, expect, test } from "vitest";
import { pool } from "../../src/backends/runtime/pool.ts";
import { processors } from "../../src/backends/runtime/workers.ts";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { initialize, lstm, recurrent } from "../../src/nn/index.ts";
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

/** Counts the programs that workers are started for; `end` counts no more. */
function watchStarts() {
  const workers = pool();
  const start = workers.start.bind(workers);
  const watch = { starts: 0, end: () => Object.assign(workers, { start }) };
  workers.start = (program, threads) => {
    watch.starts += 1;
    start(program, threads);
  };
  return watch;
}

test("workers sleep through short calls in which they would mostly wait, as with one row of a batch", async () => {
  const { rnn } = initialize({ rnn: recurrent(lstm, 32, 32) }, { seed: 1 });
  const outputs = compile(({ x }) => rnn.apply(x as Tensor).output, {
    inputs: { x: float32("T", 1, 32) },
    backend: wasmBackend({ threads: 2 }),
  });
  const x = value(new Float32Array(64 * 32).fill(0.1), [64, 1, 32]);
  const watch = watchStarts();
  for (let round = 0; round < 10; round += 1) {
    for (let call = 0; call < 100; call += 1) outputs({ x });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  watch.end();
  expect(watch.starts).toBe(0);
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
    const watch = watchStarts();
    const end = performance.now() + 20_000;
    while (watch.starts < 10 && performance.now() < end) {
      for (let call = 0; call < 100; call += 1) square({ x });
      expect(square({ x }).data).toEqual(expected);
      // Workers get the program when this thread lets them.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    watch.end();
    expect(watch.starts).toBeGreaterThanOrEqual(10);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(pool().areAwake(2)).toBe(false);
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100);
  },
);
