/**
 * What a worker thread runs, as source text, so that it works from a bundle, from a blob in a browser, and in Node alike.
 * It takes part in programs as one of their threads. When it has nothing to do, it looks for work for a moment. Then it sleeps
 * until there is a message to read or a program to run.
 */

import { nativeSource } from "../x86/runtime/calls.ts";
import { weightSource } from "./weight.ts";

/** Words of the memory by which workers are told what to do. */
export const control = {
  /** Changes whenever there is something to look at; workers sleep on it. */
  wake: 0,
  /** Messages posted so far. */
  messages: 1,
  /** Twice the runs asked for so far, odd while the next two words change. */
  runs: 2,
  /** The program to run, and by how many threads. */
  program: 3,
  threads: 4,
  /** Workers that are looking, and so start at once. */
  awake: 5,
  /** Workers that have started. */
  started: 6,
  /** Workers that are making a program of what they were given. */
  making: 7,
  /** Not 0 when the process ends: then no worker makes any more programs. */
  ending: 8,
  /** From here on, how many messages each worker has read, by the number of its thread. */
  read: 9,
  words: 9 + 64,
} as const;

export const workerSource = `
const programs = new Map();
let control, thread, attention, read = 0, ran = 0;
function sleep(wake) {
  Atomics.add(control, ${control.awake}, 1);
  const end = performance.now() + attention;
  const isQuiet = () => Atomics.load(control, ${control.wake}) === wake;
  while (isQuiet() && performance.now() < end) for (let looks = 0; looks < 100 && isQuiet(); looks += 1);
  Atomics.sub(control, ${control.awake}, 1);
  if (isQuiet()) Atomics.wait(control, ${control.wake}, wake);
}
${weightSource}
${nativeSource}
function serve() {
  for (;;) {
    const wake = Atomics.load(control, ${control.wake});
    // Messages arrive only while this thread is idle: go back to its event loop.
    if (Atomics.load(control, ${control.messages}) !== read) return;
    const runs = Atomics.load(control, ${control.runs});
    if (runs === ran) { sleep(wake); continue; }
    const threads = Atomics.load(control, ${control.threads});
    const program = programs.get(Atomics.load(control, ${control.program}));
    // Odd while it is being written, and other afterwards: what was read belongs together only if neither holds.
    if (runs % 2 !== 0 || Atomics.load(control, ${control.runs}) !== runs) continue;
    ran = runs;
    if (program && thread < threads) program.run(thread, threads);
  }
}
function receive({ start, program, forget }) {
  if (start) {
    control = start.control;
    thread = start.thread;
    attention = start.attention;
    read = start.read;
    ran = Atomics.load(control, ${control.runs});
    Atomics.add(control, ${control.started}, 1);
  } else {
    read += 1;
    Atomics.add(control, ${control.making}, 1);
    if (program && Atomics.load(control, ${control.ending}) === 0) {
      const { code, memory } = program;
      const run = code.pages
        ? nativeRun(code, memory)
        : new WebAssembly.Instance(code, { environment: { memory } }).exports.run;
      programs.set(program.id, { run, weight: weightOf(memory) });
    }
    Atomics.sub(control, ${control.making}, 1);
    Atomics.notify(control, ${control.making});
    if (forget) programs.delete(forget);
  }
  Atomics.store(control, ${control.read} + thread, read);
  serve();
}
const port = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
if (port) port.on("message", receive);
else globalThis.onmessage = ({ data }) => receive(data);
`;
