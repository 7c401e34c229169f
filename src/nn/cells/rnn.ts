/** The vanilla recurrent cell (Elman 1990), in PyTorch's names and layout, with a choice of nonlinearity. */

import { relu, sigmoid, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { cell, matrix, vector } from "../cell.ts";

const vanilla = (name: string, activation: (x: Tensor) => Tensor) =>
  cell(
    name,
    (input, hidden) => ({
      state: { h: hidden },
      weights: {
        weight_ih: matrix(hidden, input, { reads: "input" }),
        weight_hh: matrix(hidden, hidden, { reads: "state" }),
        bias_ih: vector(hidden),
        bias_hh: vector(hidden),
      },
    }),
    ({ weight_ih, weight_hh, bias_ih, bias_hh }, { h }, x, { drop }) => {
      const fromInput = x.dot(weight_ih.transpose()).add(bias_ih);
      const fromState = h.dot(weight_hh.transpose()).add(bias_hh);
      return { h: drop(activation(fromInput.add(fromState))) };
    },
  );

/**
 * h' = tanh(W_ih x + b_ih + W_hh h + b_hh). Elman, "Finding structure in time", 1990.
 * x (B, I), h (B, H), weight_ih (H, I), weight_hh (H, H), biases (H): torch.nn.RNN.
 */
export const rnn = vanilla("rnn", tanh);

/** h' = max(W_ih x + b_ih + W_hh h + b_hh, 0): torch.nn.RNN with nonlinearity "relu". Shapes as in `rnn`. */
export const rnnRelu = vanilla("rnn-relu", relu);

/** h' = sigmoid(W_ih x + b_ih + W_hh h + b_hh). Shapes as in `rnn`. */
export const rnnSigmoid = vanilla("rnn-sigmoid", sigmoid);
