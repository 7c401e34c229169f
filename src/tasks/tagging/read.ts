/** Files of sentences with tags, as a tagger learns from them and is measured on them. */

import {
  findTaggedReading,
  readTagged,
  type TaggedForm,
  type TaggedReading,
} from "../../data/tagged/read.ts";
import type { TagRepair } from "../../data/tagged/schemes.ts";
import type { TaggedSentence } from "../../data/tagged/sentence.ts";
import type { TagScheme } from "../../data/tagged/spans.ts";
import { identifyRows, type RowsIdentity } from "../identity.ts";
import type { GivenFile } from "../task.ts";
import { type Corpus, corpusOf, schemeOf } from "./corpus.ts";

/** A column by its number, where a text is one. */
export function columnOf(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

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
  for await (const sentence of readTagged(file, reading)) sentences.push(sentence);
  const corpus = corpusOf(file.name, sentences, { scheme: scheme ?? schemeOf(sentences, like), repair });
  const lines = corpus.examples.map(({ words, given }) => JSON.stringify([words, given]));
  return { corpus, reading, data: identifyRows(file, lines) };
}

/** How another file is read than the one of the training: as that one where it is of its form. */
export async function readLike(
  file: GivenFile,
  before: TaggedReading | null,
  { form, column }: { readonly form?: TaggedForm | undefined; readonly column?: string | undefined },
) {
  const found = await findTaggedReading(file, { form });
  const own = columnOf(column) ?? (found.form === before?.form ? before.column : undefined);
  return { form: found.form, column: own };
}
