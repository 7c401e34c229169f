/**
 * scan: apply a step along time. Its meaning is this loop, rows b of the batch and steps t:
 *
 *     state = init
 *     for t in 0..T-1 (T-1..0 when reverse):
 *         next, out = step(state, inputs[t])
 *         state[b] = t < lengths[b] ? next[b] : state[b]
 *         outputs[t][b] = t < lengths[b] ? out[b] : 0
 *
 * Lengths and checkpoints are compositions: the graph knows the plain loop alone. Where a row is not open, its step runs
 * on what its first one had (`open-steps.ts`), so that what stands there reaches neither results nor gradients.
 */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import {
  ceilDivide,
  type Dimension,
  multiplyDimensions,
  printShape,
  type Shape,
  sameShape,
  subtractDimensions,
} from "../graph/dimension.ts";
import { expectWithin } from "./expectation.ts";
import { full, range, zerosLike } from "./functions.ts";
import { readShape } from "./number.ts";
import { ENDED, type Observed, observedThrough } from "./observation.ts";
import { masked, onlyOpen, openInputs } from "./open-steps.ts";
import { isRandom, withinStep } from "./randomness.ts";
import { areOfRows } from "./row-sequences.ts";
import { checkedStep } from "./scan-checks.ts";
import { isTensor, type Past, refill, tensorsOf, traceStep } from "./step.ts";
import { located, sizeTensor, type Tensor } from "./tensor.ts";
import { leaves, mapTree } from "./tree.ts";

export interface ScanOptions<State, Inputs> {
  /** The state before the first step: a tree of tensors. */
  readonly init: State;
  /** What the steps read: a tree of tensors (T, ...), sliced along the first axis; with lengths those (T, B, ...) are rows'. */
  readonly inputs: Inputs;
  /**
   * int32 (B): rows of state and output after their length keep still and put out zeros. Whatever the inputs hold there,
   * NaN included, reaches neither results nor gradients.
   */
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
  const { inputs, history } = options;
  const sequences = tensorsOf(inputs);
  const { checkpoint, lengths, reverse = false } = options;
  const length = located(() => {
    if (checkpoint !== undefined && (!Number.isInteger(checkpoint) || checkpoint < 1))
      throw new ShapeError(
        `scan: checkpoint ${printGiven(checkpoint)} given, a positive number of steps expected`,
      );
    if (checkpoint !== undefined && history !== undefined)
      throw new ShapeError("scan: a checkpointed scan cannot read its history");
    return lengthOf(sequences, options.length);
  });
  if (lengths) expectWithin(lengths, 0, length);
  const chunk =
    checkpoint === undefined || (typeof length === "number" && length <= checkpoint) ? 0 : checkpoint;
  return chunk === 0
    ? plain(step, { ...options, lengths, reverse, length })
    : chunked(step, { ...options, lengths, reverse, length, checkpoint: chunk });
}

type Stepper<State, Inputs, Output> = (
  state: State,
  input: Inputs,
  past: Past<Output>,
) => readonly [State, Output];

interface Parts<State, Inputs, Output> extends ScanOptions<State, Inputs> {
  readonly length: Dimension;
  readonly reverse: boolean;
  readonly history?: Output | undefined;
}

/** One scan over all steps. */
function plain<State, Inputs, Output>(
  step: Stepper<State, Inputs, Output>,
  { init, inputs, lengths, reverse, length, history }: Parts<State, Inputs, Output>,
): { final: State; outputs: Output } {
  const initial = tensorsOf(init);
  const areRows = areOfRows(step, { init, inputs, history }, lengths?.shape[0]);
  const sequences = openInputs(tensorsOf(inputs), { lengths, length, reverse, areRows });
  const counts = lengths !== undefined || isRandom();
  const traced = traceStep<Output>({
    init: initial,
    sequences: counts ? [...sequences, range(length)] : sequences,
    length,
    reverse,
    history,
    step(states, slices, past) {
      const t = slices[sequences.length];
      const open = lengths && t?.less(lengths);
      return maskedStep(step, { init, inputs, initial, states, slices, t, open, past });
    },
  });
  return { final: refill(init, traced.final), outputs: traced.outputs };
}

