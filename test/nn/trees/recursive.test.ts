/** Layers over trees give what the cells' equations say, node by node, however they are computed. */

import { describe, expect, test } from "vitest";
import { type TreeCellName, treeCells } from "../../../src/nn/index.ts";
import { expectClose } from "../../helpers/close.ts";
import { rowAt } from "../../helpers/values.ts";
import type { Row } from "../cells/rows.ts";
import { caseOf, run, statesOf, withNaN, without } from "./check-tree-cell.ts";

const names = Object.keys(treeCells) as TreeCellName[];
const structures = { "leaves apart": [], "node by node": ["leaves", "inner"] };

describe.each(names)("%s", (name) => {
  test.each(Object.entries(structures))("is its equations, %s", (_, left) => {
    for (const reads of ["nodes", "leaves"] as const) {
      const given = caseOf(name, { reads });
      const { output, root } = run(given.layer, withNaN(given), without(given.arrays, "types", ...left));
      const states = statesOf(name, given.weights, { ...given, reads });
      expect(output.shape).toEqual([given.steps, given.trees.length, 4]);
      states.forEach((nodes, b) => {
        for (let t = 0; t < given.steps; t++) {
          expectClose(rowAt(output, t, b), (nodes[t]?.h as Row) ?? [0, 0, 0, 0], 10);
        }
        const last = (nodes.at(-1)?.h ?? []) as Row;
        expectClose(Array.from(root.data.slice(b * 4, b * 4 + 4)), last, 10);
      });
    }
  });
});

test.each<TreeCellName>(["tree-rnn", "tree-tensor", "tree-lstm", "tree-gru"])(
  "%s has as many children as it is asked for",
  (name) => {
    const given = caseOf(name, { arity: 3 });
    const { output } = run(given.layer, given.x, without(given.arrays, "types"));
    const states = statesOf(name, given.weights, { ...given, reads: "nodes" });
    states.forEach((nodes, b) => {
      nodes.forEach(({ h }, t) => {
        expectClose(rowAt(output, t, b), h as Row, 10);
      });
    });
  },
);
