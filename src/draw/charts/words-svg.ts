/** Words with scores as SVG: each on a ground in the colour of its score. */

import { checkOptions } from "../../checks.ts";
import { escapeXml, round } from "../text.ts";
import { checkSizes } from "./frame.ts";
import { type HeatScale, printScale, strengthOf } from "./heat.ts";
import { heatColor, heatSwatch } from "./heat-svg.ts";
import { belowTitle, EDGE, svgPage, textWidth } from "./page.ts";
import type { ChartSvgOptions } from "./svg.ts";
import { type PlacedWord, type ScoredText, scoreScale, wrapWords } from "./words.ts";

const SIZE = 15;
const LINE = 28;
/** So much of its colour the strongest ground has: dark letters are read on it. */
const STRONGEST = 0.6;

/** The picture of a text. Throws UsageError for a width below 240, and for scores that are not finite. */
export function wordsSvg(text: ScoredText, options: Pick<ChartSvgOptions, "width"> = {}): string {
  checkOptions("wordsSvg", options, { width: true });
  const { width = 720 } = options;
  checkSizes("wordsSvg", { width: [width, 240] });
  const scale = scoreScale("wordsSvg", text);
  const lines = wrapWords(text.parts, width - 2 * EDGE, widthInPixels);
  const top = belowTitle(text) + 28;
  const legend = `${text.name} (${printScale(scale)})`;
  const height = top + LINE * lines.length + EDGE;
  return svgPage({ title: text.title, width, height }, [
    `<g data-legend="${escapeXml(text.name)}">${heatSwatch(EDGE, top - 26, true, STRONGEST)}<text x="${EDGE + 30}" y="${top - 16}">${escapeXml(legend)}</text></g>`,
    ...lines.flatMap((line, row) => line.map((word) => drawWord(word, top + LINE * row, scale))),
  ]);
}

/** A word is as wide as it was measured, whatever the font. */
function drawWord({ text, score, x, width }: PlacedWord, y: number, scale: HeatScale): string {
  const [left, room] = [round(EDGE + x), round(width)];
  const drawn = `<text x="${left}" y="${y + 20}" font-size="${SIZE}" textLength="${room}">${escapeXml(text)}</text>`;
  if (score === undefined) return drawn;
  const told = Number(score.toPrecision(3));
  const ground = heatColor(STRONGEST * strengthOf(score, scale), true);
  return `<g data-score="${told}"><title>${escapeXml(`${text}: ${told}`)}</title><rect x="${round(left - 1)}" y="${y + 3}" width="${round(room + 2)}" height="24" rx="3" fill="${ground}"/>${drawn}</g>`;
}

const widthInPixels = (text: string) => textWidth(text, SIZE);
