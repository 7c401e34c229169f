/** Pairs of texts, each a source and its translation, as files have them: two files line by line, or one with both. */

import { type Source, sourceLines } from "../../data/source.ts";
import { counted } from "../../data/text.ts";
import { DataError } from "../../errors.ts";
import { formOf, recordsOf, refuseValue } from "../records.ts";
import { type FileTable, type GivenFile, type GivenFiles, required } from "../task.ts";
import type { Reading } from "./options.ts";

export interface Pair {
  readonly source: string;
  readonly target: string;
  /** Where it stands in its file, or in both, from 1; in a list its number. */
  readonly line: number;
}

/** Every pair of a file, or of two, in order. */
export interface Corpus {
  readonly name: string;
  readonly pairs: readonly Pair[];
}

const FORMS = "a table, JSON Lines, or lines of a text, a tab and its translation";

export const trainingFiles = {
  pairs: { help: `texts and their translations: ${FORMS}`, required: true },
  source: { help: "the texts to translate, one a line", insteadOf: "pairs" },
  target: { help: "their translations, one a line", insteadOf: "pairs" },
  validationPairs: {
    flag: "validation-file",
    option: "validation",
    help: "pairs that choose the best epoch, instead of a part of the others, in any of their forms",
  },
  validationSource: { help: "the texts of such pairs, one a line", insteadOf: "validationPairs" },
  validationTarget: { help: "their translations, one a line", insteadOf: "validationPairs" },
} satisfies FileTable;

export const evaluationFiles = {
  input: { help: `texts and their translations: ${FORMS}`, required: true },
  source: { help: "the texts to translate, one a line", insteadOf: "input" },
  target: { help: "their translations, one a line", insteadOf: "input" },
} satisfies FileTable;

export const predictionFiles = {
  input: {
    help: "texts to translate, one a line; or a .csv or .jsonl that has them (default: each line that is typed is answered)",
    required: true,
    followed: true,
  },
} satisfies FileTable;

/** Files that have pairs: one alone, or one of sources and one of targets. */
export type PairFiles =
  | { readonly pairs: GivenFile }
  | { readonly source: GivenFile; readonly target: GivenFile };

const WHAT = "file of pairs";

/** The files of a training to learn from. Throws UsageError where there are none. */
export function trainingPairs({ pairs, source, target }: GivenFiles): PairFiles {
  if (source && target) return { source, target };
  return { pairs: required(pairs, WHAT) };
}

/** The files of a training that are held out; undefined where there are none. */
export function heldOutPairs(files: GivenFiles): PairFiles | undefined {
  const { validationPairs: pairs, validationSource: source, validationTarget: target } = files;
  if (source && target) return { source, target };
  return pairs && { pairs };
}

/** The files of an evaluation. Throws UsageError where there are none. */
export function evaluationPairs({ input, source, target }: GivenFiles): PairFiles {
  return trainingPairs({ pairs: input, source, target });
}

/**
 * The pairs of files, those of empty texts too. Throws DataError with file and line for what is no pair, for files of different numbers
 * of lines, and where there are none.
 */
export async function readPairs(files: PairFiles, reading: Reading): Promise<Corpus> {
  const isOne = "pairs" in files;
  const name = isOne ? files.pairs.name : `${files.source.name} and ${files.target.name}`;
  const pairs: Pair[] = [];
  const found = isOne ? pairsOf(files.pairs, reading) : parallelLines(files.source, files.target);
  for await (const pair of found) pairs.push(pair);
  if (pairs.length > 0) return { name, pairs };
  throw new DataError(`${name}: no pairs, one or more expected`);
}

/** The lines of two files side by side. */
async function* parallelLines(sources: Source, targets: Source): AsyncGenerator<Pair, void, undefined> {
  const [left, right] = [sourceLines(sources), sourceLines(targets)];
  try {
    while (true) {
      const [source, target] = [await left.next(), await right.next()];
      if (source.done && target.done) return;
      if (source.done || target.done) {
        const line = (source.value ?? target.value)?.number ?? 0;
        const more = line + (await countLines(source.done ? right : left));
        const [of, to] = source.done ? [line - 1, more] : [more, line - 1];
        throw new DataError(
          `${sources.name} has ${counted(of, "line")} and ${targets.name} has ${to}: as many in both expected`,
        );
      }
      yield { source: source.value.text, target: target.value.text, line: source.value.number };
    }
  } finally {
    await left.return();
    await right.return();
  }
}

async function countLines(lines: AsyncGenerator<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of lines) count += 1;
  return count;
}

/** The pairs of one file. */
async function* pairsOf(file: GivenFile, reading: Reading): AsyncGenerator<Pair, void, undefined> {
  const { sourceColumn, targetColumn, delimiter } = reading;
  const { form, source: whole } = await formOf(file, sourceColumn, targetColumn);
  if (form === "lines") {
    yield* tabbedLines(whole, reading);
    return;
  }
  const columns = [sourceColumn, targetColumn];
  for await (const record of recordsOf(whole, form, { delimiter, needed: columns })) {
    const [source, target] = columns.map((column) => textOf(file.name, record, column)) as [string, string];
    yield { source, target, line: record.line };
  }
}

type TextRecord = { readonly line: number; readonly keys: readonly string[]; value(name: string): unknown };

/** A text of a record. Throws DataError with the line where there is none. */
function textOf(name: string, { line, keys, value }: TextRecord, column: string): string {
  const text = value(column);
  if (typeof text === "string") return text;
  return refuseValue(`${name}: line ${line}`, column, text, { what: "a text", keys });
}

/** Lines of a text, a tab and its translation; blank ones are passed over. */
async function* tabbedLines(
  file: Source,
  { sourceColumn, targetColumn }: Reading,
): AsyncGenerator<Pair, void, undefined> {
  for await (const { number, text } of sourceLines(file)) {
    if (text.trim() === "") continue;
    const cells = text.split("\t");
    if (cells.length !== 2) {
      throw new DataError(
        `${file.name}: line ${number} has ${counted(cells.length, "cell")}: a text, a tab and its translation expected, or first a line with the names of columns, ${sourceColumn} and ${targetColumn} among them`,
      );
    }
    yield { source: cells[0] as string, target: cells[1] as string, line: number };
  }
}

/**
 * The texts to translate, exactly one for each line; of a .jsonl, .csv or .tsv with a header those under a name, of other lines of a .tsv the first cell. Each comes as soon as its line has.
 * Throws DataError with the line where there is none.
 */
export async function* readSources(
  file: Source,
  { sourceColumn, delimiter }: Pick<Reading, "sourceColumn" | "delimiter">,
): AsyncGenerator<string, void, undefined> {
  const isTabbed = /\.(tsv|tab)$/i.test(file.name);
  const hasColumns = isTabbed || /\.(csv|jsonl|ndjson)$/i.test(file.name);
  const { form, source } = hasColumns
    ? await formOf(file, sourceColumn)
    : ({ form: "lines", source: file } as const);
  if (form === "lines") {
    // Of a text, a tab and its translation the text.
    for await (const { text } of sourceLines(source)) yield isTabbed ? (text.split("\t")[0] as string) : text;
    return;
  }
  for await (const record of recordsOf(source, form, { delimiter, needed: [sourceColumn] })) {
    yield textOf(file.name, record, sourceColumn);
  }
}
