/** Reads sentences with tags, whatever form they have. */

import { jsonLines } from "../json-lines.ts";
import { type Source, sourceLines } from "../source.ts";
import { columnSentences } from "./columns.ts";
import { conlluSentences } from "./conllu.ts";
import { checkReading, conlluPlace, type ReadTaggedOptions, settleReading } from "./reading.ts";
import { sentenceOfRow } from "./rows.ts";
import type { TaggedSentence } from "./sentence.ts";
import { tokenize } from "./tokens.ts";

/**
 * The sentences of a source, one after the other, as they are read: from CoNLL-U, from columns of tokens and tags, from JSON Lines,
 * and, without tags, from text, each line of which is a sentence, also an empty one. Tags are as they stand in the file, and those of
 * spans in JSON Lines are BIO; whether they follow their scheme is for others to see (`findScheme`, `tagFaults`).
 *
 *     for await (const { tokens, tags } of readTagged(source, { column: "UPOS" })) console.log(tokens.length, tags);
 *
 * @throws UsageError for what is no source, and options that are none
 * @throws DataError, when its turn has come, as `findTaggedReading` does, with name and line for what is none of the form and for a
 *   token without its tag, and as `sourceLines` and `jsonLines` do
 */
export function readTagged(
  source: Source,
  options: ReadTaggedOptions = {},
): AsyncGenerator<TaggedSentence, void, undefined> {
  checkReading("readTagged", source, options);
  return sentencesOf(source, options);
}

async function* sentencesOf(
  source: Source,
  options: ReadTaggedOptions,
): AsyncGenerator<TaggedSentence, void, undefined> {
  const reading = await settleReading(source, options);
  const { tags = true } = options;
  if (reading.form === "conllu") yield* conlluSentences(source, conlluPlace(reading.column), tags);
  else if (reading.form === "columns") yield* columnSentences(source, reading.layout, tags);
  else if (reading.form === "jsonl") yield* jsonSentences(source, tags);
  else yield* textSentences(source);
}

async function* jsonSentences(
  source: Source,
  tags: boolean,
): AsyncGenerator<TaggedSentence, void, undefined> {
  for await (const { number, value } of jsonLines(source)) {
    yield sentenceOfRow(value, number, `${source.name}: line ${number}`, tags);
  }
}

async function* textSentences(source: Source): AsyncGenerator<TaggedSentence, void, undefined> {
  for await (const { number, text } of sourceLines(source)) {
    yield { line: number, text, tokens: tokenize(text), tags: undefined, misaligned: 0, leftOut: 0 };
  }
}
