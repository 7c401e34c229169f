/** A sentence with the tags that it was told: what programs get, and what is written. */

import type { TaggedSentence } from "../../data/tagged/sentence.ts";
import { spansOf } from "../../data/tagged/spans.ts";
import type { Token } from "../../data/tagged/tokens.ts";
import type { Prediction } from "../task.ts";
import type { TaggerModel, Told } from "./model.ts";
import type { Tags } from "./tags.ts";

export interface ToldToken extends Token {
  /** In the scheme of the training. */
  readonly tag: string;
  /** How probable the tag is found, from 0 to 1. */
  readonly confidence: number;
}

export interface ToldSpan {
  readonly label: string;
  /** Where it stands in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** That of its least probable token. */
  readonly confidence: number;
}

export interface Tagging {
  readonly text: string;
  readonly tokens: readonly ToldToken[];
  /** Undefined where tags are not of spans. */
  readonly spans?: readonly ToldSpan[] | undefined;
}

function taggingOf(
  { text, tokens }: Pick<TaggedSentence, "text" | "tokens">,
  { numbers, confidence }: Told,
  tags: Tags,
): Tagging {
  const texts = tags.tagsOf(numbers);
  const told = tokens.map((token, at) => ({
    ...token,
    tag: texts[at] as string,
    confidence: confidence[at] as number,
  }));
  if (tags.scheme === undefined) return { text, tokens: told };
  const spans = spansOf(texts, tags.scheme).map(({ label, start, end }) => {
    const own = told.slice(start, end);
    const [from, to] = [own[0]?.start as number, own.at(-1)?.end as number];
    const least = Math.min(...own.map((token) => token.confidence));
    return { label, start: from, end: to, text: text.slice(from, to), confidence: least };
  });
  return { text, tokens: told, spans };
}

/** Sentences with their tags as they come, exactly one for each; so many are told together. */
export async function* taggings(
  model: TaggerModel,
  sentences: AsyncIterable<TaggedSentence> | Iterable<TaggedSentence>,
  together: number,
): AsyncGenerator<Tagging, void, undefined> {
  let waiting: TaggedSentence[] = [];
  for await (const sentence of sentences) {
    waiting.push(sentence);
    if (waiting.length < together) continue;
    yield* tagAll(model, waiting);
    waiting = [];
  }
  yield* tagAll(model, waiting);
}

/** The same of sentences that are there. */
export function tagAll(model: TaggerModel, sentences: readonly TaggedSentence[]): Tagging[] {
  const told = model.tell(sentences.map(({ tokens }) => tokens.map(({ text }) => text)));
  return sentences.map((sentence, at) => taggingOf(sentence, told[at] as Told, model.tags));
}

/** A line for each token, and a blank one after them: token, tag, confidence; as JSON the whole. */
export function predictionOf(tagging: Tagging): Prediction {
  const lines = tagging.tokens.map(
    ({ text, tag, confidence }) => `${inLine(text)}\t${inLine(tag)}\t${confidence.toFixed(4)}`,
  );
  return { text: lines.map((line) => `${line}\n`).join(""), json: tagging };
}

/** A text as a part of a line: what would end the line or part it is escaped. */
export function inLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
