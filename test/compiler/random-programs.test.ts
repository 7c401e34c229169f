/**
 * Random programs give the same on wasm as on the reference backend, with all passes, with none and with some, and split
 * for two threads, and their memory plans keep what is still to be read. RONDO_RANDOM_PROGRAMS and RONDO_RANDOM_SEED ask for more, or others.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { attempt, build, data, difference, names, prepare, programs, types } from "./random-plans.ts";
import { lowered, programOf } from "./trace.ts";
import { walkMemory } from "./walk.ts";

const runs = Number(process.env.RONDO_RANDOM_PROGRAMS ?? 100);
const seed = Number(process.env.RONDO_RANDOM_SEED ?? 20);

test(`${runs} random programs`, { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(programs, ({ calls, changes, without, ...plan }) => {
      const [expecting, nudging] = [prepare(plan, reference), prepare(plan, reference)];
      const wasms = [
        ...[[], names, without].map((list) => wasmBackend({ without: list, check: true })),
        wasmBackend({ without, threads: 2, minimumWork: 0, check: true }),
      ].map((backend) => prepare(plan, backend));
      const traced = programOf(build(plan, new Map()), types);
      for (const [index, size] of calls.entries()) {
        if (changes && index > 0) for (const { change } of [expecting, nudging, ...wasms]) change(index);
        const expected = attempt(() => expecting.call(data(size)));
        const [T, B] = size;
        // The sizes of a call that is refused need no memory.
        if (index === 0 && typeof expected !== "string") {
          for (const threads of [1, 3]) {
            const [whole, apart] = [without, [...without, "reuseSlots" as const]].map((list) =>
              walkMemory(lowered(traced, list, threads), { T, B }),
            );
            expect(whole).toEqual(apart);
          }
        }
        const nudged = attempt(() => nudging.call(data(size, 1e-6)));
        wasms.forEach(({ call }, at) => {
          const problem = difference(
            attempt(() => call(data(size))),
            expected,
            nudged,
          );
          const name = [
            "all passes",
            "no passes",
            `without ${without}`,
            `for two threads, without ${without}`,
          ][at];
          expect(problem, `${name}, call ${index}, T, B = ${size}`).toBeUndefined();
        });
      }
    }),
    { numRuns: runs, seed },
  );
});
