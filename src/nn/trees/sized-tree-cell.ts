/** A tree cell for given sizes: one node of it is traced, which tells what it puts out, adds up and drops. */

import { printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { zeros } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { type Cell, mapRecord, type Tensors } from "../cell.ts";
import { checkSizes, checkState, placeholder, rowSize } from "../sized-cell.ts";
import {
  asTreeCell,
  type ChildSumCell,
  type NodeContext,
  type TreeCell,
  type TreeCellParts,
} from "./tree-cell.ts";

/** A cell over trees: of ordered children, of sums over children, or one along time, whose nodes have one child. */
export type AnyTreeCell<State extends string, Weight extends string> =
  | TreeCell<State, Weight>
  | ChildSumCell<State, Weight, string>
  | Cell<State, Weight>;

/** A tree cell for given sizes, after a node of it was traced. */
export interface SizedTreeCell<State extends string = string, Weight extends string = string>
  extends TreeCellParts<State, Weight> {
  readonly name: string;
  readonly input: number;
  readonly hidden: number;
  /** How the children come in: K of them in order, or as sums of what each says. */
  readonly children: OrderedChildren<State, Weight> | SummedChildren<State, Weight>;
  /** The state of a node without children. */
  leaf(weights: Tensors<Weight>, x: Tensor, context: NodeContext): Tensors<State>;
  /** The state of a node that comes from a single other one, such as its parent. */
  after(weights: Tensors<Weight>, other: Tensors<State>, x: Tensor, context: NodeContext): Tensors<State>;
  readonly output: (state: Tensors<State>, weights: Tensors<Weight>) => Tensor;
  /** The part of the state that `output` gives, where it gives one as it is. */
  readonly outputPart: State | undefined;
  /** The size of what the cell puts out: (B, outputSize). */
  readonly outputSize: number;
  /** The sizes of the candidates that a node passes through `drop`, in the order of its calls. */
  readonly candidates: readonly number[];
}

export interface OrderedChildren<State extends string, Weight extends string> {
  readonly arity: number;
  readonly compose: TreeCell<State, Weight>["compose"];
  /** Whether leaves have equations of their own. */
  readonly ownLeaf: boolean;
}

export interface SummedChildren<State extends string, Weight extends string> {
  readonly arity: undefined;
  /** The sizes of the sums, by name. */
  readonly sums: Readonly<Record<string, number>>;
  readonly message: ChildSumCell<State, Weight, string>["message"];
  readonly compose: ChildSumCell<State, Weight, string>["compose"];
}

/** The equations as they are, where nothing is dropped. */
export const keeping: NodeContext = { drop: (candidate) => candidate };

/** Throws UsageError for what is no cell over trees, nor one along time. */
function ofTrees<State extends string, Weight extends string>(
  where: string,
  given: AnyTreeCell<State, Weight>,
): TreeCell<State, Weight> | ChildSumCell<State, Weight, string> {
  if (typeof (given as Partial<typeof given> | null)?.parts === "function") {
    if ("compose" in given && typeof given.compose === "function") return given;
    if ("step" in given && typeof given.step === "function") return asTreeCell(given);
  }
  throw new UsageError(`${where}: ${printGiven(given)} given, a cell over trees such as treeLstm expected`);
}

/**
 * A tree cell for given sizes and, of one with ordered children, a number of them. Throws UsageError for a cell for another number
 * of children, one without a state, or with a size that is not a positive integer; ShapeError where a node does not give the state,
 * sums or an output (B, any size).
 */
export function sizedTreeCell<State extends string, Weight extends string>(
  given: AnyTreeCell<State, Weight>,
  input: number,
  hidden: number,
  arity: number | undefined,
): SizedTreeCell<State, Weight> {
  const cell = ofTrees("recursive", given);
  const where = `cell ${cell.name}`;
  const count = "message" in cell ? undefined : arityOf(where, cell.arity, arity);
  const parts = "message" in cell ? cell.parts(input, hidden) : cell.parts(input, hidden, count as number);
  if (typeof parts?.state !== "object" || typeof parts.weights !== "object") {
    throw new UsageError(`${where}: parts ${printGiven(parts)} given, { state, weights } expected`);
  }
  checkSizes(where, parts);
  const [first] = Object.keys(parts.state) as State[];
  if (first === undefined) throw new UsageError(`${where}: no state given, at least one part expected`);
  const output = cell.output ?? ((state: Tensors<State>) => state[first]);

  const weights = mapRecord(parts.weights, ({ shape }, name) => placeholder(name, shape));
  const x = placeholder("x", ["B", input]);
  const stateOf = (number: number) =>
    mapRecord(parts.state, (size, name) => placeholder(`${name} ${number}`, ["B", size]));
  const candidates: number[] = [];
  const noting: NodeContext = {
    drop(candidate) {
      candidates.push(rowSize(where, "a candidate", candidate));
      return candidate;
    },
  };
  const children = childrenOf(cell, count, { where, weights, x, child: stateOf(0) });
  const emptyFor = (rows: Tensor) => (size: number) => zeros([rows.size(0), size]);
  const leaf = (of: Tensors<Weight>, row: Tensor, context: NodeContext) => {
    const empty = emptyFor(row);
    if (children.arity === undefined)
      return children.compose(of, mapRecord(children.sums, empty), row, context);
    if ("leaf" in cell && cell.leaf) return cell.leaf(of, row, context);
    const none = mapRecord(parts.state, empty);
    return children.compose(
      of,
      Array.from({ length: children.arity }, () => none),
      row,
      context,
    );
  };
  const next =
    children.arity === undefined
      ? children.compose(
          weights,
          mapRecord(children.sums, (size, name) => placeholder(name, ["B", size])),
          x,
          noting,
        )
      : children.compose(
          weights,
          Array.from({ length: children.arity }, (_, index) => stateOf(index)),
          x,
          noting,
        );
  const shapes = mapRecord(parts.state, (size) => ["B", size]);
  checkState(where, "a node", next, shapes);
  checkState(where, "a leaf", leaf(weights, x, keeping), shapes);
  const shown = output(next, weights);
  return {
    ...parts,
    name: cell.name,
    input,
    hidden,
    children,
    leaf,
    after: (of, other, row, context) =>
      children.arity === undefined
        ? children.compose(of, children.message(of, other, row), row, context)
        : children.compose(of, [other], row, context),
    output,
    outputPart: (Object.keys(parts.state) as State[]).find((name) => next[name].node === shown.node),
    outputSize: rowSize(where, "an output", shown),
    candidates,
  };
}

/** The number of children that a cell is for, or that is asked of it. */
function arityOf(where: string, own: number | undefined, asked: number | undefined): number {
  if (own === undefined || asked === undefined || own === asked) return own ?? asked ?? 2;
  const hint = asked === 1 ? ", as on the way down: another cell expected, there as `down`" : "";
  throw new UsageError(`${where}: is for ${own} children, and ${asked} asked for${hint}`);
}

/** How the children of a cell come in. */
function childrenOf<State extends string, Weight extends string>(
  cell: TreeCell<State, Weight> | ChildSumCell<State, Weight, string>,
  arity: number | undefined,
  traced: { where: string; weights: Tensors<Weight>; x: Tensor; child: Tensors<State> },
): SizedTreeCell<State, Weight>["children"] {
  if (!("message" in cell)) {
    return { arity: arity as number, compose: cell.compose, ownLeaf: cell.leaf !== undefined };
  }
  const { where, weights, x, child } = traced;
  const { message, compose } = cell;
  const said = message(weights, child, x);
  if (typeof said !== "object" || said === null || Object.keys(said).length === 0) {
    throw new ShapeError(`${where}: the message ${printGiven(said)} given, tensors by name expected`);
  }
  const sums = mapRecord(said, (sum, name) => rowSize(where, `the message ${name}`, sum));
  return { arity: undefined, sums, message, compose };
}
