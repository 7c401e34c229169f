/** What can be shown as a picture and in a terminal, whatever it is of. */

import type { Chart } from "./chart.ts";
import { chartSvg } from "./svg.ts";
import { chartText } from "./text.ts";
import type { ScoredText } from "./words.ts";
import { wordsSvg } from "./words-svg.ts";
import { wordsText } from "./words-text.ts";

export interface Drawing {
  /** As SVG, so many pixels wide, from 240; default 720. */
  svg(options?: { readonly width?: number | undefined }): string;
  /** For a terminal, in lines of so many characters at most, from 30 (default 80), each with its end; in colours, or by default not. */
  text(options?: { readonly columns?: number | undefined; readonly color?: boolean | undefined }): string;
}

/** A chart as a drawing. */
export function chartDrawing(chart: Chart): Drawing {
  return { svg: (options) => chartSvg(chart, options), text: (options) => chartText(chart, options) };
}

/** Words with scores as a drawing. */
export function wordsDrawing(text: ScoredText): Drawing {
  return { svg: (options) => wordsSvg(text, options), text: (options) => wordsText(text, options) };
}
