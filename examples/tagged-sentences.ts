// Sentences in which every word has a part of speech: read from files, or made by a small grammar.
import { gunzipSync } from "node:zlib";
import { DataError, decodeText, randomSource, readTagged, textSource } from "rondo";
import { readFileBytes } from "rondo/node";

export interface Sentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** The words and universal tags of a treebank file (.conllu, or .conllu.gz), such as those of Universal Dependencies. */
export async function readTreebank(path: string): Promise<Sentence[]> {
  const bytes = readFileBytes(path);
  const text = decodeText(path.endsWith(".gz") ? decompress(bytes, path) : bytes, path);
  const sentences: Sentence[] = [];
  for await (const { tokens, tags = [] } of readTagged(textSource(path, text), { form: "conllu" })) {
    sentences.push({ words: tokens.map(({ text }) => text), tags });
  }
  if (sentences.length > 0) return sentences;
  throw new DataError(`${path} has no sentences: CoNLL-U expected, a word and its columns in each line`);
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
