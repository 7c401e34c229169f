/** Where the threads of a program meet: two words of shared memory, counted by arrival and told apart by generation. */

import type { ModuleBuilder } from "./encoder.ts";
import { atomics, type FunctionReference, i32 } from "./instructions.ts";

/** Addresses of the words, at the start of memory. */
const arrived = 0;
const generation = 4;
/** Rounds of looking before a thread sleeps; the others are usually there within this. */
const patience = 4000;

/** Defines `barrier(threads)`: returns when so many threads have called it. */
export function defineBarrier(module: ModuleBuilder): FunctionReference {
  return module.function("barrier", ["i32"], undefined, (f, threads) => {
    f.if(i32.gt_s(threads, i32.const(1)), () => {
      const own = f.local("i32", atomics.load(i32.const(generation)));
      const before = f.local("i32", atomics.add(i32.const(arrived), i32.const(1)));
      f.if(
        i32.eq(before, i32.sub(threads, i32.const(1))),
        () => {
          f.emit(atomics.store(i32.const(arrived), i32.const(0)));
          f.emit(atomics.store(i32.const(generation), i32.add(own, i32.const(1))));
          f.drop(atomics.notify(i32.const(generation)));
        },
        () => {
          const rounds = f.local("i32", i32.const(patience));
          const waits = i32.eq(atomics.load(i32.const(generation)), own);
          f.while(i32.and(waits, i32.gt_s(rounds, i32.const(0))), () => {
            f.set(rounds, i32.sub(rounds, i32.const(1)));
          });
          f.while(waits, () => f.drop(atomics.wait(i32.const(generation), own)));
        },
      );
    });
  });
}
