/** How far computed tensors are from expected ones. */

import { DataError } from "../../src/errors.ts";
import type { Case, Tensors } from "./case.ts";

export interface Deviation {
  /**
   * The largest |computed - expected| of any tensor, divided by that tensor's largest expected element; the loss by its largest
   * term, and a gradient that is nothing but the rounding of what cancelled by the largest of all gradients.
   */
  readonly error: number;
  /** The tensor it is in, such as grad.weight_hh_l0. */
  readonly tensor: string;
}

/** The largest deviation over all outputs and gradients that a case expects. Throws DataError for one that was not computed. */
export function largestDeviation(
  expected: Case,
  computed: { outputs: Tensors; gradients: Tensors },
): Deviation {
  const all = [
    ...deviations("out", expected.outputs, computed.outputs, { loss: largestTerm(expected) }),
    ...deviations("grad", expected.gradients, computed.gradients, scalesOfRounding(expected.gradients)),
  ];
  const [first, ...rest] = all;
  if (!first) throw new DataError("no outputs and no gradients given, at least one expected");
  return rest.reduce((worst, next) => (next.error > worst.error ? next : worst), first);
}

/** The largest output * seed: where these add up to a loss and cancel, what is left is as exact as they are. */
function largestTerm({ outputs, seeds }: Case): number {
  const terms = Object.entries(seeds).flatMap(([name, { data }]) =>
    Array.from(data, (seed, index) => Math.abs(seed * (outputs[name]?.data[index] ?? 0))),
  );
  return terms.reduce((largest, term) => Math.max(largest, term), 0);
}

/** The largest gradient, for those that float32 cannot tell from 0 beside it. */
function scalesOfRounding(gradients: Tensors): Record<string, number> {
  const sizes = Object.entries(gradients).map(
    ([name, { data }]) =>
      [name, Array.from(data, Math.abs).reduce((most, one) => Math.max(most, one), 0)] as const,
  );
  const largest = sizes.reduce((most, [, size]) => Math.max(most, size), 0);
  const lost = sizes.filter(([, size]) => size < 2 ** -23 * largest);
  return Object.fromEntries(lost.map(([name]) => [name, largest]));
}

/** @param scales sizes to compare with where the tensor's largest element is smaller */
function deviations(
  prefix: string,
  expected: Tensors,
  computed: Tensors,
  scales: Readonly<Record<string, number>> = {},
): Deviation[] {
  return Object.entries(expected).map(([name, { data: wanted }]) => {
    const tensor = `${prefix}.${name}`;
    const given = computed[name]?.data;
    if (!given) throw new DataError(`${tensor} is expected, but no such tensor was computed`);
    if (given.length !== wanted.length) {
      throw new DataError(`${tensor}: ${given.length} elements computed, ${wanted.length} expected`);
    }
    const sizes = Array.from(wanted, Math.abs);
    const size = sizes.reduce((most, one) => Math.max(most, one), scales[name] ?? 0);
    const distances = Array.from(wanted, (value, index) => Math.abs((given[index] as number) - value));
    const apart = distances.reduce((most, one) => Math.max(most, one), 0);
    const error = size === 0 ? apart : apart / size;
    return { tensor, error: Number.isNaN(error) ? Number.POSITIVE_INFINITY : error };
  });
}
