/**
 * Eigenvalues of a real square matrix, complex pairs included, in float64: reduced to Hessenberg form by elimination, then the QR
 * algorithm with double shifts. Wilkinson and Reinsch, "Handbook for automatic computation: linear algebra", 1971, contributions II/13
 * and II/14 (EISPACK's elmhes and hqr), without eigenvectors.
 */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { isArray } from "../numbers.ts";

/** A complex number. */
export interface Eigenvalue {
  readonly real: number;
  readonly imaginary: number;
}

/** The rows of a square matrix, which the functions below change where they stand. */
type Matrix = Float64Array[];

/** The largest absolute value of the eigenvalues of a matrix (n, n), row-major: NaN where a number of it is not finite. Throws UsageError as `eigenvalues`. */
export function spectralRadius(matrix: ArrayLike<number>, size: number): number {
  const values = checkedEigenvalues("spectralRadius", matrix, size);
  return values ? Math.max(...values.map(({ real, imaginary }) => Math.hypot(real, imaginary))) : Number.NaN;
}

/**
 * The n eigenvalues of a matrix (n, n), row-major, in no order; undefined where a number is not finite or they are not found. Throws
 * UsageError for a size that is no whole number from 1, and for anything but an array of n n numbers.
 */
export function eigenvalues(matrix: ArrayLike<number>, size: number): Eigenvalue[] | undefined {
  return checkedEigenvalues("eigenvalues", matrix, size);
}

function checkedEigenvalues(
  where: string,
  matrix: ArrayLike<number>,
  size: number,
): Eigenvalue[] | undefined {
  if (!(Number.isSafeInteger(size) && size >= 1)) {
    throw new UsageError(`${where}: n ${printGiven(size)} given, a whole number from 1 expected`);
  }
  const given: unknown = matrix;
  if (!isArray(given) || given.length !== size * size) {
    const what = isArray(given) ? `an array of ${given.length}` : printGiven(given);
    throw new UsageError(`${where}: ${what} given, the ${size * size} numbers of a matrix expected`);
  }
  const stray = Array.from(given).findIndex((one) => typeof one !== "number");
  if (stray >= 0) {
    throw new UsageError(`${where}: ${printGiven(given[stray])} given at ${stray}, a number expected`);
  }
  const rows: Matrix = Array.from({ length: size }, (_, row) =>
    Float64Array.from({ length: size }, (_, column) => matrix[row * size + column] as number),
  );
  if (!rows.every((row) => row.every(Number.isFinite))) return undefined;
  toHessenberg(rows);
  return ofHessenberg(rows);
}

const at = (rows: Matrix, row: number, column: number) => (rows[row] as Float64Array)[column] as number;

/** The same eigenvalues, with zeros below the first subdiagonal: Gaussian elimination with pivots as a similarity. */
function toHessenberg(rows: Matrix): void {
  const size = rows.length;
  for (let pivot = 1; pivot < size - 1; pivot++) {
    let best = pivot;
    for (let row = pivot + 1; row < size; row++) {
      if (Math.abs(at(rows, row, pivot - 1)) > Math.abs(at(rows, best, pivot - 1))) best = row;
    }
    if (best !== pivot) {
      [rows[best], rows[pivot]] = [rows[pivot] as Float64Array, rows[best] as Float64Array];
      for (const row of rows) [row[best], row[pivot]] = [row[pivot] as number, row[best] as number];
    }
    const from = rows[pivot] as Float64Array;
    const divisor = from[pivot - 1] as number;
    if (divisor === 0) continue;
    for (let row = pivot + 1; row < size; row++) {
      const to = rows[row] as Float64Array;
      const factor = (to[pivot - 1] as number) / divisor;
      if (factor === 0) continue;
      for (let column = pivot - 1; column < size; column++) {
        to[column] = (to[column] as number) - factor * (from[column] as number);
      }
      to[pivot - 1] = 0;
      for (const line of rows) line[pivot] = (line[pivot] as number) + factor * (line[row] as number);
    }
  }
}

/** The eigenvalues of a Hessenberg matrix, found from the last row upwards, one or two at a time. */
function ofHessenberg(rows: Matrix): Eigenvalue[] | undefined {
  const found: Eigenvalue[] = [];
  let norm = 0;
  for (const row of rows) for (const value of row) norm += Math.abs(value);
  let last = rows.length - 1;
  /** What was taken off the diagonal by exceptional shifts. */
  let shifted = 0;
  let tries = 0;
  while (last >= 0) {
    const first = smallSubdiagonal(rows, last, norm);
    if (first === last) {
      found.push({ real: at(rows, last, last) + shifted, imaginary: 0 });
      last -= 1;
      tries = 0;
      continue;
    }
    if (first === last - 1) {
      found.push(...ofPair(rows, last, shifted));
      last -= 2;
      tries = 0;
      continue;
    }
    if (tries === 60) return undefined;
    let x = at(rows, last, last);
    let y = at(rows, last - 1, last - 1);
    let w = at(rows, last, last - 1) * at(rows, last - 1, last);
    if (tries > 0 && tries % 10 === 0) {
      shifted += x;
      for (let row = 0; row <= last; row++) (rows[row] as Float64Array)[row] = at(rows, row, row) - x;
      const size = Math.abs(at(rows, last, last - 1)) + Math.abs(at(rows, last - 1, last - 2));
      x = 0.75 * size;
      y = x;
      w = -0.4375 * size * size;
    }
    tries += 1;
    doubleStep(rows, first, last, { x, y, w });
  }
  return found;
}

