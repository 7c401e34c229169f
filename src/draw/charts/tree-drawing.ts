/** A tree as a drawing. It needs no library, so that programs in a page load none for it. */

import type { Drawing } from "./drawing.ts";
import type { LabelledTree } from "./labelled-tree.ts";
import { treeSvg } from "./tree-svg.ts";
import { treeText } from "./tree-text.ts";

/** A tree with what its nodes are told, as a drawing. */
export function treeDrawing(tree: LabelledTree): Drawing {
  return { svg: (options) => treeSvg(tree, options), text: (options) => treeText(tree, options) };
}
