/** Every model that is measured, by name: cells along time, and networks that are put together of LSTMs. */

import {
  additive,
  cells as builtIn,
  clockwork,
  concat,
  highway,
  parameters,
  recurrent,
  type SequenceLayer,
  stacked,
  type Tensor,
  withAttention,
} from "../../src/index.ts";
import { cells } from "./cells.ts";

export type Model = SequenceLayer<Readonly<Record<string, Tensor>>>;

const { gru, lstm } = builtIn;
const periods = [1, 2, 4, 8];

/** A decoder that attends to as many steps as it takes; what it attends to, (T, B, 2I), is its input twice. */
function attending(input: number, hidden: number): Model {
  const cell = withAttention(gru, additive({ units: hidden }));
  const decoder = recurrent(cell, input, hidden, { memory: 2 * input });
  return { ...decoder, apply: (x, call) => decoder.apply(x, { ...call, memory: { values: concat(x, x) } }) };
}

const networks: Readonly<Record<string, (input: number, hidden: number) => Model>> = {
  "lstm-two-layers": (input, hidden) => recurrent(lstm, input, hidden, { layers: 2 }),
  "lstm-bidirectional": (input, hidden) => recurrent(lstm, input, hidden, { direction: "both" }),
  "lstm-clockwork": (input, hidden) => clockwork(lstm, input, hidden, { periods }),
  "lstm-highway": (input, hidden) =>
    // Its state is a list of such states; nothing here looks into it.
    stacked(recurrent(lstm, input, hidden), highway(recurrent(lstm, hidden, hidden))) as unknown as Model,
  "lstm-layer-norm": (input, hidden) => recurrent(builtIn["lstm-layer-norm"], input, hidden),
  "gru-attention": attending,
};

/** The models that no library is asked for but Rondo. */
export const ownNetworks = ["lstm-clockwork", "lstm-highway", "lstm-layer-norm", "gru-attention"];
/** The networks without a memory, whose work grows with the steps alone. */
export const networkNames = Object.keys(networks).filter((name) => name !== "gru-attention");

/** A new model of that name. */
export function modelOf(name: string, input: number, hidden: number): Model {
  const cell = cells[name];
  const made = cell ? recurrent(cell, input, hidden) : networks[name]?.(input, hidden);
  if (made) return made;
  const known = [...Object.keys(cells), ...Object.keys(networks)];
  throw new Error(`model ${name} given, one of ${known.join(", ")} expected`);
}

/** The weights of a model by the names of their arrays: those of a cell along time have the cell's own. */
export function weightsOf(model: Model) {
  const entries = Object.entries(parameters(model));
  const isSingle = entries.every(([name]) => name.endsWith("_l0"));
  return Object.fromEntries(
    entries.map(([name, variable]) => [isSingle ? name.slice(0, -"_l0".length) : name, variable]),
  );
}

/** The share of the steps at which a weight is multiplied. */
export function shareOfSteps(model: string, weight: string): number {
  return model === "lstm-clockwork" ? 1 / (periods[Number.parseInt(weight, 10)] as number) : 1;
}