/** The row at or above `last` whose subdiagonal is negligible: what is below it has eigenvalues of its own. */
function smallSubdiagonal(rows: Matrix, last: number, norm: number): number {
  for (let row = last; row > 0; row--) {
    const around = Math.abs(at(rows, row - 1, row - 1)) + Math.abs(at(rows, row, row));
    const below = Math.abs(at(rows, row, row - 1));
    if (below <= Number.EPSILON * (around === 0 ? norm : around)) {
      (rows[row] as Float64Array)[row - 1] = 0;
      return row;
    }
  }
  return 0;
}

/** The two eigenvalues of the block that ends at `last`. */
function ofPair(rows: Matrix, last: number, shifted: number): [Eigenvalue, Eigenvalue] {
  const x = at(rows, last, last);
  const half = 0.5 * (at(rows, last - 1, last - 1) - x);
  const w = at(rows, last, last - 1) * at(rows, last - 1, last);
  const square = half * half + w;
  const root = Math.sqrt(Math.abs(square));
  if (square < 0) {
    const real = x + half + shifted;
    return [
      { real, imaginary: root },
      { real, imaginary: -root },
    ];
  }
  const far = half + (half < 0 ? -root : root);
  return [
    { real: x + far + shifted, imaginary: 0 },
    { real: (far === 0 ? x : x - w / far) + shifted, imaginary: 0 },
  ];
}

/** One double QR step on the rows `first` to `last`, with shifts whose sum is x + y and whose product is x y - w. */
function doubleStep(
  rows: Matrix,
  first: number,
  last: number,
  { x, y, w }: { readonly x: number; readonly y: number; readonly w: number },
): void {
  let [p, q, r] = [0, 0, 0];
  let start = last - 2;
  for (; start >= first; start--) {
    const z = at(rows, start, start);
    const [a, b] = [x - z, y - z];
    p = (a * b - w) / at(rows, start + 1, start) + at(rows, start, start + 1);
    q = at(rows, start + 1, start + 1) - z - a - b;
    r = at(rows, start + 2, start + 1);
    const scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
    [p, q, r] = [p / scale, q / scale, r / scale];
    if (start === first) break;
    const above = Math.abs(at(rows, start, start - 1)) * (Math.abs(q) + Math.abs(r));
    const around =
      Math.abs(at(rows, start - 1, start - 1)) + Math.abs(z) + Math.abs(at(rows, start + 1, start + 1));
    if (above <= Number.EPSILON * Math.abs(p) * around) break;
  }
  for (let row = start + 2; row <= last; row++) {
    const line = rows[row] as Float64Array;
    line[row - 2] = 0;
    if (row > start + 2) line[row - 3] = 0;
  }
  for (let k = start; k < last; k++) {
    const isLast = k === last - 1;
    let scale = 1;
    if (k > start) {
      p = at(rows, k, k - 1);
      q = at(rows, k + 1, k - 1);
      r = isLast ? 0 : at(rows, k + 2, k - 1);
      scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
      if (scale === 0) continue;
      [p, q, r] = [p / scale, q / scale, r / scale];
    }
    const length = Math.hypot(p, q, r);
    const s = p < 0 ? -length : length;
    if (k > start) (rows[k] as Float64Array)[k - 1] = -s * scale;
    else if (first !== start) (rows[k] as Float64Array)[k - 1] = -at(rows, k, k - 1);
    p += s;
    const [u, v, t] = [p / s, q / s, r / s];
    q /= p;
    r /= p;
    const [one, two, three] = [rows[k], rows[k + 1], rows[k + 2]] as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let column = k; column <= last; column++) {
      const sum =
        (one[column] as number) + q * (two[column] as number) + (isLast ? 0 : r * (three[column] as number));
      one[column] = (one[column] as number) - sum * u;
      two[column] = (two[column] as number) - sum * v;
      if (!isLast) three[column] = (three[column] as number) - sum * t;
    }
    const end = Math.min(last, k + 3);
    for (let row = first; row <= end; row++) {
      const line = rows[row] as Float64Array;
      const sum =
        u * (line[k] as number) + v * (line[k + 1] as number) + (isLast ? 0 : t * (line[k + 2] as number));
      line[k] = (line[k] as number) - sum;
      line[k + 1] = (line[k + 1] as number) - sum * q;
      if (!isLast) line[k + 2] = (line[k + 2] as number) - sum * r;
    }
  }
}
