/** What a kind of case is: how to tell it by its metadata and tensors, and how to compute what it expects. */

import type { Backend } from "../../src/backends/backend.ts";
import type { Case } from "./case.ts";
import type { Computed } from "./evaluate.ts";

/** Why a case of a known kind cannot run yet. */
export interface Skip {
  readonly skip: string;
}

export interface Kind {
  readonly name: string;
  /** The largest deviation that passes, relative to each tensor's largest element. */
  readonly tolerance: number;
  /** Whether the case is of this kind. */
  recognises(given: Case): boolean;
  /** Compute a case of this kind. Throws a RondoError for one that lacks what it needs. */
  compute(given: Case, backend: Backend): Computed | Skip;
}

/** What float32 allows: each tensor within this of its largest element. */
export const float32Tolerance = 1e-5;
