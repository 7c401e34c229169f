/** The mechanism of attention that options name. */

import {
  additive,
  dot,
  general,
  local,
  type Mechanism,
  multiHead,
  type ScoringMechanism,
} from "../../nn/index.ts";
import type { Form } from "./options.ts";

/** Features of where it looked before, and steps that each of them sees. */
const LOCATION = { filters: 10, width: 11 };

/** Undefined where nothing attends. */
export function mechanismOf({
  attention,
  hidden,
  heads,
  coverage,
  local: position,
  reach,
}: Form): Mechanism<string> | undefined {
  if (attention === "none") return undefined;
  if (attention === "multi-head") return multiHead({ heads, units: hidden }) as Mechanism<string>;
  const units = { units: hidden, coverage: coverage > 0 };
  const mechanisms = {
    dot,
    general,
    additive: () => additive(units),
    location: () => additive({ ...units, location: LOCATION }),
  };
  const scoring = mechanisms[attention]() as ScoringMechanism<string>;
  return position === "none" ? scoring : local(scoring, { position, width: reach });
}
