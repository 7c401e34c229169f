/**
 * The worker pool: threads that help to run programs. Workers are started when first asked for, sleep while there is
 * nothing to do, and never keep a process alive. To wake one takes 12 to 30 microseconds, so it stays awake for a moment after
 * each program.
 */

import { control, readyWord } from "./worker.ts";
import { processors, startWorker, type Worker } from "./workers.ts";

/** How long a worker without a program stays awake, and calls at what distance keep it awake, in milliseconds. */
const attention = 0.25;

class Pool {
  readonly #workers: Worker[] = [];
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * control.words));
  #programs = 0;
  #asked = 0;
  #failure: string | undefined;
  /** Programs nobody can run any more are forgotten by the workers too. */
  readonly #forgotten = new FinalizationRegistry<number>((id) => this.#post({ forget: id }));

  /** Threads that were asked for at the most, this one included. */
  get threads(): number {
    return this.#workers.length + 1;
  }

  /** Workers that have started. */
  get started(): number {
    return Atomics.load(this.#control, control.started);
  }

  /** Why a worker did not start, or broke; from then on this thread does all. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Give a program to the workers; the first `threads - 1` count themselves in its memory when they have it. */
  add(owner: object, module: WebAssembly.Module, memory: WebAssembly.Memory, threads: number): number {
    while (this.#workers.length < threads - 1) {
      const worker = startWorker((reason) => {
        this.#failure ??= reason;
      });
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
    this.#post({ program: { id: this.#programs, module, memory, threads } });
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
    // Counted before it is there: a worker that has read more than was counted would wait for another one.
    Atomics.add(this.#control, control.messages, 1);
    for (const worker of this.#workers) worker.postMessage(message);
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

/** The pool of this thread, if a program has asked for one. */
export function startedPool(): Pool | undefined {
  return shared;
}

/** The pool of this thread. */
export function pool(): Pool {
  shared ??= new Pool();
  return shared;
}
