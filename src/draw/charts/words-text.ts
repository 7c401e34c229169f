/** Words with scores as text, for a terminal: beneath each line of words the shades and signs of their scores. */

import { checkOptions } from "../../checks.ts";
import { checkSizes } from "./frame.ts";
import { printScale, strengthOf } from "./heat.ts";
import { HEAT, HEAT_SIGN, heatCell } from "./heat-text.ts";
import { painted } from "./painted.ts";
import type { ChartTextOptions } from "./text.ts";
import { cut, inLine, widthOf } from "./width.ts";
import { type PlacedWord, type ScoredText, scoreScale, wrapWords } from "./words.ts";

/** The text in lines, each with its end. Throws UsageError for fewer than 30 columns, and for scores that are not finite. */
export function wordsText(
  text: ScoredText,
  options: Pick<ChartTextOptions, "columns" | "color"> = {},
): string {
  checkOptions("wordsText", options, { columns: true, color: true });
  const { columns = 80, color = false } = options;
  checkSizes("wordsText", { columns: [columns, 30] });
  const scale = scoreScale("wordsText", text);
  // What ends a line of the text is kept; whatever else a terminal would obey is not shown.
  const shown = text.parts.map(({ text, score }) => ({
    text: text
      .split(/(\s+)/)
      .map((part, at) => (at % 2 === 0 ? inLine(part) : part))
      .join(""),
    score,
  }));
  const lines = wrapWords(shown, columns, widthOf).flatMap((line) => [
    across(line, ({ text }) => text),
    across(line, ({ score, width }) => {
      const { text: sign, code } = heatCell(score === undefined ? 0 : strengthOf(score, scale));
      return painted(sign.repeat(width), code ?? HEAT, color && code !== undefined);
    }),
  ]);
  const title = text.title === "" ? [] : [cut(inLine(text.title), columns), ""];
  const legend = cut(inLine(`${text.name} (${printScale(scale)})`), columns - 4);
  return [...title, ...lines, "", `${painted(HEAT_SIGN, HEAT, color)} ${legend}`]
    .map((line) => `${line}\n`)
    .join("");
}

/** What is drawn of each word at its place. */
function across(line: readonly PlacedWord[], of: (word: PlacedWord) => string): string {
  let drawn = "";
  let end = 0;
  for (const word of line) {
    drawn += " ".repeat(word.x - end) + of(word);
    end = word.x + word.width;
  }
  return drawn.trimEnd();
}
