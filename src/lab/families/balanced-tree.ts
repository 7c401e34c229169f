/** A recursive network over a sequence: its steps are the leaves of a balanced tree, from which it goes up to the root and down again. */

import type { Dimension } from "../../graph/dimension.ts";
import { treeLstm } from "../../nn/trees/cells/tree-lstm.ts";
import { recursive } from "../../nn/trees/recursive.ts";
import { constantTensor } from "../../trace/constant-tensor.ts";
import { join } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";

/** The nodes of a balanced tree over so many leaves, children before their parent: the children of each, -1 for none, and its parent. */
export function balancedTree(leaves: number) {
  const children: [left: number, right: number][] = [];
  const places: number[] = [];
  /** The node over leaves from `from` to before `to`. */
  const add = (from: number, to: number): number => {
    if (to - from === 1) {
      places.push(children.length);
      children.push([-1, -1]);
    } else {
      const middle = Math.ceil((from + to) / 2);
      const [left, right] = [add(from, middle), add(middle, to)];
      children.push([left, right]);
    }
    return children.length - 1;
  };
  add(0, leaves);
  const parents = new Array<number>(children.length).fill(-1);
  children.forEach((pair, node) => {
    for (const child of pair) if (child >= 0) parents[child] = node;
  });
  return { children, parents, places };
}

/**
 * A Tree-LSTM up and down: x (T, B, input), of a T that is known, to what stands for each step, (T, B, 2 hidden), which has seen all
 * others, 2 log2 T nodes away at most.
 */
export function treeOverSteps(input: number, hidden: number) {
  const network = recursive(treeLstm, input, hidden, { direction: "both" });
  return {
    weights: { network },
    outputSize: network.outputSize,
    apply(x: Tensor): { output: Tensor } {
      const [steps, batch] = x.shape as [number, Dimension];
      const { children, parents, places } = balancedTree(steps);
      const nodes = children.length;
      const numbers = (name: string, values: readonly number[]) =>
        constantTensor(name, values, [values.length]).convert("int32");
      const ofRows = (numbers: Tensor) =>
        numbers.reshape([numbers.size(0), 1]).broadcastTo([numbers.size(0), batch]);
      // Inner nodes read the step of zeros behind the last one.
      const read = new Array<number>(nodes).fill(steps);
      places.forEach((node, step) => {
        read[node] = step;
      });
      const both = [0, 1].map((side) =>
        ofRows(
          numbers(
            `children ${side}`,
            children.map((pair) => pair[side] as number),
          ),
        ),
      );
      const inner = read.flatMap((step, node) => (step === steps ? [node] : []));
      const { output } = network.apply(x.pad(0, 0, 1).gather(numbers("read", read)), {
        lengths: numbers("nodes", [nodes]).broadcastTo([batch]),
        children: join(
          both.map((one) => one.reshape([1, nodes, batch])),
          0,
        ),
        parent: ofRows(numbers("parents", parents)),
        leaves: ofRows(numbers("leaves", places)),
        inner: ofRows(numbers("inner", inner)),
      });
      return { output: output.gather(numbers("places", places)) };
    },
  };
}
