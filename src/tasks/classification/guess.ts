/** Whether a file looks like rows with labels. */

import { hasEnding, isTagged } from "../head.ts";
import { isHeader } from "../records.ts";
import type { FileHead } from "../task.ts";
import { isWav } from "./inputs/recordings.ts";

/** Why a classifier may be meant; undefined for what does not look like it. Not every text with tabs has labels. */
export function guessed(head: FileHead): string | undefined {
  // Words with tags, a line each, look like texts with labels.
  if (isTagged(head)) return undefined;
  const lines = head.lines.filter((line) => line.trim() !== "");
  const [first = ""] = lines;
  if (areLabelled(head, lines)) return `${head.name} has rows of text and label`;
  if (head.paths?.some((path) => isWav(path) && path.includes("/"))) {
    return `${head.name} has WAV files in folders, as those of labels`;
  }
  const isTable = isHeader(first, "text") && isHeader(first, "label");
  return isTable ? `${head.name} is a table with text and label` : undefined;
}

function areLabelled(head: FileHead, lines: readonly string[]): boolean {
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
    const isLabel = (one: unknown) => ["string", "number", "boolean"].includes(typeof one);
    return typeof text === "string" && (Array.isArray(label) ? label.every(isLabel) : isLabel(label));
  } catch {
    return false;
  }
}
