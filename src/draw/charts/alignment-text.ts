/** An alignment for a terminal: a row for each word that was written; what was read stands above, letter under letter. */

import { checkOptions } from "../../checks.ts";
import { type Alignment, checkAlignment, shownWord } from "./alignment.ts";
import { checkSizes } from "./frame.ts";
import { HEAT, heatCell } from "./heat-text.ts";
import { painted } from "./painted.ts";
import type { ChartTextOptions } from "./text.ts";
import { cut, inLine, widthOf } from "./width.ts";

/** Words above the columns are so many letters high at most. */
const HIGHEST = 12;

/** The lines of an alignment, each with its end. What does not fit beside each other goes on below. Throws UsageError for fewer than 30 columns, and for weights that do not fit. */
export function alignmentText(
  alignment: Alignment,
  options: Pick<ChartTextOptions, "columns" | "color"> = {},
): string {
  checkOptions("alignmentText", options, { columns: true, color: true });
  checkAlignment("alignmentText", alignment);
  const { columns = 80, color = false } = options;
  checkSizes("alignmentText", { columns: [columns, 30] });
  const { title, weights } = alignment;
  const [source, target] = [alignment.source.map(shownWord), alignment.target.map(shownWord)];
  const margin = Math.min(20, Math.max(0, ...target.map(widthOf)));
  // Two columns a word, so that a place is nearly a square.
  const across = Math.max(1, Math.floor((columns - margin - 1) / 2));
  const lines = title === "" ? [] : [cut(inLine(title), columns)];
  for (let from = 0; from < Math.max(1, source.length); from += across) {
    const words = source.slice(from, from + across).map((word) => [...word].slice(0, HIGHEST));
    const height = Math.max(0, ...words.map((word) => word.length));
    for (let line = 0; line < height; line++) {
      const letters = words.map((word) => {
        const letter = word[line - (height - word.length)] ?? " ";
        return `${letter}${" ".repeat(2 - widthOf(letter))}`;
      });
      lines.push(`${" ".repeat(margin + 1)}${letters.join("")}`.trimEnd());
    }
    for (const [row, own] of weights.entries()) {
      const word = cut(target[row] as string, margin);
      const cells = Array.from(own)
        .slice(from, from + across)
        .map((weight) => {
          const { text, code } = heatCell(weight);
          return painted(text.repeat(2), code ?? HEAT, color && code !== undefined);
        });
      lines.push(`${" ".repeat(margin - widthOf(word))}${word} ${cells.join("")}`.trimEnd());
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}
