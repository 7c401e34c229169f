/** Rows of text with labels, from files: JSON Lines, fastText's `__label__NAME text`, or `NAME<tab>text`. */

import { printGiven } from "../../checks.ts";
import { jsonLines } from "../../data/json-lines.ts";
import { checkSource, type Source, sourceLines } from "../../data/source.ts";
import { DataError } from "../../errors.ts";
import { hasEnding } from "../head.ts";
import type { FileHead } from "../task.ts";

export interface Row {
  /** The line that it stands on, from 1. */
  readonly line: number;
  readonly text: string;
  /** At least one character; undefined where the line has none. */
  readonly label: string | undefined;
}

/** The keys under which objects of JSON Lines have text and label. */
export interface Keys {
  readonly text: string;
  readonly label: string;
}

const PREFIX = "__label__";

/** The rows of a file, in order; a file whose name ends in .jsonl is JSON Lines. Throws DataError with the line. */
export function readRows(source: Source, keys: Keys): AsyncGenerator<Row, void, undefined> {
  checkSource("classify", source);
  return /\.(jsonl|ndjson)$/i.test(source.name) ? objectRows(source, keys) : lineRows(source);
}

/** Whether the first lines of a file look like rows with labels; not every text with tabs does. */
export function areLabelled(head: FileHead): boolean {
  const lines = head.lines.filter((line) => line.trim() !== "");
  const [first = ""] = lines;
  if (hasEnding(head, "jsonl", "ndjson")) return isLabelledObject(first);
  if (/^__label__\S/.test(first)) return true;
  const rows = lines.map((line) => /^([^\t]+)\t([^\t]*\p{L}[^\t]*)$/u.exec(line));
  // A label comes again; what is different on each line is none.
  return rows.length > 1 && rows.every(Boolean) && new Set(rows.map((row) => row?.[1])).size < rows.length;
}

function isLabelledObject(line: string): boolean {
  try {
    const { text, label } = JSON.parse(line) as Record<string, unknown>;
    return typeof text === "string" && ["string", "number", "boolean"].includes(typeof label);
  } catch {
    return false;
  }
}

/** As `readRows`, of a file in which every row has a label. */
export async function readLabelledRows(
  source: Source,
  keys: Keys,
): Promise<(Row & { readonly label: string })[]> {
  const rows: (Row & { readonly label: string })[] = [];
  for await (const row of readRows(source, keys)) {
    const { label } = row;
    if (label === undefined) {
      throw new DataError(
        `${source.name}: line ${row.line} has no label: LABEL, a tab and the text expected, or ${PREFIX}LABEL text, or JSON with the key ${JSON.stringify(keys.label)}`,
      );
    }
    rows.push({ ...row, label });
  }
  return rows;
}

async function* objectRows(source: Source, keys: Keys): AsyncGenerator<Row, void, undefined> {
  for await (const { number, value } of jsonLines(source)) {
    const text = ownValue(value, keys.text);
    if (typeof text !== "string") {
      throw new DataError(
        `${source.name}: line ${number}: ${keys.text} is ${printGiven(text)}, a string expected`,
      );
    }
    const label = ownValue(value, keys.label);
    const isLabel = typeof label === "string" || typeof label === "number" || typeof label === "boolean";
    if (!isLabel && label !== undefined && label !== null) {
      throw new DataError(
        `${source.name}: line ${number}: ${keys.label} is ${printGiven(label)}, one label expected`,
      );
    }
    yield { line: number, text, label: isLabel && label !== "" ? String(label) : undefined };
  }
}

/** What an object of JSON has itself, nothing that every object inherits. */
function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

async function* lineRows(source: Source): AsyncGenerator<Row, void, undefined> {
  for await (const { number: line, text } of sourceLines(source)) {
    const marked = text.startsWith(PREFIX) ? /^__label__(\S+)(?:\s+(.*))?$/s.exec(text) : null;
    const tab = text.indexOf("\t");
    if (marked) yield { line, label: marked[1], text: marked[2] ?? "" };
    else if (tab > 0) yield { line, label: text.slice(0, tab), text: text.slice(tab + 1) };
    else yield { line, label: undefined, text: tab === 0 ? text.slice(1) : text };
  }
}
