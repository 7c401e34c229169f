/**
 * The worker pool: threads that help to run programs. Workers are started when first asked for, sleep while there is
 * nothing to do, and never keep a process alive. To wake one takes 12 to 30 microseconds, so it stays awake for a moment after
 * each program.
 */

import { control } from "./worker.ts";
import { processors, startWorker, type Worker } from "./workers.ts";

/** How long a worker without a program stays awake, and calls at what distance keep it awake, in milliseconds. */
const attention = 0.25;

/** A program of several threads, in the hands of who runs it. */
export interface PooledProgram {
  readonly id: number;
  /** See `Compiled`. */
  readonly code: unknown;
  readonly memory: WebAssembly.Memory;
  /** When it was to be run last: see `turns` of the pool. */
  asked: number;
}

/** What the pool knows of a program that the workers hold. Nothing here leads to the program. */
interface Holding {
  readonly id: number;
  bytes: number;
  /** When it was to be run last. */
  asked: number;
  /** Messages that a worker has read when it has the program. */
  readonly messages: number;
}

export class Pool {
  readonly #mostBytes: number;
  readonly #workers: Worker[] = [];
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * control.words));
  #programs = 0;
  #asked = 0;
  /** Counts the times that a program was to be run. */
  #turns = 0;
  /** The programs that the workers hold. */
  readonly #held = new Map<number, Holding>();
  #failure: string | undefined;
  /** Programs nobody can run any more are forgotten by the workers too. */
  readonly #forgotten = new FinalizationRegistry<number>((id) => this.#forget(id));

  /** A pool whose workers hold programs of so many bytes together; one that is larger is held alone. */
  constructor(mostBytes = 2 ** 28) {
    this.#mostBytes = mostBytes;
  }

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

  /** Start the workers for a program. They are given it when it is to be run: see `isReady`. */
  add(owner: object, code: unknown, memory: WebAssembly.Memory, threads: number): PooledProgram {
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
      Atomics.store(this.#control, control.read + thread, -1);
      worker.postMessage({ start });
      this.#workers.push(worker);
    }
    this.#programs += 1;
    this.#forgotten.register(owner, this.#programs);
    return { id: this.#programs, code, memory, asked: 0 };
  }

  /** Whether all the workers that a program wants have it; they are given it where they do not. */
  isReady(program: PooledProgram, threads: number): boolean {
    this.#turns += 1;
    const holding = this.#held.get(program.id) ?? this.#give(program);
    program.asked = this.#turns;
    if (!holding) return false;
    holding.asked = this.#turns;
    holding.bytes = program.memory.buffer.byteLength;
    return this.#haveRead(holding.messages, threads);
  }

  /**
   * Give a program to the workers, which hold only so many bytes together: it takes the place of those that were not
   * run since it was to be run before. Nothing is given before all that was given is taken.
   */
  #give({ id, code, memory, asked }: PooledProgram): Holding | undefined {
    if (!this.#haveRead(Atomics.load(this.#control, control.messages), this.#workers.length + 1)) return;
    const bytes = memory.buffer.byteLength;
    const held = [...this.#held.values()].sort((a, b) => a.asked - b.asked);
    const leaving: number[] = [];
    let room = this.#mostBytes - held.reduce((sum, holding) => sum + holding.bytes, 0);
    for (const holding of held) {
      if (room >= bytes) break;
      if (holding.asked > asked) return;
      leaving.push(holding.id);
      room += holding.bytes;
    }
    for (const other of leaving) this.#forget(other);
    this.#post({ program: { id, code, memory } });
    const messages = Atomics.load(this.#control, control.messages);
    const holding = { id, bytes, asked, messages };
    this.#held.set(id, holding);
    return holding;
  }

  #forget(id: number): void {
    if (this.#held.delete(id)) this.#post({ forget: id });
  }

  /** Whether the workers of so many threads have read so many messages. */
  #haveRead(messages: number, threads: number): boolean {
    for (let thread = 1; thread < threads; thread += 1)
      if (Atomics.load(this.#control, control.read + thread) < messages) return false;
    return true;
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
  start({ id }: PooledProgram, threads: number): void {
    Atomics.add(this.#control, control.runs, 1);
    Atomics.store(this.#control, control.program, id);
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
