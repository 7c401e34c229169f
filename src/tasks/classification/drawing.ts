/** What decided, drawn: words on grounds of their shares, or the numbers of each step with a strip of shares beneath. */

import { END_OF_LINE } from "../../data/words.ts";
import { chartDrawing, type Drawing, wordsDrawing } from "../../draw/charts/drawing.ts";
import { momentsChart } from "../../draw/charts/moments.ts";
import type { ScoredPart } from "../../draw/charts/words.ts";
import { inLine } from "../text-table.ts";
import type { LabelExplanation } from "./explanation.ts";
import type { Channels, Content, Input } from "./inputs/input.ts";

/** What the shares of steps are, for legends. */
const NAME = "gradient x input";

/** What is told of a content, and how much each of its steps speaks for it. */
export function drawExplanation(input: Input, content: Content, told: LabelExplanation): Drawing {
  const title = `${inLine(told.label)} ${told.probability.toFixed(4)}`;
  if (typeof content === "string") {
    return wordsDrawing({ title, parts: partsOf(content, told.steps), name: NAME });
  }
  const { names, upwards, values } = input.channels as Channels;
  const channels = names.map((name, at) => ({
    name,
    values: told.steps.map((_, step) => content[step * names.length + at] as number),
  }));
  return chartDrawing(
    momentsChart({
      ...{ title, channels: upwards ? channels.reverse() : channels, values, name: NAME },
      label: (step) => told.steps[step]?.name ?? "",
      scores: told.steps.map(({ share }) => share),
    }),
  );
}

/** A text in parts: its pieces with their shares, as far as those go, and what stands between them. */
function partsOf(text: string, steps: LabelExplanation["steps"]): ScoredPart[] {
  const parts: ScoredPart[] = [];
  let end = 0;
  for (const { name: piece, share } of steps) {
    const start = text.startsWith(piece, end) ? end : endOfBlanks(text, end);
    // What is written like the token of a line end is none.
    const written = piece === END_OF_LINE && text[start] === "\n" ? "\n" : piece;
    if (start > end) parts.push({ text: text.slice(end, start) });
    // Of a character of several bytes the first one is drawn, with the share of all.
    const last = parts.at(-1);
    if (written === "" && last) parts[parts.length - 1] = { ...last, score: (last.score ?? 0) + share };
    else parts.push({ text: written, score: share });
    end = start + written.length;
  }
  return [...parts, { text: text.slice(end) }];
}

/** Where the blanks end that may stand before a word: a line end is none. */
function endOfBlanks(text: string, start: number): number {
  const blanks = /[^\S\n]*/uy;
  blanks.lastIndex = start;
  blanks.test(text);
  return blanks.lastIndex;
}
