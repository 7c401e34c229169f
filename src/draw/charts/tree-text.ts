/** A tree for a terminal: a line for each node, each below its parent and further to the right. */

import { checkOptions } from "../../checks.ts";
import { shownWord } from "./alignment.ts";
import { checkSizes } from "./frame.ts";
import { checkLabelledTree, type DrawnNode, type LabelledTree, toldOf } from "./labelled-tree.ts";
import { painted } from "./painted.ts";
import type { ChartTextOptions } from "./text.ts";
import { cut, inLine, widthOf } from "./width.ts";

/** The colours of terminals for what is told, and for what is told otherwise than it is. */
const [TOLD, WRONG] = ["34", "33"];

/** The lines of a tree, each with its end; of deep trees the branches on the left are cut. Throws UsageError for fewer than 30 columns, and for what is no tree to draw. */
export function treeText(
  tree: LabelledTree,
  options: Pick<ChartTextOptions, "columns" | "color"> = {},
): string {
  checkOptions("treeText", options, { columns: true, color: true });
  checkLabelledTree("treeText", tree);
  const { columns = 80, color = false } = options;
  checkSizes("treeText", { columns: [columns, 30] });
  const { title, nodes } = tree;
  const lines = title === "" ? [] : [cut(inLine(title), columns), ""];
  const open = [{ at: nodes.length - 1, branch: "", below: "" }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, branch, below } = next;
    const node = nodes[at] as DrawnNode;
    const stem = cutLeft(branch, Math.floor(columns / 2));
    const told = cut(inLine(toldOf(node)), columns - stem.length);
    const room = columns - stem.length - widthOf(told) - 2;
    const token = node.token === undefined || room < 2 ? "" : cut(shownWord(node.token), room);
    const parts = [painted(told, node.given === undefined ? TOLD : WRONG, color), token];
    lines.push(`${stem}${parts.filter((text) => text !== "").join("  ") || "·"}`);
    // The first child is told next.
    node.children.toReversed().forEach((child, order) => {
      open.push({
        at: child,
        branch: below + (order === 0 ? "└─ " : "├─ "),
        below: below + (order === 0 ? "   " : "│  "),
      });
    });
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** The end of what branches there are, where there is no room for all. */
function cutLeft(branch: string, columns: number): string {
  return branch.length <= columns ? branch : `…${branch.slice(branch.length - columns + 1)}`;
}