/** A scan over chunks of steps whose body is a scan over the steps of one chunk. */
function chunked<State, Inputs, Output>(
  step: Stepper<State, Inputs, Output>,
  {
    init,
    inputs,
    lengths,
    reverse,
    checkpoint,
    length,
  }: Parts<State, Inputs, Output> & { readonly checkpoint: number },
): { final: State; outputs: Output } {
  const chunks = ceilDivide(length, checkpoint);
  const padded = multiplyDimensions(chunks, checkpoint);
  const initial = tensorsOf(init);
  const cut = (sequence: Tensor) => sequence.reshape([chunks, checkpoint, ...sequence.shape.slice(1)]);
  const areRows = areOfRows(step, { init, inputs }, lengths?.shape[0]);
  const sequences = openInputs(tensorsOf(inputs), { lengths, length, reverse, padded, areRows });
  const end = sizeTensor(length).convert("int32");
  const joined = (steps: Tensor) => {
    const whole = steps.reshape([padded, ...steps.shape.slice(2)]);
    return padded === length ? whole : whole.slice(0, 0, length);
  };
  const passage = {
    see: joined,
    outside: (shape: Shape) => [length, ...shape.slice(2)],
    inwards: (zeros: Tensor) => cut(zeros.pad(0, 0, subtractDimensions(padded, length))),
    told: (what: Observed) => ({ ...what, stepAxes: what.stepAxes - 1 }),
  };
  let form: Output | undefined;
  const traced = observedThrough(passage, () =>
    traceStep<Tensor[]>({
      init: initial,
      sequences: [...sequences, range(padded)].map(cut),
      length: chunks,
      reverse,
      recompute: true,
      step(states, slices) {
        const inner = traceStep<Output>({
          init: states,
          sequences: slices,
          length: checkpoint,
          reverse,
          step(before, at, past) {
            const t = at[at.length - 1] as Tensor;
            const inside = padded === length ? undefined : t.less(end);
            const open = lengths ? t.less(lengths) : inside;
            return maskedStep(step, { init, inputs, initial, states: before, slices: at, t, open, past });
          },
        });
        form = inner.outputs;
        return [inner.final, tensorsOf(inner.outputs)];
      },
    }),
  );
  return {
    final: refill(init, traced.final),
    outputs: refill(form as Output, tensorsOf(traced.outputs).map(joined)),
  };
}

interface StepParts<State, Inputs, Output> {
  readonly init: State;
  readonly inputs: Inputs;
  readonly initial: readonly Tensor[];
  readonly states: readonly Tensor[];
  readonly slices: readonly Tensor[];
  readonly t: Tensor | undefined;
  readonly open: Tensor | undefined;
  readonly past: Past<Output>;
}

/** One step, which leaves rows that are not open as they are. */
function maskedStep<State, Inputs, Output>(
  step: Stepper<State, Inputs, Output>,
  { init, inputs, initial, states, slices, t, open, past }: StepParts<State, Inputs, Output>,
): readonly [Tensor[], Output] {
  const before = states.map((state, index) => masked(state, (initial[index] as Tensor).stopGradient(), open));
  const passage = { see: (tensor: Tensor) => openRows(tensor, open) };
  const [next, output] = withinStep(t, () =>
    observedThrough(passage, () => step(refill(init, before), refill(inputs, slices), onlyOpen(past, open))),
  );
  return [
    maskedStates(init, next, states, open),
    mapTensors(output, (out) => masked(out, zerosLike(out), open)) as Output,
  ];
}

/** What is seen of a step, (B, ...): ENDED in rows that are not open. */
function openRows(tensor: Tensor, open: Tensor | undefined): Tensor {
  const isOfRows = open && (open.shape.length === 0 || tensor.shape[0] === open.shape[0]);
  if (!isOfRows || tensor.dtype !== "float32") return tensor;
  return masked(tensor, full(ENDED, tensor.shape), open);
}

/** The steps of a scan: the first axis that all its sequences share. */
function lengthOf(sequences: readonly Tensor[], given: Dimension | undefined): Dimension {
  const lengths = [
    ...new Set(
      [
        readShape("scan", given === undefined ? [] : [given]),
        sequences.map((sequence) => sequence.shape[0]),
      ].flat(),
    ),
  ];
  const [length] = lengths;
  if (lengths.length !== 1 || length === undefined) {
    const shapes = sequences.map(({ shape }) => printShape(shape)).join(", ");
    throw new ShapeError(`scan: inputs (${shapes || "none"}) given, tensors (T, ...) with one T expected`);
  }
  return length;
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
