/** The network that says what the next row is expected to be. */

import { cells, dropout, huberLoss, linear, recurrent, type Scheme, type StateOf } from "../../nn/index.ts";
import { float32 } from "../../program/compile.ts";
import { concat } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Form } from "./options.ts";

/** How many numbers a row has: what is watched, and all that the network reads. */
export interface Widths {
  readonly targets: number;
  readonly inputs: number;
}

/** Layers without values: `initialize` or a file gives them. */
export function createNetwork(
  { cell, hidden, layers, dropout: probability }: Form,
  widths: Widths,
  scheme: Scheme,
) {
  const rnn = recurrent(cells[cell], widths.inputs, hidden, {
    layers,
    dropout: layers > 1 ? probability : 0,
    initialize: scheme,
  });
  // The head reads the inputs too: what is linear in them, such as to expect what was last seen, need not be learnt.
  return { rnn, head: linear(rnn.outputSize + widths.inputs, widths.targets, { initialize: scheme }) };
}

export type Network = ReturnType<typeof createNetwork>;
export type NetworkState = StateOf<Network["rnn"]>;

/** One step of a stream: inputs (1, I) and the state to the next state and what is expected (1, D), in spreads from the level. */
export function expectNext({ rnn, head }: Network, x: Tensor, before: NetworkState) {
  const { output, state } = rnn.step(x, before);
  return [state, head.apply(concat(output, x))] as const;
}

/** What is expected after each row: inputs (T, B, I) to (T, B, D), in spreads from the level; of outputs, some may be dropped. */
export function expected({ rnn, head }: Network, x: Tensor, drop = (output: Tensor) => output): Tensor {
  return head.apply(concat(drop(rnn.apply(x).output), x));
}

/** What an update reads: inputs, and what came in spreads from the level, NaN where that does not count. */
export function trainingTypes({ inputs, targets }: Widths) {
  return {
    inputs: float32("T", "B", inputs),
    next: float32("T", "B", targets),
  };
}

/** The loss of windows: Huber's, which single values that lie far out do not rule. */
export function lossOf(
  network: Network,
  { dropout: probability }: Form,
  given: { readonly inputs: Tensor; readonly next: Tensor },
): Tensor {
  const found = expected(network, given.inputs, (output) => dropout(probability).apply(output));
  return huberLoss(found, given.next, { mask: given.next.equal(given.next) });
}
