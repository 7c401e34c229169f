/** How a file of trees is read: which form it has, and the options of each form. */

import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { checkSource, type Source, sourceLines } from "../source.ts";
import { looksLikeConllu } from "../tagged/conllu.ts";
import { checkTreeKeys, type TreeKeys } from "./objects.ts";
import { RING_RULES, type RingRule } from "./smiles.ts";

export const TREE_FORMS = ["brackets", "jsonl", "conllu", "expressions", "smiles"] as const;
/**
 * - `brackets`: as in the Penn Treebank and the Stanford Sentiment Treebank, `(3 (2 It) (4 good))`.
 * - `jsonl`: a JSON object a line, nested or a list of nodes.
 * - `conllu`: the dependency trees of CoNLL-U.
 * - `expressions`: an expression of arithmetic or logic a line, `2 * (x + 1)`.
 * - `smiles`: a molecule a line, `CC(=O)O`.
 */
export type TreeForm = (typeof TREE_FORMS)[number];

export interface ReadTreesOptions {
  /** By default found, by the ending of the name (.conllu, .jsonl, .ndjson, .smi, .smiles), else by the first lines; expressions are never found. */
  readonly form?: TreeForm | undefined;
  /** Brackets and CoNLL-U: whether nodes have labels. Default true. With false, words and brackets alone stand in brackets. */
  readonly labels?: boolean | undefined;
  /** CoNLL-U: the column of labels, a number from 1 or a name. Default UPOS. */
  readonly column?: string | number | undefined;
  /** JSON: what the parts of a node are called. */
  readonly keys?: TreeKeys | undefined;
  /** SMILES: what becomes of rings. Default "cut". */
  readonly rings?: RingRule | undefined;
}

/** So many lines say what a file is. */
const HEAD = 100;
const FORM_OF_ENDING: Readonly<Record<string, TreeForm>> = {
  conllu: "conllu",
  jsonl: "jsonl",
  ndjson: "jsonl",
  smi: "smiles",
  smiles: "smiles",
};
/** The forms that an option is for. */
const FORMS_OF_OPTION: Readonly<Record<Exclude<keyof ReadTreesOptions, "form">, readonly TreeForm[]>> = {
  labels: ["brackets", "conllu"],
  column: ["conllu"],
  keys: ["jsonl"],
  rings: ["smiles"],
};

export function checkTreeReading(where: string, source: Source, options: ReadTreesOptions): void {
  checkOptions(where, options, { form: true, labels: true, column: true, keys: true, rings: true });
  checkSource(where, source);
  const { form, labels, column, keys, rings } = options;
  if (form !== undefined && !TREE_FORMS.includes(form)) {
    throw new UsageError(`${where}: form ${printGiven(form)} is unknown: expected ${TREE_FORMS.join(", ")}`);
  }
  if (labels !== undefined && typeof labels !== "boolean") {
    throw new UsageError(`${where}: labels ${printGiven(labels)} given, true or false expected`);
  }
  const isNumber = Number.isSafeInteger(column) && Number(column) >= 1;
  if (column !== undefined && !isNumber && (typeof column !== "string" || column === "")) {
    throw new UsageError(
      `${where}: column ${printGiven(column)} given, a name or a whole number from 1 expected`,
    );
  }
  if (rings !== undefined && !RING_RULES.includes(rings)) {
    throw new UsageError(`${where}: rings ${printGiven(rings)} given, ${RING_RULES.join(" or ")} expected`);
  }
  if (keys !== undefined) checkTreeKeys(where, keys);
}

/**
 * The form that a source is read as, for options that `checkTreeReading` has checked.
 *
 * @throws DataError where it is not found, and for options of another form
 */
export async function settleTreeForm(source: Source, options: ReadTreesOptions): Promise<TreeForm> {
  const form = options.form ?? (await findForm(source));
  for (const [name, forms] of Object.entries(FORMS_OF_OPTION)) {
    if (options[name as keyof ReadTreesOptions] === undefined || forms.includes(form)) continue;
    throw new DataError(
      `${name} given, but ${source.name} is read as ${form}: an option of ${forms.join(" and ")}`,
    );
  }
  return form;
}

async function findForm(source: Source): Promise<TreeForm> {
  const ending = /\.(\w+)(?:\.gz)?$/.exec(source.name)?.[1]?.toLowerCase() ?? "";
  const byName = Object.hasOwn(FORM_OF_ENDING, ending) ? FORM_OF_ENDING[ending] : undefined;
  if (byName !== undefined) return byName;
  const head = [];
  for await (const line of sourceLines(source)) {
    if (line.text.trim() === "") continue;
    // No more is read than has to be: an input may go on.
    if (head.length === 0 && /^\s*[({]/.test(line.text)) {
      return line.text.trimStart().startsWith("(") ? "brackets" : "jsonl";
    }
    head.push(line);
    if (head.length === HEAD) break;
  }
  if (head.length === 0) return "brackets";
  if (looksLikeConllu(head)) return "conllu";
  throw new DataError(
    `${source.name} has neither trees in brackets, JSON Lines nor CoNLL-U: the form expected, one of ${TREE_FORMS.join(", ")}`,
  );
}
