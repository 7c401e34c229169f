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
 * @throws UsageError for what is no source, options that do not exist, and a column of a form that has none
 * @throws DataError for a column that the file does not have, for text without tags where they are asked for, and as
 *   `sourceLines` does
 */
export async function findTaggedReading(
  source: Source,
  options: ReadTaggedOptions = {},
): Promise<TaggedReading> {
  const { form, column } = await settleReading("findTaggedReading", source, options);
  return { form, column };
}

export async function settleReading(
  where: string,
  source: Source,
  options: ReadTaggedOptions,
): Promise<SettledReading> {
  checkOptions(where, options, { form: true, column: true, tags: true });
  checkSource(where, source);
  const { form: given, tags = true } = options;
  if (given !== undefined && !TAGGED_FORMS.includes(given)) {
    throw new UsageError(
      `${where}: form ${printGiven(given)} is unknown: expected ${TAGGED_FORMS.join(", ")}`,
    );
  }
  const column = numbered(where, options.column);
  const head = await headOf(source);
  const form = given ?? findForm(source.name, head);
  if (form === "conllu") return { form, column: conlluColumn(where, column ?? "UPOS") };
  if (form === "columns") {
    const layout = findLayout(source.name, head, column, tags);
    return { form, column: tags ? (layout.names?.[layout.tag] ?? layout.tag + 1) : undefined, layout };
  }
  if (column !== undefined) {
    throw new UsageError(
      `${where}: column ${printGiven(column)} given, but ${source.name} is ${form}: no column expected`,
    );
  }
  if (form === "text" && tags) {
    const expected = "CoNLL-U, columns of tokens and tags, or JSON Lines with spans or tags expected";
    throw new DataError(`${source.name} is text without tags: ${expected}`);
  }
  return { form, column };
}

/** A column as it was given, a number where it is one: "4" is 4. */
function numbered(where: string, given: unknown): string | number | undefined {
  const column = typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
  if (column === undefined || (typeof column === "string" && column !== "")) return column;
  if (Number.isSafeInteger(column) && (column as number) >= 1) return column as number;
  throw new UsageError(`${where}: column ${printGiven(given)} given, a name or a number from 1 expected`);
}

function conlluColumn(where: string, column: string | number): string {
  const name = typeof column === "number" ? CONLLU_NAMES[column - 1] : column.toUpperCase();
  if (name !== undefined && CONLLU_NAMES.includes(name)) return name;
  const near = nearName(String(column), CONLLU_NAMES);
  const expected =
    near === undefined ? `1 to 10 or ${CONLLU_NAMES.join(", ")} expected` : `did you mean ${near}?`;
  throw new UsageError(`${where}: column ${printGiven(column)} is none of CoNLL-U: ${expected}`);
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
