/** What a file is by its name and its first lines, for guesses of what is trained on it. */

import type { FileHead } from "./task.ts";

/** Whether a file's name ends in one of these: "csv", "tsv". */
export function hasEnding({ name }: FileHead, ...endings: readonly string[]): boolean {
  return endings.some((ending) => name.toLowerCase().endsWith(`.${ending}`));
}

/** What stands between the cells of a table. */
const DELIMITERS = [",", ";", "\t", "|"];
const NUMBER = /^[-+]?[\d.,]*\d[\d.,]*(e[-+]?\d+)?$/i;

/** Whether a file is a table: its name says so, or its lines. */
export function isTable(head: FileHead): boolean {
  return hasEnding(head, "csv", "tsv") || hasNumberColumn(head);
}

/** Whether the lines of a file have the same cells, and one column of them is numbers. */
function hasNumberColumn(head: FileHead): boolean {
  const lines = head.lines.filter((line) => line.trim() !== "");
  return lines.length >= 3 && DELIMITERS.some((delimiter) => hasNumbers(lines, delimiter));
}

function hasNumbers([header = "", ...lines]: readonly string[], delimiter: string): boolean {
  const size = header.split(delimiter).length;
  const rows = lines.map((line) =>
    line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")),
  );
  if (size < 2 || rows.some((row) => row.length !== size)) return false;
  return Array.from({ length: size }, (_, column) => column).some((column) =>
    rows.every((row) => row[column] === "" || NUMBER.test(row[column] as string)),
  );
}

/** Why a task of series may be meant; undefined for a file that is no table of numbers, or one of texts. */
export function tableReason(head: FileHead): string | undefined {
  const isNumbers = (hasEnding(head, "csv") || hasNumberColumn(head)) && !hasTexts(head);
  return isNumbers ? `${head.name} is a table of numbers` : undefined;
}

/** Whether most lines after the first have four words in a row, as sentences do, and names seldom. */
function hasTexts({ lines }: FileHead): boolean {
  const rows = lines.slice(1).filter((line) => line.trim() !== "");
  const withText = rows.filter((line) => /\p{L}+(?:\s+[\p{L}\p{N}'’,;-]+){3}/u.test(line));
  return withText.length > rows.length / 2;
}

/** Whether a file has words with tags: its name says so, or its lines, the last cell of which is a tag of spans such as B-PER. */
export function isTagged(head: FileHead): boolean {
  if (hasEnding(head, "conllu", "conll", "bio", "iob", "iob2")) return true;
  const lines = head.lines.filter((line) => line.trim() !== "" && !line.startsWith("-DOCSTART-"));
  if (hasEnding(head, "jsonl", "ndjson")) return /"(?:spans|tags)"\s*:\s*\[/.test(lines[0] ?? "");
  return lines.length > 1 && lines.every((line) => /^\S+(?:[ \t]+\S+)*[ \t]+(?:O|[BIESLU]-\S+)$/.test(line));
}

/** Whether a file has trees: its name says so, or each of its lines is one in brackets. */
export function isTrees(head: FileHead): boolean {
  if (hasEnding(head, "smi", "smiles")) return true;
  const lines = head.lines.filter((line) => line.trim() !== "");
  return lines.length > 0 && lines.every((line) => /^\s*\(\s*\S*\s*\(.*\)\s*\)\s*$/.test(line));
}
