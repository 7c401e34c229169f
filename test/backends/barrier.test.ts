/** Threads meet: who waits for long sleeps until it is woken, and nobody leaves a meeting before all have come. */

import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { defineBarrier } from "../../src/backends/wasm/barrier.ts";
import { ModuleBuilder } from "../../src/backends/wasm/encoder.ts";

const meetings = 400;
/** Words of the memory: threads that sleep, and how often each thread has come. */
const [sleeping, comings] = [3, 16] as const;

/** Another thread that comes to all meetings, and says how often it has come before each. */
const visitor = `
const { workerData: { module, memory, meetings, comings } } = require("node:worker_threads");
const { barrier } = new WebAssembly.Instance(module, { environment: { memory } }).exports;
const words = new Int32Array(memory.buffer);
for (let meeting = 1; meeting <= meetings; meeting += 1) {
  Atomics.store(words, comings + 1, meeting);
  barrier(2);
}
`;

test.each([true, false])("with a processor for each thread: %s", async (haveProcessors) => {
  const builder = new ModuleBuilder();
  const barrier = defineBarrier(builder, haveProcessors);
  const exported = builder.declare("barrier", barrier.parameters, undefined, true);
  builder.define(exported, (f, parameters) => f.call(barrier, ...parameters));
  const limits = { initial: 1, maximum: 1, shared: true };
  const module = new WebAssembly.Module(builder.toBytes(limits));
  const memory = new WebAssembly.Memory(limits);
  const meet = new WebAssembly.Instance(module, { environment: { memory } }).exports.barrier as (
    threads: number,
  ) => void;
  const words = new Int32Array(memory.buffer);
  const worker = new Worker(visitor, { eval: true, workerData: { module, memory, meetings, comings } });
  for (let meeting = 1; meeting <= meetings; meeting += 1) {
    const end = performance.now() + 10_000;
    // At times the other one has to wait until it sleeps; else both come at once.
    while (meeting % 4 === 0 && Atomics.load(words, sleeping) !== 1 && performance.now() < end);
    if (meeting % 4 === 0) expect(Atomics.load(words, sleeping)).toBe(1);
    meet(2);
    expect(Atomics.load(words, comings + 1)).toBeGreaterThanOrEqual(meeting);
    expect(Atomics.load(words, comings + 1)).toBeLessThanOrEqual(meeting + 1);
  }
  await new Promise((resolve) => worker.once("exit", resolve));
  expect(Atomics.load(words, sleeping)).toBe(0);
});
