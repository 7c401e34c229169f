/** The long short-term memory cell with what the literature added to it, freely combined, in PyTorch's names and layout. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { sigmoid, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Initializer } from "../../trace/variable.ts";
import { type Cell, cell, matrix, vector, type WeightDeclaration } from "../cell.ts";
import { constant, zeros } from "../initializers.ts";
import { logarithm } from "../portable.ts";
import { standardize } from "../standardize.ts";

export interface LstmOptions {
  /**
   * What the forget gate's bias starts at, all other biases at 0; 1 lets a cell remember from the start (Jozefowicz et
   * al., "An empirical exploration of recurrent network architectures", 2015). By default biases start like other weights.
   */
  readonly forgetBias?: number | undefined;
  /**
   * How many steps there are to remember over: an integer T from 2. The forget gate's biases start at log(u), with u uniform
   * from 1 to T - 1, and the input gate's at -log(u). So each unit starts with a span of memory of its own. Tallec and
   * Ollivier, "Can recurrent neural networks warp time?", 2018.
   */
  readonly chrono?: number | undefined;
  /** Gates see the memory: i and f the one before, o the new one. Gers and Schmidhuber, "Recurrent nets that time and count", 2000. */
  readonly peepholes?: boolean | undefined;
  /** i = 1 - f: what is forgotten makes room for the new. Greff et al., "LSTM: a search space odyssey", 2017. */
  readonly coupled?: boolean | undefined;
  /** P: the state h is that small, projected from H numbers. Sak et al., "Long short-term memory recurrent neural network architectures for large scale acoustic modeling", 2014. */
  readonly projection?: number | undefined;
  /** Products and memory are standardised. Ba, Kiros and Hinton, "Layer normalization", 2016, equations 20 to 22. */
  readonly normalize?: boolean | undefined;
}

/** The weights that every LSTM has. */
export type LstmWeight = "weight_ih" | "weight_hh" | "bias_ih" | "bias_hh";
type OptionalWeight = "weight_hr" | `peephole_${"i" | "f" | "o"}` | `gain_${"ih" | "hh" | "c"}` | "bias_c";
type Weights<Of> = Readonly<Record<LstmWeight, Of> & Partial<Record<OptionalWeight, Of>>>;

/**
 * i, f, o = sigmoid(N(W_ih x) + b_ih + N(W_hh h) + b_hh + p c), with p_o c' for o;  g = tanh of the same without p;
 * c' = f c + i g;  h' = W_hr (o tanh(N(c'))).
 *
 * x (B, I), h (B, P), c (B, H), weight_ih (4H, I), weight_hh (4H, P), biases (4H), rows in the order i, f, g, o; without
 * projection P = H and there is no W_hr. That is `lstm`, and torch.nn.LSTM with its proj_size. Options add or take away:
 *
 * - `peepholes`: p is peephole_i, peephole_f and peephole_o (H); otherwise 0.
 * - `coupled`: i = 1 - f, and the rows are f, g, o: (3H, ...).
 * - `projection`: weight_hr (P, H).
 * - `normalize`: N(a) = gain (a - mean) / deviation over all the rows of a, with gain_ih and gain_hh (4H), and for c'
 *   gain_c and a shift bias_c (H); otherwise N(a) = a. Gains start at 1, biases at 0.
 *
 * Throws UsageError for a forgetBias that is not a number, a chrono that is no integer from 2, and both together.
 */
