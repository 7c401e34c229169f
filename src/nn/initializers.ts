/** How weights start. An initialiser fills a shape from a stream of random numbers that belongs to one variable. */

import { printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkNumbers, countOf, printPlace } from "../numbers.ts";
import type { Initializer, NumericArray, RandomSource } from "../trace/variable.ts";
import type { WeightDeclaration } from "./cell.ts";
import { logarithm } from "./portable.ts";
import { stateAxis } from "./sized-cell.ts";

/** One number everywhere. Throws UsageError for what is not a finite number. */
export function constant(value: number): Initializer {
  requireFinite("constant", "value", value);
  return (shape) => new Float32Array(countOf(shape)).fill(value);
}

export const zeros: Initializer = constant(0);

/** Uniform in [-bound, bound). Throws UsageError for what is not a finite number. */
export function uniform(bound: number): Initializer {
  requireFinite("uniform", "bound", bound);
  return (shape, random) => {
    const values = new Float32Array(countOf(shape));
    for (let at = 0; at < values.length; at++) values[at] = bound * (2 * random.uniform() - 1);
    return values;
  };
}

/** Normal with mean 0 and standard deviation `deviation`. Throws UsageError for what is not a finite number. */
export function normal(deviation: number): Initializer {
  requireFinite("normal", "deviation", deviation);
  return (shape, random) => {
    const values = new Float32Array(countOf(shape));
    for (let at = 0; at < values.length; at++) values[at] = deviation * random.normal();
    return values;
  };
}

/** Uniform in +-sqrt(6 / (rows + columns)). Glorot and Bengio, "Understanding the difficulty of training deep networks", 2010. */
export const glorotUniform: Initializer = (shape, random) => {
  const [rows, columns] = matrixShape("glorotUniform", shape);
  return uniform(Math.sqrt(6 / (rows + columns)))(shape, random);
};

/** 1 on the diagonal, else 0: a recurrent matrix that repeats its state. */
export const identity: Initializer = (shape) => {
  const [rows, columns] = matrixShape("identity", shape);
  const values = new Float32Array(rows * columns);
  for (let at = 0; at < Math.min(rows, columns); at++) values[at * columns + at] = 1;
  return values;
};

/**
 * A random matrix with orthonormal columns, or rows where it has fewer of them: each orthogonal matrix is as likely as
 * any other. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear networks", 2014.
 */
export const orthogonal: Initializer = (shape, random) => {
  const [rows, columns] = matrixShape("orthogonal", shape);
  const [length, count] = [Math.max(rows, columns), Math.min(rows, columns)];
  const vectors = orthonormal(count, length, random);
  if (rows < columns) return new Float32Array(vectors.subarray(0, rows * columns));
  const values = new Float32Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) values[at++] = vectors[column * length + row] as number;
  }
  return values;
};

