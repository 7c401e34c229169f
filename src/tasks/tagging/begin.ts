/** From sentences to a training: what is learnt of the training part, and the network for it. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions, printGiven } from "../../checks.ts";
import type { TaggedReading } from "../../data/tagged/reading.ts";
import type { TagRepair } from "../../data/tagged/schemes.ts";
import { DataError } from "../../errors.ts";
import { completeOptions, optionNames } from "../../options/table.ts";
import type { RowsIdentity } from "../identity.ts";
import { type GivenVectors, requireVectorSize, startFrom } from "../word-vectors.ts";
import type { Corpus, Example } from "./corpus.ts";
import type { TaggerRecord } from "./file.ts";
import { TaggerModel } from "./model.ts";
import { completeForm, completeSettings, readingOptions, taggingOptions } from "./options.ts";
import { splitSentences } from "./split.ts";
import { Tags } from "./tags.ts";
import type { TaggerParts } from "./training.ts";
import { Words } from "./words.ts";

/** A training that can begin. */
export interface Begun {
  readonly model: TaggerModel;
  readonly parts: TaggerParts;
  readonly record: TaggerRecord;
}

/** What a training begins with beside its sentences. */
export interface Beginning {
  readonly data: RowsIdentity;
  readonly validationData: RowsIdentity | null;
  readonly reading: TaggedReading | null;
  readonly repair: TagRepair;
  readonly vectors?: GivenVectors | undefined;
  readonly backend?: BackendChoice | undefined;
}

/** Throws UsageError for options that are wrong whatever the data are, and gives how sentences are read. */
export function checkTaggerOptions(options: object, held: boolean) {
  checkOptions<object>("tag", options, optionNames(taggingOptions));
  completeForm(options);
  completeSettings(options, 1, held);
  const { form, column, scheme, repair } = options as Record<string, unknown>;
  return completeOptions("tag", readingOptions, { form, column, scheme, repair });
}

/** The sentences to learn from and those that choose the best epoch. Throws DataError where there are too few. */
export function partsOf(
  { name, examples, scheme }: Corpus,
  held: Corpus | undefined,
  { validation, seed }: { readonly validation: number; readonly seed: number },
): TaggerParts {
  if (examples.length === 0)
    throw new DataError(`${name}: no words with tags, one sentence or more expected`);
  if (held) {
    if (held.examples.length > 0) {
      return { training: examples, validation: held.examples, scheme: held.scheme };
    }
    throw new DataError(`${held.name}: no words with tags, one sentence or more expected`);
  }
  const parts = splitSentences(examples, validation, seed);
  if (validation > 0 && parts.validation.length === 0) {
    throw new DataError(
      `${name}: one sentence, of which none can be held out: more sentences expected, or a validation of 0`,
    );
  }
  return { ...parts, scheme };
}

/** Throws UsageError for options that contradict themselves or the data, DataError for data that are of no use. */
export async function beginTagger(
  corpus: Corpus,
  held: Corpus | undefined,
  options: object,
  { data, validationData, reading, repair, vectors, backend }: Beginning,
): Promise<Begun> {
  const parts = partsOf(corpus, held, completeSettings(options, 1, held !== undefined));
  const settings = completeSettings(options, parts.training.length, held !== undefined);
  const { scheme, name } = corpus;
  const distinct = new Set(parts.training.flatMap(({ tags }) => tags));
  if (distinct.size < 2) {
    throw new DataError(
      `${name}: every word has the tag ${printGiven([...distinct][0])}, two tags or more expected`,
    );
  }
  const sentences = parts.training.map(({ words }) => words);
  const words = Words.of(sentences, settings.vocabulary);
  const tags = Tags.of(
    parts.training.map((example) => example.tags),
    scheme,
  );
  requireKnownTags(held?.name ?? name, parts, tags);
  const found = await vectors?.of(words.words.tokens);
  const form = completeForm(options, { spans: scheme !== undefined, embedding: found?.size });
  requireVectorSize(form.embedding, found, vectors?.name);
  const commonest = commonestOf(words, tags, parts.training);
  const model = new TaggerModel(
    { form, words, tags, commonest },
    { initialize: settings.initialize, backend },
  );
  if (found) startFrom(model.network, found, { seed: settings.seed, id: (word) => words.words.id(word) });
  const used = found && vectors ? { name: vectors.name, words: found.vectors.size } : null;
  return { model, parts, record: { data, validationData, settings, reading, repair, vectors: used } };
}

/** Throws DataError where no held-out sentence can have a loss. */
function requireKnownTags(name: string, { validation, scheme }: TaggerParts, tags: Tags): void {
  if (validation.length === 0) return;
  if (validation.some((example) => !tags.numbersOf(example.tags, scheme).includes(-1))) return;
  throw new DataError(
    `${name}: no held-out sentence has only tags that the training part has: more sentences expected`,
  );
}

/** The commonest tag of each word in sentences; for what is unknown that of all words. */
function commonestOf(words: Words, tags: Tags, examples: readonly Example[]): number[] {
  const counts = words.words.tokens.map(() => new Map<number, number>());
  for (const { words: texts, tags: own } of examples) {
    for (const [at, tag] of tags.numbersOf(own).entries()) {
      for (const id of new Set([0, words.id(texts[at] as string)])) {
        counts[id]?.set(tag, (counts[id]?.get(tag) ?? 0) + 1);
      }
    }
  }
  const first = (count: Map<number, number>) => [...count].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0];
  const all = first(counts[0] as Map<number, number>) as number;
  return counts.map((count) => first(count) ?? all);
}
