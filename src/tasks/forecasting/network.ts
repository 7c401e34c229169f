/**
 * The layers of a forecaster, and what they make of a window: the numbers of the distribution of each step ahead.
 *
 * Direct: a recurrent network reads the context; its last output gives all steps ahead at once, each of which may read what
 * is known of it (Wen et al., "A multi-horizon quantile recurrent forecaster", 2017). A linear map leads from the context
 * straight to the steps ahead (Lai et al., "Modeling long- and short-term temporal patterns with deep neural networks", 2018).
 *
 * Recursive: a recurrent network reads each value and gives the next one's distribution, from which the value is drawn that
 * it reads then (Salinas et al., "DeepAR", 2020).
 */

import { dropout, linear, recurrent, type Scheme } from "../../nn/index.ts";
import type { AnyCell } from "../../options/network.ts";
import { concat, join } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { parameterCount, parametersOf } from "./distribution.ts";
import { type InstanceScale, instanceScale } from "./instance-scale.ts";
import type { Form } from "./options.ts";
import type { Widths } from "./windows.ts";

/** Layers without values: `initialize` or a file gives them. */
export function createNetwork(form: Form, cell: AnyCell, widths: Widths, initialize: Scheme) {
  const { method, hidden, layers, direction, context, horizon } = form;
  const { targets, covariates } = widths;
  const isDirect = method === "direct";
  const rnn = recurrent(cell, inputSize(form, widths), hidden, {
    layers,
    dropout: layers > 1 ? form.dropout : 0,
    direction,
    initialize,
  });
  const perStep = targets * parameterCount(form);
  const readsAhead = isDirect && covariates > 0;
  const steps = isDirect ? horizon : 1;
  return {
    rnn,
    head: linear(rnn.outputSize, steps * (readsAhead ? hidden : perStep), { initialize }),
    ...(readsAhead && { ahead: linear(hidden + covariates, perStep, { initialize }) }),
    ...(isDirect && form.shortcut === "linear" && { shortcut: linear(context, horizon, { initialize }) }),
  };
}

export type Network = ReturnType<typeof createNetwork>;

/** Numbers that the recurrent network reads at a step: values and whether they are there, and what else is known. */
function inputSize({ method, lag }: Form, { targets, past, covariates }: Widths): number {
  return method === "direct" ? 2 * targets + past + covariates : 2 * targets * (lag > 1 ? 2 : 1) + covariates;
}

/** What is known of windows at their cutoffs: see `inputsOf`. */
export interface Known {
  /** (T, B, G), in a recursive network with the rows of one lag before them. */
  readonly values: Tensor;
  readonly observed: Tensor;
  /** (T, B, P). */
  readonly past?: Tensor | undefined;
  /** (T + H, B, K). */
  readonly covariates?: Tensor | undefined;
}

/** The distributions of all steps ahead at once: (H, B, G, parameters), in the units of the values. */
export function direct(network: Network, form: Form, widths: Widths, known: Known): Tensor {
  const { context, horizon, hidden } = form;
  const { values, observed, past, covariates } = known;
  const batch = values.size(1);
  const scale = instanceScale(form, values, observed);
  const x = scale.apply(values).mul(observed);
  const read = [
    x,
    observed,
    ...(past ? [past] : []),
    ...(covariates ? [covariates.slice(0, 0, context)] : []),
  ];
  const drop = dropout(form.dropout);
  const summary = drop.apply(lastOutput(network.rnn.apply(concat(...read)).output, form));
  const perStep = [widths.targets, parameterCount(form)];
  const head = network.head.apply(summary);
  let raw: Tensor;
  if (covariates && network.ahead) {
    const each = head.reshape([batch, horizon, hidden]).transpose([1, 0, 2]).tanh();
    const ahead = covariates.slice(0, context, context + horizon);
    raw = network.ahead.apply(concat(each, ahead)).reshape([horizon, batch, ...perStep]);
  } else raw = head.reshape([batch, horizon, ...perStep]).transpose([1, 0, 2, 3]);
  const straight = network.shortcut?.apply(x.transpose([1, 2, 0])).transpose([2, 0, 1]);
  return parametersOf(form, raw, scale, straight);
}

