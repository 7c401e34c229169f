/** Everything that makes a program fast or exact and can be left out, by name; and the rewrites of the graph among it, in order. */

import type { Node } from "../../graph/node.ts";
import { rewriting } from "../../graph/traverse.ts";
import { compensateSums } from "./compensate-sums.ts";
import { hoistProducts } from "./hoist-products.ts";
import { mergeProducts } from "./merge-products.ts";
import { mergeScans } from "./merge-scans.ts";
import { prune } from "./prune.ts";
import { pushSums } from "./push-sums.ts";
import type { Pass } from "./scans.ts";
import { sinkViews } from "./sink-views.ts";
import { splitProducts } from "./split-products.ts";

/** Every pass and what it does, in the order in which a program meets them: first its graph, from `fuseLoops` on its loops. */
export const passes = {
  mergeScans: "scans that step alike over the same inputs become one with all outputs",
  prune: "outputs, states and inputs of scans that nobody reads disappear",
  sinkViews: "gates are computed from slices of the products, masks where the rows are that they mask",
  splitProducts: "concat(h, x) . W becomes h . W_h + x . W_x",
  hoistProducts: "products of a scan's inputs, and work that is the same at every step, leave the loop",
  mergeProducts: "products that share a side become one",
  pushSums: "sums over time of products become one product after the loop",
  compensateSums: "states that add up terms of many steps carry along what rounding took from their sum",
  fuseLoops: "elementwise work and reductions over one space run in one loop, their values in registers",
  cutLoops: "a loop nest ends where a dear function, such as tanh, waits for another one",
  reuseSlots:
    "step by step, a sequence that a loop makes takes the place of one that it reads for the last time",
  computeOnce:
    "what depends on weights alone that the program only reads is computed once, not at every call",
  fuseTails: "a product and the loops over its rows take turns, block of rows by block of rows",
  packMatrices:
    "a right-hand side that is used again unchanged is brought in the layout of the inner loop once",
  splitWork: "several threads share the statements, in scans along the batch",
  shareMemory: "buffers that are never alive together stand in the same place",
} as const;

export type PassName = keyof typeof passes;

/** The rewrites of the graph. */
export const graphPasses = {
  mergeScans,
  prune,
  sinkViews,
  splitProducts,
  hoistProducts,
  mergeProducts,
  pushSums,
  compensateSums,
} satisfies Partial<Record<PassName, Pass>>;

export type GraphPassName = keyof typeof graphPasses;

const order: readonly GraphPassName[] = [
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
  "compensateSums",
];

/** The results after all rewrites of the graph but those named in `off`; `watch` sees the graph after each. */
export function rewrite(
  results: readonly Node[],
  off: readonly PassName[] = [],
  watch?: (pass: GraphPassName, results: readonly Node[]) => void,
): Node[] {
  const names = order.filter((name) => !off.includes(name));
  return rewriting(results, () =>
    names.reduce<Node[]>(
      (current, name) => {
        const next = graphPasses[name](current);
        watch?.(name, next);
        return next;
      },
      [...results],
    ),
  );
}
