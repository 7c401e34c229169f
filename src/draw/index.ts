/** draw: the picture of a cell or a model as SVG. */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { inProgram } from "../graph/interning.ts";
import { isLayer } from "../nn/layers/layer.ts";
import { recurrent } from "../nn/layers/recurrent.ts";
import { isSequenceLayer, type SequenceLayer } from "../nn/layers/sequence-layer.ts";
import { MEMORY_STEPS } from "../nn/memory.ts";
import { sizedCell } from "../nn/sized-cell.ts";
import type { Recursive } from "../nn/trees/recursive.ts";
import type { AnyTreeCell } from "../nn/trees/sized-tree-cell.ts";
import type { TreeTensors } from "../nn/trees/structure.ts";
import { float32, type InputType, isTensor } from "../program/compile.ts";
import type { Tensor } from "../trace/tensor.ts";
import type { MapTree } from "../trace/tree.ts";
import { cellDiagram } from "./cell.ts";
import { cellPicture } from "./cell-picture.ts";
import type { Diagram } from "./diagram.ts";
import { foldedPicture } from "./folded.ts";
import { isCell, isTreeCell, isTreeLayer } from "./model.ts";
import { type NetworkDiagram, networkDiagram, type Program } from "./network.ts";
import { stepOfCell, stepOfTreeCell } from "./step.ts";
import { svg } from "./svg.ts";
import { unrolledPicture } from "./unrolled.ts";
import { unrolledTreePicture } from "./unrolled-tree.ts";

export const views = ["cell", "folded", "unrolled"] as const;
/** One step of the cell; the network with its loops; the network step by step. */
export type View = (typeof views)[number];

export interface DrawOptions<Inputs = unknown> {
  /** Default: "cell" for a cell, "folded" for a model. */
  readonly view?: View | undefined;
  /** How many steps "unrolled" shows, of a tree cell how many words, 1 to 12. Default 3. */
  readonly steps?: number | undefined;
  /** What a cell is drawn for; default 8. Only what splits by size depends on it. */
  readonly input?: number | undefined;
  readonly hidden?: number | undefined;
  /** The size of the memory, of a cell that reads one. */
  readonly memory?: number | undefined;
  /** How many children the node of a tree cell has. Default that of the cell, or 2. */
  readonly arity?: number | undefined;
  /** The types of a model's inputs, a tree. Default float32 (T, B, inputSize) where the model's first layer runs along time. */
  readonly inputs?: Inputs | undefined;
  /** What a model computes from its inputs: tensors, or a tree of them. Default: its layers one after the other, in the order in which they stand. */
  readonly forward?: ((inputs: MapTree<Inputs, InputType, Tensor>) => unknown) | undefined;
  /** What the picture is called, for those who cannot see it. */
  readonly title?: string | undefined;
}

const MOST_STEPS = 12;
const MOST_CHILDREN = 8;

/**
 * The picture of a cell or a model, as SVG.
 *
 *     await draw(lstm);
 *     await draw(treeLstm, { arity: 3 });
 *     await draw({ rnn: recurrent(lstm, 8, 16, { direction: "both" }), head: linear(32, 4) }, { view: "unrolled", steps: 4 });
 *
 * Throws UsageError for an unknown view, steps out of range, options that change nothing of this picture, and a model whose inputs or cell are not known; ShapeError
 * where layers do not fit each other.
 */
export async function draw<Inputs>(subject: object, options: DrawOptions<Inputs> = {}): Promise<string> {
  if (typeof subject !== "object" || subject === null) {
    throw new UsageError(`draw: ${printGiven(subject)} given, a cell or a model expected`);
  }
  checkOptions("draw", options, {
    view: true,
    steps: true,
    input: true,
    hidden: true,
    memory: true,
    arity: true,
    inputs: true,
    forward: true,
    title: true,
  });
  const {
    view = isCell(subject) || isTreeCell(subject) ? "cell" : "folded",
    steps = 3,
    input = 8,
    hidden = 8,
    memory = 8,
  } = options;
  if (!views.includes(view)) {
    throw new UsageError(`draw: view ${printGiven(view)} given, ${views.join(", ")} expected`);
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw new UsageError(
      `draw: steps ${printGiven(steps)} given, a whole number from 1 to ${MOST_STEPS} expected`,
    );
  }
  if (options.title !== undefined && typeof options.title !== "string") {
    throw new UsageError(`draw: title ${printGiven(options.title)} given, a text expected`);
  }
  if (options.steps !== undefined && view !== "unrolled") {
    throw new UsageError(`draw: steps given, but the view is "${view}", "unrolled" expected`);
  }
  if (isTreeCell(subject)) return treeCellPicture(subject, options as DrawOptions);
  if (options.arity !== undefined) {
    throw new UsageError(
      `draw: arity ${printGiven(options.arity)} given, which a tree cell is drawn for, but this is none`,
    );
  }
  const size = isCell(subject)
    ? undefined
    : (["input", "hidden", "memory"] as const).find((name) => options[name]);
  if (size !== undefined) {
    throw new UsageError(`draw: ${size} given, which a cell is drawn for, but a model has sizes of its own`);
  }
  if (view === "cell") {
    const { name, diagram } = isCell(subject)
      ? { name: subject.name, diagram: cellDiagram(stepOfCell(subject, { input, hidden, memory })) }
      : inProgram(() => onlyCell(networkDiagram(subject, programOf(subject, options))));
    return svg(await cellPicture(options.title ?? `The cell ${name}`, diagram));
  }
  const model = isCell(subject)
    ? recurrent(
        subject,
        input,
        hidden,
        sizedCell(subject, input, hidden, memory).readsMemory ? { memory } : {},
      )
    : subject;
  const diagram = inProgram(() => networkDiagram(model, programOf(model, options)));
  const isFolded = view === "folded";
  const { title = `A recurrent network${isFolded ? "" : ` over ${steps} steps`}` } = options;
  return svg(await (isFolded ? foldedPicture(title, diagram) : unrolledPicture(title, diagram, steps)));
}

