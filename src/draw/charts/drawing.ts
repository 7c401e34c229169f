/** What can be shown as a picture and in a terminal, whatever it is of. */

import type { Alignment } from "./alignment.ts";
import { alignmentSvg } from "./alignment-svg.ts";
import { alignmentText } from "./alignment-text.ts";
import type { Chart } from "./chart.ts";
import { type ChartSvgOptions, chartSvg } from "./svg.ts";
import { type ChartTextOptions, chartText } from "./text.ts";
import type { ScoredText } from "./words.ts";
import { wordsSvg } from "./words-svg.ts";
import { wordsText } from "./words-text.ts";

export interface Drawing {
  /** As SVG, so many pixels wide. */
  svg(options?: Pick<ChartSvgOptions, "width">): string;
  /** For a terminal, in lines, each with its end. */
  text(options?: Pick<ChartTextOptions, "columns" | "color">): string;
}

/** A chart as a drawing. */
export function chartDrawing(chart: Chart): Drawing {
  return { svg: (options) => chartSvg(chart, options), text: (options) => chartText(chart, options) };
}

/** Words with scores as a drawing. */
export function wordsDrawing(text: ScoredText): Drawing {
  return { svg: (options) => wordsSvg(text, options), text: (options) => wordsText(text, options) };
}

/** What was attended to, as a drawing. */
export function alignmentDrawing(alignment: Alignment): Drawing {
  return {
    svg: (options) => alignmentSvg(alignment, options),
    text: (options) => alignmentText(alignment, options),
  };
}
