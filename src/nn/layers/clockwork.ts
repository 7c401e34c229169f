/**
 * A clockwork network: groups of units that update at their own rates, slower groups feeding faster ones. Since no group
 * reads a faster one, each runs along its own updates alone, the slowest first; what faster ones read of it is held.
 */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { ceilDivide, type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { concat, join, range, stack, where, zeros } from "../../trace/functions.ts";
import { foldKey } from "../../trace/randomness.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { type Cell, checkCell, mapRecord } from "../cell.ts";
import type { Scheme } from "../initializers.ts";
import { memoryOf } from "../memory.ts";
import { sizedCell } from "../sized-cell.ts";
import { checkInput, checkSize } from "./layer.ts";
import { type RecurrentState, recurrent } from "./recurrent.ts";
import { type RegularizationOptions, regularizationNames } from "./regularization.ts";
import {
  checkLengths,
  checkState,
  type SequenceCall,
  type SequenceLayer,
  sequenceCallNames,
  stepCallNames,
} from "./sequence-layer.ts";

export interface ClockworkOptions<State extends string = string> extends RegularizationOptions<State> {
  /** The steps from one update of a group to the next, for each group: positive integers, each larger than the one before. */
  readonly periods: readonly number[];
  /** How the weights start: see `cellInitializer`. Default "default", as in PyTorch. */
  readonly initialize?: Scheme | undefined;
}

/**
 * The states of the groups side by side, (1, B, size) for each part of the cell's, the fastest group first; and `wait`
 * (1, B, groups), the steps until each group's next update. So a sequence may be cut in windows anywhere.
 */
export type ClockworkState<State extends string> = Readonly<Record<State | "wait", Tensor>>;

/** The weights' names start with the number of the group: `0.weight_ih_l0`. */
export type Clockwork<State extends string> = SequenceLayer<ClockworkState<State>>;

/**
 * `hidden` units in groups of equal size, one for each period. At step t = 0, 1, ... the groups whose periods divide t are
 * updated, the others stay as they are. Each group is a cell. Its input is x_t and, side by side, what the slower groups showed
 * at t - 1, beginning with the next slower one. The output is what all groups show at t, the fastest first: (T, B, hidden) for a
 * cell that shows h.
 *
 *     const rhythm = clockwork(rnn, 8, 64, { periods: [1, 2, 4, 8] });
 *
 * Koutnik et al., "A clockwork RNN", 2014. A group of period p takes T / p steps: less work than a full network's.
 * Throws UsageError for periods that are not increasing positive integers, and a hidden size that is no multiple of their number.
 */
export function clockwork<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  input: number,
  hidden: number,
  given: ClockworkOptions<NoInfer<State>>,
): Clockwork<State> {
  checkCell("clockwork", cell);
  const name = `clockwork(${cell.name})`;
  checkOptions(name, given, {
    periods: "a list of positive integers",
    initialize: true,
    ...regularizationNames,
  });
  checkSize(name, "input size", input);
  checkSize(name, "hidden size", hidden);
  checkPeriods(name, given.periods);
  const size = groupSize(name, hidden, given.periods.length);
  const groups = groupsOf(cell, input, size, given);
  const [{ layer: fastest, widths }] = groups as [Group<State>];
  const stateShapes = <Batch extends Dimension>(batch: Batch) => ({
    ...mapRecord(widths, (width) => [1, batch, width * groups.length] as const),
    wait: [1, batch, groups.length] as const,
  });
  const apply = (x: Tensor, call: SequenceCall<ClockworkState<State>> = {}) => {
    checkInput(name, x, input, 3);
    checkOptions(name, call, sequenceCallNames);
    memoryOf(name, call.memory, { size: undefined, batch: x.size(1) });
    if (call.lengths !== undefined) checkLengths(name, call.lengths, x);
    if (call.state !== undefined) checkState(name, call.state, stateShapes(x.size(1)));
    return { ...run(groups, x, call), shown: {} };
  };
  return {
    name,
    weights: Object.fromEntries(groups.map(({ layer }, index) => [index, layer])),
    inputSize: input,
    outputSize: fastest.outputSize * groups.length,
    stateShapes: stateShapes as Clockwork<State>["stateShapes"],
    apply,
    step(x, state, call = {}) {
      checkInput(name, x, input, 2);
      checkOptions(name, call, stepCallNames);
      const result = apply(stack([x]), { state, ...call });
      return { output: result.output.at(0, 0), state: result.state, shown: {} };
    },
  };
}

