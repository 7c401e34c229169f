/** How a file of sentences is read: which form it has, and where its tags stand. */

import { checkOptions, nearName, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { checkSource, type Line, type Source, sourceLines } from "../source.ts";
import { type ColumnsLayout, findLayout, looksLikeColumns } from "./columns-layout.ts";
import { looksLikeConllu } from "./conllu.ts";

export const TAGGED_FORMS = ["conllu", "columns", "jsonl", "text"] as const;
/**
 * - `conllu`: CoNLL-U, ten columns with tabs between them.
 * - `columns`: a token a line, its columns with tabs or spaces between them, a blank line after each sentence.
 * - `jsonl`: a JSON object a line: text and spans, or tokens and tags.
 * - `text`: a sentence a line, without tags.
 */
export type TaggedForm = (typeof TAGGED_FORMS)[number];

export interface ReadTaggedOptions {
  /** By default found: by the ending of the name, else by the first lines. */
  readonly form?: TaggedForm | undefined;
  /**
   * The column of the tags: a number from 1, a name of CoNLL-U (FORM, LEMMA, UPOS, XPOS, FEATS, HEAD, DEPREL, DEPS, MISC), or one of the
   * header that columns have. Default UPOS, and the last of columns. Not for jsonl and text, which have none.
   */
  readonly column?: string | number | undefined;
  /** Whether sentences must have tags. Default true; with false tags are not read, so that a file may lack them. */
  readonly tags?: boolean | undefined;
}

/** How a file is read; JSON as it is. */
export interface TaggedReading {
  readonly form: TaggedForm;
  /** The column of tags: a name in CoNLL-U and where columns have a header, else a number from 1; undefined where there is none. */
  readonly column: string | number | undefined;
}

/** A reading with all that is needed to carry it out. */
export type SettledReading =
  | { readonly form: "conllu"; readonly column: string }
  | { readonly form: "columns"; readonly column: string | number | undefined; readonly layout: ColumnsLayout }
  | { readonly form: "jsonl" | "text"; readonly column: undefined };

/** So many lines say what a file is. */
const HEAD = 500;
const FORM_OF_ENDING: Readonly<Record<string, TaggedForm>> = {
  conllu: "conllu",
  jsonl: "jsonl",
  ndjson: "jsonl",
  conll: "columns",
  bio: "columns",
  iob: "columns",
  iob2: "columns",
  tsv: "columns",
};
const CONLLU_NAMES = ["ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"];

/**
 * How `readTagged` reads a file of sentences: what is found from its name and its first 500 lines.
 *
 * @throws UsageError for what is no source, and options that are none
 * @throws DataError for a column that the file does not have, for text without tags where they are asked for, and as
 *   `sourceLines` does
 */
export async function findTaggedReading(
  source: Source,
  options: ReadTaggedOptions = {},
): Promise<TaggedReading> {
  checkReading("findTaggedReading", source, options);
  const { form, column } = await settleReading(source, options);
  return { form, column };
}

export function checkReading(where: string, source: Source, options: ReadTaggedOptions): void {
  checkOptions(where, options, { form: true, column: true, tags: true });
  checkSource(where, source);
  const { form, column, tags } = options;
  if (tags !== undefined && typeof tags !== "boolean") {
    throw new UsageError(`${where}: tags ${printGiven(tags)} given, true or false expected`);
  }
  if (form !== undefined && !TAGGED_FORMS.includes(form)) {
    const expected = `expected ${TAGGED_FORMS.join(", ")}`;
    throw new UsageError(`${where}: form ${printGiven(form)} is unknown: ${expected}`);
  }
  const isNumber = Number.isSafeInteger(column) && Number(column) >= 1;
  if (column === undefined || isNumber || (typeof column === "string" && column !== "")) return;
  throw new UsageError(
    `${where}: column ${printGiven(column)} given, a name or a whole number from 1 expected`,
  );
}

/** The reading of a source, from its first lines, for options that `checkReading` has checked. */
export async function settleReading(source: Source, options: ReadTaggedOptions): Promise<SettledReading> {
  const { tags = true } = options;
  const column =
    typeof options.column === "string" && /^[1-9]\d*$/.test(options.column)
      ? Number(options.column)
      : options.column;
  const head = await headOf(source);
  const form = options.form ?? findForm(source.name, head);
  if (form === "conllu") return { form, column: conlluColumn(column ?? "UPOS", source.name) };
  if (form === "columns") {
    const layout = findLayout(source.name, head, column, tags);
    return { form, column: tags ? (layout.names?.[layout.tag] ?? layout.tag + 1) : undefined, layout };
  }
  if (column !== undefined) {
    const given = `column ${printGiven(column)} given`;
    throw new DataError(
      `${given}, but ${source.name} is read as ${form}, which has none: no column expected`,
    );
  }
  if (form === "text" && tags) {
    const expected = "CoNLL-U, columns of tokens and tags, or JSON Lines with spans or tags expected";
    throw new DataError(`${source.name} is text without tags: ${expected}`);
  }
  return { form, column };
}

/** The name of a column of CoNLL-U. Throws DataError for one that it does not have. */
export function conlluColumn(column: string | number, file: string): string {
  const name = typeof column === "number" ? CONLLU_NAMES[column - 1] : column.toUpperCase();
  if (name !== undefined && CONLLU_NAMES.includes(name)) return name;
  const near = nearName(String(column), CONLLU_NAMES);
  const help =
    near === undefined ? `1 to 10 or ${CONLLU_NAMES.join(", ")} expected` : `did you mean ${near}?`;
  throw new DataError(`${file} is CoNLL-U, which has no column ${printGiven(column)}: ${help}`);
}

/** Where a column of CoNLL-U stands, from 0. */
export function conlluPlace(column: string): number {
  return CONLLU_NAMES.indexOf(column);
}

async function headOf(source: Source): Promise<Line[]> {
  const head: Line[] = [];
  for await (const line of sourceLines(source)) {
    head.push(line);
    if (head.length === HEAD) break;
  }
  return head;
}

function findForm(name: string, head: readonly Line[]): TaggedForm {
  const ending = /\.(\w+)(?:\.gz)?$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const byName = Object.hasOwn(FORM_OF_ENDING, ending) ? FORM_OF_ENDING[ending] : undefined;
  if (byName === "conllu" || byName === "jsonl") return byName;
  if (looksLikeConllu(head)) return "conllu";
  if (byName === "columns") return byName;
  const first = head.find(({ text }) => text.trim() !== "")?.text.trim() ?? "";
  if (first.startsWith("{")) return "jsonl";
  return looksLikeColumns(head) ? "columns" : "text";
}
