/** An alignment as a drawing. It needs no library, so that programs in a page load none for it. */

import type { Alignment } from "./alignment.ts";
import { alignmentSvg } from "./alignment-svg.ts";
import { alignmentText } from "./alignment-text.ts";
import type { Drawing } from "./drawing.ts";

/** What was attended to, as a drawing. */
export function alignmentDrawing(alignment: Alignment): Drawing {
  return {
    svg: (options) => alignmentSvg(alignment, options),
    text: (options) => alignmentText(alignment, options),
  };
}
