// Sentences in which every word has a part of speech: read from files, or made by a small grammar.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { randomSource } from "rondo";

export interface Sentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** The words and universal tags of a treebank file (.conllu, or .conllu.gz), such as those of Universal Dependencies. */
export function readTreebank(path: string): Sentence[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .split(/\r?\n\r?\n/)
    .map((block) => block.split(/\r?\n/).map((line) => line.split("\t")))
    .map((lines) => lines.filter(([id]) => /^\d+$/.test(id ?? ""))) // no comments, no parts of contracted words
    .filter((lines) => lines.length > 0)
    .map((lines) => ({
      words: lines.map((line) => line[1] ?? ""),
      tags: lines.map((line) => line[3] ?? ""),
    }));
}

const lexicon = {
  DET: "the a this that every".split(" "),
  ADJ: "light cold plain fine sound".split(" "),
  NOUN: "light cold plain fine sound can will might fish water train watch".split(" "),
  AUX: "can will might must".split(" "),
  VERB: "fish water train watch light fine can sound".split(" "),
  ADP: "by near under".split(" "),
};

/**
 * Sentences such as "the cold light can water a plain train". Nearly every word can be several parts of speech; what it
 * is follows from where it stands between the words before and after it.
 */
export function makeSentences(count: number, seed: number): Sentence[] {
  const random = randomSource(seed, "sentences");
  const nounPhrase = () => {
    const adjectives = Math.floor(random.uniform() * 3);
    return ["DET", ...Array.from({ length: adjectives }, () => "ADJ"), "NOUN"];
  };
  return Array.from({ length: count }, () => {
    const tags = [...nounPhrase(), "AUX", "VERB", ...nounPhrase()];
    while (random.uniform() < 0.3) tags.push("ADP", ...nounPhrase());
    const words = tags.map((tag) => {
      const choices = lexicon[tag as keyof typeof lexicon];
      return choices[Math.floor(random.uniform() * choices.length)] as string;
    });
    return { words, tags };
  });
}
