/** Networks over trees. The nodes of all trees of a case stand in one list, children first; only leaves read x. */

import { childSumTreeLstm, treeLstm, treeRnn } from "../../src/nn/index.ts";
import { type AnyTreeCell, sizedTreeCell } from "../../src/nn/trees/sized-tree-cell.ts";
import type { TreeTensors } from "../../src/nn/trees/structure.ts";
import { passUp } from "../../src/nn/trees/up.ts";
import { join, stack } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { integerTensor } from "../helpers/values.ts";
import { type Case, sizeOf, tensorOf } from "./case.ts";
import { evaluate } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

type Traced = Readonly<Record<string, Tensor>>;

export const treeNetwork: Kind = {
  name: "a network over trees",
  tolerance: float32Tolerance,
  recognises: ({ inputs }) => Boolean(inputs.left && inputs.right),
  compute(given, backend) {
    const { cell, weightsOf } = networkOf(given);
    const sized = sizedTreeCell(cell, sizeOf(given.inputs, "x", 1), sizeOf(given.outputs, "h", 1), undefined);
    return evaluate(given, {
      backend,
      build(parameters, inputs) {
        const x = (inputs.x as Tensor).reshape([sizeOf(given.inputs, "x", 0), 1, sized.input]);
        const dropped = { probability: 0, key: undefined };
        const pass = { cell: sized as never, weights: [weightsOf(parameters)], leavesOnly: true, dropped };
        const { h } = passUp(pass, x, structureOf(given)) as { h: Tensor };
        return { outputs: { h: h.at(1, 0) } };
      },
    });
  },
};

/** The cell of a case, and its weights of the case's parameters. */
function networkOf({ parameters }: Case): {
  cell: AnyTreeCell<string, string>;
  weightsOf: (parameters: Traced) => Traced;
} {
  if (parameters.W) return { cell: treeRnn as never, weightsOf: (weights) => weights };
  if (parameters.U_f) return { cell: childSumTreeLstm as never, weightsOf: withoutInput };
  return {
    cell: treeLstm as never,
    weightsOf: (weights) =>
      withoutInput({ ...weights, U_f: join([weights.U_fl as Tensor, weights.U_fr as Tensor], 0) }),
  };
}

/** Where only leaves read x, nothing multiplies W_f with anything but zeros: any matrix will do. */
const withoutInput = (weights: Traced): Traced => ({ ...weights, W_f: weights.W_i as Tensor });

/** The nodes as one tree: no node looks beyond its own children. */
function structureOf({ inputs }: Case): TreeTensors {
  const [left, right] = ["left", "right"].map((name) => Array.from(tensorOf(inputs, name).data)) as [
    number[],
    number[],
  ];
  const column = (numbers: readonly number[]) => integerTensor(...numbers).reshape([numbers.length, 1]);
  const nodes = left.map((_, node) => node);
  return {
    lengths: integerTensor(nodes.length),
    children: stack([column(left), column(right)]),
    lastChild: column(right),
    parent: column(nodes.map((node) => Math.max(left.indexOf(node), right.indexOf(node)))),
    previousSibling: column(nodes.map((node) => left[right.indexOf(node)] ?? -1)),
    leaves: column(nodes.filter((node) => left[node] === -1)),
    inner: column(nodes.filter((node) => left[node] !== -1)),
  };
}