/** A matrix put together of parts along an axis: each has `size` rows (axis 0) or columns (axis 1). */
export function joined(
  axis: 0 | 1,
  parts: readonly { size: number; initializer: Initializer }[],
): Initializer {
  return (shape, random) => {
    const [rows, columns] = matrixShape("joined", shape);
    const whole = parts.reduce((sum, { size }) => sum + size, 0);
    if (whole !== shape[axis]) {
      throw new UsageError(`joined: parts of ${whole} along axis ${axis} given, ${shape[axis]} expected`);
    }
    const values = new Float32Array(rows * columns);
    let start = 0;
    for (const { size, initializer } of parts) {
      const part = runInitializer("joined", initializer, axis === 0 ? [size, columns] : [rows, size], random);
      // Along columns a row of the part is a piece of a row, along rows the whole part is one piece.
      const [pieces, length, stride] = axis === 0 ? [1, size * columns, 0] : [rows, size, columns];
      for (let piece = 0; piece < pieces; piece++) {
        values.set(part.slice(piece * length, (piece + 1) * length), piece * stride + start);
      }
      start += axis === 0 ? size * columns : size;
    }
    return values;
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
export const schemes = ["default", "orthogonal", "glorot", "uniform", "uniform-gates"] as const;
export type Scheme = (typeof schemes)[number];

/** Everything small and alike, matrices and vectors: Zaremba, Sutskever and Vinyals 2014, the small model. */
export const smallUniform: Initializer = uniform(0.1);

/**
 * Biases of gates, (blocks * hidden): those of a unit keep a share u of its state, uniform from 1/hidden to 1 - 1/hidden,
 * and let in 1 - u. Gu et al., "Improving the gating mechanism of recurrent neural networks", 2020.
 */
function uniformGates(keeps: readonly number[], hidden: number): Initializer {
  const least = 1 / Math.max(2, hidden);
  return (_, random) => {
    const starts = Array.from({ length: hidden }, () => {
      const share = least + (1 - 2 * least) * random.uniform();
      return logarithm(share / (1 - share));
    });
    return Float32Array.from(keeps.flatMap((sign) => starts.map((start) => (sign === 0 ? 0 : sign * start))));
  };
}

/** Throws UsageError for a scheme that does not exist. */
export function checkScheme(where: string, scheme: Scheme): void {
  if (!schemes.includes(scheme)) {
    throw new UsageError(`${where}: initialize ${printGiven(scheme)} given, ${schemes.join(", ")} expected`);
  }
}

/**
 * The initialiser of a cell's weight. "default": uniform in +-1/sqrt(hidden), as in PyTorch. "orthogonal": recurrent
 * matrices orthogonal gate by gate, other matrices Glorot, biases 0. "glorot": all matrices Glorot, biases 0. "uniform":
 * everything uniform in +-0.1. "uniform-gates": as "orthogonal", but gates that keep the state keep other shares of it in
 * each unit, so that some remember for long from the start (see `uniformGates`).
 * What the cell itself declares comes first.
 */
export function cellInitializer(
  { shape, initializer, reads, keeps }: WeightDeclaration,
  scheme: Scheme,
  { input, hidden }: { readonly input: number; readonly hidden: number },
): Initializer {
  if (initializer) return initializer;
  if (scheme === "default") return uniform(1 / Math.sqrt(hidden));
  if (scheme === "uniform") return smallUniform;
  if (scheme === "uniform-gates" && keeps) return uniformGates(keeps, hidden);
  if (shape.length !== 2) return zeros;
  const recurrent = eachGate(scheme === "glorot" ? glorotUniform : orthogonal);
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

/**
 * `count` random orthonormal vectors of a length >= count, one after the other, then up to three of zeros: the columns of Q
 * in the QR factorisation of a matrix of normal numbers, whose R has a positive diagonal. Householder's reflections that
 * make Q are drawn as they are needed, the last first. Stewart, "The efficient generation of random orthogonal matrices with
 * an application to condition estimators", 1980.
 */
function orthonormal(count: number, length: number, random: RandomSource): Float64Array {
  const vectors = new Float64Array(4 * Math.ceil(count / 4) * length);
  const normal = new Float64Array(length);
  for (let first = count - 1; first >= 0; first--) {
    let squares = 0;
    for (let at = first; at < length; at++) {
      const drawn = random.normal();
      normal[at] = drawn;
      squares += drawn * drawn;
    }
    const norm = Math.sqrt(squares);
    const leading = normal[first] as number;
    const sign = leading < 0 ? -1 : 1;
    vectors[first * length + first] = -sign;
    normal[first] = leading + sign * norm;
    reflect(vectors, length, normal, first, 1 / (norm * (norm + sign * leading)));
  }
  return vectors;
}

/**
 * Every vector v from number `first` on becomes v - scale (n . v) n, where n is `normal` from place `first` on. Four vectors
 * at once, so that sums need not wait for each other; those of the four that lie before `first` are zeros still.
 */
function reflect(
  vectors: Float64Array,
  length: number,
  normal: Float64Array,
  first: number,
  scale: number,
): void {
  for (let a = (first - (first % 4)) * length; a < vectors.length; a += 4 * length) {
    const [b, c, d] = [a + length, a + 2 * length, a + 3 * length];
    let [ofA, ofB, ofC, ofD] = [0, 0, 0, 0];
    for (let at = first; at < length; at++) {
      const n = normal[at] as number;
      ofA += n * (vectors[a + at] as number);
      ofB += n * (vectors[b + at] as number);
      ofC += n * (vectors[c + at] as number);
      ofD += n * (vectors[d + at] as number);
    }
    for (let at = first; at < length; at++) {
      const n = scale * (normal[at] as number);
      vectors[a + at] = (vectors[a + at] as number) - ofA * n;
      vectors[b + at] = (vectors[b + at] as number) - ofB * n;
      vectors[c + at] = (vectors[c + at] as number) - ofC * n;
      vectors[d + at] = (vectors[d + at] as number) - ofD * n;
    }
  }
}
