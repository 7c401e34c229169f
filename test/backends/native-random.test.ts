/**
 * Random programs as machine code: the same bits as fused WebAssembly's, with all passes and with some, and what the reference gives.
 * RONDO_RANDOM_PROGRAMS and RONDO_RANDOM_SEED ask for more, or others.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { attempt, data, difference, prepare, programs } from "../compiler/random-plans.ts";
import { fewest, firstDifference, nativeWith, sets } from "../helpers/native.ts";

const runs = Number(process.env.RONDO_RANDOM_PROGRAMS ?? 40);
const seed = Number(process.env.RONDO_RANDOM_SEED ?? 30);

/** What is not the same in the results of a call, or in what it refuses. */
function changed(given: Value[] | string, wanted: Value[] | string): string | undefined {
  if (typeof given === "string" || typeof wanted === "string")
    return given === wanted ? undefined : `${given} given, ${wanted} expected`;
  for (const [index, value] of wanted.entries()) {
    const found = firstDifference(given[index] as Value, value);
    if (found !== undefined) return `result ${index}: ${found}`;
  }
  return undefined;
}

test.skipIf(sets.length === 0)(`${runs} random programs`, { timeout: 24 * 3_600_000 }, () => {
  fc.assert(
    fc.property(programs, fc.boolean(), ({ calls, changes, without: some, ...plan }, isWhole) => {
      const without = isWhole ? [] : some;
      const wasm = prepare(plan, wasmBackend({ without, fused: true }));
      const machines = sets.map((set, index) => {
        // One set or the other with few registers, so that values are spilled.
        const registers = plan.updates % 2 === index ? undefined : fewest;
        return [set, prepare(plan, nativeWith(set, { without }, registers))] as const;
      });
      const expecting = prepare(plan, reference);
      /** What the reference gives in a call if the numbers of all are a little other: few programs need to know. */
      const nudged = (call: number) => {
        const nudging = prepare(plan, reference);
        const results = calls.slice(0, call + 1).map((size, index) => {
          if (changes && index > 0) nudging.change(index);
          return attempt(() => nudging.call(data(size, 1e-6)));
        });
        return results[call] as (typeof results)[0];
      };
      for (const [index, size] of calls.entries()) {
        if (changes && index > 0)
          for (const { change } of [expecting, wasm, ...machines.map(([, program]) => program)])
            change(index);
        const wanted = attempt(() => wasm.call(data(size)));
        const where = `call ${index}, T, B = ${size}`;
        for (const [set, program] of machines)
          expect(
            changed(
              attempt(() => program.call(data(size))),
              wanted,
            ),
            `${set}, ${where}`,
          ).toBeUndefined();
        const exact = attempt(() => expecting.call(data(size)));
        if (difference(wanted, exact, exact) !== undefined)
          expect(difference(wanted, exact, nudged(index)), where).toBeUndefined();
      }
    }),
    { numRuns: runs, seed },
  );
});
