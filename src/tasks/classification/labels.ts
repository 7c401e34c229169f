/** What rows say of their labels: in a record, or before a text on its line. */

import { printGiven } from "../../checks.ts";
import { type Source, sourceLines } from "../../data/source.ts";
import { DataError } from "../../errors.ts";
import type { FileRecord } from "../records.ts";

const PREFIX = "__label__";

/** A line of text with the labels that it says. */
export interface LabelledLine {
  readonly line: number;
  readonly text: string;
  readonly labels: readonly string[] | undefined;
}

/**
 * The lines of a text: fastText's `__label__A __label__B text`, `LABEL<tab>text`, or a text without a label. Throws DataError for such a
 * one where every line must have a label.
 */
export async function* labelledLines(
  source: Source,
  labelled: boolean,
): AsyncGenerator<LabelledLine, void, undefined> {
  for await (const { number: line, text } of sourceLines(source)) {
    const marked = text.startsWith(PREFIX) ? /^((?:__label__\S+(?:\s+|$))+)(.*)$/s.exec(text) : null;
    const tab = text.indexOf("\t");
    if (marked) {
      const labels = (marked[1] as string)
        .trim()
        .split(/\s+/)
        .map((label) => label.slice(PREFIX.length));
      yield { line, labels: [...new Set(labels)], text: marked[2] as string };
    } else if (tab > 0) yield { line, labels: [text.slice(0, tab)], text: text.slice(tab + 1) };
    else if (labelled) {
      throw new DataError(
        `${source.name}: line ${line} has no label: LABEL, a tab and the text expected, or __label__LABEL text`,
      );
    } else yield { line, labels: undefined, text: tab === 0 ? text.slice(1) : text };
  }
}

/**
 * The labels that a record has under a name: one, or a list of them. Undefined where it has none: an empty list is none of several.
 * Throws DataError for anything else.
 */
export function labelsOf(
  { line, value }: Pick<FileRecord, "line" | "value">,
  { label, labelSeparator }: { readonly label: string; readonly labelSeparator?: string | undefined },
  where: string,
): readonly string[] | undefined {
  const given = value(label);
  if (given === undefined || given === null) return undefined;
  if (labelSeparator !== undefined && typeof given === "string") {
    return distinct(given.split(labelSeparator).map((one) => one.trim()));
  }
  if (given === "") return undefined;
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  const wrong = all.find((one) => !["string", "number", "boolean"].includes(typeof one));
  if (wrong === undefined) return distinct(all.map(String));
  throw new DataError(
    `${where}: line ${line}: ${label} is ${printGiven(Array.isArray(given) ? wrong : given)}, a label or a list of labels expected`,
  );
}

const distinct = (labels: readonly string[]) => [...new Set(labels.filter((label) => label !== ""))];
