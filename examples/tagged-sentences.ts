// Sentences in which every word has a part of speech: read from files, or made by a small grammar.
import { gunzipSync } from "node:zlib";
import { DataError, decodeText, randomSource } from "rondo";
import { readFileBytes } from "rondo/node";

export interface Sentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** The words and universal tags of a treebank file (.conllu, or .conllu.gz), such as those of Universal Dependencies. */
export function readTreebank(path: string): Sentence[] {
  const bytes = readFileBytes(path);
  const sentences = decodeText(path.endsWith(".gz") ? decompress(bytes, path) : bytes, path)
    .split(/\r?\n\r?\n/)
    .map((block) => block.split(/\r?\n/).map((line) => line.split("\t")))
    .map((lines) => lines.filter(([id]) => /^\d+$/.test(id ?? ""))) // no comments, no parts of contracted words
    .filter((lines) => lines.length > 0)
    .map((lines) => ({
      words: lines.map((line) => line[1] ?? ""),
      tags: lines.map((line) => line[3] ?? ""),
    }));
  if (sentences.length === 0 || sentences.some(({ tags }) => tags.includes(""))) {
    throw new DataError(`${path}: sentences expected, a word and its columns in each line (CoNLL-U)`);
  }
  return sentences;
}

function decompress(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytes));
  } catch (error) {
    throw new DataError(`${path}: cannot be decompressed: ${(error as Error).message}`, { cause: error });
  }
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
