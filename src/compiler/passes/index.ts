/** The rewrites of the graph, in order. Each can be switched off; every program runs without any but the first. */

import type { Node } from "../../graph/node.ts";
import { hoistProducts } from "./hoist-products.ts";
import { mergeProducts } from "./merge-products.ts";
import { mergeScans } from "./merge-scans.ts";
import { prune } from "./prune.ts";
import { pushSums } from "./push-sums.ts";
import type { Pass } from "./scans.ts";
import { sinkViews } from "./sink-views.ts";
import { splitProducts } from "./split-products.ts";

export const passes = {
  mergeScans,
  prune,
  sinkViews,
  splitProducts,
  hoistProducts,
  mergeProducts,
  pushSums,
} satisfies Record<string, Pass>;

export type PassName = keyof typeof passes;

const order: readonly PassName[] = [
  "mergeScans",
  "prune",
  "sinkViews",
  "splitProducts",
  "hoistProducts",
  "mergeProducts",
  "hoistProducts",
  "pushSums",
  "prune",
  "sinkViews",
  "mergeProducts",
  "hoistProducts",
  "prune",
];

/** The results after all rewrites but those named in `off`; `watch` sees the graph after each. */
export function rewrite(
  results: readonly Node[],
  off: readonly PassName[] = [],
  watch?: (pass: PassName, results: readonly Node[]) => void,
): Node[] {
  return order
    .filter((name) => !off.includes(name))
    .reduce<Node[]>(
      (current, name) => {
        const next = passes[name](current);
        watch?.(name, next);
        return next;
      },
      [...results],
    );
}
