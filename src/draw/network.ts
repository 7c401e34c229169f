/** The drawing of a network: layers as boxes, those along time with the state that they carry. */

import { UsageError } from "../errors.ts";
import { bodyResults } from "../graph/body.ts";
import type { Dimension } from "../graph/dimension.ts";
import { isKind, isOp, type Node, node } from "../graph/node.ts";
import { pastReads, scanInputs, topologicalOrder } from "../graph/traverse.ts";
import { type TreeLayerUse, withTreeStandIn } from "../nn/trees/stand-in.ts";
import { countOf } from "../numbers.ts";
import { type InputType, isTensor, isType } from "../program/compile.ts";
import { Tensor } from "../trace/tensor.ts";
import { leaves, mapTree, namedLeaves } from "../trace/tree.ts";
import { variableOf } from "../trace/variable.ts";
import { meanOf } from "./compositions.ts";
import { type Diagram, DiagramBuilder, type Loop } from "./diagram.ts";
import { cellName, type Owner, owners, stateNames } from "./model.ts";
import { partNames, weightName } from "./names.ts";
import { drawer, type Source } from "./simplify.ts";
import { isMemory, type Step, stepOfScan, stepOfSizedTreeCell } from "./step.ts";

/** What a network computes: types of its inputs, and the function over tensors. */
export interface Program {
  readonly inputs: unknown;
  readonly forward: (inputs: never) => unknown;
}

export interface OutsideTime {
  /** Whether it is there before the first step, or comes of what the steps computed. */
  readonly when: "before" | "after";
  /** The steps that it reads of a sequence; otherwise it reads the state after all steps. */
  readonly reads: "first" | "last" | "all" | undefined;
}

export interface NetworkDiagram extends Diagram {
  /** Vertices that show one value for the whole sequence, not one for each step. */
  readonly outsideTime: ReadonlyMap<string, OutsideTime>;
  /** The steps of the layers along time, by the names of their cells. */
  readonly steps: readonly { readonly name: string; readonly step: Step }[];
  /** The different lengths of sequences. */
  readonly lengths: readonly Dimension[];
}

/** Throws ShapeError where the layers do not fit each other, UsageError for inputs that are no types. */
export function networkDiagram(model: object, { inputs, forward }: Program): NetworkDiagram {
  const diagram = new DiagramBuilder();
  const entries = new Map<Node, Source>();
  const shown = new Map<string, Node>();
  const types = namedLeaves("draw: inputs", inputs, isType, "float32(...) or int32(...)");
  if (types.length === 0)
    throw new UsageError("draw: inputs without a type given, float32 or int32 expected");
  const placeholders = mapTree(inputs, isType, ({ dtype, shape }: InputType, path) => {
    const placeholder = new Tensor(node("input", [], { name: path, dtype, shape }));
    const symbol = types.length > 1 ? path : "x";
    const vertex = diagram.add({ kind: "input", text: [symbol] });
    entries.set(placeholder.node, { vertex, symbol });
    shown.set(vertex, placeholder.node);
    return placeholder;
  });
  const trees: TreeLayer[] = [];
  const traced = withTreeStandIn(
    (use) => standFor(trees, use),
    () => forward(placeholders as never),
  );
  const results = leaves(traced, isTensor);
  if (results.length === 0)
    throw new UsageError("draw: a function that returns no tensor given, one expected");
  const byVariable = owners(model);
  const ownerOf = (nodes: readonly Node[]) => {
    const [found] = variablesOf(nodes).flatMap((leaf) => byVariable.get(variableOf(leaf)) ?? []);
    return found;
  };
  const sequenceNames = new Set(
    [...byVariable.values()].flatMap((owner) => (owner.sequence ? (lastName(owner) ?? []) : [])),
  );
  const weightsSeen: string[] = [];
  const lengths = new Set<Dimension>();
  const steps: { name: string; step: Step }[] = [];

  const wireOf = drawer([...results.map(([, { node }]) => node), ...trees.map(({ x }) => x.node)], {
    diagram,
    entries,
    states: [],
    partName: partNames([], []),
    drawn: (vertex, node) => shown.set(vertex, node),
    layer(weights, [, to], input) {
      const names = weights.map((weight) => weightName(weight)?.split(".").at(-1) ?? "");
      if (!names.every((name) => /^(weight|bias)$/.test(name))) return undefined;
      // A linear layer may share its matrix with another layer, but not its bias.
      const owner = ownerOf(weights.slice(-1));
      const name = (owner && lastName(owner)) ?? "linear";
      // By its weights: what it reads may have further axes, as the states of both directions side by side.
      const from = countOf((weights[0] as Node).shape as readonly number[]) / Number(to);
      return diagram.add({ kind: "layer", text: [name, `${from} → ${to}`] }, [input()]);
    },
    scan(scan, inputs, states) {
      const { sequences, captures } = scanInputs(scan);
      lengths.add(scan.attributes.length);
      const weights = captures.filter((captured) => !isMemory(captured));
      const owner = ownerOf(weights);
      const key = variablesOf(weights)
        .map(({ id }) => id)
        .join(" ");
      if (!weightsSeen.includes(key)) weightsSeen.push(key);
      const [from, to] = [sequences[0]?.shape.at(-1), outputSizeOf(scan)];
      const path = owner && lastName(owner);
      const cell = owner?.sequence && cellName(owner.sequence);
      const name = cell && path && sequenceNames.size > 1 ? `${path}: ${cell}` : (cell ?? path ?? "scan");
      steps.push({ name: cell ?? name, step: stepOfScan(scan, stateNames(owner?.sequence)) });
      const loop = loopOf(scan, owner, weightsSeen.indexOf(key));
      const text = [name, `${from} → ${to}`];
      const vertex = diagram.add({ kind: "layer", text, title: owner?.path || undefined, loop }, inputs);
      for (const state of states) diagram.wire(state, vertex, true);
      return vertex;
    },
  });
  // In the order in which they are applied: what one reads of another is drawn before.
  for (const { cell, direction, variables, x, output, root } of trees) {
    const key = variables.map(({ node }) => node.id).join(" ");
    if (!weightsSeen.includes(key)) weightsSeen.push(key);
    const loop = {
      states: Object.keys(cell.state),
      reverse: direction === "down",
      distances: [1],
      weights: weightsSeen.indexOf(key),
    };
    const [first] = variables;
    const title = (first && byVariable.get(first)?.path) || undefined;
    const text = [cell.name, `${cell.input} → ${cell.outputSize}`];
    const vertex = diagram.add({ kind: "layer", text, title, loop }, [wireOf(x.node)]);
    for (const { node } of [output, root]) entries.set(node, { vertex });
    steps.push({ name: cell.name, step: stepOfSizedTreeCell(cell) });
  }
  for (const [path, { node }] of results) {
    const vertex = diagram.add({ kind: "output", text: [results.length > 1 ? path : "y"] }, [wireOf(node)]);
    shown.set(vertex, node);
  }
  return {
    // What nothing drawn reads, such as the numbers of children, is not drawn.
    vertices: diagram.vertices.filter(
      ({ id, kind }) => kind !== "input" || diagram.wires.some(({ from }) => from === id),
    ),
    wires: diagram.wires,
    outsideTime: outsideTime(diagram, shown, lengths),
    steps,
    lengths: [...lengths],
  };
}

