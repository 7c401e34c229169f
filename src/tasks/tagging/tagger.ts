/** A trained tagger as programs use it. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions, isPlain, printGiven } from "../../checks.ts";
import { sentenceOfRow } from "../../data/tagged/rows.ts";
import type { TagRepair } from "../../data/tagged/schemes.ts";
import type { TaggedSentence } from "../../data/tagged/sentence.ts";
import { TAG_SCHEMES, type TagScheme } from "../../data/tagged/spans.ts";
import { joinTokens } from "../../data/tagged/tokens.ts";
import { DataError, UsageError } from "../../errors.ts";
import { writeModel } from "../../formats/model.ts";
import type { LabelScores } from "../label-table.ts";
import { type Corpus, corpusOf, schemeOf } from "./corpus.ts";
import { evaluateCorpus } from "./evaluation.ts";
import { describeTagger, type TaggerRecord } from "./file.ts";
import type { TagFigures } from "./measures.ts";
import type { TaggerModel } from "./model.ts";
import type { Form } from "./options.ts";
import { textSentence } from "./read.ts";
import { type Tagging, tagAll, taggings } from "./tagging.ts";

/**
 * A sentence whose words have tags: one for each token, or the spans of a text by UTF-16 units. Tokens may be given with a text that
 * they stand in; a text alone is cut into tokens as `tokenize` does.
 */
export type TaggingSentence =
  | {
      readonly tokens: readonly string[];
      readonly tags: readonly string[];
      readonly text?: string | undefined;
    }
  | {
      readonly text: string;
      readonly tokens?: readonly string[] | undefined;
      readonly spans: readonly {
        readonly start: number;
        readonly end: number;
        readonly label: string;
      }[];
    };

/** A sentence without tags: a text, which is cut into tokens, or its tokens; or an object that has them, as those to train on are. */
export type UntaggedSentence =
  | string
  | readonly string[]
  | { readonly text: string; readonly tokens?: undefined }
  | { readonly tokens: readonly string[] };

/** How well a tagger does, beside the commonest tag of each word. */
export interface TaggerEvaluation extends TagFigures {
  readonly sentences: number;
  readonly words: number;
  /** Nats a word, of sentences all of whose tags are known; undefined where there are none. */
  readonly loss?: number | undefined;
  /** Words that the training did not have. */
  readonly unknownWords: number;
  /** Tags that the training did not have: none of them is told right. */
  readonly unknownTags: number;
  /** Tags that broke their scheme, and were repaired; undefined for none, as the counts after it. */
  readonly broken?: number | undefined;
  readonly misaligned?: number | undefined;
  readonly leftOut?: number | undefined;
  readonly empty?: number | undefined;
  readonly baseline: TagFigures;
  /** By tag, or by the label of spans. */
  readonly labels: Readonly<Record<string, LabelScores>>;
  /** What is wrong with a tagger that does so, where something is. */
  readonly warning?: string | undefined;
}

/** A trained tagger: `trainTagger` makes one, `readTagger` reads one. */
export interface Tagger {
  /** What it is made of. */
  readonly form: Form;
  /** The tags that it tells, or the labels of its spans, in the order of the alphabet. */
  readonly labels: readonly string[];
  /** How its tags tell spans; undefined where they are of words. */
  readonly scheme: TagScheme | undefined;
  /** How well it did on what was held out; undefined where nothing was. */
  readonly validation: (TagFigures & { readonly loss: number }) | undefined;
  /** Throws DataError for what is no sentence. */
  tag(sentence: UntaggedSentence): Tagging;
  /** Many at once, in order, which is faster; exactly one for each. */
  tagAll(sentences: Iterable<UntaggedSentence>): Tagging[];
  /**
   * The same of sentences that come one after the other: exactly one for each, in order. `together` many are told at once, 1 to have each
   * answered before the next is asked for. Default 64.
   */
  stream(
    sentences: AsyncIterable<UntaggedSentence> | Iterable<UntaggedSentence>,
    options?: { readonly together?: number | undefined },
  ): AsyncGenerator<Tagging, void, undefined>;
  /** Throws DataError for sentences that are none, and where there are none. */
  evaluate(
    sentences: Iterable<TaggingSentence>,
    options?: { readonly scheme?: TagScheme | undefined },
  ): Promise<TaggerEvaluation>;
  /** The tagger as the bytes of a file, which `readTagger` and the command open. */
  toBytes(): Uint8Array;
}

