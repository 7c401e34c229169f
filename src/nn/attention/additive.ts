/** Scores by a small network over query and memory, which may also see what was attended to before. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { stack, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { matrix, vector, type WeightDeclaration } from "../cell.ts";
import { checkSize } from "../layers/layer.ts";
import { tapsAlong } from "../taps.ts";
import { mechanism, type ScoringMechanism } from "./mechanism.ts";
import type { PreviousAttention } from "./previous.ts";

export interface LocationOptions {
  /** How many features the convolution makes of the weights of the step before. */
  readonly filters: number;
  /** How many steps of the memory each of them sees, an odd number, so that there is a step in the middle. */
  readonly width: number;
}

export interface AdditiveOptions {
  /** Units A of the network. */
  readonly units: number;
  /**
   * The score sees features of the weights of the step before, so that attention can move on from where it was. Chorowski et
   * al., "Attention-based models for speech recognition", 2015.
   */
  readonly location?: LocationOptions | undefined;
  /**
   * The score sees how much each step of the memory was attended to so far, so that nothing is read twice or forgotten. Tu et
   * al., "Modeling coverage for neural machine translation", 2016, in the form of See, Liu and Manning, "Get to the point", 2017,
   * whose loss is `coverageLoss`. Default false.
   */
  readonly coverage?: boolean | undefined;
}

/** What the score sees of the steps before. */
export type AdditivePrevious<Options extends AdditiveOptions> =
  | (Options["location"] extends LocationOptions ? "alignment" : never)
  | (Options["coverage"] extends true ? "coverage" : never);

/** The weights that every additive mechanism has. */
export type AdditiveWeight = "W" | "U" | "v";
type Weights<Of> = Readonly<Record<AdditiveWeight, Of> & Partial<Record<"F" | "U_F" | "w_c", Of>>>;

/**
 * score_s = v . tanh(W query + U values_s + U_F f_s + w_c c_s), with W (A, Q), U (A, M), v (A).
 *
 * Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate", 2015. Options add terms:
 *
 * - `location`: f_s (filters) = F (filters, width) times the weights of the step before around s; U_F (A, filters).
 * - `coverage`: c_s = the sum of the weights of all steps before; w_c (A).
 *
 * Throws UsageError for sizes that are not positive integers, and a width that is even.
 */
export function additive<const Options extends AdditiveOptions>(
  options: Options,
): ScoringMechanism<AdditiveWeight, AdditivePrevious<Options>> {
  checkOptions<AdditiveOptions>("additive", options, {
    units: "a positive integer",
    location: true,
    coverage: true,
  });
  const { units, location, coverage = false }: AdditiveOptions = options;
  checkSize("additive", "units", units);
  if (location !== undefined) checkLocation(location);
  const previous = { alignment: location !== undefined, coverage };
  return mechanism<AdditiveWeight, AdditivePrevious<Options>>(
    ["additive", ...(location ? ["location"] : []), ...(coverage ? ["coverage"] : [])].join(" "),
    (query, memory) => {
      const declared: Weights<WeightDeclaration> = {
        W: matrix(units, query),
        U: matrix(units, memory),
        v: vector(units),
        ...(location && {
          F: matrix(location.filters, location.width),
          U_F: matrix(units, location.filters),
        }),
        ...(coverage && { w_c: vector(units) }),
      };
      return declared;
    },
    (weights: Weights<Tensor>, query, { values }, before) => {
      const { W, U, v, F, U_F, w_c } = weights;
      const fromQuery = query.dot(W.transpose());
      const fromMemory = values.dot(U.transpose());
      const sum = fromMemory.add(fromQuery);
      const located = F && U_F ? sum.add(around(before, F).dot(U_F.transpose())) : sum;
      const covered = w_c ? located.add(outer(before.coverage, w_c)) : located;
      return tanh(covered).mul(v).sum(-1);
    },
    { previous: (["alignment", "coverage"] as AdditivePrevious<Options>[]).filter((part) => previous[part]) },
  );
}

/** F (filters, width) over the weights of the step before: (S, B, filters), with zeros beyond both ends. */
function around({ alignment }: PreviousAttention, F: Tensor): Tensor {
  const width = F.size(1) as number;
  const half = (width - 1) / 2;
  return stack(tapsAlong("additive", alignment.pad(0, half, half), 0, { width }), 2).dot(F.transpose());
}

/** x (S, B) and w (A) to (S, B, A). */
function outer(x: Tensor, w: Tensor): Tensor {
  return x.reshape([...x.shape, 1]).mul(w);
}

function checkLocation(location: LocationOptions): void {
  checkOptions("additive: location", location, { filters: "a positive integer", width: "an odd number" });
  checkSize("additive", "location filters", location.filters);
  checkSize("additive", "location width", location.width);
  if (location.width % 2 === 0) {
    throw new UsageError(
      `additive: location width ${printGiven(location.width)} given, an odd number expected`,
    );
  }
}
