// The process of a JavaScript library: does what standard input asks, one line of JSON a request, and replies.
// Usage: node process.js LIBRARY THREADS FUSED [ENGINE]
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { enableFusedMultiplyAdd } from "../../../src/node/index.ts";
import { fingerprint, readArrays } from "../arrays.ts";
import type { Task } from "../cases.ts";
import type { Engine } from "../engines.ts";
import {
  type Duration,
  type Failure,
  type Library,
  type Measurement,
  type Preparation,
  type Prepared,
  type Ready,
  type Request,
  replyMark,
} from "./contender.ts";

type Start = (threads: number, fused: boolean, engine: Engine) => Promise<Library>;

const libraries: Record<string, Start> = {
  rondo: async (threads, fused, engine) => (await import("./rondo.ts")).rondo(engine, threads, fused),
  "onnx-native": async (threads) => (await import("./onnx.ts")).onnx("onnxruntime-node", threads),
  "onnx-web": async (threads) => (await import("./onnx.ts")).onnx("onnxruntime-web", threads),
  tensorflow: async () => (await import("./tensorflow.ts")).tensorflow(),
  jax: async () => (await import("./jax.ts")).jax(),
  brain: async () => (await import("./brain.ts")).brain(),
};

/** Bytes of a line of /proc/self/status, such as VmHWM; undefined where there is no such file. */
function processBytes(name: string): number | undefined {
  try {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"));
    return found ? 1024 * Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes that stand in memory now, without garbage; the peak is counted from here on. */
function resetPeak(): number | undefined {
  globalThis.gc?.();
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    return undefined;
  }
  return processBytes("VmRSS");
}

/** Runs after which a process has taken what memory it takes. */
const settlingRuns = 5;

async function prepare(library: Library, task: Task, path: string): Promise<[Prepared, Preparation]> {
  const arrays = readArrays(path);
  const before = task.kind === "memory" ? resetPeak() : undefined;
  const start = performance.now();
  const prepared = await library.prepare(task, arrays);
  await prepared.run();
  const first = performance.now() - start;
  let peak: number | undefined;
  if (before !== undefined) {
    // Workers have started by then.
    await sleep(100);
    for (let run = 1; run < settlingRuns; run += 1) await prepared.run();
    const after = processBytes("VmHWM");
    peak = after === undefined ? undefined : after - before;
  }
  const results = Object.entries(await prepared.results());
  const preparation = {
    first,
    compiling: prepared.compiling,
    results: Object.fromEntries(results.map(([name, array]) => [name, fingerprint(array)])),
    peak,
    memory: prepared.memory?.(),
  };
  return [prepared, preparation];
}

/** A sample is as many runs as take this long together, so that the clock is fine enough. */
const sampleMilliseconds = 1;

async function measure(prepared: Prepared, duration: Duration): Promise<Measurement> {
  const times: number[] = [];
  let runs = 1;
  const isDone = (spent: number) =>
    spent >= duration.most || (spent >= duration.milliseconds && times.length >= duration.runs);
  for (let spent = 0; !isDone(spent); ) {
    const start = performance.now();
    for (let run = 0; run < runs; run += 1) {
      const pending = prepared.run();
      if (pending) await pending;
    }
    const taken = performance.now() - start;
    times.push(taken / runs);
    spent += taken;
    if (taken < sampleMilliseconds) runs = Math.ceil((runs * sampleMilliseconds) / Math.max(taken, 0.01));
  }
  return { times };
}

const reply = (message: Ready | Preparation | Measurement | Failure) =>
  process.stdout.write(`${replyMark}${JSON.stringify(message)}\n`);

const explain = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

try {
  const [name = "", threads = "1", form, engine = "wasm"] = process.argv.slice(2);
  const fused = form === "true";
  // What Node 22 has by itself, for all libraries alike.
  if (fused) enableFusedMultiplyAdd();
  const start = libraries[name];
  if (!start) throw new Error(`library ${name} given, one of ${Object.keys(libraries).join(", ")} expected`);
  const library = await start(Number(threads), fused, engine as Engine);
  let current: Prepared | undefined;
  reply({ version: library.version });
  for await (const line of createInterface(process.stdin)) {
    const request = JSON.parse(line) as Request;
    try {
      if (request.do === "prepare") {
        const [prepared, preparation] = await prepare(library, request.task, request.arrays);
        current = prepared;
        reply(preparation);
      } else {
        if (!current) throw new Error("nothing is prepared");
        reply(await measure(current, request));
      }
    } catch (error) {
      reply({ error: explain(error) });
    }
  }
} catch (error) {
  reply({ error: explain(error) });
}
process.exit();
