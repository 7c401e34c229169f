/** The networks whose gradients are followed back: vanilla ones of several starts, LSTMs whose forget gates start more or less open, a GRU. */

import { spectralRadius } from "../../inspect/eigenvalues.ts";
import type { Cell } from "../../nn/cell.ts";
import { gru } from "../../nn/cells/gru.ts";
import { lstm } from "../../nn/cells/lstm.ts";
import { rnn, rnnRelu } from "../../nn/cells/rnn.ts";
import { identity, orthogonal, uniform } from "../../nn/initializers.ts";
import type { Initializer } from "../../trace/variable.ts";
import { lstmWithForgetBias } from "../starts.ts";

export interface Case {
  readonly name: string;
  readonly family: "tanh" | "relu" | "gated";
  readonly cell: Cell<string, string>;
}

const names = (cell: unknown) => cell as Cell<string, string>;

/** A vanilla cell whose recurrent matrix starts otherwise; all else uniform in +-1/sqrt(H), as it is. */
function startingWith(cell: typeof rnn, start: Initializer): Cell<string, string> {
  return names({
    ...cell,
    parts(input: number, hidden: number) {
      const { state, weights } = cell.parts(input, hidden);
      return { state, weights: { ...weights, weight_hh: { ...weights.weight_hh, initializer: start } } };
    },
  });
}

/** Uniform numbers, scaled so that the matrix has this spectral radius. */
const ofRadius =
  (radius: number): Initializer =>
  (shape, random) => {
    const matrix = uniform(1)(shape, random);
    const scale = radius / spectralRadius(matrix, shape[0] as number);
    return Float32Array.from(matrix, (value) => scale * value);
  };

export const RADII = [0.5, 1, 1.5] as const;

export const cases: readonly Case[] = [
  { name: "tanh, default", family: "tanh", cell: names(rnn) },
  { name: "tanh, orthogonal", family: "tanh", cell: startingWith(rnn, orthogonal) },
  ...RADII.map(
    (radius): Case => ({
      name: `tanh, radius ${radius}`,
      family: "tanh",
      cell: startingWith(rnn, ofRadius(radius)),
    }),
  ),
  { name: "relu, default", family: "relu", cell: names(rnnRelu) },
  { name: "relu, orthogonal", family: "relu", cell: startingWith(rnnRelu, orthogonal) },
  { name: "relu, identity", family: "relu", cell: startingWith(rnnRelu, identity) },
  { name: "LSTM, default", family: "gated", cell: names(lstm) },
  { name: "LSTM, forget bias 1", family: "gated", cell: names(lstmWithForgetBias(1)) },
  { name: "LSTM, forget bias 5", family: "gated", cell: names(lstmWithForgetBias(5)) },
  { name: "GRU, default", family: "gated", cell: names(gru) },
];
