/** Every case of the conformance test keeps in its memory plan what is still to be read, and reads what it would without one. */

import { describe, expect, test } from "vitest";
import { bindSymbols, type Value } from "../../src/backends/backend.ts";
import { type PassName, passes } from "../../src/compiler/passes/index.ts";
import { cases } from "../backends/cases.ts";
import { lowered, programOf } from "./trace.ts";
import { walkMemory } from "./walk.ts";

const all = Object.keys(passes) as PassName[];

describe("every read finds what was written", () => {
  for (const { name, build, types, inputs, rewrites } of cases) {
    test(name, () => {
      const program = programOf(build, types);
      const ways = [[[], 1], [[], 3], ...(rewrites ? [[all, 1] as const] : [])] as const;
      for (const [without, threads] of ways) {
        const whole = lowered(program, without, threads);
        const apart = lowered(program, [...without, "reuseSlots"], threads);
        for (const given of inputs) {
          // A product of hundreds of thousands of elements shows no more than a small one.
          const words = Object.values(given).reduce((sum, { data }: Value) => sum + data.length, 0);
          if (words > 5000) continue;
          const bindings = bindSymbols(program.inputs, given);
          expect(walkMemory(whole, bindings)).toEqual(walkMemory(apart, bindings));
        }
      }
    });
  }
});
