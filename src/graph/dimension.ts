/**
 * Dimensions: sizes of axes, each a number or a polynomial over symbols such as B and T whose values come with the data.
 * A symbolic dimension is its canonical text ("B*T+3"), so equal dimensions are equal strings.
 */

import { GraphError, ShapeError } from "../errors.ts";
import {
  addTerms,
  atomsOf,
  constantOf,
  divideTerms,
  multiplyTerms,
  type Polynomial,
  printTerms,
  shiftTerms,
} from "./polynomial.ts";

/**
 * A size: a whole number from 0, or a text over symbols such as "T", whose values come with the data: whole numbers and
 * symbols with +, -, *, brackets, and ceil(size/number) for a quotient that is rounded up, as in "2*T+1". A tensor's own
 * sizes stand in it in one form, whatever was written: "1+T*2" is "2*T+1".
 */
export type Dimension = number | string;
export type Shape = readonly Dimension[];
/** The value of every symbol, as read from the data of one call. */
export type Bindings = Readonly<Record<string, number>>;

interface Ceiling {
  numerator: Dimension;
  divisor: number;
}

/** Of the texts that were met; the canonical ones among them are those that their polynomials print. */
const polynomials = new Map<string, Polynomial>();
const ceilings = new Map<string, Ceiling>();
const symbol = /^[A-Za-z_][A-Za-z_0-9]*$/;

function polynomialOf(dimension: Dimension): Polynomial {
  if (typeof dimension === "number") return constantOf(dimension);
  const known = polynomials.get(dimension);
  if (known) return known;
  const polynomial = symbol.test(dimension) ? new Map([[dimension, 1]]) : parse(dimension);
  polynomials.set(dimension, polynomial);
  return polynomial;
}

function fromPolynomial(terms: Polynomial): Dimension {
  if (terms.size === 0) return 0;
  if (terms.size === 1 && terms.has("")) return terms.get("") as number;
  const text = printTerms(terms);
  if (!polynomials.has(text)) polynomials.set(text, terms);
  return text;
}

/** What a text says, by the grammar sum = [-] product {+|- product}, product = factor {* factor}. */
function parse(text: string): Polynomial {
  const fail = (): never => {
    throw new ShapeError(
      `the size ${JSON.stringify(text)} given, a whole number or a text such as "T" or "2*T+1" expected`,
    );
  };
  if (typeof text !== "string") fail();
  const tokens = text.match(/[A-Za-z_][A-Za-z_0-9]*|\d+|\S/g) ?? [];
  let at = 0;
  const taken = (token: string) => tokens[at] === token && ++at > 0;
  const take = (token: string) => taken(token) || fail();
  const sum = (): Polynomial => {
    let total = taken("-") ? addTerms(new Map(), product(), -1) : product();
    for (;;) {
      if (taken("+")) total = addTerms(total, product());
      else if (taken("-")) total = addTerms(total, product(), -1);
      else return total;
    }
  };
  const product = (): Polynomial => {
    let all = factor();
    while (taken("*") || taken("·")) all = multiplyTerms(all, factor());
    return all;
  };
  const factor = (): Polynomial => {
    const token = tokens[at++] ?? fail();
    if (/^\d/.test(token)) return Number.isSafeInteger(Number(token)) ? constantOf(Number(token)) : fail();
    const isCeiling = token === "ceil" && tokens[at] === "(";
    if (!isCeiling && token !== "(") return symbol.test(token) ? new Map([[token, 1]]) : fail();
    if (isCeiling) take("(");
    const inside = sum();
    if (isCeiling) take("/");
    const divisor = isCeiling ? Number(tokens[at++]) : 1;
    if (!(Number.isInteger(divisor) && divisor > 0)) fail();
    take(")");
    return isCeiling ? polynomialOf(ceilDivide(fromPolynomial(inside), divisor)) : inside;
  };
  const all = sum();
  return at === tokens.length ? all : fail();
}

/** The size in the one form that equal sizes share. Throws ShapeError for a text that says no size. */
export function canonicalDimension(dimension: Dimension): Dimension {
  return typeof dimension === "number" ? dimension : fromPolynomial(polynomialOf(dimension));
}

/** a + b, as in addDimensions(x.size(0), 1). */
export function addDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return fromPolynomial(addTerms(polynomialOf(a), polynomialOf(b)));
}

/** a b, as in multiplyDimensions(2, x.size(0)). */
export function multiplyDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === "number" && typeof b === "number") return a * b + 0; // never -0, which is another text than 0
  if (a === 1) return canonicalDimension(b);
  if (b === 1) return canonicalDimension(a);
  return fromPolynomial(multiplyTerms(polynomialOf(a), polynomialOf(b)));
}

/** a - b, as in subtractDimensions(x.size(0), 1). */
export function subtractDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === "number" && typeof b === "number") return a - b + 0;
  return fromPolynomial(addTerms(polynomialOf(a), polynomialOf(b), -1));
}

/** a / b where that is a size for all values of the symbols; undefined where it is not, or b is 0. */
export function divideDimensions(a: Dimension, b: Dimension): Dimension | undefined {
  const terms = polynomialOf(b);
  if (terms.size === 0) return undefined;
  const { quotient, remainder } = divideTerms(polynomialOf(a), terms);
  return remainder.size === 0 ? fromPolynomial(quotient) : undefined;
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

/**
 * How often `b` goes into `a`, and what is left: from 0 to `b` - 1, whatever the sizes are, from 1 on. Undefined where that
 * depends on the sizes.
 */
export function divideWithRemainder(
  a: Dimension,
  b: Dimension,
): { readonly quotient: Dimension; readonly remainder: Dimension } | undefined {
  if (!isPositive(b)) return undefined;
  const terms = divideTerms(polynomialOf(a), polynomialOf(b));
  let [quotient, remainder] = [fromPolynomial(terms.quotient), fromPolynomial(terms.remainder)];
  if (isPositive(subtractDimensions(0, remainder))) {
    quotient = subtractDimensions(quotient, 1);
    remainder = addDimensions(remainder, b);
  }
  const fits = isPositive(addDimensions(remainder, 1)) && isPositive(subtractDimensions(b, remainder));
  return fits ? { quotient, remainder } : undefined;
}

/** Whether a dimension is at least 1 for all sizes from 1 on, as its coefficients show once each size is 1 + something. */
export function isPositive(dimension: Dimension): boolean {
  const shifted = shiftTerms(polynomialOf(dimension));
  return (shifted.get("") ?? 0) > 0 && [...shifted.values()].every((coefficient) => coefficient > 0);
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
  const found = [...polynomialOf(dimension).keys()].flatMap(atomsOf).flatMap((atom) => {
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
    for (const atom of atomsOf(monomial)) {
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

/**
 * The one unknown symbol of `dimension` such that it equals `value`; undefined where it cannot be told. What the symbol
 * would be need not be a size: no T makes 2*T+1 an even number.
 */
export function solveDimension(
  dimension: Dimension,
  value: number,
): { symbol: string; value: number } | undefined {
  if (typeof dimension === "number") return undefined;
  const terms = polynomialOf(dimension);
  const constant = terms.get("") ?? 0;
  const rest = [...terms].filter(([monomial]) => monomial !== "");
  const [monomial, coefficient] = rest[0] ?? ["", 0];
  if (rest.length !== 1 || !symbol.test(monomial)) return undefined;
  return { symbol: monomial, value: (value - constant) / coefficient };
}

/** A shape as it is printed in messages: `(T, B, 64)`. */
export function printShape(shape: Shape): string {
  return `(${shape.join(", ")})`;
}
