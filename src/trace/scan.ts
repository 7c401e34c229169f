/**
 * scan: apply a step along time. Its meaning is this loop, rows b of the batch and steps t:
 *
 *     state = init
 *     for t in 0..T-1 (T-1..0 when reverse):
 *         next, out = step(state, inputs[t])
 *         state[b] = t < lengths[b] ? next[b] : state[b]
 *         outputs[t][b] = t < lengths[b] ? out[b] : 0
 *
 * Lengths and checkpoints are compositions: the graph knows the plain loop alone.
 */

import { ShapeError } from "../errors.ts";
import type { BodyParts } from "../graph/body.ts";
import * as build from "../graph/build.ts";
import {
  ceilDivide,
  type Dimension,
  multiplyDimensions,
  printShape,
  sameShape,
  subtractDimensions,
} from "../graph/dimension.ts";
import { isOp, type Node, node, type TensorType } from "../graph/node.ts";
import { bodyArguments, dependents, rebuild, scanOutput, topologicalOrder } from "../graph/traverse.ts";
import { range, where, zerosLike } from "./functions.ts";
import { expand, located, sizeTensor, Tensor } from "./tensor.ts";
import { leaves, mapTree } from "./tree.ts";

/** Outputs of earlier steps, earlier in the order of processing. */
export interface Past<Output> {
  /** The output `distance` steps back; zeros before the start. */
  back(distance: number): Output;
  /** The output of step `index[b]` for each row b (int32 (B), outputs (B, ...)); -1 reads zeros. That step must be done already. */
  at(index: Tensor): Output;
}

export interface ScanOptions<State, Inputs> {
  /** The state before the first step: a tree of tensors. */
  readonly init: State;
  /** What the steps read: a tree of tensors (T, ...), sliced along the first axis. */
  readonly inputs: Inputs;
  /** int32 (B): rows of state and output after their length keep still and put out zeros. */
  readonly lengths?: Tensor | undefined;
  /** From the last step to the first; with lengths each row starts at its own last element. */
  readonly reverse?: boolean | undefined;
  /** Save the state every so many steps only, and recompute between when differentiating. */
  readonly checkpoint?: number | undefined;
}

