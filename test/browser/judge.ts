/** Whether what a browser computed is right: the bits of Node, PyTorch's numbers, a training that learns. */

import type { Case, Tensors } from "../parity/case.ts";
import { largestDeviation } from "../parity/compare.ts";
import type { Computed } from "../parity/evaluate.ts";
import { kindOf } from "../parity/kinds.ts";
import type { Outcome } from "../parity/run.ts";

/**
 * How a case went.
 * @param reference what PyTorch computed; undefined for a training, whose losses, where it tells them, must fall
 */
export function judge(given: Computed, { node, reference }: { node: Computed; reference?: Case }): Outcome {
  const difference = firstDifference(given, node);
  if (difference) return { result: "failed", detail: difference };
  if (!reference) {
    const isTold = given.outputs.losses !== undefined;
    return isTold ? judgeTraining(given.outputs) : { result: "passed", detail: "the bits of Node" };
  }
  const { error, tensor } = largestDeviation(reference, given);
  const result = error <= kindOf(reference).tolerance ? "passed" : "failed";
  return { result, detail: `the bits of Node, ${error.toExponential(1)} from PyTorch's (${tensor})` };
}

/** The first element that is not the same bits as Node's. A NaN is a NaN, -0 is not 0. */
export function firstDifference(given: Computed, node: Computed): string | undefined {
  for (const part of ["outputs", "gradients"] as const) {
    const [names, expected] = [Object.keys(given[part]), Object.keys(node[part])];
    if (names.join() !== expected.join()) {
      return `${part} ${names.join(", ") || "(none)"}, but in Node ${expected.join(", ") || "(none)"}`;
    }
    for (const name of names) {
      const difference = differenceOf(name, given[part], node[part]);
      if (difference) return difference;
    }
  }
  return undefined;
}

function differenceOf(name: string, given: Tensors, node: Tensors): string | undefined {
  const [left, right] = [given[name], node[name]];
  if (!left || !right) return `${name} is missing`;
  if (left.shape.join() !== right.shape.join() || left.data.constructor !== right.data.constructor) {
    return `${name}: ${typeOf(left)}, but in Node ${typeOf(right)}`;
  }
  const at = right.data.findIndex((element, index) => !Object.is(element, left.data[index]));
  return at < 0 ? undefined : `${name}[${at}]: ${print(left.data[at])}, but in Node ${print(right.data[at])}`;
}

const print = (element: number | undefined) => (Object.is(element, -0) ? "-0" : String(element));

function typeOf({ data, shape }: Tensors[string]): string {
  return `${data.constructor.name} (${shape.join(", ")})`;
}

function judgeTraining({ losses }: Tensors): Outcome {
  const [first = 0, last = 0] = [losses?.data.at(0), losses?.data.at(-1)];
  const curve = `${losses?.data.length} losses from ${first.toFixed(3)} to ${last.toFixed(3)}`;
  return last < first - 0.5
    ? { result: "passed", detail: `the bits of Node, ${curve}` }
    : { result: "failed", detail: `it does not learn: ${curve}` };
}
