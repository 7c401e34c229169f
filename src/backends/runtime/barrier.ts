/** Where the threads of a program meet: words of shared memory, counted by arrival and told apart by generation. */

import { atomics, type FunctionReference, type I32, i32 } from "../instructions/expressions.ts";
import type { ModuleBuilder } from "../instructions/functions.ts";

/** Addresses of the words, at the start of memory. */
const arrived = 0;
const generation = 4;
const sleeping = 12;

/**
 * How often a thread looks before it sleeps: where each thread has a processor of its own for about 70 microseconds, which is some time
 * more than it takes to wake a thread, 12 to 30. With less patience, a thread that wakes another one would be asleep itself when the other
 * one comes to the next meeting, and so on from meeting to meeting. If threads share processors, a thread that looks keeps others from
 * working.
 */
export interface Patience {
  readonly alone: number;
  readonly sharing: number;
}

/** Defines `barrier(threads)`: returns when so many threads have called it; `looks` is how often one looks before it sleeps. */
export function defineBarrier(module: ModuleBuilder, looks: number): FunctionReference {
  const set = (address: number, value: I32) => atomics.store(i32.const(address), value);
  const get = (address: number) => atomics.load(i32.const(address));
  const add = (address: number, value: number) => atomics.add(i32.const(address), i32.const(value));
  return module.function("barrier", ["i32"], undefined, (f, threads) => {
    f.if(i32.gt_s(threads, i32.const(1)), () => {
      const own = f.local("i32", get(generation));
      const before = f.local("i32", add(arrived, 1));
      f.if(
        i32.eq(before, i32.sub(threads, i32.const(1))),
        () => {
          f.emit(set(arrived, i32.const(0)));
          f.emit(set(generation, i32.add(own, i32.const(1))));
          // Who counts itself after this has been read sees the new generation, and does not sleep.
          f.if(get(sleeping), () => f.drop(atomics.notify(i32.const(generation))));
        },
        () => {
          const rounds = f.local("i32", i32.const(looks));
          const waits = i32.eq(get(generation), own);
          f.while(i32.and(waits, i32.gt_s(rounds, i32.const(0))), () => {
            f.pause();
            f.set(rounds, i32.sub(rounds, i32.const(1)));
          });
          f.if(waits, () => {
            f.drop(add(sleeping, 1));
            f.while(waits, () => f.drop(atomics.wait(i32.const(generation), own)));
            f.drop(add(sleeping, -1));
          });
        },
      );
    });
  });
}