/** What the whole context comes to: the last output of each direction, (B, outputs). */
function lastOutput(output: Tensor, { context, direction, hidden }: Form): Tensor {
  const last = output.at(0, context - 1);
  if (direction === "forward") return last;
  return concat(last.slice(-1, 0, hidden), output.at(0, 0).slice(-1, hidden, 2 * hidden));
}

/** What a recursive network reads at one step or at many: (..., G) of the value before, and of the one a lag before. */
export interface Before {
  readonly value: Tensor;
  readonly observed: Tensor;
  readonly lagged?: Tensor | undefined;
  readonly laggedObserved?: Tensor | undefined;
  readonly covariates?: Tensor | undefined;
}

/** Values in the units of their window. */
function readOf(scale: InstanceScale, before: Before): Tensor {
  const { value, observed, lagged, laggedObserved, covariates } = before;
  const parts = [scale.apply(value).mul(observed), observed];
  if (lagged && laggedObserved) parts.push(scale.apply(lagged).mul(laggedObserved), laggedObserved);
  if (covariates) parts.push(covariates);
  return concat(...parts);
}

/** The distributions of so many steps after the context, from outputs of the recurrent network (steps, B, outputs). */
function stepParameters(
  network: Network,
  form: Form,
  widths: Widths,
  output: Tensor,
  scale: InstanceScale,
): Tensor {
  const raw = network.head.apply(output);
  return parametersOf(
    form,
    raw.reshape([...raw.shape.slice(0, -1), widths.targets, parameterCount(form)]),
    scale,
  );
}

/** The distributions of all steps ahead where each reads the true values before it: (H, B, G, parameters). */
export function teacherForced(
  network: Network,
  form: Form,
  widths: Widths,
  {
    values,
    observed,
    covariates,
    future,
    counts,
  }: Known & { readonly future: Tensor; readonly counts: Tensor },
): Tensor {
  const { context, horizon, lag } = form;
  const scale = instanceScale(form, values.slice(0, lag), observed.slice(0, lag));
  const steps = context + horizon - 1;
  const read = readOf(scale, {
    ...beforeSteps(join([values, future], 0), join([observed, counts], 0), lag, steps),
    covariates: covariates?.slice(0, 1, context + horizon),
  });
  const output = dropout(form.dropout).apply(network.rnn.apply(read).output);
  return stepParameters(network, form, widths, output.slice(0, context - 1), scale);
}

/** What is read at so many steps from the second row of the context on, of rows that begin a lag before it. */
function beforeSteps(values: Tensor, observed: Tensor, lag: number, steps: number): Before {
  return {
    value: values.slice(0, lag, lag + steps),
    observed: observed.slice(0, lag, lag + steps),
    ...(lag > 1 && {
      lagged: values.slice(0, 1, 1 + steps),
      laggedObserved: observed.slice(0, 1, 1 + steps),
    }),
  };
}

/** Reads the context: the distribution of the first step ahead (B, G, parameters), and what the next steps go on from. */
export function readContext(
  network: Network,
  form: Form,
  widths: Widths,
  { values, observed, covariates }: Known,
) {
  const { context, lag } = form;
  const scale = instanceScale(form, values.slice(0, lag), observed.slice(0, lag));
  const read = readOf(scale, {
    ...beforeSteps(values, observed, lag, context),
    covariates: covariates?.slice(0, 1, context + 1),
  });
  const { output, state } = network.rnn.apply(read);
  const parameters = stepParameters(network, form, widths, output.at(0, context - 1), scale);
  return { parameters, state, center: scale.center, scale: scale.scale };
}

/** One step more: the distribution after a value, and the state after it. */
export function nextStep(
  network: Network,
  form: Form,
  widths: Widths,
  {
    before,
    state,
    scale,
  }: { readonly before: Before; readonly state: Record<string, Tensor>; readonly scale: InstanceScale },
) {
  const stepped = network.rnn.step(readOf(scale, before), state as never);
  return { parameters: stepParameters(network, form, widths, stepped.output, scale), state: stepped.state };
}

/** What a picture shows: the context read, and what it comes to; not its scales, nor how numbers become a distribution. */
export function pictured({ rnn, head }: Network, x: Tensor): Tensor {
  return head.apply(rnn.apply(x).output.at(0, -1));
}
