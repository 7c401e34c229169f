/** What the columns of a file of tokens are. */

import { nearName, printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import type { Line } from "../source.ts";
import { counted } from "../text.ts";

export interface ColumnsLayout {
  /** Whether tabs stand between columns, or spaces. */
  readonly tabs: boolean;
  /** How many columns there are, and the line that says so: the first one with any, from 1; 0 where there is none. */
  readonly columns: number;
  readonly firstLine: number;
  /** The names of the columns, where the first line has them. */
  readonly names: readonly string[] | undefined;
  /** Where the token stands and where its tag does, from 0. */
  readonly token: number;
  readonly tag: number;
}

/** How columns are called in a header. */
const TOKEN_NAMES = ["token", "tokens", "word", "words", "form", "text"];
const TAG_NAMES = [
  "tag",
  "tags",
  "ner",
  "ner_tag",
  "ner_tags",
  "label",
  "labels",
  "pos",
  "upos",
  "xpos",
  "chunk",
  "entity",
];
/** What a tag looks like, and a word hardly ever: capitals, and other letters in a label alone. */
const TAG = /^(?:[BIESLU]-\S+|[^\p{Ll}\p{Lo}]*\p{Lu}[^\p{Ll}\p{Lo}]*)$/u;

/** The cells of a line. */
export function cellsOfLine(text: string, tabs: boolean): string[] {
  if (tabs) return text.split("\t").map((cell) => cell.trim());
  return text.trim().split(/[ \t]+/);
}

/** Whether a line holds no token, so that it ends a sentence: it is blank, or the start of a document. */
export function endsSentence(text: string): boolean {
  return text.trim() === "" || text.startsWith("-DOCSTART-");
}

/** Whether a line is a remark: it starts with # and has not the columns that tokens have. */
export function isRemark(text: string, { tabs, columns }: Pick<ColumnsLayout, "tabs" | "columns">): boolean {
  return text.startsWith("#") && cellsOfLine(text, tabs).length !== columns;
}

/** Whether most lines have as many columns as the others, two or more: with tabs between them, or such that the last is a tag. */
export function looksLikeColumns(head: readonly Line[]): boolean {
  const rows = head.filter(({ text }) => !endsSentence(text)).map(({ text }) => text);
  if (rows.filter((row) => row.includes("\t")).length * 2 > rows.length) return true;
  const counts = rows.map((row) => cellsOfLine(row, false));
  const columns = commonest(counts.map(({ length }) => length));
  if (columns < 2) return false;
  const tagged = counts.filter((cells) => cells.length === columns && TAG.test(cells.at(-1) as string));
  const isSure = rows.length > 1 || /^[BIESLU]-/.test(tagged[0]?.at(-1) ?? "");
  return isSure && tagged.length * 2 > rows.length;
}

/**
 * @param column the one of tags, as it was given: a number from 1, or the name that it has in the first line
 * @throws DataError for a column that is not there, and where tags are asked for and there is one column
 */
export function findLayout(
  name: string,
  head: readonly Line[],
  column: string | number | undefined,
  tagged: boolean,
): ColumnsLayout {
  const texts = head.filter(({ text }) => !endsSentence(text));
  const tabs = texts.filter(({ text }) => text.includes("\t")).length * 2 > texts.length;
  const columns = commonest(texts.map(({ text }) => cellsOfLine(text, tabs).length));
  const rows = texts.filter(({ text }) => !isRemark(text, { tabs, columns }));
  const [first] = rows;
  const names = first && headerOf(cellsOfLine(first.text, tabs), column);
  const named = names?.findIndex((one) => TOKEN_NAMES.includes(one.toLowerCase())) ?? -1;
  const token = named >= 0 ? named : isNumbered(head, names ? first : undefined, tabs, columns) ? 1 : 0;
  const layout = { tabs, columns, firstLine: first?.number ?? 0, names, token };
  if (!tagged || first === undefined) return { ...layout, tag: columns - 1 };
  if (columns === 1) throw new DataError(`${name} has one column: a token and its tag expected in each line`);
  return { ...layout, tag: placeOf(column ?? columns, name, columns, names, cellsOfLine(first.text, tabs)) };
}

/** The cells of the first row, if they are a header: it has the column's name, or the names of tokens and tags. */
function headerOf(
  cells: readonly string[],
  column: string | number | undefined,
): readonly string[] | undefined {
  const has = (names: readonly string[]) => cells.some((cell) => names.includes(cell.toLowerCase()));
  const isHeader = typeof column === "string" ? cells.includes(column) : has(TOKEN_NAMES) && has(TAG_NAMES);
  return isHeader ? cells : undefined;
}

/** Whether the first of three columns or more numbers the tokens of each sentence from 1. */
function isNumbered(
  head: readonly Line[],
  header: Line | undefined,
  tabs: boolean,
  columns: number,
): boolean {
  if (columns < 3) return false;
  let count = 0;
  return head.every((line) => {
    if (endsSentence(line.text)) count = 0;
    else if (line !== header && !isRemark(line.text, { tabs, columns })) {
      count += 1;
      return cellsOfLine(line.text, tabs)[0] === String(count);
    }
    return true;
  });
}

function placeOf(
  column: string | number,
  name: string,
  columns: number,
  names: readonly string[] | undefined,
  firstCells: readonly string[],
): number {
  if (typeof column === "number") {
    if (column <= columns) return column - 1;
    throw new DataError(`${name} has ${counted(columns, "column")}: no column ${column}`);
  }
  if (names !== undefined) return names.indexOf(column);
  const near = nearName(column, firstCells);
  const help =
    near === undefined
      ? "a number, or a first line with the names of columns expected"
      : `did you mean ${near}?`;
  throw new DataError(`${name} has no column ${printGiven(column)} in its first line: ${help}`);
}

/** The number that is there most often; of two as common the first. 0 where there is none. */
function commonest(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best = 0;
  for (const [number, count] of counts) if (count > (counts.get(best) ?? 0)) best = number;
  return best;
}
