/** What decided in a text: its words, each with a colour that says how much it spoke for what is told. */

import { UsageError } from "../../errors.ts";
import type { HeatScale } from "./heat.ts";

/** A piece of a text. */
export interface ScoredPart {
  readonly text: string;
  /** Above 0 where it spoke for what is told, below 0 where against. Without one it has no colour. */
  readonly score?: number | undefined;
}

export interface ScoredText {
  /** What is told of the text, such as a label and its probability. */
  readonly title: string;
  /** The text in its order, all of it: spaces between words are parts without a score, or belong to one. */
  readonly parts: readonly ScoredPart[];
  /** What the scores are, for the legend. */
  readonly name: string;
}

/** A word, or a piece of one, at its place in a line. */
export interface PlacedWord extends ScoredPart {
  readonly x: number;
  readonly width: number;
}

/** How far the scores of a text reach. Throws UsageError for one that is not finite. */
export function scoreScale(where: string, { parts }: ScoredText): HeatScale {
  let [least, greatest] = [0, 0];
  for (const [at, { score = 0 }] of parts.entries()) {
    if (!Number.isFinite(score)) {
      throw new UsageError(`${where}: score ${score} given at ${at}, a finite number expected`);
    }
    least = Math.min(least, score);
    greatest = Math.max(greatest, score);
  }
  return { signed: true, least, greatest };
}

/** Words that nothing stands between, and what stands before them. */
interface Cluster {
  readonly before: "" | "space" | "line";
  readonly words: ScoredPart[];
}

/**
 * A text in lines that are `width` wide at most, in the units of `widthOf`. Lines end where there is a space, else between parts, else
 * within a part that is longer than a line. Where the text itself begins a new line, there is one.
 */
export function wrapWords(
  parts: readonly ScoredPart[],
  width: number,
  widthOf: (text: string) => number,
): PlacedWord[][] {
  const lines: PlacedWord[][] = [];
  let x = 0;
  const begin = () => {
    lines.push([]);
    x = 0;
  };
  const place = (word: ScoredPart) => {
    const room = widthOf(word.text);
    if (x > 0 && x + room > width) begin();
    lines.at(-1)?.push({ ...word, x, width: room });
    x += room;
  };
  for (const { before, words } of clustersOf(parts)) {
    const room = words.reduce((sum, { text }) => sum + widthOf(text), 0);
    const gap = before === "" || x === 0 ? 0 : widthOf(" ");
    if (before === "line" || lines.length === 0 || (x > 0 && x + gap + room > width)) begin();
    else x += gap;
    for (const word of words) for (const piece of cutWord(word, width, widthOf)) place(piece);
  }
  return lines;
}

function clustersOf(parts: readonly ScoredPart[]): Cluster[] {
  const clusters: Cluster[] = [];
  let before: Cluster["before"] | undefined = "";
  for (const { text, score } of parts) {
    for (const piece of text.split(/(\s+)/)) {
      if (piece === "") continue;
      if (/\s/.test(piece)) before = before === "line" || piece.includes("\n") ? "line" : "space";
      else if (before === undefined) clusters.at(-1)?.words.push({ text: piece, score });
      else {
        clusters.push({ before, words: [{ text: piece, score }] });
        before = undefined;
      }
    }
  }
  return clusters;
}

/** A word in pieces, each of which fits a line. */
function cutWord(word: ScoredPart, width: number, widthOf: (text: string) => number): ScoredPart[] {
  if (widthOf(word.text) <= width) return [word];
  const pieces: string[] = [""];
  for (const character of word.text) {
    const longer = `${pieces.at(-1)}${character}`;
    if (pieces.at(-1) === "" || widthOf(longer) <= width) pieces[pieces.length - 1] = longer;
    else pieces.push(character);
  }
  return pieces.map((text) => ({ ...word, text }));
}