export function lstmWith(options: LstmOptions = {}): Cell<"h" | "c", LstmWeight> {
  checkOptions("lstmWith", options, {
    forgetBias: true,
    chrono: true,
    peepholes: true,
    coupled: true,
    projection: true,
    normalize: true,
  });
  const { forgetBias, chrono, peepholes = false, coupled = false, projection, normalize = false } = options;
  checkStarts(forgetBias, chrono);
  const gates = coupled ? ["f", "g", "o"] : ["i", "f", "g", "o"];
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
  const said = given.map(([option, value]) => (value === true ? option : `${option} ${value}`));

  const declare = (input: number, hidden: number): Weights<WeightDeclaration> => {
    const rows = gates.length * hidden;
    const startsAtZero = normalize || forgetBias !== undefined || chrono !== undefined;
    const gateStarts: Initializer = (_, random) => {
      const forget = Array.from({ length: hidden }, () =>
        chrono === undefined ? (forgetBias ?? 0) : logarithm(1 + (chrono - 2) * random.uniform()),
      );
      const starts = {
        i: chrono === undefined ? [] : forget.map((start) => -start),
        f: forget,
      } as Readonly<Record<string, readonly number[]>>;
      return Float32Array.from(gates.flatMap((gate) => forget.map((_, unit) => starts[gate]?.[unit] ?? 0)));
    };
    const gain = (size: number) => vector(size, { initializer: constant(1) });
    const sigmoidal = gates.filter((gate) => gate !== "g");
    return {
      weight_ih: matrix(rows, input, { reads: "input" }),
      weight_hh: matrix(rows, projection ?? hidden, { reads: "state" }),
      bias_ih: vector(
        rows,
        startsAtZero ? { initializer: gateStarts } : { keeps: coupled ? [1, 0, 0] : [-1, 1, 0, 0] },
      ),
      bias_hh: vector(rows, startsAtZero ? { initializer: zeros } : {}),
      ...(projection !== undefined && { weight_hr: matrix(projection, hidden) }),
      ...(peepholes && Object.fromEntries(sigmoidal.map((gate) => [`peephole_${gate}`, vector(hidden)]))),
      ...(normalize && {
        gain_ih: gain(rows),
        gain_hh: gain(rows),
        gain_c: gain(hidden),
        bias_c: vector(hidden, { initializer: zeros }),
      }),
    };
  };

  return cell<"h" | "c", LstmWeight>(
    ["lstm", ...said].join(" "),
    (input, hidden) => ({
      state: { h: projection ?? hidden, c: hidden },
      weights: declare(input, hidden) as Record<LstmWeight, WeightDeclaration>,
    }),
    (weights: Weights<Tensor>, { h, c }, x, { drop, show }) => {
      const { weight_ih, weight_hh, weight_hr, bias_ih, bias_hh, bias_c } = weights;
      const fromInput = normalized(x.dot(weight_ih.transpose()), weights.gain_ih).add(bias_ih);
      const fromState = normalized(h.dot(weight_hh.transpose()), weights.gain_hh).add(bias_hh);
      const parts = fromInput.add(fromState).split(gates.length) as [Tensor, Tensor, Tensor, Tensor?];
      const [forOutput, forNew, forForget, forInput] = parts.toReversed() as [
        Tensor,
        Tensor,
        Tensor,
        Tensor?,
      ];
      const f = show("f", sigmoid(seeing(forForget, c, weights.peephole_f)));
      const i = forInput ? show("i", sigmoid(seeing(forInput, c, weights.peephole_i))) : f.neg().add(1);
      const next = f.mul(c).add(i.mul(drop(show("g", tanh(forNew)))));
      const memory = bias_c ? normalized(next, weights.gain_c).add(bias_c) : next;
      const o = show("o", sigmoid(seeing(forOutput, next, weights.peephole_o)));
      const read = o.mul(tanh(memory));
      return { h: weight_hr ? read.dot(weight_hr.transpose()) : read, c: next };
    },
  );
}

function checkStarts(forgetBias: number | undefined, chrono: number | undefined): void {
  if (forgetBias !== undefined && !Number.isFinite(forgetBias)) {
    throw new UsageError(`lstmWith: forgetBias ${printGiven(forgetBias)} given, a number expected`);
  }
  if (chrono !== undefined && (!Number.isInteger(chrono) || chrono < 2)) {
    throw new UsageError(`lstmWith: chrono ${printGiven(chrono)} given, an integer from 2 expected`);
  }
  if (chrono !== undefined && forgetBias !== undefined) {
    throw new UsageError("lstmWith: forgetBias and chrono given, one of them expected");
  }
}

/** Gains that are not there change nothing. */
function normalized(x: Tensor, gain: Tensor | undefined): Tensor {
  return gain ? standardize(x).mul(gain) : x;
}

/** A gate through a peephole, if there is one. */
function seeing(gate: Tensor, memory: Tensor, peephole: Tensor | undefined): Tensor {
  return peephole ? gate.add(memory.mul(peephole)) : gate;
}