/** Units that update together. */
interface Group<State extends string> {
  readonly index: number;
  readonly period: number;
  readonly layer: SequenceLayer<RecurrentState<State>>;
  /** The sizes of the parts of the layer's state. */
  readonly widths: Readonly<Record<State, number>>;
  /** What it shows of a state before its first update, zeros unless given: (B, size). */
  shownBefore(state: RecurrentState<State> | undefined, batch: Dimension): Tensor;
}

/** A group of `size` units for each period. The input of each is x beside what all slower groups show. */
function groupsOf<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  input: number,
  size: number,
  { periods, ...options }: ClockworkOptions<State>,
): Group<State>[] {
  const { outputSize } = sizedCell(cell, input, size);
  return periods.map((period, index) => {
    const reads = input + (periods.length - 1 - index) * outputSize;
    const sized = sizedCell(cell, reads, size);
    const layer = recurrent(cell, reads, size, options);
    const weights = mapRecord(sized.weights, (_, weight) => layer.weights[`${weight}_l0`] as Tensor);
    const shapes = layer.stateShapes(1) as Record<State, readonly [number, number, number]>;
    return {
      index,
      period,
      layer,
      widths: mapRecord(shapes, ([, , width]) => width),
      shownBefore(state, batch) {
        const start = mapRecord(
          sized.state,
          (width, part) => state?.[part].at(0, 0) ?? zeros([batch, width]),
        );
        return sized.output(start, weights);
      },
    };
  });
}

/** What a call gives to all groups. */
interface Window<State extends string> {
  /** (T, B, input). */
  readonly x: Tensor;
  readonly call: SequenceCall<ClockworkState<State>>;
  /** int32, where each row ends: (B), or () for all rows. */
  readonly end: Tensor;
  /** int32 (T, 1), the steps. */
  readonly now: Tensor;
  /** int32 (B, groups), the steps until each group's first update. */
  readonly wait: Tensor | undefined;
}

/** A group after its updates. */
interface Ran<State extends string> {
  readonly clock: Clock;
  /** What it shows before its first update and after each: (updates + 1, B, size). */
  readonly shown: Tensor;
  /** What it shows at every step, (T, B, size). */
  readonly output: Tensor;
  readonly state: RecurrentState<State>;
  /** (B), the steps from the end to its next update. */
  readonly wait: Tensor;
}

/** All groups along a sequence (T, B, input), the slowest first. */
function run<State extends string>(
  groups: readonly Group<State>[],
  x: Tensor,
  call: SequenceCall<ClockworkState<State>>,
): { output: Tensor; state: ClockworkState<State> } {
  const { state, lengths } = call;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const end = lengths ?? sizeTensor(steps).convert("int32");
  const wait = state?.wait.at(0, 0).convert("int32");
  const now = column(range(steps));
  const ran: Ran<State>[] = [];
  for (const group of groups.toReversed()) ran.unshift(runGroup(group, ran, { x, call, end, now, wait }));
  const { widths } = groups[0] as Group<State>;
  const output = concat(...ran.map((group) => group.output));
  return {
    output: lengths ? where(now.less(lengths).reshape([steps, batch, 1]), output, 0) : output,
    state: {
      ...mapRecord(widths, (_, part) => concat(...ran.map((group) => group.state[part]))),
      wait: stack([
        stack(
          ran.map((group) => group.wait),
          1,
        ),
      ]),
    },
  };
}