/** A layer over trees, and what stands for what it puts out. */
interface TreeLayer extends TreeLayerUse {
  readonly output: Tensor;
  readonly root: Tensor;
}

function standFor(trees: TreeLayer[], use: TreeLayerUse): Pick<TreeLayer, "output" | "root"> {
  const [steps, batch] = use.x.shape as readonly [Dimension, Dimension];
  const of = (name: string, ...shape: Dimension[]) => {
    const full = `tree layer ${trees.length + 1}: ${name}`;
    return new Tensor(
      node("input", [], { name: full, dtype: "float32", shape: [...shape, use.cell.outputSize] }),
    );
  };
  const found = { output: of("output", steps, batch), root: of("root", batch) };
  trees.push({ ...use, ...found });
  return found;
}

/** Vertices in the order in which they were drawn: inputs before what reads them. */
function outsideTime(
  { vertices, wires }: Diagram,
  shown: ReadonlyMap<string, Node>,
  lengths: ReadonlySet<Dimension>,
): Map<string, OutsideTime> {
  const outside = new Map<string, OutsideTime>();
  for (const { id, loop } of vertices) {
    const node = shown.get(id);
    if (loop || !node || node.shape.some((size) => lengths.has(size))) continue;
    const isBefore = wires.every(({ from, to }) => to !== id || outside.get(from)?.when === "before");
    outside.set(id, { when: isBefore ? "before" : "after", reads: stepsRead(node) });
  }
  return outside;
}

function stepsRead(node: Node): OutsideTime["reads"] {
  if (isOp(node, "slice")) return node.attributes.start === 0 ? "first" : "last";
  const readsAll = isKind(node, "reduction") || isKind(node, "contraction") || meanOf(node) !== undefined;
  return readsAll ? "all" : undefined;
}

function variablesOf(nodes: readonly Node[]): Node<"variable">[] {
  return topologicalOrder(nodes).filter((leaf) => isOp(leaf, "variable"));
}

/** The last name on the path to a layer, not counting numbers; what is called rnn has the name of what it is a part of. */
function lastName({ path }: Owner): string | undefined {
  const names = path.split(".").filter((name) => !/^\d*$/.test(name));
  return names.at(-1) === "rnn" ? (names.at(-2) ?? "rnn") : names.at(-1);
}

function outputSizeOf({ attributes: { body } }: Node<"scan">): Dimension | undefined {
  return (body.outputs[0] ?? body.next[0])?.shape.at(-1);
}

function loopOf(scan: Node<"scan">, owner: Owner | undefined, weights: number): Loop {
  const { body, reverse } = scan.attributes;
  const skips = pastReads(bodyResults(body)).map(({ attributes }) => attributes.distance);
  return {
    states: stateNames(owner?.sequence).slice(0, body.states.length),
    reverse,
    distances: [...new Set([1, ...skips])].sort((a, b) => a - b),
    weights,
  };
}
