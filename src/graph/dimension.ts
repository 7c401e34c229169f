/**
 * Dimensions: sizes of axes, each a number or a polynomial over symbols such as B and T whose values come with the data.
 * A symbolic dimension is its canonical text ("B*T+3"), so equal dimensions are equal strings.
 */

import { GraphError, ShapeError } from "../errors.ts";

/** A size: a non-negative integer, or the canonical text of a polynomial over symbols, such as "T" or "B*T+1". */
export type Dimension = number | string;
export type Shape = readonly Dimension[];
/** The value of every symbol, as read from the data of one call. */
export type Bindings = Readonly<Record<string, number>>;

/** Coefficients by monomial: atoms sorted and joined by "*"; the constant's key is "". */
type Polynomial = ReadonlyMap<string, number>;
interface Ceiling {
  numerator: Dimension;
  divisor: number;
}

const polynomials = new Map<string, Polynomial>();
const ceilings = new Map<string, Ceiling>();
const symbol = /^[A-Za-z_][A-Za-z_0-9]*$/;

function polynomialOf(dimension: Dimension): Polynomial {
  if (typeof dimension === "number") return dimension === 0 ? new Map() : new Map([["", dimension]]);
  const known = polynomials.get(dimension);
  if (known) return known;
  if (typeof dimension !== "string" || !symbol.test(dimension)) {
    throw new ShapeError(`a dimension is an integer or a symbol such as "T"; "${dimension}" is neither`);
  }
  const polynomial = new Map([[dimension, 1]]);
  polynomials.set(dimension, polynomial);
  return polynomial;
}

function fromPolynomial(terms: Polynomial): Dimension {
  const kept = [...terms].filter(([, coefficient]) => coefficient !== 0);
  kept.sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : a > b ? 1 : 0));
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0]?.[0] === "") return kept[0][1];
  const text = kept
    .map(([monomial, coefficient], index) => {
      const sign = coefficient < 0 ? "-" : index > 0 ? "+" : "";
      const size = Math.abs(coefficient);
      if (monomial === "") return `${sign}${size}`;
      return size === 1 ? `${sign}${monomial}` : `${sign}${size}*${monomial}`;
    })
    .join("");
  if (!polynomials.has(text)) polynomials.set(text, new Map(kept));
  return text;
}

function atoms(monomial: string): string[] {
  return monomial === "" ? [] : monomial.split("*");
}

export function addDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === "number" && typeof b === "number") return a + b;
  const sum = new Map(polynomialOf(a));
  for (const [monomial, coefficient] of polynomialOf(b))
    sum.set(monomial, (sum.get(monomial) ?? 0) + coefficient);
  return fromPolynomial(sum);
}

export function multiplyDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === "number" && typeof b === "number") return a * b + 0; // never -0, which is another text than 0
  if (a === 1) return b;
  if (b === 1) return a;
  const product = new Map<string, number>();
  for (const [left, leftCoefficient] of polynomialOf(a)) {
    for (const [right, rightCoefficient] of polynomialOf(b)) {
      const monomial = [...atoms(left), ...atoms(right)].sort().join("*");
      product.set(monomial, (product.get(monomial) ?? 0) + leftCoefficient * rightCoefficient);
    }
  }
  return fromPolynomial(product);
}

export function subtractDimensions(a: Dimension, b: Dimension): Dimension {
  return addDimensions(a, multiplyDimensions(-1, b));
}

/** `ceil(a / divisor)` for a positive integer divisor. */
export function ceilDivide(a: Dimension, divisor: number): Dimension {
  if (typeof a === "number") return Math.ceil(a / divisor) + 0;
  if (divisor === 1) return a;
  const atom = `ceil(${a.replaceAll("*", "·")}/${divisor})`;
  ceilings.set(atom, { numerator: a, divisor });
  polynomials.set(atom, new Map([[atom, 1]]));
  return atom;
}

/** Elements of a shape. */
export function sizeOf(shape: Shape): Dimension {
  return shape.reduce<Dimension>(multiplyDimensions, 1);
}

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: Shape): Dimension[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** The symbols that a dimension depends on. */
export function symbolsOf(dimension: Dimension): string[] {
  if (typeof dimension === "number") return [];
  const found = [...polynomialOf(dimension).keys()].flatMap(atoms).flatMap((atom) => {
    const ceiling = ceilings.get(atom);
    return ceiling ? symbolsOf(ceiling.numerator) : [atom];
  });
  return [...new Set(found)];
}

/** The number that a dimension is, given its symbols. Throws GraphError for a symbol without a value. */
export function evaluateDimension(dimension: Dimension, bindings: Bindings): number {
  if (typeof dimension === "number") return dimension;
  let sum = 0;
  for (const [monomial, coefficient] of polynomialOf(dimension)) {
    let product = coefficient;
    for (const atom of atoms(monomial)) {
      const ceiling = ceilings.get(atom);
      const value = ceiling
        ? Math.ceil(evaluateDimension(ceiling.numerator, bindings) / ceiling.divisor)
        : bindings[atom];
      if (value === undefined)
        throw new GraphError(`the size of ${atom} is not known: no input has an axis of that size`);
      product *= value;
    }
    sum += product;
  }
  return sum;
}

/** The one unknown symbol of `dimension` such that it equals `value`; undefined where it cannot be told. */
export function solveDimension(
  dimension: Dimension,
  value: number,
): { symbol: string; value: number } | undefined {
  if (typeof dimension === "number") return undefined;
  const terms = polynomialOf(dimension);
  const constant = terms.get("") ?? 0;
  const rest = [...terms].filter(([monomial]) => monomial !== "");
  const [monomial, coefficient] = rest[0] ?? ["", 0];
  if (rest.length !== 1 || !symbol.test(monomial) || (value - constant) % coefficient !== 0) return undefined;
  return { symbol: monomial, value: (value - constant) / coefficient };
}

/** A shape as it is printed in messages: `(T, B, 64)`. */
export function printShape(shape: Shape): string {
  return `(${shape.join(", ")})`;
}
