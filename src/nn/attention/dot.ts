/** Scores that are products of query and memory: plain, and through a matrix. */

import { checkOptions } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { einsum } from "../../trace/functions.ts";
import { matrix } from "../cell.ts";
import { mechanism, type ScoringMechanism } from "./mechanism.ts";

export interface DotOptions {
  /** Divide scores by the root of the size, so that they do not grow with it. Vaswani et al., "Attention is all you need", 2017. Default false. */
  readonly scaled?: boolean | undefined;
}

/**
 * score_s = query . values_s, for a query of the memory's size; without weights.
 *
 * Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation", 2015, equation 8, "dot". A layer
 * whose query and memory differ in size throws UsageError.
 */
export function dot(options: DotOptions = {}): ScoringMechanism<never, never> {
  checkOptions("dot", options, { scaled: true });
  const { scaled = false } = options;
  return mechanism<never>(
    scaled ? "scaled dot" : "dot",
    (query, memory) => {
      if (query === memory) return {};
      throw new UsageError(
        `dot: a query of size ${query} and a memory of size ${memory} given, one size expected: general() has a matrix between them`,
      );
    },
    (_, query, { values }) => {
      const scores = einsum("bm,sbm->sb", query, values);
      return scaled ? scores.div(Math.sqrt(query.size(1) as number)) : scores;
    },
  );
}

/**
 * score_s = query . W values_s, with W (Q, M).
 *
 * Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation", 2015, equation 8, "general".
 */
export function general(): ScoringMechanism<"W", never> {
  return mechanism(
    "general",
    (query, memory) => ({ W: matrix(query, memory) }),
    ({ W }, query, { values }) => einsum("bm,sbm->sb", query.dot(W), values),
  );
}
