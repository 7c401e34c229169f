/** A tree cell applied over trees: up from the leaves, down from the root, or both in turn. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { concat } from "../../trace/functions.ts";
import { foldKey, keysFor, undropped } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { mapRecord } from "../cell.ts";
import { cellInitializer, checkScheme, type Scheme } from "../initializers.ts";
import { rowsAt } from "../layers/history.ts";
import { checkInput, checkProbability, checkSize, type Layer } from "../layers/layer.ts";
import { observedInput } from "../layers/pass.ts";
import { passDown } from "./down.ts";
import { outputOf, type TreePass, tellNodes } from "./pass.ts";
import { type AnyTreeCell, type SizedTreeCell, sizedTreeCell } from "./sized-tree-cell.ts";
import { treeStandIn } from "./stand-in.ts";
import { type TreePart, type TreeTensors, type TreeTypes, treesFor, typesOf } from "./structure.ts";
import { passUp } from "./up.ts";

export const traversals = ["up", "down", "both"] as const;
/** "up": children before parents; "down": parents before children; "both": up, then down over what came out of that. */
export type Traversal = (typeof traversals)[number];

export interface RecursiveOptions {
  /** Default "up". */
  readonly direction?: Traversal | undefined;
  /** How many children a node has at most, K, of a cell with ordered children that leaves it open. Default 2. */
  readonly arity?: number | undefined;
  /** Which nodes read x on the way up: all, or leaves alone, as where only leaves have words. Default "nodes". */
  readonly reads?: "nodes" | "leaves" | undefined;
  /** How many types of nodes there are, each with weights of its own. Default 1. */
  readonly types?: number | undefined;
  /** The cell on the way down, of "both". Default the same. */
  // biome-ignore lint/suspicious/noExplicitAny: the names of its state and weights are its own
  readonly down?: AnyTreeCell<any, any> | undefined;
  /** Probability of dropout of what a cell is about to add to its memory, so that what is remembered stays. Default 0. */
  readonly recurrentDropout?: number | undefined;
  /** How the weights start: see `recurrent`. Default "default". */
  readonly initialize?: Scheme | undefined;
}

export interface RecursiveCall {
  /** int32 (2), for what is random in training; without it that of the training step around, or nothing is. */
  readonly key?: Tensor | undefined;
}

export interface RecursiveResult {
  /** (T, B, outputSize): what stands for each node; zeros beyond a tree's nodes. */
  readonly output: Tensor;
  /** (B, outputSize): what stands for each root. */
  readonly root: Tensor;
}

/** A layer over trees. */
export interface Recursive extends Layer {
  /** What it is, for messages: "recursive(tree-lstm)". */
  readonly name: string;
  readonly inputSize: number;
  readonly outputSize: number;
  /** The types of what it reads of trees, as an input of a program: all that it must be given, and `leaves` and `inner`. */
  readonly treeTypes: TreeTypes;
  /** x (T, B, inputSize), a vector for each node. What it holds beyond a tree's nodes, NaN included, reaches nothing. */
  apply(x: Tensor, trees: TreeTensors, call?: RecursiveCall): RecursiveResult;
}

/**
 * `cell` with x (T, B, input) and `hidden` units over trees (see `TreeTensors`).
 *
 *     const network = recursive(treeLstm, 64, 150, { reads: "leaves" });
 *     const { output, root } = network.apply(embed.apply(tokens), { lengths, children, leaves, inner });
 *
 * A cell with ordered children reads `children`, one that sums over them `lastChild`, `previousSibling` and `parent`; the way down
 * reads `parent`. A cell along time, such as `lstm`, is one for nodes with one child: it goes down, and up chains. On the way
 * down a node comes from its parent as up a chain from its only child, and the root from zeros.
 *
 * "both" has the weights `up` and `down`, and puts out both, upward first: (T, B, 2 * outputSize) where the cells are the same.
 *
 * Throws UsageError for sizes that are not positive integers, options that do not exist, a probability out of range, and a cell
 * that is for another number of children.
 */