/** A node of a tree cell, or the cell at each node of a small tree. Throws UsageError for options that say nothing of one. */
async function treeCellPicture(cell: AnyTreeCell<string, string>, options: DrawOptions): Promise<string> {
  const { view = "cell", steps = 3, input = 8, hidden = 8, arity } = options;
  if (view === "folded") {
    throw new UsageError('draw: view "folded" of a tree cell given, "cell" or "unrolled" expected');
  }
  if (options.memory !== undefined)
    throw new UsageError("draw: memory given, which a tree cell reads none of");
  if (arity !== undefined && !(Number.isInteger(arity) && arity >= 1 && arity <= MOST_CHILDREN)) {
    throw new UsageError(
      `draw: arity ${printGiven(arity)} given, a whole number from 1 to ${MOST_CHILDREN} expected`,
    );
  }
  const step = stepOfTreeCell(cell, { input, hidden, arity });
  if (view === "cell") {
    return svg(await cellPicture(options.title ?? `The cell ${cell.name}`, cellDiagram(step)));
  }
  const { title = `The cell ${cell.name} over a tree` } = options;
  const children = step.states[0]?.nodes.length ?? 2;
  const states = step.states.map(({ name }) => name);
  return svg(unrolledTreePicture(title, { name: cell.name, states, arity: children, words: steps }));
}

/** The step that all layers along time do. Throws UsageError where there is none, or where they do different ones. */
function onlyCell({ steps }: NetworkDiagram): { name: string; diagram: Diagram } {
  const found = new Map<string, { name: string; diagram: Diagram }>();
  for (const { name, step } of steps) {
    const diagram = cellDiagram(step);
    found.set(JSON.stringify([diagram.vertices, diagram.wires]), { name, diagram });
  }
  const [cell, ...others] = found.values();
  if (cell && others.length === 0) return cell;
  const given = cell ? [cell, ...others].map(({ name }) => name).join(" and ") : "none";
  throw new UsageError(`draw: a model with the cells ${given} given, one cell expected for the view "cell"`);
}

type Applicable = { apply(x: Tensor): unknown };

function programOf<Inputs>(model: object, { inputs, forward }: DrawOptions<Inputs>): Program {
  const parts: unknown[] = isLayer(model) ? [model] : Object.values(model);
  const [first] = parts;
  if (!inputs && !forward && isSequenceLayer(model) && model.memorySize !== undefined) {
    return readingProgram(model, model.memorySize);
  }
  if (!inputs && !forward && isTreeLayer(model)) return treeProgram(model);
  const types = inputs ?? (isSequenceLayer(first) ? float32("T", "B", first.inputSize) : undefined);
  if (types === undefined) {
    throw new UsageError(
      'draw: a model whose inputs are not known given, inputs such as int32("T", "B") expected',
    );
  }
  if (!forward && !parts.every(isLayer)) {
    throw new UsageError(
      "draw: a model with other parts than layers given, forward, what it computes, expected",
    );
  }
  return { inputs: types, forward: forward ?? chain(parts as Applicable[]) };
}

/** A layer over trees, with the trees as another input. */
function treeProgram(layer: Recursive): Program {
  const inputs = { x: float32("T", "B", layer.inputSize), trees: layer.treeTypes };
  const forward = ({ x, trees }: { readonly x: Tensor; readonly trees: TreeTensors }) =>
    layer.apply(x, trees).output;
  return { inputs, forward };
}

/** A layer that reads a memory, with the memory as another input. */
function readingProgram(layer: SequenceLayer, size: number): Program {
  const inputs = { x: float32("T", "B", layer.inputSize), memory: float32(MEMORY_STEPS, "B", size) };
  const forward = ({ x, memory }: Record<keyof typeof inputs, Tensor>) =>
    layer.apply(x, { memory: { values: memory } }).output;
  return { inputs, forward };
}

/** Layers one after the other. */
function chain(layers: readonly Applicable[]): (x: Tensor) => unknown {
  return (x) =>
    layers.reduce<Tensor>((values, layer) => {
      const result = layer.apply(values);
      return isTensor(result) ? result : (result as { output: Tensor }).output;
    }, x);
}
