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
import * as build from "../graph/build.ts";
import {
  ceilDivide,
  type Dimension,
  multiplyDimensions,
  printShape,
  sameShape,
  subtractDimensions,
} from "../graph/dimension.ts";
import { range, where, zerosLike } from "./functions.ts";
import { checkedStep } from "./scan-checks.ts";
import { isTensor, type Past, refill, tensorsOf, traceStep } from "./step.ts";
import { located, sizeTensor, Tensor } from "./tensor.ts";
import { leaves, mapTree } from "./tree.ts";

export interface ScanOptions<State, Inputs> {
  /** The state before the first step: a tree of tensors. */
  readonly init: State;
  /** What the steps read: a tree of tensors (T, ...), sliced along the first axis. */
  readonly inputs: Inputs;
  /** int32 (B): rows of state and output after their length keep still and put out zeros. */
  readonly lengths?: Tensor | undefined;
  /** The number of steps, where there are no inputs to tell it. */
  readonly length?: Dimension | undefined;
  /** From the last step to the first; with lengths each row starts at its own last element. */
  readonly reverse?: boolean | undefined;
  /** Save the state every so many steps only, and recompute between when differentiating. */
  readonly checkpoint?: number | undefined;
}

/**
 * Apply `step` along the first axis of the inputs. The step gets a state, the inputs' slices at t and, where
 * `history` gives tensors like one step's output, the outputs of earlier steps; it returns the next state and an output, both trees of tensors.
 * Returns the final state and the outputs (T, ...).
 */
export function scan<State, Inputs, Output>(
  step: (state: State, input: Inputs, past: Past<Output>) => readonly [State, Output],
  options: ScanOptions<State, Inputs> & { readonly history: Output },
): { final: State; outputs: Output };
export function scan<State, Inputs, Output>(
  step: (state: State, input: Inputs) => readonly [State, Output],
  options: ScanOptions<State, Inputs>,
): { final: State; outputs: Output };
export function scan<State, Inputs, Output>(
  given: (state: State, input: Inputs, past: Past<Output>) => readonly [State, Output],
  options: ScanOptions<State, Inputs> & { readonly history?: Output },
): { final: State; outputs: Output } {
  const step = checkedStep(given, options);
  const { init, inputs, history } = options;
  const initial = tensorsOf(init);
  const sequences = tensorsOf(inputs);
  const { checkpoint, lengths, reverse = false } = options;
  const length = located(() => {
    if (checkpoint !== undefined && (!Number.isInteger(checkpoint) || checkpoint < 1))
      throw new ShapeError(`scan: checkpoint ${checkpoint} given, a positive number of steps expected`);
    if (checkpoint !== undefined && history !== undefined)
      throw new ShapeError("scan: a checkpointed scan cannot read its history");
    return lengthOf(sequences, options.length);
  });
  if (checkpoint === undefined || (typeof length === "number" && length <= checkpoint)) {
    const time = lengths ? [range(length)] : [];
    const traced = traceStep<Output>({
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
  const traced = traceStep<Tensor[]>({
    init: tensorsOf(init),
    sequences,
    length: chunks,
    reverse: reverse ?? false,
    recompute: true,
    step(states, slices) {
      const inner = traceStep<Output>({
        init: states,
        sequences: slices,
        length: checkpoint,
        reverse: reverse ?? false,
        step(before, at) {
          const t = at[at.length - 1] as Tensor;
          const [next, output] = step(refill(init, before), refill(inputs, at), undefined as never);
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
function lengthOf(sequences: readonly Tensor[], given: Dimension | undefined): Dimension {
  const lengths = [...new Set([given ?? [], sequences.map((sequence) => sequence.shape[0])].flat())];
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
