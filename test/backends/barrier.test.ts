/** Threads meet: who waits for long sleeps until it is woken, and nobody leaves a meeting before all have come. */

import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { ModuleBuilder } from "../../src/backends/instructions/functions.ts";
import { defineBarrier } from "../../src/backends/runtime/barrier.ts";
import { printModule } from "../../src/backends/wasm/assembler/module.ts";
import { wasmMachine } from "../../src/backends/wasm/machine.ts";
import { wasmInstructions } from "../../src/backends/wasm/target.ts";

const meetings = 400;
/** Words of the memory: threads that sleep, and how often each thread has come. */
const [sleeping, comings] = [3, 16] as const;

/** A thread that comes to all meetings. To every fourth, one of the two comes only when the other one sleeps. */
const visitor = `
const { module, memory, meetings, sleeping, own, other, isLate } = require("node:worker_threads").workerData;
const { barrier } = new WebAssembly.Instance(module, { environment: { memory } }).exports;
const words = new Int32Array(memory.buffer);
for (let meeting = 1; meeting <= meetings; meeting += 1) {
  const end = performance.now() + 5000;
  while (isLate && meeting % 4 === 0 && Atomics.load(words, sleeping) !== 1)
    if (performance.now() > end) throw new Error("nobody sleeps before meeting " + meeting);
  Atomics.store(words, own, meeting);
  barrier(2);
  const seen = Atomics.load(words, other);
  if (seen !== meeting && seen !== meeting + 1) throw new Error("after meeting " + meeting + ": " + seen);
}
`;

test.each([true, false])("with a processor for each thread: %s", async (haveProcessors) => {
  const builder = new ModuleBuilder(wasmInstructions(false));
  const barrier = defineBarrier(builder, wasmMachine.patience[haveProcessors ? "alone" : "sharing"]);
  const exported = builder.declare("barrier", barrier.parameters, undefined, true);
  builder.define(exported, (f, parameters) => f.call(barrier, ...parameters));
  const limits = { initial: 1, maximum: 1, shared: true };
  const module = new WebAssembly.Module(printModule(builder, limits));
  const memory = new WebAssembly.Memory(limits);
  const workers = [false, true].map((isLate, thread) => {
    const [own, other] = [comings + thread, comings + 1 - thread];
    const workerData = { module, memory, meetings, sleeping, own, other, isLate };
    return new Worker(visitor, { eval: true, workerData });
  });
  const ends = workers.map(
    (worker) => new Promise((resolve, reject) => worker.once("error", reject).once("exit", resolve)),
  );
  const limit = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("threads wait for each other forever")), 20_000).unref();
  });
  try {
    await Promise.race([Promise.all(ends), limit]);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const words = new Int32Array(memory.buffer);
  expect([...words.slice(comings, comings + 2)]).toEqual([meetings, meetings]);
  expect(words[sleeping]).toBe(0);
});
