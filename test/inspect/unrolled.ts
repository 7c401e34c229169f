/** A recurrent layer as loops over tensors, without a scan, whose states have something added: central differences of that are gradients. */

import { reference } from "../../src/backends/reference/index.ts";
import type { Cell } from "../../src/nn/cell.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { concat, full, stack, zeros } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";

export interface Case {
  readonly cell: Cell<string, string>;
  readonly input: number;
  readonly hidden: number;
  readonly layers: number;
  readonly reversals: readonly boolean[];
  readonly steps: number;
  readonly batch: number;
  /** Of each row. */
  readonly lengths: readonly number[];
  readonly weights: Readonly<Record<string, Tensor>>;
}

/** The outputs (T, B, outputs) of the last layer. `added` has (T, B, size) by "l0.h" for the states, and by "l0.input" for what passes read. */
function outputs(given: Case, x: Tensor, open: Tensor, added: Readonly<Record<string, Tensor>>): Tensor {
  const { cell, hidden, layers, reversals, steps, batch, input } = given;
  let read = Array.from({ length: steps }, (_, t) => x.at(0, t));
  let size = input;
  for (let layer = 0; layer < layers; layer++) {
    const parts = cell.parts(size, hidden);
    const ofPasses = reversals.map((reverse) => {
      const pass = `l${layer}${reverse ? "_reverse" : ""}`;
      const weights = Object.fromEntries(
        Object.keys(parts.weights).map((name) => [name, given.weights[`${name}_${pass}`] as Tensor]),
      );
      let state: Record<string, Tensor> = Object.fromEntries(
        Object.entries(parts.state).map(([part, width]) => [part, zeros([batch, width as number])]),
      );
      const past = [state];
      const out: Tensor[] = [];
      const order = Array.from({ length: steps }, (_, t) => (reverse ? steps - 1 - t : t));
      for (const t of order) {
        const isOpen = open.at(0, t).reshape([batch, 1]);
        const keep = (next: Tensor, before: Tensor) => next.mul(isOpen).add(before.mul(isOpen.neg().add(1)));
        const into = added[`${pass}.input`];
        const x_t = into ? (read[t] as Tensor).add(into.at(0, t)) : (read[t] as Tensor);
        const next = cell.step(weights, state, x_t, {
          past: (distance) =>
            past.at(-distance) ??
            Object.fromEntries(Object.entries(state).map(([part, tensor]) => [part, full(0, tensor.shape)])),
          drop: (candidate) => candidate,
          show: (_, tensor) => tensor,
          get memory(): never {
            throw new Error("no memory");
          },
        });
        const moved = Object.fromEntries(
          Object.entries(next).map(([part, tensor]) => {
            const delta = added[`${pass}.${part}`];
            return [part, delta ? tensor.add(delta.at(0, t)) : tensor];
          }),
        );
        const before = state;
        state = Object.fromEntries(
          Object.entries(moved).map(([part, tensor]) => [part, keep(tensor, before[part] as Tensor)]),
        );
        past.push(state);
        const shown = cell.output ? cell.output(moved, weights) : (Object.values(moved)[0] as Tensor);
        out[t] = shown.mul(isOpen);
      }
      return out;
    });
    read = read.map((_, t) => concat(...ofPasses.map((out) => out[t] as Tensor)));
    size = read[0]?.shape[1] as number;
  }
  return stack(read);
}

/**
 * For each name the norms (T) over rows and units of d loss / d state by central differences, where the loss is the sum of `mark`
 * times the outputs.
 */
export function numericNorms(
  given: Case,
  x: readonly number[],
  mark: readonly number[],
  sizes: Readonly<Record<string, number>>,
): { steps: Record<string, number[]>; lags: Record<string, number[]> } {
  const { steps, batch, input, lengths } = given;
  const names = Object.keys(sizes);
  const markSize = mark.length / steps / batch;
  const named = (tensors: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, index) => [name, tensors[index] as Tensor]));
  const run = compile(
    (tensors) => outputs(given, tensors.x, tensors.open, named(tensors.added)).mul(tensors.mark).sum(),
    {
      backend: reference,
      inputs: {
        x: float32(steps, batch, input),
        open: float32(steps, batch),
        mark: float32(steps, batch, markSize),
        added: names.map((name) => float32(steps, batch, sizes[name] as number)),
      },
    },
  );
  const open = Array.from({ length: steps * batch }, (_, at) =>
    Math.floor(at / batch) < (lengths[at % batch] as number) ? 1 : 0,
  );
  const at = (name: string, index: number, delta: number) => {
    const added = names.map((other) => {
      const data = new Float64Array(steps * batch * (sizes[other] as number));
      if (other === name) data[index] = delta;
      return { data, shape: [steps, batch, sizes[other] as number] };
    });
    const loss = run({
      x: { data: Float64Array.from(x), shape: [steps, batch, input] },
      open: { data: Float64Array.from(open), shape: [steps, batch] },
      mark: { data: Float64Array.from(mark), shape: [steps, batch, markSize] },
      added,
    } as never);
    return Number(loss.data[0]);
  };
  const found = { steps: {} as Record<string, number[]>, lags: {} as Record<string, number[]> };
  const h = 1e-5;
  for (const name of names) {
    const size = sizes[name] as number;
    const isReverse = name.includes("_reverse");
    const bySteps = new Array<number>(steps).fill(0);
    const byLags = new Array<number>(steps).fill(0);
    for (let index = 0; index < steps * batch * size; index++) {
      const t = Math.floor(index / batch / size);
      const row = Math.floor(index / size) % batch;
      const slope = (at(name, index, h) - at(name, index, -h)) / (2 * h);
      bySteps[t] = Math.hypot(bySteps[t] as number, slope);
      const lag = isReverse ? t : (lengths[row] as number) - 1 - t;
      if (lag >= 0) byLags[lag] = Math.hypot(byLags[lag] as number, slope);
    }
    found.steps[name] = bySteps;
    found.lags[name] = byLags;
  }
  return found;
}
