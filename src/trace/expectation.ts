/** What a traced function expects of the numbers in its inputs, beyond shapes: whoever is given the numbers checks them. */

import type { Dimension } from "../graph/dimension.ts";
import { isOp, type Node } from "../graph/node.ts";
import type { Tensor } from "./tensor.ts";

/** Every element of an input is from `least` to `most`. */
export interface Expectation {
  readonly input: Node<"input">;
  readonly least: Dimension;
  readonly most: Dimension;
}

let collected: Expectation[] | undefined;

/** Where the tensor is an input of the function that is being traced, its elements have to be from `least` to `most`. */
export function expectWithin({ node }: Tensor, least: Dimension, most: Dimension): void {
  if (!isOp(node, "input") || !collected) return;
  const known = collected.some(
    (other) => other.input === node && other.least === least && other.most === most,
  );
  if (!known) collected.push({ input: node, least, most });
}

/** What `build` returns, and what it expects of its inputs. */
export function collectExpectations<Result>(build: () => Result): [Result, readonly Expectation[]] {
  const outer = collected;
  const own: Expectation[] = [];
  collected = own;
  try {
    return [build(), own];
  } finally {
    collected = outer;
  }
}