export function recursive<State extends string, Weight extends string>(
  cell: AnyTreeCell<State, Weight>,
  input: number,
  hidden: number,
  options: RecursiveOptions = {},
): Recursive {
  const where = `recursive(${(cell as Partial<typeof cell> | null)?.name ?? printGiven(cell)})`;
  checkOptions(where, options, {
    direction: true,
    arity: true,
    reads: true,
    types: true,
    down: true,
    recurrentDropout: true,
    initialize: true,
  });
  const { direction = "up", down, ...shared } = options;
  if (!traversals.includes(direction)) {
    throw new UsageError(
      `${where}: direction ${printGiven(direction)} given, ${traversals.join(", ")} expected`,
    );
  }
  if (down !== undefined && direction !== "both") {
    throw new UsageError(`${where}: down given with the direction ${direction}, "both" expected`);
  }
  if (direction === "down" && (options.arity !== undefined || options.reads !== undefined)) {
    throw new UsageError(`${where}: arity or reads given with the direction down, which they say nothing of`);
  }
  if (direction !== "both") return oneWay(cell, input, hidden, { ...shared, direction });
  const first = oneWay(cell, input, hidden, { ...shared, direction: "up" });
  const second = oneWay(down ?? cell, first.outputSize, hidden, { ...shared, direction: "down" });
  return {
    name: where,
    weights: { up: first, down: second },
    inputSize: input,
    outputSize: first.outputSize + second.outputSize,
    treeTypes: { ...first.treeTypes, ...second.treeTypes },
    apply(x, trees, call) {
      const callOf = (use: number) => (call?.key ? { ...call, key: foldKey(call.key, use) } : call);
      const above = first.apply(x, trees, callOf(0));
      const below = second.apply(above.output, trees, callOf(1));
      return {
        output: concat(above.output, below.output),
        root: concat(above.root, below.root),
      };
    },
  };
}

interface OneWay extends Omit<RecursiveOptions, "direction" | "down"> {
  readonly direction: "up" | "down";
}

function oneWay<State extends string, Weight extends string>(
  given: AnyTreeCell<State, Weight>,
  input: number,
  hidden: number,
  options: OneWay,
): Recursive {
  const {
    direction,
    arity,
    reads = "nodes",
    types = 1,
    recurrentDropout = 0,
    initialize = "default",
  } = options;
  const where = `recursive(${given?.name})`;
  checkSize(where, "input size", input);
  checkSize(where, "hidden size", hidden);
  checkSize(where, "types", types);
  if (arity !== undefined) checkSize(where, "arity", arity);
  checkProbability(where, "recurrentDropout", recurrentDropout);
  checkScheme(where, initialize);
  if (reads !== "nodes" && reads !== "leaves") {
    throw new UsageError(`${where}: reads ${printGiven(reads)} given, nodes, leaves expected`);
  }
  const cell = sizedTreeCell(
    given,
    input,
    hidden,
    direction === "down" ? 1 : arity,
  ) as unknown as SizedTreeCell;
  if (recurrentDropout > 0 && cell.candidates.length === 0) {
    throw new UsageError(`${where}: recurrentDropout given, a cell whose nodes call \`drop\` expected`);
  }
  const weights: Record<string, Variable> = {};
  const variables = Array.from({ length: types }, (_, type) =>
    mapRecord(cell.weights, (declaration, name) => {
      const full = types === 1 ? name : `${name}_type${type}`;
      const initializer = cellInitializer(declaration, initialize, cell);
      weights[full] = new Variable(full, declaration.shape, { initializer, layer: where });
      return weights[full];
    }),
  );
  const leavesOnly = direction === "up" && reads === "leaves";
  const needs = needsOf(cell, direction, types);
  const { arity: K } = cell.children;
  return {
    name: where,
    weights,
    inputSize: input,
    outputSize: cell.outputSize,
    treeTypes: typesOf([...needs, ...apart], K),
    apply(x, trees, call = {}) {
      checkInput(where, x, input, 3);
      checkOptions(where, call, { key: true });
      const isApart = trees?.leaves !== undefined || trees?.inner !== undefined;
      const given = treesFor(where, x, trees, {
        reads: isApart ? [...needs, ...apart] : needs,
        arity: K,
        types,
      });
      const drawn = treeStandIn()?.({ cell, direction, variables: Object.values(weights), x });
      if (drawn) return drawn;
      const key = recurrentDropout > 0 ? keysFor(call.key)?.fresh : undefined;
      const pass: TreePass = {
        cell,
        weights: variables,
        leavesOnly,
        dropped: { probability: recurrentDropout, key },
      };
      const place = { weights };
      const read = observedInput(place, x, given.lengths);
      const states = (direction === "up" ? passUp : passDown)(pass, read, given);
      tellNodes(place, states, given.lengths);
      const output = outputOf(pass, states, given);
      const result = { output, root: rowsAt(output, given.lengths.sub(1)) };
      if (recurrentDropout > 0 && !key) for (const part of Object.values(result)) undropped(where, part);
      return result;
    },
  };
}

/** Leaves stand apart from other nodes where the data says so. */
const apart = ["leaves", "inner"] as const;

/** What a pass must be given of trees. */
function needsOf({ children }: SizedTreeCell, direction: "up" | "down", types: number): TreePart[] {
  const typed = types > 1 ? (["types"] as const) : [];
  if (direction === "down") return ["parent", ...typed];
  if (children.arity !== undefined) return ["children", ...typed];
  return ["lastChild", "previousSibling", "parent", ...typed];
}
