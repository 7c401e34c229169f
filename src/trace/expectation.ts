/** What a traced function expects of the numbers in its inputs, beyond shapes: whoever is given the numbers checks them. */

import type { Dimension } from "../graph/dimension.ts";
import { isOp, type Node } from "../graph/node.ts";
import { currentTrace } from "./current.ts";
import type { Tensor } from "./tensor.ts";

/** Every element of an input is from `least` to `most`, or is `except`. */
export interface Expectation {
  readonly input: Node<"input">;
  readonly least: Dimension;
  readonly most: Dimension;
  /** A number outside of the limits that is fine too, such as the target that a loss ignores. */
  readonly except: number | undefined;
}

/** Where the tensor is an input of the function that is being traced, its elements have to be from `least` to `most`. */
export function expectWithin({ node }: Tensor, least: Dimension, most: Dimension, except?: number): void {
  const trace = currentTrace();
  if (!isOp(node, "input") || !trace) return;
  const known = trace.expectations.some(
    (other) =>
      other.input === node && other.least === least && other.most === most && other.except === except,
  );
  if (!known) trace.expectations.push({ input: node, least, most, except });
}
