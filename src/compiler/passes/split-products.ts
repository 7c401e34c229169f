/**
 * Products of a concatenation become products of its parts, concat(h, x) . W = h . W_h + x . W_x, where one part depends
 * on the inputs alone, so that its product may leave the loop.
 */

import { add, concat, einsum, slice } from "../../graph/build.ts";
import { addDimensions, type Dimension } from "../../graph/dimension.ts";
import { parseLabels } from "../../graph/einsum.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { rebuild, withInputs } from "../../graph/traverse.ts";
import { lifter } from "./lift.ts";
import { rewriteScans } from "./scans.ts";

export function splitProducts(results: readonly Node[]): Node[] {
  return rewriteScans(results, splitProducts, (open) => {
    const lift = lifter(open);
    const isMixed = (joined: Node) =>
      new Set(joined.inputs.map((part) => lift(part)?.timed === true)).size === 2;
    const before = open.computed();
    const after = rebuild(before, (original, inputs) => {
      const rebuilt = withInputs(original, inputs);
      return isOp(rebuilt, "einsum") ? split(rebuilt, isMixed) : rebuilt;
    });
    if (after.every((result, index) => result === before[index])) return undefined;
    open.change(() => after);
    return open.close().result;
  });
}

/** `pays` says of a concatenation whether a part of it may leave the loop and another not. */
function split(product: Node<"einsum">, pays: (joined: Node) => boolean): Node {
  const { labels } = product.attributes;
  const parsed = parseLabels(labels);
  for (const side of [0, 1] as const) {
    const joined = product.inputs[side] as Node;
    if (!isOp(joined, "concat") || !pays(joined)) continue;
    const { axis } = joined.attributes;
    const own = side === 0 ? parsed.a : parsed.b;
    const label = own[axis] as string;
    const other = product.inputs[1 - side] as Node;
    const otherAxis = (side === 0 ? parsed.b : parsed.a).indexOf(label);
    let start: Dimension = 0;
    const parts = joined.inputs.map((part) => {
      const size = part.shape[axis] as Dimension;
      const facing = otherAxis < 0 ? other : slice(other, otherAxis, start, size);
      start = addDimensions(start, size);
      const whole = side === 0 ? einsum(part, facing, labels) : einsum(facing, part, labels);
      return isOp(whole, "einsum") ? split(whole, pays) : whole;
    });
    const resultAxis = parsed.result.indexOf(label);
    return resultAxis < 0 ? parts.reduce(add) : concat(parts, resultAxis);
  }
  return product;
}
