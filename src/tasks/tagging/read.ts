/** Files of sentences, as a tagger learns from them, is measured on them, and tags them. */

import { jsonLines } from "../../data/json-lines.ts";
import { rereadable } from "../../data/rereadable.ts";
import { peekLine, type Source, sourceLines } from "../../data/source.ts";
import { readTagged } from "../../data/tagged/read.ts";
import { findTaggedReading, type TaggedForm, type TaggedReading } from "../../data/tagged/reading.ts";
import { sentenceOfRow } from "../../data/tagged/rows.ts";
import type { TagRepair } from "../../data/tagged/schemes.ts";
import type { TaggedSentence } from "../../data/tagged/sentence.ts";
import type { TagScheme } from "../../data/tagged/spans.ts";
import { tokenize } from "../../data/tagged/tokens.ts";
import { UsageError } from "../../errors.ts";
import { identifyRows, type RowsIdentity } from "../identity.ts";
import type { GivenFile } from "../task.ts";
import { type Corpus, corpusOf, schemeOf } from "./corpus.ts";

export interface ReadCorpusOptions {
  readonly form?: TaggedForm | undefined;
  readonly column?: string | number | undefined;
  readonly scheme?: TagScheme | undefined;
  readonly repair: TagRepair;
  /** The scheme that another file has, which this one may have too; null for tags that are not of spans. */
  readonly like?: TagScheme | null | undefined;
}

/** The sentences of a file, how it was read, and which file it is. */
export async function readCorpus(
  file: GivenFile,
  { form, column, scheme, repair, like }: ReadCorpusOptions,
): Promise<{ readonly corpus: Corpus; readonly reading: TaggedReading; readonly data: RowsIdentity }> {
  const reading = await findTaggedReading(file, { form, column });
  const sentences: TaggedSentence[] = [];
  for await (const sentence of readTagged(file, { form: reading.form, column })) sentences.push(sentence);
  const corpus = corpusOf(file.name, sentences, { scheme: scheme ?? schemeOf(sentences, like), repair });
  return { corpus, reading, data: identify(file, corpus) };
}

/** The identity of the sentences of a file. */
export function identify(file: Pick<GivenFile, "name" | "location">, { examples }: Corpus): RowsIdentity {
  const lines = examples.map(({ words, given }) => JSON.stringify([words, given]));
  return identifyRows(file as GivenFile, lines);
}

/** How another file is read than the one of the training: as that one where it is of its form. */
export async function readingLike(
  file: GivenFile,
  before: TaggedReading | null,
  { form, column }: { readonly form?: TaggedForm | undefined; readonly column?: string | undefined },
): Promise<Pick<ReadCorpusOptions, "form" | "column">> {
  if (column !== undefined) return { form, column };
  const found = await findTaggedReading(file, { form, tags: false });
  return { form, column: found.form === before?.form ? before.column : undefined };
}

/** The sentences of a file whose tags do not count. */
export function readUntagged(file: Source, form: TaggedForm | undefined): AsyncGenerator<TaggedSentence> {
  return readTagged(rereadable(file), { form, tags: false });
}

/**
 * Sentences of an input that goes on, each as soon as its line has come: texts, or JSON Lines where the first line begins as one. Throws
 * UsageError for a form whose sentences are not lines.
 */
export async function* followSentences(
  given: Source,
  asked: TaggedForm | undefined,
): AsyncGenerator<TaggedSentence> {
  const { form, source: input } = asked ? { form: asked, source: given } : await followed(given);
  if (form === "jsonl") {
    for await (const { number, value } of jsonLines(input)) {
      yield sentenceOfRow(value, number, `${input.name}: line ${number}`, false);
    }
  } else if (form === "text") {
    for await (const { number, text } of sourceLines(input)) yield textSentence(text, number);
  } else {
    throw new UsageError(`form ${form}: each line of what is followed is a sentence, text or jsonl expected`);
  }
}

async function followed(input: Source): Promise<{ readonly form: TaggedForm; readonly source: Source }> {
  const { line = "", source } = await peekLine(input);
  return { form: line.trimStart().startsWith("{") ? "jsonl" : "text", source };
}

/** A text as a sentence without tags. */
export function textSentence(text: string, line = 1): TaggedSentence {
  return { line, text, tokens: tokenize(text), tags: undefined, misaligned: 0, leftOut: 0 };
}
