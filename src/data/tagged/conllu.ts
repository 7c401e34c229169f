/** Sentences as CoNLL-U, the format of Universal Dependencies (https://universaldependencies.org/format.html). */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { type Line, type Source, sourceLines } from "../source.ts";
import { counted } from "../text.ts";
import { checkRoom, type TaggedSentence } from "./sentence.ts";
import { findTokens, joinTokens, type Token } from "./tokens.ts";

const COLUMNS = 10;
/** Columns where "_" says that there is nothing to say, not that nobody has said it. */
const MAY_BE_EMPTY = [1, 2, 5, 8, 9];
const WORD = /^[1-9]\d*$/;
const RANGE = /^([1-9]\d*)-([1-9]\d*)$/;
const EMPTY_NODE = /^\d+\.[1-9]\d*$/;

/** Whether most lines that are no comments are such rows. */
export function looksLikeConllu(head: readonly Line[]): boolean {
  const rows = head.filter(({ text }) => text.trim() !== "" && !text.startsWith("#"));
  const isRow = ({ text }: Line) => /^\d+(?:[-.]\d+)?\t/.test(text) && text.split("\t").length === COLUMNS;
  return rows.length > 0 && rows.filter(isRow).length * 2 > rows.length;
}

/** A piece of text: a word, or several that are written together. */
interface Piece {
  readonly text: string;
  readonly spaced: boolean;
  readonly words: string[];
}

/** A sentence while its lines come in, and when they are complete. */
export interface ConlluSentence {
  /** The line that it starts on, and the line of each word, from 1. */
  readonly line: number;
  readonly lines: number[];
  written: string | undefined;
  readonly pieces: Piece[];
  /** What the words have in each column that was asked for. */
  readonly columns: readonly string[][];
  /** The last word of the words that are written together, so long as they are not complete. */
  last: number;
}

/** A column, from 0, and what messages call that which stands in it. */
export interface ConlluColumn {
  readonly at: number;
  readonly what: string;
}

/**
 * The words of each sentence, the tags of a column, from 0. Empty nodes (8.1) are passed over. Of words that are written together
 * (1-2) each is a token.
 *
 * @throws as `conlluRows` does
 */
export async function* conlluSentences(
  source: Source,
  column: number,
  tagged: boolean,
): AsyncGenerator<TaggedSentence, void, undefined> {
  for await (const rows of conlluRows(source, tagged ? [{ at: column, what: "tag" }] : [])) {
    yield sentenceOf(rows);
  }
}

/**
 * The rows of each sentence, and what words have in some columns.
 *
 * @throws DataError with name and line for a row without ten columns, an ID that does not follow, a word without its form or without
 *   what is asked for
 */
export async function* conlluRows(
  source: Source,
  columns: readonly ConlluColumn[],
): AsyncGenerator<ConlluSentence, void, undefined> {
  let open: ConlluSentence | undefined;
  for await (const { number, text } of sourceLines(source)) {
    if (text.trim() === "") {
      if (open && open.lines.length > 0) yield complete(open, source.name);
      open = undefined;
      continue;
    }
    open ??= {
      line: number,
      lines: [],
      written: undefined,
      pieces: [],
      columns: columns.map(() => []),
      last: 0,
    };
    if (text.startsWith("#")) open.written ??= /^#\s*text\s*=\s*(.*)$/u.exec(text)?.[1];
    else addRow(open, text, number, `${source.name}: line ${number}`, columns);
  }
  if (open && open.lines.length > 0) yield complete(open, source.name);
}

function addRow(
  open: ConlluSentence,
  text: string,
  number: number,
  where: string,
  columns: readonly ConlluColumn[],
): void {
  const cells = text.split("\t");
  if (cells.length !== COLUMNS) {
    throw new DataError(
      `${where} has ${counted(cells.length, "column")}, ${COLUMNS} expected with tabs between them`,
    );
  }
  const [id, form, misc] = [cells[0], cells[1], cells[9]] as [string, string, string];
  if (EMPTY_NODE.test(id)) return;
  if (form.trim() === "") throw new DataError(`${where} has no form`);
  const spaced = !misc.split("|").includes("SpaceAfter=No");
  const next = open.lines.length + 1;
  const range = RANGE.exec(id);
  if (range) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    if (first !== next || last <= first || open.last >= first) {
      throw new DataError(`${where}: ID ${printGiven(id)} given, words from ${next} expected`);
    }
    open.pieces.push({ text: form, spaced, words: [] });
    open.last = last;
    return;
  }
  if (!WORD.test(id) || Number(id) !== next) {
    throw new DataError(`${where}: ID ${printGiven(id)} given, ${next} expected`);
  }
  for (const { at, what } of columns) {
    const cell = cells[at] as string;
    if (cell !== "" && (cell !== "_" || MAY_BE_EMPTY.includes(at))) continue;
    throw new DataError(`${where} has no ${what} in column ${at + 1}`);
  }
  checkRoom(open.lines.length, where);
  if (next <= open.last) open.pieces.at(-1)?.words.push(form);
  else open.pieces.push({ text: form, spaced, words: [form] });
  columns.forEach(({ at }, which) => {
    open.columns[which]?.push(cells[at] as string);
  });
  open.lines.push(number);
}

function complete(open: ConlluSentence, name: string): ConlluSentence {
  const { last, lines } = open;
  if (last <= lines.length) return open;
  throw new DataError(
    `${name}: line ${lines.at(-1)}: the sentence ends with word ${lines.length}, ${last} expected`,
  );
}

function sentenceOf({ line, lines, written, pieces, columns }: ConlluSentence): TaggedSentence {
  const placed = placePieces(pieces, written);
  return {
    line,
    lines,
    text: placed.text,
    tokens: pieces.flatMap((piece, at) => wordsOf(piece, placed.tokens[at] as Token)),
    tags: columns[0],
    misaligned: 0,
    leftOut: 0,
  };
}

/** The text of a sentence and where its pieces stand: as it was written where they are found in it, else put together from them. */
function placePieces(
  pieces: readonly Piece[],
  written: string | undefined,
): { text: string; tokens: Token[] } {
  const texts = pieces.map(({ text }) => text);
  const found = written === undefined ? undefined : findTokens(texts, written);
  if (written !== undefined && found !== undefined) return { text: written, tokens: found };
  return joinTokens(
    texts,
    pieces.map(({ spaced }) => spaced),
  );
}

/** The words of a piece: each in its place where they make up the piece, else all in the place of the whole. */
function wordsOf({ text, words }: Piece, { start, end }: Token): Token[] {
  if (words.join("") !== text) return words.map((word) => ({ text: word, start, end }));
  let at = start;
  return words.map((word) => {
    const token = { text: word, start: at, end: at + word.length };
    at = token.end;
    return token;
  });
}
