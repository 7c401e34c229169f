/** A tagger looked into: how it reads one sentence, and the characters of its longest word. */

import { rereadable } from "../../data/rereadable.ts";
import type { TaggedSentence } from "../../data/tagged/sentence.ts";
import { completeOptions } from "../../options/table.ts";
import { type InspectedExample, OWN, pickRow, rowOption, withTargets } from "../inspection.ts";
import { type GivenFile, type GivenOptions, required, type Signature } from "../task.ts";
import { TAG, type TaggerRecord } from "./file.ts";
import type { TaggerModel, Told } from "./model.ts";
import { evaluationOptions } from "./options.ts";
import { readCorpus, readingLike, readUntagged } from "./read.ts";
import { batchOf, updateOf } from "./training.ts";

const options = { row: rowOption("sentence"), ...evaluationOptions };

export const inspectionSignature: Signature = {
  files: { input: { help: "sentences, with tags or without", required: true } },
  options,
};

/** The words of a sentence, as many as are read at once, with their tags. */
export async function inspected(
  model: TaggerModel,
  { settings, reading, repair }: TaggerRecord,
  file: GivenFile | undefined,
  given: GivenOptions,
): Promise<InspectedExample> {
  const { row, scheme, ...keys } = completeOptions(TAG, options, given);
  const source = required(file, "file of sentences");
  const picked = { name: source.name, what: "sentences" };
  const tagged = async () => {
    const own = await readingLike(source, reading, keys);
    const like = model.tags.scheme ?? null;
    const { corpus } = await readCorpus(source, { ...own, scheme, repair, like });
    const { words, tags } = await pickRow(corpus.examples, row, picked);
    return { words, numbers: model.tags.numbersOf(tags, corpus.scheme) };
  };
  const untagged = async () => {
    const sentences = withWords(readUntagged(rereadable(source), keys.form));
    const { tokens } = await pickRow(sentences, row, picked);
    return { words: tokens.map(({ text }) => text), numbers: [-1] };
  };
  const { words: all, numbers: tags } = await withTargets(tagged, untagged);
  const words = all.slice(0, model.form.longest);
  const hasTags = !tags.includes(-1);
  const numbers = hasTags ? tags.slice(0, words.length) : (model.tell([words])[0] as Told).numbers;
  const different = [...new Set(words)];
  const longest = different.reduce((best, word) => (word.length > best.length ? word : best), "");
  return {
    title: `sentence ${row} of ${source.name}: ${words.join(" ")}`,
    target: `nats a word, of the tags ${hasTags ? "of the sentence" : `, ${OWN}`}`,
    ...updateOf(model, settings),
    values: batchOf(model, [{ words, numbers }]),
    steps: [
      { path: "", unit: "words", names: words },
      {
        path: "spelling",
        unit: `characters of “${longest}”`,
        names: model.words.charactersOf(longest),
        row: different.indexOf(longest),
      },
    ],
  };
}

async function* withWords(
  sentences: AsyncIterable<TaggedSentence>,
): AsyncGenerator<TaggedSentence, void, undefined> {
  for await (const sentence of sentences) if (sentence.tokens.length > 0) yield sentence;
}
