/** Whether a file looks like pairs of texts. */

import { isObject } from "../../formats/json.ts";
import { hasEnding } from "../head.ts";
import { isHeader } from "../records.ts";
import type { FileHead } from "../task.ts";

/** Why a translator may be meant; undefined for what does not look like it. Lines of two texts alone may be anything. */
export function guessed(head: FileHead): string | undefined {
  const [first = ""] = head.lines.filter((line) => line.trim() !== "");
  const isJson = hasEnding(head, "jsonl", "ndjson");
  const hasBoth = isJson ? hasTexts(first) : isHeader(first, "source") && isHeader(first, "target");
  return hasBoth ? `${head.name} has sources and targets` : undefined;
}

function hasTexts(line: string): boolean {
  try {
    const row: unknown = JSON.parse(line);
    return isObject(row) && typeof row.source === "string" && typeof row.target === "string";
  } catch {
    return false;
  }
}
