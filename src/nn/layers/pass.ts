/** One layer of a recurrent network in one direction: its cell along time, or for one step. */

import type { Node } from "../../graph/node.ts";
import { zeros } from "../../trace/functions.ts";
import type { Keys } from "../../trace/randomness.ts";
import { scan } from "../../trace/scan.ts";
import type { Past } from "../../trace/step.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type SizedCell, type StepContext, type Tensors } from "../cell.ts";
import {
  pastAfterStep,
  pastAfterWindow,
  readBackwards,
  readBefore,
  stateBack,
  statesBefore,
} from "./history.ts";
import { drawMasks, type Masks, maskProducts, type Regularization, zoneOut } from "./regularization.ts";

export interface Pass<State extends string, Weight extends string> {
  readonly reverse: boolean;
  readonly cell: SizedCell<State, Weight>;
  readonly variables: Tensors<Weight>;
  readonly regularization: Regularization<State>;
}

/** The cell's state, (B, size) each, and `past` where it reads further back than that. */
export interface PassState<State extends string> {
  readonly state: Tensors<State>;
  readonly past: Tensor | undefined;
}

export interface PassCall<State extends string> {
  readonly init: PassState<State>;
  readonly lengths: Tensor | undefined;
  readonly keys: Keys | undefined;
  readonly checkpoint: number | undefined;
}

/** x (T, B, I) to the outputs (T, B, outputSize) and the final state. */
export function runPass<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  call: PassCall<State>,
): { outputs: Tensor; final: PassState<State> } {
  const masks = drawMasks(
    pass.regularization,
    pass.cell,
    pass.variables,
    { steps: x.size(0), batch: x.size(1) },
    call.keys,
  );
  const input = masks.input ? x.mul(masks.input) : x;
  return call.init.past
    ? alongHistory(pass, input, masks, call, call.init.past)
    : alongTime(pass, input, masks, call);
}

/** One step: x (B, I). */
export function stepPass<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  { state, past }: PassState<State>,
  keys: Keys | undefined,
): { output: Tensor; next: PassState<State> } {
  const { cell, regularization, variables } = pass;
  const masks = drawMasks(regularization, cell, variables, { steps: 1, batch: x.size(0) }, keys);
  const { weights } = masks;
  const next = advance(pass, state, masks.input ? x.mul(masks.input) : x, {
    weights,
    mask: masks.state,
    candidates: masks.candidates.map((candidate) => candidate.at(0, 0)),
    zoneout: mapRecord(masks.zoneout as Tensors<State>, (noise) => noise.at(0, 0)),
    past: past && ((distance) => stateBack(cell, past, distance)),
  });
  return {
    output: cell.output(next, weights),
    next: { state: next, past: past && pastAfterStep(cell, state, past) },
  };
}

function alongTime<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  { weights, state: mask, candidates, zoneout }: Masks<State, Weight>,
  { init, lengths, checkpoint }: PassCall<State>,
): { outputs: Tensor; final: PassState<State> } {
  const { final, outputs } = scan(
    (before: Tensors<State>, slice) => {
      const next = advance(pass, before, slice.x, { weights, mask, ...slice });
      return [next, pass.cell.output(next, weights)] as const;
    },
    { init: init.state, inputs: { x, candidates, zoneout }, lengths, reverse: pass.reverse, checkpoint },
  );
  return { outputs, final: { state: final, past: undefined } };
}

/** For cells that read further back, also to before the window. Reverse is forward along rows read backwards. */
function alongHistory<State extends string, Weight extends string>(
  pass: Pass<State, Weight>,
  x: Tensor,
  { weights, state: mask, candidates, zoneout }: Masks<State, Weight>,
  { init, lengths, checkpoint }: PassCall<State>,
  past: Tensor,
): { outputs: Tensor; final: PassState<State> } {
  const { cell } = pass;
  const turn = (sequence: Tensor) => (pass.reverse ? readBackwards(sequence, lengths) : sequence);
  const early = statesBefore(cell, init.state, past);
  const before = Object.fromEntries(
    cell.distances.map((distance) => [
      distance,
      mapRecord(early, (states) => readBefore(states, distance, x.size(0))),
    ]),
  );
  const batch = x.size(1);
  const history = {
    state: mapRecord(cell.state, (size) => zeros([batch, size])),
    besides: cell.shown === undefined ? [zeros([batch, cell.outputSize])] : [],
  };
  const { final, outputs } = scan(
    (state: Tensors<State>, slice, earlier: Past<typeof history>) => {
      const read = (distance: number) => {
        const inside = earlier.back(distance).state;
        return mapRecord(inside, (part, name) => part.add((slice.before[distance] as Tensors<State>)[name]));
      };
      const next = advance(pass, state, slice.x, { weights, mask, past: read, ...slice });
      const besides = cell.shown === undefined ? [cell.output(next, weights)] : [];
      return [next, { state: next, besides }] as const;
    },
    { init: init.state, inputs: { x: turn(x), before, candidates, zoneout }, lengths, checkpoint, history },
  );
  return {
    outputs: turn(cell.shown === undefined ? (outputs.besides[0] as Tensor) : outputs.state[cell.shown]),
    final: { state: final, past: pastAfterWindow(cell, early, outputs.state, lengths) },
  };
}

/** What a step takes besides the state and x: weights and masks, slices of those that have one for each step. */
interface StepTerms<State extends string, Weight extends string> {
  readonly weights: Tensors<Weight>;
  readonly mask?: Tensors<State> | undefined;
  readonly candidates?: readonly Tensor[];
  readonly zoneout?: Masks<State, Weight>["zoneout"];
  readonly past?: StepContext<State>["past"] | undefined;
}

/** The state after one step, regularised. */
function advance<State extends string, Weight extends string>(
  { cell, regularization }: Pass<State, Weight>,
  before: Tensors<State>,
  x: Tensor,
  { weights, mask, candidates = [], zoneout, past }: StepTerms<State, Weight>,
): Record<State, Tensor> {
  const masked = new Map<Node, Node>();
  const noting = (state: Tensors<State>) => {
    if (mask) mapRecord(state, (part, name) => masked.set(part.node, part.mul(mask[name]).node));
    return state;
  };
  let drops = 0;
  const after = cell.step(weights, noting(before), x, {
    past: past && ((distance) => noting(past(distance))),
    drop(candidate) {
      const kept = candidates[drops++];
      return kept ? candidate.mul(kept) : candidate;
    },
  });
  return zoneOut(regularization, before, mask ? maskProducts(after, masked) : after, zoneout);
}
