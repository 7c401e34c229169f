/**
 * The worker pool: threads that help to run programs. Workers are started when first asked for, sleep while there is
 * nothing to do, and never keep a process alive. To wake one takes 12 to 30 microseconds, so it stays awake for a moment after
 * each program.
 */

import { control, readyWord, workerSource } from "./worker.ts";

/** How long a worker without a program stays awake, and calls at what distance keep it awake, in milliseconds. */
const attention = 0.25;

/** Anything that messages can be posted to. */
interface Worker {
  postMessage(message: unknown): void;
}

interface NodeWorkers {
  readonly Worker: new (source: string, options: { eval: boolean }) => Worker & { unref(): void };
}

interface Platform {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly crossOriginIsolated?: boolean;
  readonly document?: unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

const platform = globalThis as unknown as Platform;

/** Node's worker threads, where this is Node. */
function nodeWorkers(): NodeWorkers | undefined {
  return platform.process?.getBuiltinModule?.("node:worker_threads") as NodeWorkers | undefined;
}

/**
 * Whether programs can have several threads here: in Node; in a browser only in a worker (a page's own thread may not
 * wait) of a page that is cross-origin isolated.
 */
export function threadsAvailable(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  return (
    nodeWorkers() !== undefined || (platform.crossOriginIsolated === true && platform.document === undefined)
  );
}

/** Processors that this machine says it has. */
export function processors(): number {
  return platform.navigator?.hardwareConcurrency ?? (nodeProcessors() || 1);
}

function nodeProcessors(): number {
  const os = platform.process?.getBuiltinModule?.("node:os") as
    | { availableParallelism(): number }
    | undefined;
  return os?.availableParallelism() ?? 1;
}

function startWorker(): Worker {
  const node = nodeWorkers();
  if (node) {
    const worker = new node.Worker(workerSource, { eval: true });
    worker.unref();
    return worker;
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  const Web = (globalThis as unknown as { Worker: new (url: string) => Worker }).Worker;
  return new Web(url);
}

class Pool {
  readonly #workers: Worker[] = [];
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * control.words));
  #programs = 0;
  #asked = 0;
  /** Programs nobody can run any more are forgotten by the workers too. */
  readonly #forgotten = new FinalizationRegistry<number>((id) => this.#post({ forget: id }));

  /** Give a program to the first `threads - 1` workers; they count themselves in its memory when they have it. */
  add(owner: object, module: WebAssembly.Module, memory: WebAssembly.Memory, threads: number): number {
    while (this.#workers.length < threads - 1) {
      const worker = startWorker();
      const thread = this.#workers.length + 1;
      const start = {
        control: this.#control,
        thread,
        // A thread without a processor of its own takes that of another by looking.
        attention: thread < processors() ? attention : 0,
        read: Atomics.load(this.#control, control.messages),
      };
      worker.postMessage({ start });
      this.#workers.push(worker);
    }
    this.#programs += 1;
    this.#post({ program: { id: this.#programs, module, memory } });
    this.#forgotten.register(owner, this.#programs);
    return this.#programs;
  }

  /** Whether all the workers that a program wants have it. */
  isReady(memory: WebAssembly.Memory, threads: number): boolean {
    return Atomics.load(new Int32Array(memory.buffer), readyWord) >= threads - 1;
  }

  /** Whether so many threads would start a program at once. Who asks again and again soon finds them awake. */
  areAwake(threads: number): boolean {
    if (Atomics.load(this.#control, control.awake) >= threads - 1) return true;
    const now = performance.now();
    if (now < this.#asked + attention) this.#wake();
    this.#asked = now;
    return false;
  }

  /** Wake the workers for a program; the caller then runs it as thread 0, and all meet at its barriers. */
  start(program: number, threads: number): void {
    Atomics.add(this.#control, control.runs, 1);
    Atomics.store(this.#control, control.program, program);
    Atomics.store(this.#control, control.threads, threads);
    Atomics.add(this.#control, control.runs, 1);
    this.#wake();
  }

  #post(message: unknown): void {
    for (const worker of this.#workers) worker.postMessage(message);
    Atomics.add(this.#control, control.messages, 1);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#control, control.wake, 1);
    // A worker that is awake sees the change, also if it is just about to sleep.
    if (Atomics.load(this.#control, control.awake) < this.#workers.length)
      Atomics.notify(this.#control, control.wake);
  }
}

let shared: Pool | undefined;

/** The pool of this thread. */
export function pool(): Pool {
  shared ??= new Pool();
  return shared;
}
