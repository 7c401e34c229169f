/** What a cell over trees is: the sizes of its state, its weights, and how a node comes from its children. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Cell, CellOptions, Tensors, WeightDeclaration } from "../cell.ts";

/** The parts of a tree cell for given sizes: tensors of a state are (B, size). */
export interface TreeCellParts<State extends string, Weight extends string> {
  readonly state: Readonly<Record<State, number>>;
  readonly weights: Readonly<Record<Weight, WeightDeclaration>>;
}

/** What a node may use besides weights, children and input. */
export interface NodeContext {
  /**
   * What recurrent dropout drops: a cell passes its candidate, which is what it is about to add to its memory, (B, any size),
   * through it. The identity unless the layer drops.
   */
  drop(candidate: Tensor): Tensor;
}

export interface TreeCellOptions<State extends string, Weight extends string>
  extends CellOptions<State, Weight> {
  /** The number of children that the equations are for; without it they are for any, and the layer says how many. */
  readonly arity?: number | undefined;
  /** The state of a leaf, where that has equations of its own; by default it is that of a node whose children are zeros. */
  readonly leaf?: ((weights: Tensors<Weight>, x: Tensor, context: NodeContext) => Tensors<State>) | undefined;
}

/** A cell of nodes with up to K children in order, for any sizes. A child that is not there is zeros. */
export interface TreeCell<State extends string, Weight extends string>
  extends TreeCellOptions<State, Weight> {
  readonly name: string;
  parts(input: number, hidden: number, arity: number): TreeCellParts<State, Weight>;
  readonly compose: (
    weights: Tensors<Weight>,
    children: readonly Tensors<State>[],
    x: Tensor,
    context: NodeContext,
  ) => Tensors<State>;
}

/**
 * A tree cell from its parts, for x (B, input), `hidden` units and K children, and its equations, such as
 *
 *     const recursiveNetwork = treeCell(
 *       "recursive-network",
 *       (input, hidden, arity) => ({
 *         state: { h: hidden },
 *         weights: { W: matrix(arity * hidden + input, hidden), b: vector(hidden) },
 *       }),
 *       ({ W, b }, children, x) => ({ h: tanh(concat(...children.map(({ h }) => h), x).dot(W).add(b)) }),
 *     );
 *
 * Throws UsageError for options that do not exist.
 */
export function treeCell<State extends string, Weight extends string>(
  name: string,
  parts: (input: number, hidden: number, arity: number) => TreeCellParts<State, Weight>,
  compose: TreeCell<NoInfer<State>, NoInfer<Weight>>["compose"],
  options: TreeCellOptions<NoInfer<State>, NoInfer<Weight>> = {},
): TreeCell<State, Weight> {
  const where = `treeCell ${name}`;
  checkOptions(where, options, { arity: true, leaf: true, output: true });
  const { arity, leaf, output } = options;
  if (arity !== undefined && !(Number.isInteger(arity) && arity > 0)) {
    throw new UsageError(`${where}: arity ${printGiven(arity)} given, a positive integer expected`);
  }
  checkFunctions(where, { leaf, output });
  return { name, parts, compose, arity, leaf, output };
}

/** The equations of a cell whose nodes see a sum over their children. */
export interface ChildSumEquations<State extends string, Weight extends string, Sum extends string> {
  /** What a child adds to the sums of its parent, (B, any size) each, from its state and the parent's x. */
  readonly message: (weights: Tensors<Weight>, child: Tensors<State>, x: Tensor) => Tensors<Sum>;
  /** The state of a node from the sums, which are zeros at a leaf. */
  readonly compose: (
    weights: Tensors<Weight>,
    sums: Tensors<Sum>,
    x: Tensor,
    context: NodeContext,
  ) => Tensors<State>;
}

/** A cell of nodes with any number of children, in no order, for any sizes. */
export interface ChildSumCell<State extends string, Weight extends string, Sum extends string>
  extends CellOptions<State, Weight>,
    ChildSumEquations<State, Weight, Sum> {
  readonly name: string;
  parts(input: number, hidden: number): TreeCellParts<State, Weight>;
}

/**
 * A cell of nodes with any number of children, from its parts and its equations: what each child adds to the sums, and the
 * node's state from the sums, such as
 *
 *     const sumOfChildren = childSumCell(
 *       "sum-of-children",
 *       (input, hidden) => ({
 *         state: { h: hidden },
 *         weights: { W: matrix(hidden, input), U: matrix(hidden, hidden), b: vector(hidden) },
 *       }),
 *       {
 *         message: (_weights, { h }) => ({ h }),
 *         compose: ({ W, U, b }, { h }, x) => ({
 *           h: tanh(x.dot(W.transpose()).add(h.dot(U.transpose())).add(b)),
 *         }),
 *       },
 *     );
 */
export function childSumCell<State extends string, Weight extends string, Sum extends string>(
  name: string,
  parts: (input: number, hidden: number) => TreeCellParts<State, Weight>,
  equations: ChildSumEquations<NoInfer<State>, NoInfer<Weight>, Sum>,
  options: CellOptions<NoInfer<State>, NoInfer<Weight>> = {},
): ChildSumCell<State, Weight, Sum> {
  const where = `childSumCell ${name}`;
  checkOptions(where, options, { output: true });
  checkOptions(`${where}: equations`, equations, { message: "a function", compose: "a function" });
  const { message, compose } = equations;
  checkFunctions(where, { message, compose, output: options.output });
  return { name, parts, message, compose, output: options.output };
}

/** A cell along time as a cell over trees whose nodes have one child: the state before is that of the child. */
export function asTreeCell<State extends string, Weight extends string>({
  name,
  parts,
  step,
  output,
}: Cell<State, Weight>): TreeCell<State, Weight> {
  return treeCell(
    name,
    (input, hidden) => parts(input, hidden) as TreeCellParts<State, Weight>,
    (weights, [child], x, { drop }) =>
      step(weights, child as Tensors<State>, x, {
        drop,
        show: (_, tensor) => tensor,
        past(distance) {
          if (distance === 1) return child as Tensors<State>;
          throw new UsageError(`cell ${name}: reads ${distance} steps back, which a cell over trees cannot`);
        },
        get memory(): never {
          throw new UsageError(`cell ${name}: reads a memory, which a cell over trees has none of`);
        },
      }),
    { arity: 1, output },
  );
}

/** Throws UsageError for one that is given and no function. */
function checkFunctions(where: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || typeof value === "function") continue;
    throw new UsageError(`${where}: ${name} ${printGiven(value)} given, a function expected`);
  }
}
