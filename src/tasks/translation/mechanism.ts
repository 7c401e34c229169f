/** The mechanism of attention that options name. */

import { additive, dot, general, type Mechanism } from "../../nn/index.ts";
import type { Form } from "./options.ts";

/** Undefined where nothing attends. */
export function mechanismOf({ attention, hidden, coverage }: Form): Mechanism | undefined {
  const units = { units: hidden, coverage: coverage > 0 };
  const mechanisms = {
    none: () => undefined,
    dot,
    general,
    additive: () => additive(units),
    location: () => additive({ ...units, location: { filters: 10, width: 5 } }),
    "multi-head": () => undefined,
  } satisfies Record<typeof attention, () => unknown>;
  return mechanisms[attention]() as Mechanism | undefined;
}
