/**
 * What must hold of sizes that only the data tells: no axis is negative, and no slice leaves its axis. What the graph
 * shows already is refused by the rules of its operations.
 */

import { ShapeError } from "../errors.ts";
import { bodyResults } from "./body.ts";
import {
  addDimensions,
  type Bindings,
  type Dimension,
  evaluateDimension,
  multiplyDimensions,
  printShape,
  subtractDimensions,
  symbolsOf,
} from "./dimension.ts";
import { isOp, type Node } from "./node.ts";
import { topologicalOrder } from "./traverse.ts";

/** A size that must not be negative, and what is wrong if it is. */
export interface SizeLimit {
  readonly size: Dimension;
  readonly problem: string;
}

/** What the results, and the bodies of their scans, ask of the sizes; each size once. */
export function sizeLimits(results: readonly Node[]): SizeLimit[] {
  const limits = new Map<Dimension, string>();
  const demand = (size: Dimension, problem: string) => {
    // A symbol alone is the size of an input's axis.
    const isKnown = typeof size === "number" || symbolsOf(size).includes(size);
    if (!isKnown && !limits.has(size)) limits.set(size, problem);
  };
  const visit = (block: readonly Node[]) => {
    for (const current of topologicalOrder(block)) {
      if (isOp(current, "slice")) {
        const { axis, start, size } = current.attributes;
        const { shape } = current.inputs[0] as Node;
        const end = addDimensions(start, size);
        const problem = `slice: ${start} to ${end} of axis ${axis} lies outside of ${printShape(shape)}`;
        for (const room of [start, size, subtractDimensions(shape[axis] as Dimension, end)])
          demand(room, problem);
      }
      if (isOp(current, "pad")) {
        const { axis, before, after } = current.attributes;
        for (const zeros of [before, after])
          demand(zeros, `pad: ${before} before and ${after} after axis ${axis} given`);
      }
      if (isOp(current, "divide")) {
        const size = sizeIn(current.inputs[1] as Node);
        if (size !== undefined) demand(subtractDimensions(size, 1), `mean over no elements: ${size} is 0`);
      }
      for (const size of current.shape)
        demand(size, `${current.op}: the shape ${printShape(current.shape)} has a negative size`);
      if (isOp(current, "scan")) visit(bodyResults(current.attributes.body));
    }
  };
  visit(results);
  return [...limits].map(([size, problem]) => ({ size, problem }));
}

/** The size of axes that a tensor repeats: what a mean divides by. */
function sizeIn(tensor: Node): Dimension | undefined {
  if (isOp(tensor, "dimension")) return tensor.attributes.dimension;
  if (isOp(tensor, "constant") && Number.isInteger(tensor.attributes.value)) return tensor.attributes.value;
  if (!isOp(tensor, "broadcast") && !isOp(tensor, "multiply")) return undefined;
  const sizes = tensor.inputs.map(sizeIn);
  return sizes.some((size) => size === undefined)
    ? undefined
    : (sizes as Dimension[]).reduce(multiplyDimensions, 1);
}

/** Throws ShapeError for the first limit that the sizes of a call do not keep. */
export function checkSizes(limits: readonly SizeLimit[], bindings: Bindings): void {
  const broken = limits.find(({ size }) => evaluateDimension(size, bindings) < 0);
  if (!broken) return;
  const sizes = Object.entries(bindings).map(([symbol, size]) => `${symbol} = ${size}`);
  throw new ShapeError(`${broken.problem} where ${sizes.join(", ")}`);
}
