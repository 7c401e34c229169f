/** Words and their characters by number, and sentences side by side as a network reads them. */

import type { Value } from "../../backends/backend.ts";
import type { Forgets } from "../../data/forgetting.ts";
import { padTokens } from "../../data/padding.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { FormatError } from "../../errors.ts";

const UNKNOWN = "<unk>";
/** Of a longer word only the beginning and the end are read, so many characters each. */
const HALF_WORD = 12;

export class Words {
  readonly words: Vocabulary;
  readonly characters: Vocabulary;

  constructor(words: Vocabulary, characters: Vocabulary) {
    this.words = words;
    this.characters = characters;
  }

  /** Those of sentences to train on, the commonest words up to `most`. */
  static of(sentences: readonly (readonly string[])[], most: number): Words {
    const words = Vocabulary.fromTokens(sentences, { unknown: UNKNOWN, size: most + 1 });
    const characters = Vocabulary.fromTokens(sentences.map(spelt), { unknown: UNKNOWN });
    return new Words(words, characters);
  }

  /** Throws FormatError for what `toJSON` did not give. */
  static fromJSON(json: Readonly<Record<string, unknown>>, where: string): Words {
    const [words, characters] = ["words", "characters"].map((name) => {
      const read = Vocabulary.fromJSON(json[name], `${where}: ${name}`);
      if (read.kind === "list" && read.unknown === UNKNOWN && read.id(UNKNOWN) === 0) return read;
      throw new FormatError(`${where}: ${name}: a list that begins with ${UNKNOWN} expected`);
    }) as [Vocabulary, Vocabulary];
    return new Words(words, characters);
  }

  toJSON() {
    return { words: this.words.toJSON(), characters: this.characters.toJSON() };
  }

  /** The number of a word: as it is written, else in small letters, else 0. */
  id(word: string): number {
    return this.words.has(word) ? this.words.id(word) : this.words.id(word.toLowerCase());
  }

  /** Whether a word is known in some form. */
  knows(word: string): boolean {
    return this.id(word) !== 0;
  }

  /** Sentences of one word or more as the values of `inputTypes`. */
  batchOf(sentences: readonly (readonly string[])[], forgets: Forgets = () => false) {
    const places = new Map<string, number>();
    const placed = sentences.map((words) =>
      words.map((word) => {
        const at = places.get(word) ?? places.size;
        places.set(word, at);
        return at;
      }),
    );
    const tokens = sentences.map((words) =>
      words.map((word) => {
        const id = this.id(word);
        return forgets(id) ? 0 : id;
      }),
    );
    const spellings = padTokens(Array.from(places.keys(), (word) => this.#spelling(word)));
    const { values, lengths } = padTokens(tokens);
    return {
      tokens: values,
      lengths,
      characters: spellings.values,
      characterLengths: spellings.lengths,
      places: padTokens(placed).values,
    } satisfies Record<string, Value>;
  }

  /** The characters of a word; an empty one is one unknown character, so that it has a step. */
  #spelling(word: string): number[] {
    const kept = this.charactersOf(word);
    return kept.length === 0 ? [0] : kept.map((character) => this.characters.id(character));
  }

  /** The characters of a word that are read. */
  charactersOf(word: string): string[] {
    const all = Array.from(word);
    return all.length > 2 * HALF_WORD ? [...all.slice(0, HALF_WORD), ...all.slice(-HALF_WORD)] : all;
  }
}

const spelt = (words: readonly string[]) => words.flatMap((word) => Array.from(word));

/** How often each word, by its number, is in sentences. */
export function countWords(words: Words, sentences: readonly (readonly string[])[]): Float64Array {
  const counts = new Float64Array(words.words.size);
  for (const word of sentences.flat()) {
    const id = words.id(word);
    counts[id] = (counts[id] as number) + 1;
  }
  return counts;
}
