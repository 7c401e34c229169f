/** An alignment as SVG: a square for each pair of words, as dark as its weight. */

import { checkOptions } from "../../checks.ts";
import { escapeXml, round } from "../text.ts";
import { type Alignment, checkAlignment, shownWord } from "./alignment.ts";
import { checkSizes } from "./frame.ts";
import { heatColor } from "./heat-svg.ts";
import { belowTitle, EDGE, FONT_SIZE, svgPage, TITLE_SIZE, textWidth } from "./page.ts";
import type { ChartSvgOptions } from "./svg.ts";

/** Pixels of a square, at most and at least. */
const [LARGEST, SMALLEST] = [26, 10];
/** Words above the columns rise by this angle. */
const ANGLE = 55;

/** The picture of an alignment; it is as wide as it has to be, and a little smaller where that is more than `width`. Throws UsageError for a width below 240, and for weights that do not fit. */
export function alignmentSvg(alignment: Alignment, options: Pick<ChartSvgOptions, "width"> = {}): string {
  checkOptions("alignmentSvg", options, { width: true });
  checkAlignment("alignmentSvg", alignment);
  const { width: wanted = 720 } = options;
  checkSizes("alignmentSvg", { width: [wanted, 240] });
  const { title, weights } = alignment;
  const [source, target] = [alignment.source.map(shownWord), alignment.target.map(shownWord)];
  const longest = (words: readonly string[]) => Math.max(0, ...words.map(pixels));
  const slope = (ANGLE * Math.PI) / 180;
  const left = EDGE + longest(target) + 8;
  const top = belowTitle(alignment) + Math.sin(slope) * longest(source) + FONT_SIZE;
  const overhang = Math.max(
    0,
    ...source.map((word, at) => Math.cos(slope) * pixels(word) - (source.length - 1 - at) * SMALLEST),
  );
  const room = (wanted - left - EDGE - overhang) / Math.max(1, source.length);
  const cell = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(room)));
  const width = Math.max(
    240,
    left + cell * source.length + overhang + EDGE,
    2 * EDGE + textWidth(title, TITLE_SIZE),
  );
  const height = top + cell * target.length + EDGE;
  const middle = cell / 2 + FONT_SIZE / 3;
  return svgPage({ title, width: Math.ceil(width), height: Math.ceil(height) }, [
    ...source.map((word, column) => {
      const [x, y] = [round(left + cell * column + middle), round(top - 6)];
      return `<text x="${x}" y="${y}" transform="rotate(-${ANGLE} ${x} ${y})">${escapeXml(word)}</text>`;
    }),
    ...target.map(
      (word, row) =>
        `<text x="${round(left - 8)}" y="${round(top + cell * row + middle)}" text-anchor="end">${escapeXml(word)}</text>`,
    ),
    `<g data-heat="attention" shape-rendering="crispEdges" stroke="#e5e7eb" stroke-width="1">`,
    ...weights.flatMap((own, row) =>
      Array.from(own, (weight, column) => {
        const told = `${target[row]} ← ${source[column]}: ${weight.toFixed(3)}`;
        return `<rect x="${left + cell * column}" y="${round(top + cell * row)}" width="${cell}" height="${cell}" fill="${heatColor(weight, false)}"><title>${escapeXml(told)}</title></rect>`;
      }),
    ),
    "</g>",
  ]);
}

const pixels = (text: string) => textWidth(text, FONT_SIZE);
