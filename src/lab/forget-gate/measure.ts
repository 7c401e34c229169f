/** One memory cell that holds a value from event to event: trained, and its gates looked at. */

import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { meanSquaredError } from "../../nn/losses/regression.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, float32 } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { TrialContext } from "../experiment.ts";
import { holding } from "../problems/holding.ts";
import { mean } from "../seeds.ts";
import { lstmWithForgetBias } from "../starts.ts";
import { train } from "../train.ts";

export interface Sizes {
  readonly hidden: number;
  readonly steps: number;
  readonly rate: number;
  readonly forgetBias: number;
  readonly batch: number;
  readonly updates: number;
  readonly learningRate: number;
  /** Sequences to measure on. */
  readonly sequences: number;
}

/** The mean of a gate where there is an event, the first step left out, and where there is none. */
export type Gate = { readonly store: number; readonly hold: number };

export type Held = {
  readonly error: number;
  readonly forget: Gate;
  readonly input: Gate;
  /** One sequence, step by step; gates are means over the units. */
  readonly example: {
    readonly event: readonly number[];
    readonly target: readonly number[];
    readonly output: readonly number[];
    readonly forget: readonly number[];
    readonly input: readonly number[];
  };
};

export async function measure(sizes: Sizes, seed: number, context: TrialContext): Promise<Held> {
  const { hidden, steps, rate, forgetBias, batch, updates, learningRate, sequences } = sizes;
  const inputs = { x: float32(steps, "B", 2), y: float32(steps, "B", 1) };
  const drawn = (name: string, rows: number) =>
    holding(randomSource(seed, name), { length: steps, batch: rows, probability: rate });
  const model = { rnn: recurrent(lstmWithForgetBias(forgetBias), 2, hidden), head: linear(hidden, 1) };
  await train({
    model,
    inputs,
    loss: ({ x, y }) => meanSquaredError(model.head.apply(model.rnn.apply(x).output), y),
    batch: (update) => drawn(`events ${update}`, batch),
    ...{ updates, learningRate, seed, context },
  });
  const look = compile(
    ({ x, y }: { x: Tensor; y: Tensor }) => {
      const { output, shown } = model.rnn.apply(x);
      const found = model.head.apply(output);
      const gate = (name: string) => {
        const [values] = shown[name] as readonly [Tensor];
        return values.mean(-1);
      };
      return {
        error: meanSquaredError(found, y),
        output: found,
        forget: gate("f"),
        input: gate("i"),
      };
    },
    { inputs, ...(context.backend && { backend: context.backend }) },
  );
  const given = drawn("events test", sequences);
  const seen = look(given);
  const isEvent = Array.from({ length: steps * sequences }, (_, at) => given.x.data[2 * at + 1] === 1);
  const whole = (part: "forget" | "input"): Gate => {
    const all = Array.from<number>(seen[part].data).map((value, at) => ({ value, at }));
    const later = all.filter(({ at }) => at >= sequences);
    const of = (event: boolean) =>
      mean(later.filter(({ at }) => isEvent[at] === event).map(({ value }) => value));
    return { store: of(true), hold: of(false) };
  };
  // The sequence with the most events, but for the first steps of all.
  const counts = Array.from({ length: sequences }, (_, row) =>
    Array.from({ length: steps }, (_, t) => Number(isEvent[t * sequences + row])).reduce(
      (sum, one) => sum + one,
    ),
  );
  const row = counts.indexOf(Math.max(...counts.filter((count) => count <= 5)));
  const along = (data: ArrayLike<number>) =>
    Array.from({ length: steps }, (_, t) => data[t * sequences + row] as number);
  return {
    error: seen.error.data[0] as number,
    forget: whole("forget"),
    input: whole("input"),
    example: {
      event: along(isEvent.map(Number)),
      target: along(given.y.data),
      output: along(seen.output.data),
      forget: along(seen.forget.data),
      input: along(seen.input.data),
    },
  };
}
