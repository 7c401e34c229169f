/** Sums taken apart: what weights multiply, the biases, and what else is added, whole or a part of packed gates. */

import { isOp, type Node } from "../graph/node.ts";
import { bare, type Part, partOf } from "./names.ts";

export interface Product {
  readonly weight: Node;
  readonly input: Node;
  readonly part: Part | undefined;
}

export interface Sum {
  readonly products: Product[];
  readonly biases: { readonly weight: Node; readonly part: Part | undefined }[];
  readonly rest: Node[];
}

/** What decides how far a sum reaches. */
export interface Reach {
  /** What comes from weights alone. */
  isFixed(node: Node): boolean;
  /** What stands in the drawing by itself: a composition, or a sum that others use as well. */
  isWhole(node: Node): boolean;
}

/**
 * The terms of a node, which may be a sum, a product, or a part of either: slices of a packed product become products
 * with parts of its weights. A node that is none of these is its only term.
 */
export function takeApart(node: Node, { isFixed, isWhole }: Reach): Sum {
  const sum: Sum = { products: [], biases: [], rest: [] };
  const visit = (term: Node, part: Part | undefined, into: Sum, isTop: boolean) => {
    const current = bare(term);
    const [first, second] = current.inputs as [Node, Node];
    if (isFixed(current)) into.biases.push({ weight: current, part });
    else if (isOp(current, "einsum") && isFixed(first) !== isFixed(second)) {
      const [weight, input] = isFixed(first) ? [first, second] : [second, first];
      into.products.push({ weight: bare(weight), input: bare(input), part });
    } else if (isOp(current, "add") && (isTop || !isWhole(current))) {
      visit(first, part, into, false);
      visit(second, part, into, false);
    } else if (isOp(current, "slice") && !part) {
      const taken = partOf(current);
      const inner: Sum = { products: [], biases: [], rest: [] };
      if (taken) visit(first, taken, inner, true);
      if (taken && inner.rest.length === 0) {
        into.products.push(...inner.products);
        into.biases.push(...inner.biases);
      } else into.rest.push(current);
    } else into.rest.push(current);
  };
  visit(node, undefined, sum, true);
  return sum;
}
