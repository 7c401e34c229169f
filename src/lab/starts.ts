/** Starting values that the experiments share: PyTorch's, uniform in +-1/sqrt(H), but for forget gates that start open. */

import { type Cell, mapRecord } from "../nn/cell.ts";
import { lstm } from "../nn/cells/lstm.ts";
import { uniform } from "../nn/initializers.ts";
import type { Initializer } from "../trace/variable.ts";

/**
 * An LSTM whose forget gates start with `bias` in sum over both biases: sigmoid(1) = 0.73 of the memory is kept from step to step,
 * sigmoid(5) = 0.993. All else starts uniform in +-1/sqrt(H), as in `lstm`.
 */
export function lstmWithForgetBias(
  bias: number,
): Cell<"h" | "c", keyof ReturnType<typeof lstm.parts>["weights"]> {
  return {
    ...lstm,
    name: `lstm, forget bias ${bias}`,
    parts(input, hidden) {
      const { state, weights } = lstm.parts(input, hidden);
      const withForget =
        (value: number): Initializer =>
        (shape, random) =>
          uniform(1 / Math.sqrt(hidden))(shape, random).fill(value, hidden, 2 * hidden);
      return {
        state,
        weights: {
          ...weights,
          bias_ih: { ...weights.bias_ih, initializer: withForget(bias) },
          bias_hh: { ...weights.bias_hh, initializer: withForget(0) },
        },
      };
    },
  };
}

/**
 * A cell whose gates hold from the start: the biases of those that keep the state start around `bias`, and of those that let in what
 * takes its place around -bias, uniform within 1/sqrt(H). All else starts as in the cell.
 */
export function holding<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  bias: number,
): Cell<State, Weight> {
  return {
    ...cell,
    name: `${cell.name}, holding`,
    parts(input, hidden, memory) {
      const { state, weights } = cell.parts(input, hidden, memory);
      return {
        state,
        weights: mapRecord(weights, (declaration) => {
          const { keeps } = declaration;
          if (!keeps) return declaration;
          const initializer: Initializer = (shape, random) => {
            const around = uniform(1 / Math.sqrt(hidden))(shape, random);
            const block = around.length / keeps.length;
            return around.map((start, at) => start + bias * (keeps[Math.floor(at / block)] as number));
          };
          return { ...declaration, initializer };
        }),
      };
    },
  };
}
