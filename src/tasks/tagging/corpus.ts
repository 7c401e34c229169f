/** Sentences with tags, to learn from or to be measured on: their scheme, and what was wrong with them. */

import {
  findScheme,
  repairTags,
  type TagFault,
  type TagRepair,
  tagFaults,
} from "../../data/tagged/schemes.ts";
import type { TaggedSentence } from "../../data/tagged/sentence.ts";
import { spansOf, type TagScheme } from "../../data/tagged/spans.ts";
import { counted } from "../../data/text.ts";
import { DataError } from "../../errors.ts";

/** A sentence of one word or more. */
export interface Example {
  readonly sentence: TaggedSentence;
  readonly words: readonly string[];
  /** As they stand in the file. */
  readonly given: readonly string[];
  /** As their scheme has them. */
  readonly tags: readonly string[];
}

/** What was wrong, in numbers: told by audits and evaluations. */
export interface CorpusCounts {
  /** Sentences without words. */
  readonly empty: number;
  /** Tags that break their scheme. */
  readonly broken: number;
  /** Spans that start or end within a word, and were widened. */
  readonly misaligned: number;
  /** Spans that were left out, as they have no word or share one with another. */
  readonly leftOut: number;
}

export interface Corpus {
  readonly name: string;
  /** Undefined for tags that are not of spans. */
  readonly scheme: TagScheme | undefined;
  readonly examples: readonly Example[];
  readonly counts: CorpusCounts;
  /** The first tag that breaks the scheme: where it is, what it is, and why. */
  readonly firstBroken: string | undefined;
}

/** What a sentence is found by in messages: a line of a file, or its number in a list. */
export type Unit = "line" | "sentence";

export interface CorpusOptions {
  readonly scheme: TagScheme | undefined;
  readonly repair: TagRepair;
  readonly unit?: Unit | undefined;
}

/** The sentences of a file, in order. Throws DataError for tags that break their scheme where `repair` is error. */
export function corpusOf(
  name: string,
  sentences: readonly TaggedSentence[],
  { scheme, repair, unit = "line" }: CorpusOptions,
): Corpus {
  const sum = (of: (sentence: TaggedSentence) => number) =>
    sentences.reduce((all, sentence) => all + of(sentence), 0);
  let broken = 0;
  let firstBroken: string | undefined;
  const examples = sentences
    .filter(({ tokens }) => tokens.length > 0)
    .map((sentence) => {
      const given = tagsOf(sentence);
      const words = sentence.tokens.map(({ text }) => text);
      if (scheme === undefined) return { sentence, words, given, tags: given };
      const { tags, faults } = repairTags(given, scheme, repair === "error" ? "start" : repair);
      const [first] = faults;
      broken += faults.length;
      if (first) firstBroken ??= faultText(name, sentence, first, { scheme, unit });
      return { sentence, words, given, tags };
    });
  if (firstBroken !== undefined && repair === "error") throw new DataError(firstBroken);
  return {
    ...{ name, scheme, examples, firstBroken },
    counts: {
      empty: sentences.length - examples.length,
      broken,
      misaligned: sum(({ misaligned }) => misaligned),
      leftOut: sum(({ leftOut }) => leftOut),
    },
  };
}

/** The scheme of a file: for a model that knows one that one, unless the file follows another one better; null for tags not of spans. */
export function schemeOf(
  sentences: readonly TaggedSentence[],
  known?: TagScheme | null | undefined,
): TagScheme | undefined {
  if (known === null) return undefined;
  const faultsOf = (scheme: TagScheme) =>
    sentences.reduce((all, sentence) => all + tagFaults(tagsOf(sentence), scheme).length, 0);
  const found = findScheme(sentences.map(tagsOf));
  if (known === undefined) return found;
  if (found === undefined || found === known) return known;
  return faultsOf(found) < faultsOf(known) ? found : known;
}

const tagsOf = ({ tags = [] }: TaggedSentence) => tags;

function faultText(
  name: string,
  { line, lines }: TaggedSentence,
  { at, tag, reason }: TagFault,
  { scheme, unit }: { readonly scheme: TagScheme; readonly unit: Unit },
): string {
  const place = lines ? `${unit} ${lines[at]}` : `${unit} ${line}: word ${at + 1}`;
  return `${name}: ${place}: the tag ${JSON.stringify(tag)} breaks ${scheme}: ${reason}`;
}

const RULES: Readonly<Record<TagRepair, string>> = {
  start: "a span starts or ends there",
  drop: "such spans are left out",
  error: "refused",
};

/** How many of some sentences are among others, word by word. */
export function countRepeated(examples: readonly Example[], others: readonly Example[]): number {
  const textOf = ({ words }: Example) => JSON.stringify(words);
  const known = new Set(others.map(textOf));
  return examples.filter((example) => known.has(textOf(example))).length;
}

/** What was found in a file, in lines for people. */
export function auditLines(
  { name, scheme, examples, counts, firstBroken }: Corpus,
  repair: TagRepair,
): string[] {
  const words = examples.reduce((sum, { words }) => sum + words.length, 0);
  const spans =
    scheme === undefined ? 0 : examples.reduce((sum, { tags }) => sum + spansOf(tags, scheme).length, 0);
  const { empty, broken, misaligned, leftOut } = counts;
  const form = scheme === undefined ? "a tag a word" : `${counted(spans, "span")}, tags of ${scheme}`;
  return [
    `${name}: ${counted(examples.length, "sentence")}, ${counted(words, "word")}, ${form}`,
    ...(empty > 0 ? [`${counted(empty, "sentence")} without words left out`] : []),
    ...(broken > 0
      ? [`${counted(broken, "tag")} repaired (${repair}: ${RULES[repair]}), the first: ${firstBroken}`]
      : []),
    ...(misaligned > 0 ? [`${counted(misaligned, "span")} widened to whole words`] : []),
    ...(leftOut > 0 ? [`${counted(leftOut, "span")} left out: without a word, or beside another one`] : []),
  ];
}
