/** The network of a forecaster: what it reads, its layers, and the distribution of each step ahead that comes out of them. */

import type { CellName } from "../../nn/cells/index.ts";
import { cells, dropout, linear, recurrent, type Scheme } from "../../nn/index.ts";
import { float32 } from "../../program/compile.ts";
import { concat, where } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";

export interface NetworkForm {
  readonly cell: CellName;
  readonly hidden: number;
  readonly layers: number;
  readonly dropout: number;
  readonly direction: "forward" | "both";
  readonly context: number;
  readonly horizon: number;
  readonly normalize: "instance" | "standard";
  readonly linear: boolean;
}

/** How many columns of each kind a network reads, and numbers it gives for each target and step ahead. */
export interface NetworkSizes {
  readonly targets: number;
  readonly past: number;
  readonly covariates: number;
  readonly outputs: number;
}

export function createNetwork(form: NetworkForm, sizes: NetworkSizes, scheme: Scheme) {
  const { cell, hidden, layers, dropout: probability, direction, context, horizon } = form;
  const { targets, past, covariates, outputs } = sizes;
  const rnn = recurrent(cells[cell], 2 * targets + past + covariates, hidden, {
    layers,
    dropout: layers > 1 ? probability : 0,
    direction,
    initialize: scheme,
  });
  const perStep = targets * outputs;
  return {
    rnn,
    head: linear(rnn.outputSize, horizon * (covariates > 0 ? hidden : perStep), { initialize: scheme }),
    ...(covariates > 0 && { ahead: linear(hidden + covariates, perStep, { initialize: scheme }) }),
    ...(form.linear && { linear: linear(context, horizon, { initialize: scheme }) }),
  };
}
export type Network = ReturnType<typeof createNetwork>;

export const inputTypes = ({ context, horizon }: NetworkForm, { targets, past, covariates }: NetworkSizes) => ({
  values: float32(context, "B", targets),
  observed: float32(context, "B", targets),
  ...(past > 0 && { past: float32(context, "B", past) }),
  ...(covariates > 0 && { covariates: float32(context + horizon, "B", covariates) }),
});

export function forward(
  network: Network,
  form: NetworkForm,
  sizes: NetworkSizes,
  { values, observed, past, covariates }: { values: Tensor; observed: Tensor; past?: Tensor; covariates?: Tensor },
): Tensor {
  const { context: T, horizon: H, dropout: probability } = form;
  const { targets: G, outputs: Q } = sizes;
  const B = values.size(1);
  let center: Tensor | undefined;
  let scale: Tensor | undefined;
  let x = values;
  if (form.normalize === "instance") {
    const count = observed.sum(0).maximum(1);
    center = values.mul(observed).sum(0).div(count);
    const deviation = values.sub(center).mul(observed);
    scale = deviation.square().sum(0).div(count).add(1e-5).sqrt();
    x = deviation.div(scale);
  }
  const parts = [x, observed, ...(past ? [past] : []), ...(covariates ? [covariates.slice(0, 0, T)] : [])];
  const { output } = network.rnn.apply(concat(...parts));
  const last = output.at(0, T - 1);
  const drop = dropout(probability);
  const head = network.head.apply(drop.apply(last)); // (B, H * D)
  let raw: Tensor;
  if (covariates && network.ahead) {
    const each = head.reshape([B, H, form.hidden]).transpose([1, 0, 2]);
    raw = network.ahead.apply(concat(each.tanh(), covariates.slice(0, T, T + H))).reshape([H, B, G, Q]);
  } else raw = head.reshape([B, H, G, Q]).transpose([1, 0, 2, 3]);
  if (network.linear) {
    const straight = network.linear.apply(x.transpose([1, 2, 0])).transpose([2, 0, 1]); // (H, B, G)
    raw = raw.add(straight.reshape([H, B, G, 1]));
  }
  if (center && scale) raw = raw.mul(scale.reshape([B, G, 1])).add(center.reshape([B, G, 1]));
  return raw;
}
export { where };
