// Recurrent layers as plain loops over the numbers of one row at a time, with every mask spelt out: what regularised layers are compared with.

import { affine, product, type Row, sigmoid } from "../cells/rows.ts";

export type { Row } from "../cells/rows.ts";

type Matrix = readonly Row[];

const ones = (size: number): Row => new Array(size).fill(1);

/** The weights of one layer in one direction. */
export interface PlainWeights {
  readonly weight_ih: Matrix;
  readonly weight_hh: Matrix;
  readonly bias_ih: Row;
  readonly bias_hh: Row;
}

export type PlainState = Readonly<Record<string, Row>>;

/** What dropout does in one step: the mask of what matrices read of h, and of the candidate. */
interface StepMasks {
  readonly h: Row;
  readonly candidate: Row;
}

type PlainStep = (weights: PlainWeights, state: PlainState, x: Row, masks: StepMasks) => PlainState;

/** One step of each cell, after the papers. */
export const plainSteps: Record<"rnn" | "lstm" | "gru", PlainStep> = {
  rnn({ weight_ih, weight_hh, bias_ih, bias_hh }, { h = [] }, x, masks) {
    const fromInput = affine(weight_ih, x, bias_ih);
    const fromState = affine(weight_hh, product(h, masks.h), bias_hh);
    const next = fromInput.map((value, at) => Math.tanh(value + (fromState[at] as number)));
    return { h: product(next, masks.candidate) };
  },
  lstm({ weight_ih, weight_hh, bias_ih, bias_hh }, { h = [], c = [] }, x, masks) {
    const size = c.length;
    const fromInput = affine(weight_ih, x, bias_ih);
    const fromState = affine(weight_hh, product(h, masks.h), bias_hh);
    const gate = (index: number, at: number) =>
      (fromInput[index * size + at] as number) + (fromState[index * size + at] as number);
    const next = c.map(
      (old, at) =>
        sigmoid(gate(1, at)) * old +
        sigmoid(gate(0, at)) * Math.tanh(gate(2, at)) * (masks.candidate[at] as number),
    );
    return { h: next.map((value, at) => sigmoid(gate(3, at)) * Math.tanh(value)), c: next };
  },
  gru({ weight_ih, weight_hh, bias_ih, bias_hh }, { h = [] }, x, masks) {
    const size = h.length;
    const fromInput = affine(weight_ih, x, bias_ih);
    const fromState = affine(weight_hh, product(h, masks.h), bias_hh);
    const [i, s] = [fromInput, fromState].map(
      (all) => (index: number, at: number) => all[index * size + at],
    ) as [(index: number, at: number) => number, (index: number, at: number) => number];
    return {
      h: h.map((old, at) => {
        const r = sigmoid(i(0, at) + s(0, at));
        const z = sigmoid(i(1, at) + s(1, at));
        const n = Math.tanh(i(2, at) + r * s(2, at)) * (masks.candidate[at] as number);
        return (1 - z) * n + z * old;
      }),
    };
  },
};

/** Masks of one row in one layer and direction; what is missing drops nothing. */
export interface RowMasks {
  readonly input?: Row | undefined;
  readonly h?: Row | undefined;
  /** By step. */
  readonly candidate?: readonly Row[] | undefined;
  /** What the next state is, part by part, from the one before and the one that the cell gave, at step t. */
  readonly zone?: ((before: PlainState, after: PlainState, t: number) => PlainState) | undefined;
}

/** One row through one layer in one direction: x by step, as many as the row has, to the outputs h and the last state. */
export function plainPass(
  cell: keyof typeof plainSteps,
  weights: PlainWeights,
  x: readonly Row[],
  init: PlainState,
  reverse: boolean,
  { input, h, candidate, zone }: RowMasks = {},
): { outputs: Row[]; state: PlainState } {
  const outputs: Row[] = [];
  let state = init;
  const size = (init.h as Row).length;
  for (let count = 0; count < x.length; count++) {
    const t = reverse ? x.length - 1 - count : count;
    const read = x[t] as Row;
    const after = plainSteps[cell](weights, state, input ? product(read, input) : read, {
      h: h ?? ones(size),
      candidate: candidate?.[t] ?? ones(size),
    });
    state = zone ? zone(state, after, t) : after;
    outputs[t] = state.h as Row;
  }
  return { outputs, state };
}
