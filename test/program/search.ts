/** A search in one job of the event loop: makes training steps, runs them and drops them. Prints what memory it took, in MiB. */

import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { nativeBackend } from "../../src/backends/x86/index.ts";
import { float32, value } from "../../src/program/compile.ts";
import { Variable } from "../../src/trace/variable.ts";
import { createOptimizer } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

const [threads, steps] = process.argv.slice(3).map(Number) as [number, number];
const makeBackend = process.argv[2] === "native" ? nativeBackend : wasmBackend;
const backend = makeBackend({ threads, minimumWork: 0 });
const [rows, columns] = [2 ** 17, 64];
const x = value(new Float32Array(rows * columns).fill(0.5), [rows, columns]);

const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
const before = mebibytes(process.memoryUsage.rss());
const losses = new Set<number>();
for (let made = 0; made < steps; made += 1) {
  const weight = new Variable("weight", [columns]);
  weight.value = new Float32Array(columns).fill(0.1);
  const penalty = weight.square().mean();
  const step = trainingStep({
    parameters: [weight],
    optimizer: createOptimizer("adam", {}),
    backend,
    inputs: { x: float32("N", columns) },
    loss: (inputs) => ({ loss: inputs.x.dot(weight).square().mean().add(penalty), outputs: {} }),
  });
  // Workers are given what is run again and again.
  for (let run = 0; run < 4; run += 1) step.run({ x }, 0.01);
  losses.add(step.run({ x }, 0.01).loss);
}
const peak = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ before, peak, input: mebibytes(x.data.byteLength), losses: [...losses] }));
