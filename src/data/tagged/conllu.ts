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

/** A sentence while its lines come in. */
interface Open {
  readonly line: number;
  written: string | undefined;
  readonly pieces: Piece[];
  readonly tags: string[];
  readonly lines: number[];
  /** The last word of the words that are written together, so long as they are not complete. */
  last: number;
}

/**
 * The words of each sentence, the tags of a column, from 0. Empty nodes (8.1) are passed over. Of words that are written together
 * (1-2) each is a token.
 *
 * @throws DataError with name and line for a row without ten columns, an ID that does not follow, a word without its form or its tag
 */
export async function* conlluSentences(
  source: Source,
  column: number,
  tagged: boolean,
): AsyncGenerator<TaggedSentence, void, undefined> {
  let open: Open | undefined;
  for await (const { number, text } of sourceLines(source)) {
    if (text.trim() === "") {
      if (open && open.tags.length > 0) yield sentenceOf(open, tagged, source.name);
      open = undefined;
      continue;
    }
    open ??= { line: number, written: undefined, pieces: [], tags: [], lines: [], last: 0 };
    const where = `${source.name}: line ${number}`;
    if (text.startsWith("#")) open.written ??= /^#\s*text\s*=\s*(.*)$/u.exec(text)?.[1];
    else addRow(open, text, number, where, tagged ? column : undefined);
  }
  if (open && open.tags.length > 0) yield sentenceOf(open, tagged, source.name);
}

function addRow(open: Open, text: string, number: number, where: string, column: number | undefined): void {
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
  const next = open.tags.length + 1;
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
  const tag = column === undefined ? "" : (cells[column] as string);
  if (column !== undefined && (tag === "" || (tag === "_" && !MAY_BE_EMPTY.includes(column)))) {
    throw new DataError(`${where} has no tag in column ${column + 1}`);
  }
  checkRoom(open.tags.length, where);
  if (next <= open.last) open.pieces.at(-1)?.words.push(form);
  else open.pieces.push({ text: form, spaced, words: [form] });
  open.tags.push(tag);
  open.lines.push(number);
}

function sentenceOf(open: Open, tagged: boolean, name: string): TaggedSentence {
  const { line, written, pieces, tags, lines } = open;
  if (open.last > tags.length) {
    throw new DataError(
      `${name}: line ${lines.at(-1)}: the sentence ends with word ${tags.length}, ${open.last} expected`,
    );
  }
  const placed = placePieces(pieces, written);
  return {
    line,
    lines,
    text: placed.text,
    tokens: pieces.flatMap((piece, at) => wordsOf(piece, placed.tokens[at] as Token)),
    tags: tagged ? tags : undefined,
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
