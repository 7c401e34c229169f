/** One layer of a recurrent network in one direction: its cell along time, or for one step. */

import type { Dimension } from "../../graph/dimension.ts";
import type { Node } from "../../graph/node.ts";
import { where, zeros } from "../../trace/functions.ts";
import {
  ENDED,
  isObserved,
  type ObservedPlace,
  observed,
  observedThrough,
  tell,
} from "../../trace/observation.ts";
import type { Keys } from "../../trace/randomness.ts";
import { scan } from "../../trace/scan.ts";
import type { Past } from "../../trace/step.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type StepContext, type Tensors } from "../cell.ts";
import { isWithin } from "../lengths.ts";
import { MEMORY_STEPS, type Memory, sizesFor } from "../memory.ts";
import type { SizedCell } from "../sized-cell.ts";
import {
  pastAfterStep,
  pastAfterWindow,
  type Reach,
  readBackwards,
  readBefore,
  stateBack,
  statesBefore,
} from "./history.ts";
import { drawMasks, type Masks, maskProducts, type Regularization, zoneOut } from "./regularization.ts";
import { asShown, rowsFirst, shownBefore } from "./shown.ts";

export interface Pass<State extends string, Weight extends string> {
  readonly reverse: boolean;
  readonly cell: SizedCell<State, Weight>;
  readonly variables: Tensors<Weight>;
  readonly regularization: Regularization<State>;
  /** Whose pass it is, for those who look inside. */
  readonly place: ObservedPlace;
}

/** The cell's state, (B, size) each, and `past` where it reads further back than that. */
export interface PassState<State extends string> {
  readonly state: Tensors<State>;
  readonly past: Tensor | undefined;
}

export interface PassCall<State extends string> {
  readonly init: PassState<State>;
  readonly lengths: Tensor | undefined;
  readonly memory?: Memory | undefined;
  readonly keys: Keys | undefined;
  readonly checkpoint: number | undefined;
}

/** What a pass gives for a sequence, or for one step. */
export interface PassResult<State extends string> {
  /** (T, B, outputSize), or (B, outputSize). */
  readonly outputs: Tensor;
  readonly final: PassState<State>;
  /** (T, ...) each, or of the step. */
  readonly shown: Tensors<string>;
}

/** A cell's state and reach, with the memory's steps as they are in a call. */
function reachOf<State extends string>(
  { state, distances }: SizedCell<State, string>,
  memory: Memory | undefined,
): Reach<State> {
  return { state: sizesFor("recurrent", state, memory?.values.size(0)), distances };
}

/** x (T, B, I) to the outputs and the final state. */
export function runPass<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  call: PassCall<State>,
): PassResult<State> {
  const masks = drawMasks(
    pass.regularization,
    pass.cell,
    pass.variables,
    { steps: x.size(0), batch: x.size(1), memorySteps: call.memory?.values.size(0) },
    call.keys,
  );
  const read = observedInput(pass.place, x, call.lengths);
  const input = masks.input ? read.mul(masks.input) : read;
  return call.init.past
    ? alongHistory(pass, input, masks, call, call.init.past)
    : alongTime(pass, input, masks, call);
}

/** One step: x (B, I). */
export function stepPass<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  { state, past }: PassState<State>,
  { memory, keys }: Pick<PassCall<State>, "memory" | "keys">,
): PassResult<State> {
  const { cell, regularization, variables } = pass;
  const reach = reachOf(cell, memory);
  const masks = drawMasks(
    regularization,
    cell,
    variables,
    { steps: 1, batch: x.size(0), memorySteps: memory?.values.size(0) },
    keys,
  );
  const { weights } = masks;
  const read = observed({ ...inputOf(pass.place), stepAxes: 0 }, x);
  const { next, shown } = advance(pass, state, masks.input ? read.mul(masks.input) : read, {
    weights,
    mask: masks.state,
    candidates: masks.candidates.map((candidate) => candidate.at(0, 0)),
    zoneout: mapRecord(masks.zoneout as Tensors<State>, (noise) => noise.at(0, 0)),
    past: past && ((distance) => stateBack(reach, past, distance)),
    memory,
  });
  return {
    outputs: outputOf(pass, next, weights),
    final: { state: next, past: past && pastAfterStep(reach, state, past) },
    shown,
  };
}

function alongTime<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  { weights, state: mask, candidates, zoneout }: Masks<State, Weight>,
  { init, lengths, memory, checkpoint }: PassCall<State>,
): PassResult<State> {
  const { cell, reverse } = pass;
  const { final, outputs } = scan(
    (before: Tensors<State>, slice) => {
      const { next, shown } = advance(pass, before, slice.x, { weights, mask, memory, ...slice });
      return [next, { output: outputOf(pass, next, weights), shown: rowsFirst(cell, shown) }] as const;
    },
    { init: init.state, inputs: { x, candidates, zoneout }, lengths, reverse, checkpoint },
  );
  return {
    outputs: outputs.output,
    final: { state: final, past: undefined },
    shown: asShown(cell, outputs.shown),
  };
}

