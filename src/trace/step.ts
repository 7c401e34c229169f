/**
 * Tracing one step of a scan: the step runs on placeholders, and what it built becomes a closed body whose captures are
 * inputs of the scan.
 */

import { ShapeError } from "../errors.ts";
import { type Dimension, printShape } from "../graph/dimension.ts";
import { isKind, isOp, type Node } from "../graph/node.ts";
import { type InputPart, OpenScan, type OutputPart, type ResultPart } from "../graph/open-scan.ts";
import { dependents, topologicalOrder } from "../graph/traverse.ts";
import { expand } from "./align.ts";
import { currentTrace } from "./current.ts";
import { expectOfScan } from "./expectation.ts";
import { type Observed, type Observer, withObserver } from "./observation.ts";
import { located, Tensor } from "./tensor.ts";
import { leaves, mapTree } from "./tree.ts";

/** Outputs of earlier steps, earlier in the order of processing. */
export interface Past<Output> {
  /** The output `distance` steps back; zeros before the start. */
  back(distance: number): Output;
  /** The output of step `index[b]` for each row b (int32 (B), outputs (B, ...)); -1 reads zeros. That step must be done already. */
  at(index: Tensor): Output;
}

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
export const tensorsOf = (tree: unknown) => leaves(tree, isTensor).map(([, tensor]) => tensor);

/** The same tree with other tensors, taken in order. */
export function refill<T>(tree: T, tensors: readonly Tensor[]): T {
  let at = 0;
  return mapTree(tree, isTensor, () => tensors[at++] as Tensor) as T;
}

interface Traced<Output> {
  readonly init: readonly Tensor[];
  readonly sequences: readonly Tensor[];
  readonly length: Dimension;
  readonly reverse: boolean;
  readonly recompute?: boolean;
  /** Tensors like one step's output: what a read of the past gives. */
  readonly history?: unknown;
  step(states: Tensor[], slices: Tensor[], past: Past<Output>): readonly [Tensor[], Output];
}

/** Trace a step into a body, close it over what it captures, and build the scan. */
export function traceStep<Output>(traced: Traced<Output>) {
  return located(() => {
    const { init, sequences, length, reverse, recompute = false, history } = traced;
    const open = new OpenScan({ length, reverse, recompute });
    for (const { node } of init) open.addState(node);
    for (const { node } of sequences) open.addSequence(node);
    const random = currentTrace()?.random;
    const missedBefore = random?.undropped.length ?? 0;
    const looked = currentTrace()?.observer;
    const seen: { readonly what: Observed; readonly tensor: Tensor }[] = [];
    const output = withObserver(looked && ofSteps(open, looked, seen), () => runStep(open, traced));
    if (history !== undefined && describe(history) !== describe(output)) {
      throw new ShapeError(
        `scan: a step puts out {${describe(output)}}, but history is {${describe(history)}}`,
      );
    }
    tensorsOf(output).forEach(({ node }, index) => {
      const known = open.outputs[index];
      if (known) known.value = node;
      else open.addOutput(node);
    });
    const told = seen.map(({ what, tensor }) => ({ what, part: open.addOutput(tensor.node) }));
    for (const capture of captures(open)) open.addCapture(capture, capture);
    const { scan, result } = open.close();
    // What dropped nothing within the step did so in the scan.
    if (random && random.undropped.length > missedBefore) {
      const reached = new Set(topologicalOrder(open.computed()));
      const within = random.undropped.slice(missedBefore).find(({ node: noted }) => reached.has(noted));
      if (within) random.undropped.push({ node: scan, where: within.where });
    }
    const tensorOf = (part: ResultPart) => new Tensor(result(part));
    for (const { what, part } of told) looked?.see(alongSteps(what), tensorOf(part));
    return { final: open.states.map(tensorOf), outputs: refill(output, open.outputs.map(tensorOf)) };
  });
}

/** What looks at a step: what it sees becomes an output of the scan, and zeros to add a sequence. */
function ofSteps(
  open: OpenScan,
  outer: Observer,
  seen: { readonly what: Observed; readonly tensor: Tensor }[],
): Observer {
  return {
    see: (what, tensor) => seen.push({ what, tensor }),
    probe(what, shape) {
      const zeros = outer.probe(alongSteps(what), [open.course.length, ...shape]);
      return zeros && new Tensor(open.addSequence(zeros.node).argument);
    },
  };
}

const alongSteps = (what: Observed): Observed => ({ ...what, stepAxes: what.stepAxes + 1 });

/** Run the step on the arguments of an open scan, which gets the next states. Returns what the step puts out. */
function runStep<Output>(open: OpenScan, { history, step }: Traced<Output>): Output {
  const { states, sequences } = open;
  const tensorsFor = (parts: readonly InputPart[]) => parts.map(({ argument }) => new Tensor(argument));
  const [slices, before] = [tensorsFor(sequences), tensorsFor(states)];
  const [next, output] = step(before, slices, pastOf<Output>(open, history));
  const standsFor = (parts: readonly InputPart[]) =>
    new Map(parts.map(({ argument, source }) => [argument, source]));
  expectOfScan(standsFor(sequences), standsFor(states));
  states.forEach((state, index) => {
    state.next = (next[index] as Tensor).node;
  });
  return output;
}

/** Reads of earlier outputs, of which each is like one tensor of `history` until the step has told what it puts out. */
function pastOf<Output>(open: OpenScan, history: unknown): Past<Output> {
  const outputs = tensorsOf(history).map(({ node }) => open.addOutput(node));
  const read = (from: (output: OutputPart) => Node) =>
    refill(
      history as Output,
      outputs.map((output) => new Tensor(from(output))),
    );
  return {
    back(distance) {
      if (!Number.isInteger(distance) || distance < 1) {
        throw new ShapeError(`scan: past.back(${distance}) given, a positive number of steps expected`);
      }
      return read((output) => open.back(output, distance));
    },
    at: ({ node: index }) => read((output) => open.at(output, expand(index, output.value.shape.slice(0, 1)))),
  };
}

/** The paths, dtypes and shapes of a tree of tensors. */
function describe(tree: unknown): string {
  return leaves(tree, isTensor)
    .map(([path, { shape, dtype }]) => `${path === "" ? "" : `${path}: `}${dtype} ${printShape(shape)}`)
    .join(", ");
}

/** What a step takes from outside: the outermost nodes that no step changes. Numbers, sizes and repetition stay inside. */
function captures(open: OpenScan): Node[] {
  const results = open.computed();
  const inside = dependents(results, (candidate) => open.made(candidate));
  const fromOutside = dependents(
    results,
    (candidate) => candidate.inputs.length === 0 && !isKind(candidate, "number"),
  );
  const found = new Set<Node>();
  const visit = (candidate: Node) => {
    if (inside.has(candidate) || !fromOutside.has(candidate) || isOp(candidate, "broadcast"))
      candidate.inputs.forEach(visit);
    else found.add(candidate);
  };
  results.forEach(visit);
  return [...found].sort((a, b) => a.id - b.id);
}
