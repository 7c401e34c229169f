/** Training and reading taggers from programs. */

import { type BackendChoice, backendOf } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import type { WordVectors } from "../../data/word-vectors.ts";
import { UsageError } from "../../errors.ts";
import { optionNames } from "../../options/table.ts";
import type { RunOptions } from "../../training/training.ts";
import { givenModel, trainedModel } from "../in-programs.ts";
import { vectorsInMemory } from "../word-vectors.ts";
import { beginTagger, checkTaggerOptions } from "./begin.ts";
import { openTagger } from "./file.ts";
import { type TaggerOptions, taggingOptions } from "./options.ts";
import { identify } from "./read.ts";
import { corpusOfSentences, type Tagger, type TaggingSentence, taggerOf } from "./tagger.ts";
import { trainingOf } from "./training.ts";

export interface TrainTaggerOptions extends TaggerOptions, Pick<RunOptions, "onEvent" | "signal"> {
  /** Sentences that choose the best epoch, instead of a part of those to train on. */
  readonly validationSentences?: Iterable<TaggingSentence> | undefined;
  /** Vectors that words start from: what `readWordVectors` gives for the words of the sentences. */
  readonly vectors?: WordVectors | undefined;
  readonly backend?: BackendChoice | undefined;
}

/**
 * A tagger of words: the one that did best on held-out sentences. Those whose tags tell spans, such as B-PER, I-PER and O, become
 * spans of the words, others are a tag a word.
 *
 *     const tagger = await trainTagger(sentences); // [{ tokens: ["Ann", "sings"], tags: ["B-PER", "O"] }, ...]
 *     console.log(tagger.tag("Bob dances.").spans);
 *
 * Hands the thread back now and then. Throws UsageError for options that do not exist or fit, DataError for sentences that are none,
 * are too few, or have one tag alone, TrainingError where the training diverges.
 */
export async function trainTagger(
  sentences: Iterable<TaggingSentence>,
  options: TrainTaggerOptions = {},
): Promise<Tagger> {
  const { form: _, column: __, ...named } = optionNames(taggingOptions);
  checkOptions<object>("trainTagger", options, {
    ...named,
    ...{ validationSentences: true, vectors: true, onEvent: true, signal: true, backend: true },
  });
  const { onEvent, signal, backend, vectors, validationSentences, ...given } = options;
  if (backend !== undefined) backendOf("trainTagger", backend);
  if (validationSentences !== undefined && given.validation !== undefined) {
    throw new UsageError("trainTagger: validation and validationSentences given, one of both expected");
  }
  const starting = vectorsInMemory("trainTagger", vectors);
  const { scheme, repair } = checkTaggerOptions(given, validationSentences !== undefined);
  const corpus = corpusOfSentences("sentences", sentences, { scheme, repair });
  const held =
    validationSentences &&
    corpusOfSentences("validationSentences", validationSentences, { repair, like: corpus.scheme ?? null });
  const { model, parts, record } = await beginTagger(corpus, held, given, {
    data: identify(corpus, corpus),
    validationData: held ? identify(held, held) : null,
    reading: null,
    ...{ repair, backend },
    vectors: starting,
  });
  const training = trainingOf(model, parts, record, backend);
  const best = await trainedModel("trainTagger", "tagger", training, { onEvent, signal });
  const found = openTagger(best, backend);
  return taggerOf(found.model, found.record, backend);
}

/**
 * A tagger from the bytes of a model file, such as `model.safetensors` of a run. `name` is for messages. Throws FormatError for any
 * other file.
 */
export function readTagger(
  bytes: Uint8Array,
  name = "tagger",
  options: { readonly backend?: BackendChoice | undefined } = {},
): Tagger {
  const file = givenModel("readTagger", bytes, name, options, { backend: true });
  const { backend } = options;
  const { model, record } = openTagger(file, backend);
  return taggerOf(model, record, backend);
}