/** For cells that read further back, also to before the window. Reverse is forward along rows read backwards. */
function alongHistory<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  { weights, state: mask, candidates, zoneout }: Masks<State, Weight>,
  { init, lengths, memory, checkpoint }: PassCall<State>,
  past: Tensor,
): PassResult<State> {
  const { cell } = pass;
  const reach = reachOf(cell, memory);
  const turn = (sequence: Tensor) => (pass.reverse ? readBackwards(sequence, lengths) : sequence);
  const early = statesBefore(reach, init.state, past);
  const before = Object.fromEntries(
    cell.distances.map((distance) => [
      distance,
      mapRecord(early, (states) => readBefore(states, distance, x.size(0))),
    ]),
  );
  const batch = x.size(1);
  const history = {
    state: mapRecord(reach.state, (size) => zeros([batch, size])),
    besides: cell.outputPart === undefined ? [zeros([batch, cell.outputSize])] : [],
    shown: shownBefore(cell, batch, memory?.values.size(0)),
  };
  const { final, outputs } = observedThrough({ see: turn, inwards: turn }, () =>
    scan(
      (state: Tensors<State>, slice, earlier: Past<typeof history>) => {
        const read = (distance: number) => {
          const inside = earlier.back(distance).state;
          return mapRecord(inside, (part, name) =>
            part.add((slice.before[distance] as Tensors<State>)[name]),
          );
        };
        const { next, shown } = advance(pass, state, slice.x, {
          weights,
          mask,
          memory,
          past: read,
          ...slice,
        });
        const besides = cell.outputPart === undefined ? [outputOf(pass, next, weights)] : [];
        return [next, { state: next, besides, shown: rowsFirst(cell, shown) }] as const;
      },
      { init: init.state, inputs: { x: turn(x), before, candidates, zoneout }, lengths, checkpoint, history },
    ),
  );
  return {
    outputs: turn(
      cell.outputPart === undefined ? (outputs.besides[0] as Tensor) : outputs.state[cell.outputPart],
    ),
    final: { state: final, past: pastAfterWindow(reach, early, outputs.state, lengths) },
    shown: asShown(cell, mapRecord(outputs.shown, turn)),
  };
}

/** What a step takes besides the state and x: weights and masks, slices of those that have one for each step. */
interface StepTerms<State extends string, Weight extends string> {
  readonly weights: Tensors<Weight>;
  readonly mask?: Tensors<State> | undefined;
  readonly candidates?: readonly Tensor[];
  readonly zoneout?: Masks<State, Weight>["zoneout"];
  readonly past?: StepContext<State>["past"] | undefined;
  readonly memory?: Memory | undefined;
}

/** The state after one step, regularised, and what the step shows. */
function advance<State extends string, Weight extends string>(
  { cell, regularization, place }: Pass<State, Weight>,
  before: Tensors<State>,
  x: Tensor,
  { weights, mask, candidates = [], zoneout, past, memory }: StepTerms<State, Weight>,
): { next: Record<State, Tensor>; shown: Tensors<string> } {
  const masked = new Map<Node, Node>();
  const noting = (state: Tensors<State>) => {
    if (mask) mapRecord(state, (part, name) => masked.set(part.node, part.mul(mask[name]).node));
    return state;
  };
  let drops = 0;
  const shown: Record<string, Tensor> = {};
  const after = cell.step(weights, noting(before), x, {
    past: past && ((distance) => noting(past(distance))),
    drop(candidate) {
      const kept = candidates[drops++];
      return kept ? candidate.mul(kept) : candidate;
    },
    show(name, tensor) {
      shown[name] = tensor;
      return tensor;
    },
    ...(memory && { memory }),
  });
  const [state, seen] = mask ? maskProducts([after, shown], masked) : [after, shown];
  for (const [name, tensor] of Object.entries(isObserved() ? rowsFirst(cell, seen) : {})) {
    const kind = cell.shown[name]?.shape.includes(MEMORY_STEPS) ? "attention" : "gate";
    tell({ place, name, kind, stepAxes: 0 }, () => tensor);
  }
  const next = mapRecord(zoneOut(regularization, before, state, zoneout), (part, name) =>
    observed({ place, name, kind: "state", stepAxes: 0 }, part),
  );
  return { next, shown: seen };
}

/** What the cell puts out of a state, told where it is no part of that. */
function outputOf<State extends string, Weight extends string>(
  { cell, place }: Pass<State, Weight>,
  state: Tensors<State>,
  weights: Tensors<Weight>,
): Tensor {
  const output = cell.output(state, weights);
  if (cell.outputPart === undefined)
    tell({ place, name: "output", kind: "output", stepAxes: 0 }, () => output);
  return output;
}

const inputOf = (place: ObservedPlace) => ({ place, name: "input", kind: "input" }) as const;

/** What a pass reads, (T, B, I), told as far as rows go. */
export function observedInput(place: ObservedPlace, x: Tensor, lengths: Tensor | undefined): Tensor {
  if (!isObserved()) return x;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const isOpen = lengths && isWithin(lengths, steps).reshape([steps, batch, 1]);
  return observedThrough({ see: (tensor) => (isOpen ? where(isOpen, tensor, ENDED) : tensor) }, () =>
    observed({ ...inputOf(place), stepAxes: 1 }, x),
  );
}