/** One group along its own updates, after the slower ones. */
function runGroup<State extends string>(
  { index, period, layer, widths, shownBefore }: Group<State>,
  slower: readonly Ran<State>[],
  { x, call, end, now, wait }: Window<State>,
): Ran<State> {
  const { state, lengths, key, checkpoint } = call;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const clock = { period, first: period === 1 ? undefined : wait?.at(1, index) };
  const own = state && mapRecord(widths, (width, part) => partOf(state[part], index, width));
  const updates = updateSteps(clock, steps);
  const taken = updatesBefore(clock, end);
  // At the same step a slower group shows this one what it showed before.
  const held = slower.map((other) => atSteps(other.shown, updatesBefore(other.clock, updates)));
  const result = layer.apply(concat(period === 1 ? x : atSteps(x, updates), ...held), {
    state: own,
    lengths: lengths || clock.first ? taken.broadcastTo([batch]) : undefined,
    key: key && foldKey(key, index),
    checkpoint,
  });
  const shown = join([stack([shownBefore(own, batch)]), result.output], 0);
  const next = taken.mul(period).add(clock.first ?? 0);
  return {
    clock,
    shown,
    output: period === 1 ? result.output : atSteps(shown, updatesBefore(clock, now.add(1))),
    state: result.state,
    wait: next.sub(end).convert("float32").broadcastTo([batch]),
  };
}

/** When a group updates: at the steps first, first + period, ... of a window. */
interface Clock {
  readonly period: number;
  /** int32 (B), less than the period; 0 for all rows without it. */
  readonly first: Tensor | undefined;
}

/** The steps of a group's updates, some of which may lie after the window: int32 (updates, B), or (updates, 1) for all rows. */
function updateSteps({ period, first }: Clock, steps: Dimension): Tensor {
  const regular = column(range(ceilDivide(steps, period))).mul(period);
  return first ? regular.add(first) : regular;
}

/** How many updates a group did before steps int32 (n, B), (n, 1), or (B). */
function updatesBefore({ period, first }: Clock, step: Tensor): Tensor {
  if (period === 1) return step;
  const since = first ? step.sub(first) : step;
  // A quotient of whole numbers below 2^24 is not rounded across a whole number.
  return since
    .add(period - 1)
    .convert("float32")
    .div(period)
    .convert("int32");
}

/** Steps of a sequence (T, B, size): int32 (n, B) chosen for each row, or (n, 1) for all, to (n, B, size). Zeros after T. */
function atSteps(sequence: Tensor, step: Tensor): Tensor {
  const [length, batch, size] = sequence.shape as [Dimension, Dimension, Dimension];
  const count = step.size(0);
  if (step.size(1) === 1) return sequence.gather(step.reshape([count]));
  const rows = sequence.reshape([multiplyDimensions(length, batch), size]);
  return rows.gather(step.mul(sizeTensor(batch).convert("int32")).add(range(batch)));
}

/** (n) to (n, 1). */
const column = (list: Tensor) => list.reshape([list.size(0), 1]);

/** The part of group `index` of a state (1, B, groups * width). */
const partOf = (state: Tensor, index: number, width: number) =>
  state.slice(2, index * width, (index + 1) * width);

function groupSize(where: string, hidden: number, groups: number): number {
  const size = hidden / groups;
  if (Number.isInteger(size)) return size;
  throw new UsageError(
    `${where}: hidden size ${hidden} given, a multiple of the number of periods, ${groups}, expected`,
  );
}

function checkPeriods(where: string, periods: readonly number[]): void {
  if (!Array.isArray(periods)) {
    throw new UsageError(
      `${where}: periods ${printGiven(periods)} given, a list of positive integers expected`,
    );
  }
  const fits = periods.every(
    (period, index) =>
      Number.isInteger(period) && period > (index === 0 ? 0 : (periods[index - 1] as number)),
  );
  if (fits && periods.length > 0) return;
  throw new UsageError(
    `${where}: periods [${periods.join(", ")}] given, positive integers, each larger than the one before, expected`,
  );
}
