/** Scheduled sampling: along time, a step reads its true input or what the step before it gave, as chance will have it. */

import { checkOptions, printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { printShape, type Shape, sameShape } from "../graph/dimension.ts";
import { expectWithin } from "../trace/expectation.ts";
import { full, randomUniform, where } from "../trace/functions.ts";
import { keysFor, undropped } from "../trace/randomness.ts";
import { scan } from "../trace/scan.ts";
import { expectTensors, located, Tensor } from "../trace/tensor.ts";

const name = "scheduledSampling";

export interface ScheduledSamplingOptions<State, Output, Beside> {
  /** The state before the first step: a tree of tensors. */
  readonly init: State;
  /** The true inputs, (T, B, ...), of any dtype. What is read behind the end of a shorter row is for the loss to leave out. */
  readonly inputs: Tensor;
  /**
   * How likely a step reads its own input, from 0 to 1: a number, or float32 that broadcasts to (T, B): () for all alike, (T, 1) by step,
   * (T, B) by step and row. A program that is given another one, or NaN, throws DataError; of those it computes itself what is beyond counts
   * as the nearest, and NaN as 0. Where it is 0 the true input is read, and where it is 1 the own one, for certain. The first step has none of its own.
   */
  readonly probability: number | Tensor;
  /** What of a step's output the next one may read, in the shape and dtype of its input, (B, ...). Default the output itself. */
  readonly own?: ((output: Output) => Tensor) | undefined;
  /** Whether no gradient flows through what a step reads of its own, as in the paper. Default true. */
  readonly detach?: boolean | undefined;
  /** What steps read besides, as it is: a tree of tensors (T, ...). */
  readonly beside?: Beside | undefined;
  /** int32 (2), for what is drawn; without it that of the training step around. Without any key nothing is drawn: see `scheduledSampling`. */
  readonly key?: Tensor | undefined;
  /** As in `scan`. */
  readonly checkpoint?: number | undefined;
}

/**
 * `scan`, whose step reads at each row and time either the true input or its own: what it made of the step before. With the probability 0
 * this is teacher forcing, with 1 it runs freely, as it does when it is used. A network that foretells a series, for 10 true values and then
 * more and more of its own:
 *
 *     const { outputs } = scheduledSampling(
 *       (state: StateOf<typeof rnn>, x) => {
 *         const { output, state: next } = rnn.step(x, state);
 *         return [next, head.apply(output)];
 *       },
 *       { init: startState(rnn, x.size(1)), inputs: x, probability: where(range(T).reshape([T, 1]).less(10), 0, p) },
 *     );
 *
 * What is drawn depends on the key alone, so that the same seed gives the same trainings. Outside of a training step, and without a key, a
 * probability below 1 is teacher forcing, as layers with dropout drop nothing there; only where it is 1 a step runs freely. Bengio, Vinyals, Jaitly and Shazeer, "Scheduled sampling
 * for sequence prediction with recurrent neural networks", 2015; the gradient through own inputs (`detach: false`) is that of
 * backpropagation through time. Throws UsageError for a probability out of range, ShapeError where the own input does not have the shape of the true one.
 */
export function scheduledSampling<State, Output = Tensor, Beside = undefined>(
  step: (state: State, input: Tensor, beside: Beside) => readonly [State, Output],
  options: ScheduledSamplingOptions<State, Output, Beside>,
): { final: State; outputs: Output } {
  checkOptions(name, options, {
    init: "a tree of tensors, the state before the first step,",
    inputs: "a tensor (T, B, ...)",
    probability: "a number from 0 to 1, or a tensor that broadcasts to (T, B),",
    ...{ own: true, detach: true, beside: true, key: true, checkpoint: true },
  });
  const { init, inputs, probability, detach = true, key, checkpoint } = options;
  const own = options.own ?? ((output: Output) => output as Tensor);
  expectTensors(name, inputs);
  if (inputs.shape.length < 2) {
    throw new ShapeError(`${name}: inputs ${printShape(inputs.shape)} given, (T, B, ...) expected`);
  }
  const isOwn = drawn(probability, inputs.shape.slice(0, 2), key);
  const rest = inputs.shape.slice(2);
  const { final, outputs } = scan(
    (before: { state: State; last: Tensor }, { input, isOwn, beside }: Slices<Beside>) => {
      const chosen = isOwn.reshape([input.size(0), ...rest.map(() => 1)]);
      const [state, output] = step(before.state, where(chosen, before.last, input), beside as Beside);
      const made = own(output);
      checkOwn(made, input);
      return [{ state, last: detach ? made.stopGradient() : made }, output];
    },
    {
      init: { state: init, last: inputs.at(0, 0) },
      inputs: { input: inputs, isOwn, beside: options.beside },
      checkpoint,
    },
  );
  return { final: final.state, outputs };
}

interface Slices<Beside> {
  readonly input: Tensor;
  readonly isOwn: Tensor;
  readonly beside: Beside | undefined;
}

/** Where steps and rows read their own, bool (T, B): drawn by the key, or only where that is certain. */
function drawn(probability: number | Tensor, shape: Shape, key: Tensor | undefined): Tensor {
  if (!(probability instanceof Tensor)) {
    if (typeof probability !== "number" || !(probability >= 0 && probability <= 1)) {
      throw new UsageError(
        `${name}: probability ${printGiven(probability)} given, a number from 0 to 1 expected`,
      );
    }
  }
  if (probability instanceof Tensor) expectWithin(probability, 0, 1);
  const likely = probability instanceof Tensor ? probability.broadcastTo(shape) : full(probability, shape);
  const keys = keysFor(key);
  if (keys) return randomUniform(keys.fresh, shape).less(likely);
  const certain = likely.greaterEqual(1);
  return probability === 0 || probability === 1 ? certain : undropped(name, certain);
}

/** Throws ShapeError where the next step cannot read in place of its input what a step gives. */
function checkOwn(own: unknown, input: Tensor): void {
  expectTensors(`${name}: own`, own as Tensor);
  const { shape, dtype } = own as Tensor;
  if (sameShape(shape, input.shape) && dtype === input.dtype) return;
  located(() => {
    throw new ShapeError(
      `${name}: a step gives ${dtype} ${printShape(shape)} to read, ${input.dtype} ${printShape(input.shape)} expected`,
    );
  });
}

/**
 * A class for each row, int32 (B), drawn by the probabilities of its scores (B, V): the one whose
 * score with Gumbel noise is greatest. `key` is int32 (2); without it that of the training step around, and without any the likeliest class is given.
 */
export function drawClasses(scores: Tensor, key?: Tensor): Tensor {
  expectTensors("drawClasses", scores);
  const keys = keysFor(key);
  const logits = scores.stopGradient();
  if (!keys) return logits.argmax();
  const noise = randomUniform(keys.fresh, scores.shape);
  return logits.sub(noise.add(1e-20).log().neg().log()).argmax();
}
