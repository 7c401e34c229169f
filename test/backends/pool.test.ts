/** Programs with different numbers of threads take turns: no worker may join a run that it is no part of, or join one twice. */

import { expect, test } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { compile, float32, value } from "../../src/program/compile.ts";
import { softmax } from "../../src/trace/functions.ts";

test("thousands of runs by two, five and three threads in turn", async () => {
  const size = [64, 8];
  const x = value(
    Float32Array.from({ length: 512 }, (_, index) => Math.sin(index)),
    size,
  );
  const programs = [2, 5, 3].map((threads) =>
    compile(({ x: input }) => softmax(input.mul(threads)).exp().sum(), {
      inputs: { x: float32("B", 8) },
      backend: wasmBackend({ threads, minimumWork: 0 }),
    }),
  );
  const run = () => programs.map((program) => program({ x }).data[0]);
  const expected = run();
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (let round = 0; round < 6000; round += 1) expect(run()).toEqual(expected);
}, 60_000);
