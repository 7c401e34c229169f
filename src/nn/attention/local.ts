/** Attention to a window of the memory. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { range, sigmoid, softmax, tanh, where } from "../../trace/functions.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { matrix, type Tensors, vector, type WeightDeclaration } from "../cell.ts";
import { checkSize } from "../layers/layer.ts";
import type { Memory } from "../memory.ts";
import { BEYOND, checkScores, contextOf, ownScores } from "./attend.ts";
import { type Mechanism, prefixed, type ScoringMechanism, withoutPrefix } from "./mechanism.ts";
import type { PreviousAttention } from "./previous.ts";

const positions = ["monotonic", "predictive"] as const;
/** Where the middle of the window lies: at the step itself, or where the query says. */
export type LocalPosition = (typeof positions)[number];

export interface LocalOptions {
  /** D: the window reaches this many steps to both sides of its middle; 2 D + 1 steps. */
  readonly width: number;
  /** Default "predictive". */
  readonly position?: LocalPosition | undefined;
}

/**
 * The mechanism within a window of D steps to both sides of p, for a row of S steps:
 * weights_s = softmax over the window of the mechanism's score_s, with
 *
 * - "monotonic": p = min(t, S - 1), for the step t of the query, from 0;
 * - "predictive": p = S sigmoid(v . tanh(W query)), with W (Q, Q), v (Q), and the weights times
 *   exp(-(s - p)^2 / (2 (D / 2)^2)), so that p learns.
 *
 * Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation", 2015, section 3.2: local-m and
 * local-p. The mechanism's own weights are called score_W and so on. Throws UsageError for a width that is no positive integer.
 */
export function local<
  Weight extends string,
  Part extends keyof PreviousAttention,
  const Options extends LocalOptions,
>(
  mechanism: ScoringMechanism<Weight, Part>,
  options: Options,
): Mechanism<
  `score_${Weight}` | "W" | "v",
  Part | (Options["position"] extends "monotonic" ? "step" : never)
> {
  if (typeof mechanism?.score !== "function") {
    throw new UsageError(
      `local: ${printGiven(mechanism)} given, a mechanism that scores, such as general(), expected`,
    );
  }
  const name = `local ${mechanism.name}`;
  checkOptions<LocalOptions>(name, options, { width: "a positive integer", position: true });
  const { width, position = "predictive" }: LocalOptions = options;
  checkSize(name, "width", width);
  if (!positions.includes(position)) {
    throw new UsageError(
      `${name}: position ${printGiven(position)} given, ${positions.join(" or ")} expected`,
    );
  }
  const isPredictive = position === "predictive";
  return {
    name,
    previous: (isPredictive
      ? mechanism.previous
      : [...new Set([...mechanism.previous, "step"])]) as readonly Part[],
    weights(query, memory) {
      const own = { W: matrix(query, query), v: vector(query) };
      const all: Record<string, WeightDeclaration> = {
        ...prefixed("score_", mechanism.weights(query, memory)),
        ...(isPredictive && own),
      };
      return all as Record<`score_${Weight}` | "W" | "v", WeightDeclaration>;
    },
    attend(weights, query, memory, previous) {
      const own = withoutPrefix("score_", weights) as Tensors<Weight>;
      const scores = mechanism.score(own, query, memory, previous);
      checkScores(name, scores, memory);
      const steps = stepsOf(memory);
      const middle = isPredictive
        ? steps.mul(sigmoid(tanh(query.dot(weights.W.transpose())).dot(weights.v)))
        : previous.step.at(1, 0).minimum(steps.sub(1));
      const place = range(scores.size(0))
        .convert("float32")
        .reshape([scores.size(0), 1]);
      const away = place.sub(middle);
      const inWindow = away.abs().lessEqual(width);
      const aligned = softmax(where(inWindow, ownScores(scores, memory), BEYOND), 0);
      const nearness = isPredictive
        ? away
            .square()
            .mul(-2 / width ** 2)
            .exp()
        : 1;
      const found = aligned.mul(nearness);
      return { context: contextOf(found, memory), weights: found };
    },
  };
}

/** The steps of each row, as float32 (B). */
function stepsOf({ values, lengths }: Memory): Tensor {
  const [steps, batch] = values.shape as [Dimension, Dimension];
  return lengths?.convert("float32") ?? sizeTensor(steps).broadcastTo([batch]);
}
