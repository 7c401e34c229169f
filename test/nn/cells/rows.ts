/** Plain arithmetic over rows of numbers in float64: what the cells' equations are written in once more, as loops. */

export type Row = readonly number[];

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** W x + b; without b, W x. */
export function affine(matrix: readonly Row[], x: Row, bias?: Row): Row {
  return matrix.map((row, at) =>
    row.reduce((sum, weight, column) => sum + weight * (x[column] as number), bias?.[at] ?? 0),
  );
}

/** f of the numbers that stand at the same place of every row. */
export function elementwise(f: (...values: number[]) => number, ...rows: Row[]): Row {
  return (rows[0] as Row).map((_, at) => f(...rows.map((row) => row[at] as number)));
}

export const sum = (...rows: Row[]) => elementwise((...values) => values.reduce((a, b) => a + b), ...rows);
export const product = (...rows: Row[]) =>
  elementwise((...values) => values.reduce((a, b) => a * b), ...rows);
/** (1 - weight) a + weight b. */
export const mix = (a: Row, b: Row, weight: Row) =>
  elementwise((from, to, share) => (1 - share) * from + share * to, a, b, weight);

/** What a constant of the graph becomes: float32. */
const epsilon = Math.fround(1e-5);

/** Mean 0 and variance 1. */
export function standardized(row: Row): Row {
  const mean = row.reduce((total, value) => total + value, 0) / row.length;
  const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / row.length;
  return row.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
}

/** A row in parts of equal size. */
export function parts(row: Row, count: number): Row[] {
  const size = row.length / count;
  return Array.from({ length: count }, (_, index) => row.slice(index * size, (index + 1) * size));
}