export interface HistoryOption<Output> {
  /** Tensors like one step's output: asked for where a step reads its past and its output is not like its state. */
  readonly history?: Output | undefined;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const tensorsOf = (tree: unknown) => leaves(tree, isTensor).map(([, tensor]) => tensor);

/** The same tree with other tensors, taken in order. */
function refill<T>(tree: T, tensors: readonly Tensor[]): T {
  let at = 0;
  return mapTree(tree, isTensor, () => tensors[at++] as Tensor) as T;
}

let scopes = 0;

/**
 * Apply `step` along the first axis of the inputs. The step gets a state, the inputs' slices at t and, where it asks for
 * a third argument, the outputs of earlier steps; it returns the next state and an output, both trees of tensors.
 * Returns the final state and the outputs (T, ...).
 */
export function scan<State, Inputs, Output>(
  step: (state: State, input: Inputs, past: Past<Output>) => readonly [State, Output],
  options: ScanOptions<State, Inputs> & HistoryOption<Output>,
): { final: State; outputs: Output } {
  const { init, inputs, history = init } = options;
  const initial = tensorsOf(init);
  const sequences = tensorsOf(inputs);
  const length = lengthOf(sequences);
  const { checkpoint, lengths, reverse = false } = options;
  if (checkpoint !== undefined && (!Number.isInteger(checkpoint) || checkpoint < 1)) {
    throw new ShapeError(`scan: checkpoint ${checkpoint} given, a positive number of steps expected`);
  }
  if (checkpoint === undefined || (typeof length === "number" && length <= checkpoint)) {
    const time = lengths ? [range(length)] : [];
    const traced = trace<Output>({
      init: initial,
      sequences: [...sequences, ...time],
      length,
      reverse,
      history,
      step(states, slices, past) {
        const [next, output] = step(refill(init, states), refill(inputs, slices), past);
        const t = slices[sequences.length];
        const open = lengths && t ? t.less(lengths) : undefined;
        return [
          maskedStates(init, next, states, open),
          mapTensors(output, (out) => masked(out, zerosLike(out), open)) as Output,
        ];
      },
    });
    return { final: refill(init, traced.final), outputs: traced.outputs };
  }
  return chunked(step, { init, inputs, lengths, reverse, checkpoint, length });
}

/** A scan over chunks of steps whose body is a scan over the steps of one chunk. */
function chunked<State, Inputs, Output>(
  step: (state: State, input: Inputs, past: Past<Output>) => readonly [State, Output],
  {
    init,
    inputs,
    lengths,
    reverse,
    checkpoint,
    length,
  }: ScanOptions<State, Inputs> & { checkpoint: number; length: Dimension },
): { final: State; outputs: Output } {
  const chunks = ceilDivide(length, checkpoint);
  const padded = multiplyDimensions(chunks, checkpoint);
  const cut = (sequence: Tensor) =>
    sequence
      .pad(0, 0, subtractDimensions(padded, length))
      .reshape([chunks, checkpoint, ...sequence.shape.slice(1)]);
  const sequences = [...tensorsOf(inputs).map(cut), range(padded).reshape([chunks, checkpoint])];
  const end = sizeTensor(length).convert("int32");
  let form: Output | undefined;
  const traced = trace<Tensor[]>({
    init: tensorsOf(init),
    sequences,
    length: chunks,
    reverse: reverse ?? false,
    recompute: true,
    step(states, slices) {
      const inner = trace<Output>({
        init: states,
        sequences: slices,
        length: checkpoint,
        reverse: reverse ?? false,
        noPast: "scan: a checkpointed scan cannot read its history",
        step(before, at, past) {
          const t = at[at.length - 1] as Tensor;
          const [next, output] = step(refill(init, before), refill(inputs, at), past);
          const inside = padded === length ? undefined : t.less(end);
          const open = lengths ? t.less(lengths) : inside;
          return [
            maskedStates(init, next, before, open),
            mapTensors(output, (out) => masked(out, zerosLike(out), open)) as Output,
          ];
        },
      });
      form = inner.outputs;
      return [inner.final, tensorsOf(inner.outputs)];
    },
  });
  const outputs = tensorsOf(traced.outputs).map((output) => {
    const whole = output.reshape([padded, ...output.shape.slice(2)]);
    return padded === length ? whole : whole.slice(0, 0, length);
  });
  return { final: refill(init, traced.final), outputs: refill(form as Output, outputs) };
}

/** The steps of a scan: the first axis that all its sequences share. */
function lengthOf(sequences: readonly Tensor[]): Dimension {
  const lengths = [...new Set(sequences.map((sequence) => sequence.shape[0]))];
  const [length] = lengths;
  if (lengths.length !== 1 || length === undefined) {
    const shapes = sequences.map(({ shape }) => printShape(shape)).join(", ");
    throw new ShapeError(`scan: inputs (${shapes || "none"}) given, tensors (T, ...) with one T expected`);
  }
  return length;
}

/** `value` where the row is open, else `otherwise`; the condition is (B) over tensors (B, ...), or a scalar. */
function masked(value: Tensor, otherwise: Tensor, open: Tensor | undefined): Tensor {
  if (!open) return value;
  const [batch] = open.shape;
  if (batch !== undefined && value.shape[0] !== batch) {
    throw new ShapeError(
      `scan: lengths ${printShape(open.shape)} given for a state or output ${printShape(value.shape)}`,
    );
  }
  const condition = build.broadcast(
    open.node,
    value.shape,
    open.shape.map((_, axis) => axis),
  );
  return where(new Tensor(condition), value, otherwise);
}

function maskedStates(
  init: unknown,
  next: unknown,
  states: readonly Tensor[],
  open: Tensor | undefined,
): Tensor[] {
  const names = leaves(init, isTensor).map(([path]) => path);
  const after = leaves(next, isTensor);
  if (after.map(([path]) => path).join() !== names.join()) {
    const given = after.map(([path]) => path || "a tensor").join(", ");
    throw new ShapeError(`scan: the step returns the state {${given}}, {${names.join(", ")}} expected`);
  }
  return after.map(([path, tensor], index) => {
    const state = states[index] as Tensor;
    if (!sameShape(tensor.shape, state.shape) || tensor.dtype !== state.dtype) {
      const name = path === "" ? "" : ` ${path}`;
      throw new ShapeError(
        `scan: state${name} starts as ${printShape(state.shape)} and the step gives ${printShape(tensor.shape)}`,
      );
    }
    return masked(tensor, state, open);
  });
}

function mapTensors(tree: unknown, map: (tensor: Tensor) => Tensor): unknown {
  return mapTree(tree, isTensor, map);
}

interface Traced<Output> {
  readonly init: readonly Tensor[];
  readonly sequences: readonly Tensor[];
  readonly length: Dimension;
  readonly reverse: boolean;
  readonly recompute?: boolean;
  /** Tensors like one step's output, as far as is known: what a read of the past gives. */
  readonly history?: unknown;
  /** The message for a step that reads the past where it may not. */
  readonly noPast?: string;
  step(states: Tensor[], slices: Tensor[], past: Past<Output>): readonly [Tensor[], Output];
}

/** Trace a step into a body, close it over what it captures, and build the scan. */
function trace<Output>({
  init,
  sequences,
  length,
  reverse,
  recompute = false,
  noPast,
  step,
}: Traced<Output>) {
  return located(() => {
    scopes += 1;
    const scope = scopes;
    const argument = ({ shape, dtype }: TensorType, index: number) =>
      node("argument", [], { index, scope, shape, dtype });
    const sliceTypes = sequences.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
    const own = [...init, ...sliceTypes].map(argument);
    const tensors = own.map((leaf) => new Tensor(leaf));
    const run = (form: unknown) =>
      step(tensors.slice(0, init.length), tensors.slice(init.length), pastOf<Output>(form, scope, noPast));
    // The form of an output is known once the step ran; a step that reads its history first runs on a guess.
    let form = history;
    let [next, output] = run(form);
    for (
      let attempt = 0;
      attempt < 4 && readsPast(output, next, scope) && !sameForm(form, output);
      attempt += 1
    ) {
      form = output;
      [next, output] = run(form);
    }
    const outputs = tensorsOf(output);
    const results = [...next, ...outputs].map((tensor) => tensor.node);
    const captured = captures(results, scope);
    const parts: BodyParts = {
      states: own.slice(0, init.length).map(typeOf),
      sequences: own.slice(init.length).map(typeOf),
      captures: captured.map(typeOf),
      inboxes: [],
      next: [],
      outputs: [],
      sends: [],
    };
    const closedArguments = bodyArguments(parts);
    const known = new Map<Node, Node>(
      [...own, ...captured].map((leaf, index) => [leaf, closedArguments[index] as Node]),
    );
    const closed = rebuild(results, (rebuilt) => closePast(rebuilt, scope), known);
    const built = build.scan({
      body: { ...parts, next: closed.slice(0, init.length), outputs: closed.slice(init.length) },
      length,
      reverse,
      recompute,
      init: init.map((tensor) => tensor.node),
      sequences: sequences.map((tensor) => tensor.node),
      captures: captured,
    });
    const result = (index: number) => new Tensor(scanOutput(built, index));
    return {
      final: init.map((_, index) => result(index)),
      outputs: refill(
        output,
        outputs.map((_, index) => result(init.length + index)),
      ),
    };
  });
}

const typeOf = ({ shape, dtype }: TensorType): TensorType => ({ shape, dtype });

/** Reads of the past stand in the graph as leaves of the scope; closing gives them the finished body's. */
function closePast(rebuilt: Node, scope: number): Node {
  return isOp(rebuilt, "past") && rebuilt.attributes.scope === scope
    ? node("past", rebuilt.inputs, { ...rebuilt.attributes, scope: 0 })
    : rebuilt;
}

function pastOf<Output>(form: unknown, scope: number, refusal: string | undefined): Past<Output> {
  const read = (inputs: readonly Tensor[], distance: number): Output => {
    if (refusal) throw new ShapeError(refusal);
    if (tensorsOf(form).length === 0) {
      throw new ShapeError(
        "scan: a step without a state reads its past; `history` is expected, tensors like its output",
      );
    }
    let output = 0;
    return mapTree(form, isTensor, (tensor: Tensor) => {
      const index = inputs.map((input) => expand(input.node, tensor.shape.slice(0, 1)));
      const read = node("past", index, { output, distance, scope, shape: tensor.shape, dtype: tensor.dtype });
      output += 1;
      return new Tensor(read);
    }) as Output;
  };
  return {
    back(distance) {
      if (!Number.isInteger(distance) || distance < 1) {
        throw new ShapeError(`scan: past.back(${distance}) given, a positive number of steps expected`);
      }
      return read([], distance);
    },
    at: (index) => read([index], 0),
  };
}

function readsPast(output: unknown, next: readonly Tensor[], scope: number): boolean {
  const results = [...tensorsOf(output), ...next].map((tensor) => tensor.node);
  return topologicalOrder(results).some(
    (candidate) => isOp(candidate, "past") && candidate.attributes.scope === scope,
  );
}

/** Whether two trees of tensors have the same paths, shapes and dtypes. */
function sameForm(a: unknown, b: unknown): boolean {
  const describe = (tree: unknown) =>
    leaves(tree, isTensor)
      .map(([path, { shape, dtype }]) => `${path}:${dtype}${printShape(shape)}`)
      .join();
  return describe(a) === describe(b);
}

/** What a step takes from outside: the outermost nodes that no step changes. Numbers and sizes stay inside. */
function captures(results: readonly Node[], scope: number): Node[] {
  const isOwn = (candidate: Node) =>
    (isOp(candidate, "argument") || isOp(candidate, "past")) && candidate.attributes.scope === scope;
  const inside = dependents(results, isOwn);
  const fromOutside = dependents(
    results,
    ({ op, inputs }) => inputs.length === 0 && op !== "constant" && op !== "dimension",
  );
  const found = new Set<Node>();
  const visit = (candidate: Node) => {
    if (inside.has(candidate) || !fromOutside.has(candidate)) candidate.inputs.forEach(visit);
    else found.add(candidate);
  };
  results.forEach(visit);
  return [...found].sort((a, b) => a.id - b.id);
}
