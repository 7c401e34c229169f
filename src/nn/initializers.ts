/** How weights start. An initialiser fills a shape from a stream of random numbers that belongs to one variable. */

import { printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkNumbers, countOf, printPlace } from "../numbers.ts";
import type { Initializer, NumericArray, RandomSource } from "../trace/variable.ts";
import { stateAxis, type WeightDeclaration } from "./cell.ts";

function fill(shape: readonly number[], next: (index: number) => number): Float32Array {
  const values = new Float32Array(countOf(shape));
  for (let index = 0; index < values.length; index++) values[index] = next(index);
  return values;
}

/** One number everywhere. Throws UsageError for what is not a finite number. */
export function constant(value: number): Initializer {
  requireFinite("constant", "value", value);
  return (shape) => fill(shape, () => value);
}

export const zeros: Initializer = constant(0);

/** Uniform in [-bound, bound). Throws UsageError for what is not a finite number. */
export function uniform(bound: number): Initializer {
  requireFinite("uniform", "bound", bound);
  return (shape, random) => fill(shape, () => bound * (2 * random.uniform() - 1));
}

/** Normal with mean 0 and standard deviation `deviation`. Throws UsageError for what is not a finite number. */
export function normal(deviation: number): Initializer {
  requireFinite("normal", "deviation", deviation);
  return (shape, random) => fill(shape, () => deviation * random.normal());
}

/** Uniform in +-sqrt(6 / (rows + columns)). Glorot and Bengio, "Understanding the difficulty of training deep networks", 2010. */
export const glorotUniform: Initializer = (shape, random) => {
  const [rows, columns] = matrixShape("glorotUniform", shape);
  return uniform(Math.sqrt(6 / (rows + columns)))(shape, random);
};

/** 1 on the diagonal, else 0: a recurrent matrix that repeats its state. */
export const identity: Initializer = (shape) => {
  const [, columns] = matrixShape("identity", shape);
  return fill(shape, (index) => (Math.floor(index / columns) === index % columns ? 1 : 0));
};

/**
 * A random matrix with orthonormal columns, or rows where it has fewer of them: each orthogonal matrix is as likely as
 * any other. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear networks", 2014.
 */
export const orthogonal: Initializer = (shape, random) => {
  const [rows, columns] = matrixShape("orthogonal", shape);
  const [length, count] = [Math.max(rows, columns), Math.min(rows, columns)];
  const vectors = orthonormal(count, length, random);
  return fill(shape, (index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return (rows < columns ? vectors[row]?.[column] : vectors[column]?.[row]) as number;
  });
};

/** A matrix put together of parts along an axis: each has `size` rows (axis 0) or columns (axis 1). */
export function joined(
  axis: 0 | 1,
  parts: readonly { size: number; initializer: Initializer }[],
): Initializer {
  return (shape, random) => {
    const [rows, columns] = matrixShape("joined", shape);
    const values = new Float32Array(rows * columns);
    let start = 0;
    for (const { size, initializer } of parts) {
      const width = axis === 0 ? columns : size;
      const part = runInitializer("joined", initializer, axis === 0 ? [size, columns] : [rows, size], random);
      part.forEach((value, index) => {
        const [row, column] = [Math.floor(index / width), index % width];
        values[axis === 0 ? (row + start) * columns + column : row * columns + column + start] = value;
      });
      start += size;
    }
    const whole = shape[axis];
    if (start === whole) return values;
    throw new UsageError(`joined: parts of ${start} along axis ${axis} given, ${whole} expected`);
  };
}

/**
 * What an initialiser fills a shape with. Throws ShapeError for another number of elements, DataError for what is no number
 * or not finite: a weight that starts so never becomes anything else.
 */
export function runInitializer(
  where: string,
  initializer: Initializer,
  shape: readonly number[],
  random: RandomSource,
): NumericArray {
  const values: unknown = initializer(shape, random);
  checkNumbers(`${where}: the initialiser`, values, "float32", shape);
  for (let at = 0; at < values.length; at++) {
    if (Number.isFinite(values[at])) continue;
    throw new DataError(
      `${where}: the initialiser: ${values[at]} given at ${printPlace(at, shape)}, a finite number expected`,
    );
  }
  return values as NumericArray;
}

/** Every gate of a packed matrix by itself: (4H, H) or (H, 4H) as four matrices (H, H). Other shapes are one block. */
export function eachGate(initializer: Initializer): Initializer {
  return (shape, random) => {
    const [rows, columns] = matrixShape("eachGate", shape);
    const size = Math.min(rows, columns);
    const gates = Math.max(rows, columns) / size;
    if (!Number.isInteger(gates)) return initializer(shape, random);
    const parts = Array.from({ length: gates }, () => ({ size, initializer }));
    return joined(rows > columns ? 0 : 1, parts)(shape, random);
  };
}

/** How a layer's weights start: as in PyTorch, or by a rule from the literature. */
export const schemes = ["default", "orthogonal", "glorot", "uniform"] as const;
export type Scheme = (typeof schemes)[number];

/** Everything small and alike, matrices and vectors: Zaremba, Sutskever and Vinyals 2014, the small model. */
export const smallUniform: Initializer = uniform(0.1);

/** Throws UsageError for a scheme that does not exist. */
export function checkScheme(where: string, scheme: Scheme): void {
  if (!schemes.includes(scheme)) {
    throw new UsageError(`${where}: initialize ${printGiven(scheme)} given, ${schemes.join(", ")} expected`);
  }
}

/**
 * The initialiser of a cell's weight. "default": uniform in +-1/sqrt(hidden), as in PyTorch. "orthogonal": recurrent
 * matrices orthogonal gate by gate, other matrices Glorot, biases 0. "glorot": all matrices Glorot, biases 0. "uniform":
 * everything uniform in +-0.1.
 * What the cell itself declares comes first.
 */
export function cellInitializer(
  { shape, initializer, reads }: WeightDeclaration,
  scheme: Scheme,
  { input, hidden }: { readonly input: number; readonly hidden: number },
): Initializer {
  if (initializer) return initializer;
  if (scheme === "default") return uniform(1 / Math.sqrt(hidden));
  if (scheme === "uniform") return smallUniform;
  if (shape.length !== 2) return zeros;
  const recurrent = scheme === "orthogonal" ? eachGate(orthogonal) : eachGate(glorotUniform);
  if (reads === "state") return recurrent;
  const axis = stateAxis(shape, { input, hidden });
  if (reads !== "both" || axis === undefined) return glorotUniform;
  return joined(axis, [
    { size: hidden, initializer: recurrent },
    { size: input, initializer: glorotUniform },
  ]);
}

function requireFinite(where: string, name: string, given: number): void {
  if (Number.isFinite(given)) return;
  throw new UsageError(`${where}: ${name} ${printGiven(given)} given, a finite number expected`);
}

function matrixShape(where: string, shape: readonly number[]): [number, number] {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new UsageError(`${where}: the shape (${shape.join(", ")}) given, a matrix expected`);
  }
  return [rows, columns];
}

/** `count` random orthonormal vectors of a length >= count, by Gram and Schmidt's method, done twice for accuracy. */
function orthonormal(count: number, length: number, random: RandomSource): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const next = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        let product = 0;
        for (let at = 0; at < length; at++) product += (other[at] as number) * (next[at] as number);
        for (let at = 0; at < length; at++) next[at] = (next[at] as number) - product * (other[at] as number);
      }
      const norm = Math.hypot(...next);
      for (let at = 0; at < length; at++) next[at] = (next[at] as number) / norm;
    }
    vectors.push(next);
  }
  return vectors;
}