/** Sentences with tags that a program gives. Throws DataError, which counts them from 1. */
export function corpusOfSentences(
  where: string,
  given: Iterable<TaggingSentence>,
  { scheme, repair, like }: { scheme?: TagScheme | undefined; repair: TagRepair; like?: TagScheme | null },
): Corpus {
  if (typeof given?.[Symbol.iterator] !== "function" || typeof given === "string") {
    throw new DataError(`${where}: ${printGiven(given)} given, a list of sentences expected`);
  }
  const sentences = Array.from(given as Iterable<unknown>, (sentence, at) => {
    const place = `${where}: sentence ${at + 1}`;
    if (typeof sentence === "object" && sentence !== null && !Array.isArray(sentence) && isPlain(sentence)) {
      return sentenceOfRow(sentence as Readonly<Record<string, unknown>>, at + 1, place, true);
    }
    throw new DataError(
      `${place}: ${printGiven(sentence)} given, { tokens, tags } or { text, spans } expected`,
    );
  });
  return corpusOf(where, sentences, {
    scheme: scheme ?? schemeOf(sentences, like),
    repair,
    unit: "sentence",
  });
}

function untagged(where: string, given: UntaggedSentence): TaggedSentence {
  if (typeof given === "string") return textSentence(given);
  if (typeof given === "object" && given !== null && !Array.isArray(given) && isPlain(given)) {
    const { text, tokens } = given as { readonly text?: string; readonly tokens?: readonly string[] };
    const own = tokens ?? text;
    if (own !== undefined) return untagged(where, own);
  }
  if (Array.isArray(given) && given.every((token) => typeof token === "string")) {
    return { line: 1, ...joinTokens(given), tags: undefined, misaligned: 0, leftOut: 0 };
  }
  throw new DataError(`${where}: ${printGiven(given)} given, a text or a list of tokens expected`);
}

const TOGETHER = 64;

export function taggerOf(
  model: TaggerModel,
  record: TaggerRecord,
  backend: BackendChoice | undefined,
): Tagger {
  return {
    form: model.form,
    labels: model.tags.labels,
    scheme: model.tags.scheme,
    validation: record.validation ?? undefined,
    tag: (sentence) => tagAll(model, [untagged("tag", sentence)])[0] as Tagging,
    tagAll(sentences) {
      if (typeof sentences?.[Symbol.iterator] !== "function" || typeof sentences === "string") {
        throw new DataError(`tagAll: ${printGiven(sentences)} given, a list of sentences expected`);
      }
      return tagAll(
        model,
        Array.from(sentences, (sentence, at) => untagged(`tagAll: sentence ${at + 1}`, sentence)),
      );
    },
    stream(sentences, options = {}) {
      checkOptions("stream", options, { together: true });
      const { together = TOGETHER } = options;
      if (!Number.isSafeInteger(together) || together < 1) {
        throw new UsageError(
          `stream: together ${printGiven(together)} given, a whole number from 1 expected`,
        );
      }
      return taggings(model, untaggedOf(sentences), together);
    },
    async evaluate(sentences, options = {}) {
      checkOptions("evaluate", options, { scheme: true });
      const { scheme } = options;
      if (scheme !== undefined && !TAG_SCHEMES.includes(scheme)) {
        throw new UsageError(
          `evaluate: scheme ${printGiven(scheme)} given, ${TAG_SCHEMES.join(", ")} expected`,
        );
      }
      const like = model.tags.scheme ?? null;
      const corpus = corpusOfSentences("evaluate", sentences, { scheme, repair: record.repair, like });
      const { measures, beside, details, warning } = await evaluateCorpus(model, corpus, { backend });
      const { labels } = details as Pick<TaggerEvaluation, "labels">;
      const found = { ...measures, baseline: beside?.baseline, labels, ...(warning && { warning }) };
      return found as unknown as TaggerEvaluation;
    },
    toBytes: () => writeModel(model.network, describeTagger(model, record)),
  };
}

async function* untaggedOf(sentences: AsyncIterable<UntaggedSentence> | Iterable<UntaggedSentence>) {
  let count = 0;
  for await (const sentence of sentences) yield untagged(`stream: sentence ${++count}`, sentence);
}
