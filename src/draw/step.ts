/** One step as a graph: of a cell along time or over trees, traced on placeholders, or of a layer along time, from the body of its scan. */

import type { Shape } from "../graph/dimension.ts";
import { isOp, type Node, node } from "../graph/node.ts";
import { openScan } from "../graph/open-scan.ts";
import { pastReads, rebuild, topologicalOrder, withInputs } from "../graph/traverse.ts";
import { type Cell, mapRecord, type Tensors } from "../nn/cell.ts";
import { memoryPlaceholder, sizedCell } from "../nn/sized-cell.ts";
import { type AnyTreeCell, keeping, type SizedTreeCell, sizedTreeCell } from "../nn/trees/sized-tree-cell.ts";
import { Tensor } from "../trace/tensor.ts";

/** A part of the state of an earlier step. */
export interface PastRead {
  readonly name: string;
  readonly distance: number;
  readonly node: Node;
}

export interface Step {
  /** Whether it comes after the step before, or a node after its children. */
  readonly over: "time" | "tree";
  /** Parts of the state: what each is before, or of each child, and what it becomes. */
  readonly states: readonly { readonly name: string; readonly nodes: readonly Node[]; readonly next: Node }[];
  /** What enters from below. */
  readonly inputs: readonly { readonly name: string; readonly node: Node }[];
  readonly pasts: readonly PastRead[];
  /** What every step reads that is not a weight, such as the outputs of an encoder. */
  readonly memories: readonly { readonly name: string; readonly node: Node }[];
  readonly output: Node;
}

/** Throws what `sizedCell` throws. */
export function stepOfCell(
  cell: Cell<string, string>,
  { input, hidden, memory }: { readonly input: number; readonly hidden: number; readonly memory: number },
): Step {
  const sized = sizedCell(cell, input, hidden, memory);
  const { values } = memoryPlaceholder(memory);
  const state = mapRecord(sized.state, (size, name) => placeholder(`state ${name}`, ["B", size]));
  const weights = mapRecord(sized.weights, ({ shape }, name) => placeholder(name, shape));
  const x = placeholder("input x", ["B", input]);
  const pasts: PastRead[] = [];
  const past = (distance: number) => {
    if (distance === 1) return state;
    return mapRecord(sized.state, (size, name) => {
      const read = placeholder(`state ${name} ${distance} back`, ["B", size]);
      pasts.push({ name, distance, node: read.node });
      return read;
    });
  };
  const next = sized.step(weights, state, x, { past, memory: { values } });
  return {
    over: "time",
    states: Object.keys(sized.state).map((name) => ({
      name,
      nodes: [(state[name] as Tensor).node],
      next: (next[name] as Tensor).node,
    })),
    inputs: [{ name: "x", node: x.node }],
    pasts,
    memories: [{ name: "m", node: values.node }],
    output: sized.output(next, weights).node,
  };
}

/** A node of a tree cell with `arity` children. Throws what `sizedTreeCell` throws. */
export function stepOfTreeCell(
  cell: AnyTreeCell<string, string>,
  {
    input,
    hidden,
    arity,
  }: { readonly input: number; readonly hidden: number; readonly arity?: number | undefined },
): Step {
  return stepOfSizedTreeCell(
    sizedTreeCell(cell, input, hidden, "message" in cell ? undefined : arity),
    arity,
  );
}

/** The same of a cell for given sizes; `arity` children of one that takes any number. */
export function stepOfSizedTreeCell(sized: SizedTreeCell, arity = 2): Step {
  const { children, input, state } = sized;
  const weights = mapRecord(sized.weights, ({ shape }, name) => placeholder(name, shape));
  const x = placeholder("input x", ["B", input]);
  const states = Array.from({ length: children.arity ?? arity }, (_, child) =>
    mapRecord(state, (size, name) => placeholder(`state ${name} of child ${child + 1}`, ["B", size])),
  );
  const next = nodeOf(children, { weights, states, x });
  return {
    over: "tree",
    states: Object.keys(state).map((name) => ({
      name,
      nodes: states.map((child) => (child[name] as Tensor).node),
      next: (next[name] as Tensor).node,
    })),
    inputs: [{ name: "x", node: x.node }],
    pasts: [],
    memories: [],
    output: sized.output(next, weights).node,
  };
}

/** A node as its children make it: of cells that sum, the sums of what each says. */
function nodeOf(
  children: SizedTreeCell["children"],
  {
    weights,
    states,
    x,
  }: { readonly weights: Tensors<string>; readonly states: readonly Tensors<string>[]; readonly x: Tensor },
): Tensors<string> {
  if (children.arity !== undefined) return children.compose(weights, states, x, keeping);
  const [first, ...rest] = states.map((child) => children.message(weights, child, x)) as [
    Tensors<string>,
    ...Tensors<string>[],
  ];
  const sums = rest.reduce(
    (sum, said) => mapRecord(sum, (part, name) => part.add(said[name] as Tensor)),
    first,
  );
  return children.compose(weights, sums, x, keeping);
}

/** The step of a layer along time whose state has parts of these names. */
export function stepOfScan(scan: Node<"scan">, names: readonly string[]): Step {
  const open = openScan(scan);
  const [moving, fixed] = [true, false].map((is) =>
    open.captures.filter(({ source }) => isMemory(source) === is),
  ) as [typeof open.captures, typeof open.captures];
  const known = new Map<Node, Node>(fixed.map(({ argument, source }) => [argument, source]));
  open.change((computed) => rebuild(computed, withoutStart, known));
  const nameOf = (part: number) => names[part] ?? `s${part + 1}`;
  const pasts = pastReads(open.computed()).map((read): PastRead => {
    const { value } = open.outputOf(read);
    const part = open.states.findIndex(({ next }) => next === value);
    return { name: part < 0 ? "y" : nameOf(part), distance: read.attributes.distance, node: read };
  });
  const output = open.outputs[0]?.value ?? open.states[0]?.next;
  return {
    over: "time",
    states: open.states.map(({ argument, next }, part) => ({ name: nameOf(part), nodes: [argument], next })),
    inputs: open.sequences.map(({ argument }, index) => ({
      name: index === 0 ? "x" : `x${index + 1}`,
      node: argument,
    })),
    pasts,
    memories: moving.map(({ argument }, index) => ({
      name: index === 0 ? "m" : `m${index + 1}`,
      node: argument,
    })),
    output: output as Node,
  };
}

/** Whether what a scan captures is no weight, but comes from the inputs of a program or from another layer along time. */
export function isMemory(captured: Node): boolean {
  return topologicalOrder([captured]).some((node) => isOp(node, "input") || isOp(node, "scan"));
}

/** A read of the past, to which layers add what stands there before the first step, is that read. */
function withoutStart(original: Node, inputs: readonly Node[]): Node {
  const [read, start] = inputs;
  return isOp(original, "add") && read && isOp(read, "past") && start && isOp(start, "argument")
    ? read
    : withInputs(original, inputs);
}

function placeholder(name: string, shape: Shape): Tensor {
  return new Tensor(node("input", [], { name, dtype: "float32", shape }));
}
