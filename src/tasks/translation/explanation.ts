/** What a translation looked at, drawn: a row for each token that was written. */

import { alignmentDrawing } from "../../draw/charts/alignment-drawing.ts";
import type { Drawing } from "../../draw/charts/drawing.ts";
import { inLine } from "../text-table.ts";
import type { Translation } from "./translation.ts";

/** A drawing for each translation, in order. */
export async function* drawAlignments(found: AsyncIterable<Translation>): AsyncGenerator<Drawing> {
  for await (const { text, alignment } of found) {
    yield alignmentDrawing({
      title: inLine(text),
      source: alignment?.source ?? [],
      target: alignment?.target ?? [],
      weights: alignment?.weights ?? [],
    });
  }
}
