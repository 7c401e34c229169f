/** What was to be seen of numbers, one for each seed: that all lie on one side of a bound. */

import type { Check } from "./experiment.ts";
import { listed } from "./seeds.ts";

type Numbers = readonly (number | null)[];

/** That there are numbers, and all are below a bound. */
export const below = (claim: string, values: Numbers, bound: number, digits = 2): Check => ({
  claim,
  found: `${listed(values, digits)} (below ${bound})`,
  holds: values.length > 0 && values.every((value) => value !== null && value < bound),
});

/** That there are numbers, and all are above a bound. */
export const above = (claim: string, values: Numbers, bound: number, digits = 2): Check => ({
  claim,
  found: `${listed(values, digits)} (above ${bound})`,
  holds: values.length > 0 && values.every((value) => value !== null && value > bound),
});
