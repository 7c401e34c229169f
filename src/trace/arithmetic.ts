/** Elementwise functions that are composed of the graph's operations, exactly. Nodes in, nodes out. */

import { elementwise, full, multiply, negate, uniformValue } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import { aligned, broadcastShapes, expand } from "./align.ts";

const like = (value: number, { shape, dtype }: Node) => full(value, shape, dtype);

/** |x|; the gradient at 0 is 0. */
export const absolute = (x: Node): Node => elementwise("maximum", x, negate(x));

/** -1, 1, or x itself where that is 0 or NaN. No gradient flows. */
export function sign(x: Node): Node {
  const zero = like(0, x);
  const others = elementwise("select", elementwise("less", x, zero), like(-1, x), x);
  return elementwise("stopGradient", elementwise("select", elementwise("less", zero, x), like(1, x), others));
}

/** The smallest whole number that is not smaller. */
export const ceil = (x: Node): Node => negate(elementwise("floor", negate(x)));

/** The nearest whole number; of two that are as near, the even one. */
export function round(x: Node): Node {
  const below = elementwise("floor", x);
  const rest = elementwise("subtract", x, below);
  const half = multiply(below, like(0.5, x));
  const isOdd = elementwise("less", elementwise("floor", half), half);
  const isTie = elementwise("equal", rest, like(0.5, x));
  const isNearer = elementwise("less", like(0.5, x), rest);
  const goesUp = elementwise("or", isNearer, elementwise("and", isTie, isOdd));
  return elementwise("select", goesUp, elementwise("add", below, like(1, x)), below);
}

/** The whole exponents up to this are multiplications, of float32 too: more of them round more than a power does. */
const mostMultiplied = 4;

/** x^y. */
export function power(x: Node, y: Node): Node {
  const shape = broadcastShapes("pow", x.shape, y.shape);
  const exponent = uniformValue(y) ?? Number.NaN;
  const isProduct = exponent >= 0 && (exponent <= mostMultiplied || x.dtype === "int32");
  return isProduct && Number.isInteger(exponent) && x.dtype === y.dtype
    ? repeatedProduct(expand(x, shape), exponent)
    : aligned("power", x, y);
}

/** By squaring: x^5 is (x^2)^2 x. */
function repeatedProduct(x: Node, count: number): Node {
  if (count === 0) return like(1, x);
  if (count === 1) return x;
  const half = repeatedProduct(x, Math.floor(count / 2));
  const squared = multiply(half, half);
  return count % 2 === 1 ? multiply(squared, x) : squared;
}

/** The comparisons that the graph has the other way round. */
export function greater(a: Node, b: Node): Node {
  broadcastShapes("greater", a.shape, b.shape);
  return aligned("less", b, a);
}
export function greaterEqual(a: Node, b: Node): Node {
  broadcastShapes("greaterEqual", a.shape, b.shape);
  return aligned("lessEqual", b, a);
}
/** True where one of them is NaN. */
export function notEqual(a: Node, b: Node): Node {
  broadcastShapes("notEqual", a.shape, b.shape);
  return elementwise("not", aligned("equal", a, b));
}
