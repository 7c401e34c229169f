// Series for tests of detectors: a wave with noise, and things that go wrong in it.
import { randomSource } from "../../../src/nn/random.ts";

/** A wave of 24 rows with noise, around 10. */
export function wave(rows: number, seed = 1): number[] {
  const random = randomSource(seed, "wave");
  return Array.from(
    { length: rows },
    (_, t) => 10 + 3 * Math.sin((2 * Math.PI * t) / 24) + 0.3 * random.normal(),
  );
}

const START = Date.UTC(2024, 0, 1);

/** The hour of a row as a file writes it. */
export const hour = (row: number) =>
  new Date(START + row * 3_600_000).toISOString().slice(0, 16).replace("T", " ");

/** A table with a header: the hour of each row, and its values. */
export const tableOf = (values: readonly (number | string)[], from = 0) =>
  ["time,value", ...values.map((value, row) => `${hour(from + row)},${value}`)].join("\n");

/** Options of a detector that is trained in a moment. */
export const quick = { hidden: 4, epochs: 2, window: 32 };
