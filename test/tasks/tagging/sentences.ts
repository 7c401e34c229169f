// Sentences for tests of taggers: names that their neighbours give away, and words with one tag each.
import { tagsOfSpans } from "../../../src/data/tagged/schemes.ts";
import type { Span, TagScheme } from "../../../src/data/tagged/spans.ts";
import { randomSource } from "../../../src/nn/random.ts";

export interface Named {
  readonly words: readonly string[];
  readonly spans: readonly Span[];
}

const people = ["Ann Lee", "Bob Ray", "Cem Oz", "Dora", "Eve Stone", "Finn", "Florence"];
const places = ["Bonn", "New York", "Rome", "Oslo", "Lima", "Florence"];
const templates = ["PER lives in LOC .", "trains stop in LOC LOC .", "PER met PER .", "it will rain ."];

/** Sentences with people and places. */
export function named(count: number, seed = 1): Named[] {
  const random = randomSource(seed, "sentences");
  const one = (list: readonly string[]) => list[Math.floor(random.uniform() * list.length)] as string;
  return Array.from({ length: count }, () => {
    const words: string[] = [];
    const spans: Span[] = [];
    for (const slot of one(templates).split(" ")) {
      const own = slot === "PER" ? one(people).split(" ") : slot === "LOC" ? one(places).split(" ") : [slot];
      if (slot === "PER" || slot === "LOC") {
        spans.push({ label: slot, start: words.length, end: words.length + own.length });
      }
      words.push(...own);
    }
    return { words, spans };
  });
}

/** The same with tags. */
export const tagged = (sentences: readonly Named[], scheme: TagScheme) =>
  sentences.map(({ words, spans }) => ({ tokens: words, tags: tagsOfSpans(spans, words.length, scheme) }));

/** As columns of words and tags. */
export const columns = (sentences: readonly { tokens: readonly string[]; tags: readonly string[] }[]) =>
  sentences
    .map(({ tokens, tags }) => tokens.map((token, at) => `${token}\t${tags[at]}\n`).join(""))
    .join("\n");

const parts: Readonly<Record<string, readonly string[]>> = {
  DET: ["the", "a"],
  NOUN: ["cat", "dog", "tree"],
  VERB: ["sees", "likes"],
};

/** Sentences whose words have a part of speech each. */
export const spoken = (count: number, seed = 1) => {
  const random = randomSource(seed, "speech");
  return Array.from({ length: count }, () => {
    const tags = ["DET", "NOUN", "VERB", "DET", "NOUN"];
    const tokens = tags.map((tag) => {
      const list = parts[tag] as readonly string[];
      return list[Math.floor(random.uniform() * list.length)] as string;
    });
    return { tokens, tags };
  });
};
