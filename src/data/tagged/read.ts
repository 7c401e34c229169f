/** Reads sentences with tags, whatever form they have. */

import type { Source } from "../source.ts";
import type { TaggedSentence } from "./sentence.ts";

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

/** How a file is read: JSON as it is. */
export interface TaggedReading {
  readonly form: TaggedForm;
  /** The column of tags: a name in CoNLL-U and where columns have a header, else a number from 1; undefined for jsonl and text. */
  readonly column: string | number | undefined;
}

/** How a file of sentences is to be read, from its name and its first lines. */
export async function findTaggedReading(
  _source: Source,
  _options: ReadTaggedOptions = {},
): Promise<TaggedReading> {
  throw new Error("not yet");
}

/** The sentences of a source, one after the other. */
// biome-ignore lint/correctness/useYield: not yet
export async function* readTagged(
  _source: Source,
  _options: ReadTaggedOptions = {},
): AsyncGenerator<TaggedSentence, void, undefined> {
  throw new Error("not yet");
}
