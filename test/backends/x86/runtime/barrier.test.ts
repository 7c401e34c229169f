/** Threads meet in machine code: who waits for long sleeps until it is woken, and nobody leaves before all have come. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { Assembler } from "../../../../src/backends/x86/assembler/assembler.ts";
import { emitBarrier } from "../../../../src/backends/x86/runtime/barrier.ts";
import { bundle } from "../../../platform/bundle.ts";
import { needNative } from "./native.ts";

/** A thread that comes to all meetings. To every fourth, one of the two comes only when the other one sleeps. */
const visitor = `
const { code, memory, meetings, sleeping, own, other, isLate } = require("node:worker_threads").workerData;
const barrier = nativeRun(code, memory);
const words = new Int32Array(memory.buffer);
for (let meeting = 1; meeting <= meetings; meeting += 1) {
  const end = performance.now() + 5000;
  while (isLate && meeting % 4 === 0 && Atomics.load(words, sleeping) !== 1)
    if (performance.now() > end) throw new Error("nobody sleeps before meeting " + meeting);
  Atomics.store(words, own, meeting);
  barrier(0, 2);
  const seen = Atomics.load(words, other);
  if (seen !== meeting && seen !== meeting + 1) throw new Error("after meeting " + meeting + ": " + seen);
}
`;

/** `(base, thread, threads)`: meets, by System V's convention. */
function barrierCode(haveProcessors: boolean): Uint8Array {
  const [rdx, rdi, r9, r15] = [2, 7, 9, 15];
  const assembler = new Assembler("avx2");
  assembler.push(r15);
  assembler.move(r15, rdi, 8);
  assembler.move(r9, rdx);
  emitBarrier(assembler, r9, haveProcessors);
  assembler.pop(r15);
  assembler.ret();
  return assembler.finish();
}

/** Two threads that meet, in a process of their own: threads that wait in machine code end by its end alone. */
const script = (bytes: Uint8Array) => `
import { Worker } from "node:worker_threads";
import { nativeSource, portableCode } from "./src/backends/x86/runtime/calls.ts";
import { codePages } from "./src/backends/x86/runtime/pages.ts";

const [meetings, sleeping, comings] = [400, 3, 16];
const code = portableCode(codePages(Uint8Array.of(${bytes})));
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const source = nativeSource + ${JSON.stringify(visitor)};
let running = 2;
for (const thread of [0, 1]) {
  const [own, other] = [comings + thread, comings + 1 - thread];
  const workerData = { code, memory, meetings, sleeping, own, other, isLate: thread === 1 };
  const worker = new Worker(source, { eval: true, workerData });
  worker.on("error", ({ message }) => {
    console.log(message);
    process.kill(process.pid, "SIGKILL");
  });
  worker.on("exit", () => {
    running -= 1;
    if (running === 0) console.log([sleeping, comings, comings + 1].map((at) => new Int32Array(memory.buffer)[at]).join());
  });
}
`;

test.for([true, false])("with a processor for each thread: %s", async (haveProcessors, context) => {
  needNative(context);
  if (process.platform !== "linux") context.skip("threads of machine code sleep by Linux's futex");
  const input = await bundle(script(barrierCode(haveProcessors)), {
    format: "cjs",
    external: ["node:worker_threads"],
  });
  const { stdout, stderr } = spawnSync(process.execPath, ["-"], {
    input,
    encoding: "utf8",
    timeout: 25_000,
    killSignal: "SIGKILL",
  });
  expect([stdout, stderr]).toEqual(["0,400,400\n", ""]);
});
