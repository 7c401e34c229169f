/** How well tags are told: word by word, and spans as wholes. */

import { convertTags } from "../../data/tagged/schemes.ts";
import { conllevalSpans, spansOf, type TagScheme } from "../../data/tagged/spans.ts";
import { breather, type StopSignal } from "../../long-work.ts";
import { SpanCounts, type SpanReport } from "../../training/measures/index.ts";
import type { Example } from "./corpus.ts";
import type { TaggerModel } from "./model.ts";

/** Figures of words with tags, each from 0 to 1. */
export interface TagFigures {
  readonly accuracy: number;
  /** Of words that the training did not have, in no case; undefined where there are none. */
  readonly unknownAccuracy?: number | undefined;
  /** Of spans whose label, start and end are right, by the scheme's own rules; undefined where tags are not of spans. */
  readonly precision?: number | undefined;
  readonly recall?: number | undefined;
  readonly f1?: number | undefined;
  /** The F1 of spans as conlleval.pl reads them. */
  readonly conlleval?: number | undefined;
}

/** Counts what was told of sentences, one after the other. */
export class FigureCounts {
  readonly #scheme: TagScheme | undefined;
  readonly #strict = new SpanCounts();
  readonly #script = new SpanCounts();
  #words = 0;
  #right = 0;
  #unknown = 0;
  #unknownRight = 0;

  constructor(scheme: TagScheme | undefined) {
    this.#scheme = scheme;
  }

  /** `told` are the tags in the scheme of the example. */
  add({ words, given, tags }: Example, told: readonly string[], isUnknown: (word: string) => boolean): void {
    for (const [at, word] of words.entries()) {
      const isRight = told[at] === given[at];
      this.#words += 1;
      if (isRight) this.#right += 1;
      if (!isUnknown(word)) continue;
      this.#unknown += 1;
      if (isRight) this.#unknownRight += 1;
    }
    const scheme = this.#scheme;
    if (scheme === undefined) return;
    this.#strict.add(spansOf(told, scheme), spansOf(tags, scheme));
    // The script knows nothing of S, L and U.
    const hasEnds = scheme === "BIOES" || scheme === "BILOU";
    const [ours, theirs] = hasEnds
      ? [told, tags].map((all) => convertTags(all, scheme, "BIO"))
      : [told, given];
    this.#script.add(conllevalSpans(ours as string[]), conllevalSpans(theirs as string[]));
  }

  get unknown(): number {
    return this.#unknown;
  }

  figures(): TagFigures {
    const { precision, recall, f1 } = this.#strict.report().total;
    return {
      accuracy: this.#right / this.#words,
      ...(this.#unknown > 0 && { unknownAccuracy: this.#unknownRight / this.#unknown }),
      ...(this.#scheme !== undefined && {
        ...{ precision, recall, f1, conlleval: this.#script.report().total.f1 },
      }),
    };
  }

  /** By the labels of spans. */
  report(): SpanReport {
    return this.#strict.report();
  }
}

/** What a model makes of a sentence. */
export interface ToldExample {
  readonly example: Example;
  /** The tags, in the scheme of the example. */
  readonly tags: readonly string[];
  readonly confidence: readonly number[];
}

/** Sentences that are told between two looks at the signal. */
const TOGETHER = 256;

/** What a model makes of sentences, in order; ends early once the signal is aborted. Hands the thread back now and then. */
export async function* tellExamples(
  model: TaggerModel,
  examples: readonly Example[],
  scheme: TagScheme | undefined,
  signal?: StopSignal | undefined,
): AsyncGenerator<ToldExample, void, undefined> {
  const breathe = breather();
  for (let start = 0; start < examples.length; start += TOGETHER) {
    await breathe();
    if (signal?.aborted) return;
    const some = examples.slice(start, start + TOGETHER);
    for (const [at, { numbers, confidence }] of model.tell(some.map(({ words }) => words)).entries()) {
      yield { example: some[at] as Example, tags: model.tags.tagsOf(numbers, scheme), confidence };
    }
  }
}

/** The tags that are commonest for each word, repaired to the scheme. */
export function commonestTags({ commonest, tags, words }: TaggerModel, example: Example, scheme?: TagScheme) {
  const numbers = example.words.map((word) => commonest[words.id(word)] as number);
  return tags.tagsOf(tags.legally(numbers), scheme);
}
