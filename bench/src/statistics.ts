/** Medians and ranges, and how they are written. */

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Of a list that is not empty. */
export function summary(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? upper) : upper;
  return { median: (lower + upper) / 2, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

export const median = (values: readonly number[]): number => summary(values).median;

/** A quarter of a list that is not empty is no greater. */
export function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 2] ?? Number.NaN;
}

/** The ratio of each round. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  const rounds = Math.min(numerators.length, denominators.length);
  return Array.from({ length: rounds }, (_, at) => (numerators[at] as number) / (denominators[at] as number));
}

/** Three digits that matter. */
export function digits(number: number): string {
  if (Math.abs(number) >= 100) return Math.round(number).toString();
  return number.toPrecision(3);
}

/** As in 9.12 (8.9..9.4). */
export function range(values: readonly number[], unit = ""): string {
  const { median: middle, least, most } = summary(values);
  const whole = `${digits(middle)}${unit}`;
  return values.length > 1 ? `${whole} (${digits(least)}..${digits(most)})` : whole;
}
