/** Word vectors that others have trained, in the text forms of GloVe and word2vec. */

import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkSource, type Source, sourceLines } from "./source.ts";
import { counted } from "./text.ts";

export interface ReadWordVectorsOptions {
  /** The words whose vectors are kept. */
  readonly words: Iterable<string>;
}

export interface WordVectors {
  /** How many numbers a vector has. */
  readonly size: number;
  /** The vectors by the words that were asked for and found: as written, else in lower case. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  /** How many words have the vector of their lower case, as there is none of them as written. */
  readonly lowered: number;
  /** How many vectors the file has. */
  readonly count: number;
}

/**
 * Reads the vectors of some words from a file of any size: on each line a word, then its numbers, with spaces or tabs between
 * them. A first line with two whole numbers, as word2vec writes it, says how many vectors follow and their size. A word may have
 * spaces inside: its numbers are counted from the right. Of a word that is there twice the first vector counts.
 *
 *     const { size, vectors } = await readWordVectors(source, { words: ["The", "cat"] });
 *     console.log(size, vectors.get("The")?.[0]);
 *
 * @throws UsageError for what is no source, and for words that are no texts
 * @throws DataError with name and line for another number of numbers than in the first vector, and, of a word that is kept, for what is
 *   no number; for a file without vectors or with another number of them than its first line says; and as `sourceLines` does
 */
export async function readWordVectors(source: Source, options: ReadWordVectorsOptions): Promise<WordVectors> {
  checkOptions<ReadWordVectorsOptions>("readWordVectors", options, { words: "words" });
  checkSource("readWordVectors", source);
  const words = wordsOf(options.words);
  const wanted = new Set([...words].flatMap((word) => [word, word.toLowerCase()]));
  const found = new Map<string, Float32Array>();
  let [size, count] = [0, 0];
  let stated: number | undefined;
  for await (const { number, text } of sourceLines(source)) {
    const where = `${source.name}: line ${number}`;
    const pieces = text.trimEnd().split(/[ \t]+/);
    if (pieces.length === 1 && pieces[0] === "") continue;
    if (number === 1 && pieces.length === 2 && pieces.every((piece) => /^\d+$/.test(piece))) {
      [stated, size] = pieces.map(Number) as [number, number];
      if (size === 0) throw new DataError(`${where}: vectors of size 0, 1 or more expected`);
      continue;
    }
    size ||= sizeOf(pieces, where);
    const isWhole = pieces.length > size;
    // A word with spaces inside does not end with a number.
    if (!isWhole || (pieces.length > size + 1 && isNumber(pieces.at(-size - 1) as string))) {
      const numbers = counted(pieces.length - 1, "number");
      throw new DataError(`${where} has a word and ${numbers}, ${size} expected`);
    }
    count += 1;
    const word = pieces.slice(0, -size).join(" ");
    if (wanted.has(word) && !found.has(word)) found.set(word, vectorOf(pieces.slice(-size), where));
  }
  if (count === 0) throw new DataError(`${source.name} has no vectors: a word and its numbers expected`);
  if (stated !== undefined && stated !== count) {
    throw new DataError(`${source.name}: ${stated} vectors expected, as line 1 says, ${count} found`);
  }
  const vectors = new Map<string, Float32Array>();
  let lowered = 0;
  for (const word of words) {
    const vector = found.get(word) ?? found.get(word.toLowerCase());
    if (vector === undefined) continue;
    vectors.set(word, vector);
    if (!found.has(word)) lowered += 1;
  }
  return { size, vectors, lowered, count };
}

function wordsOf(given: Iterable<string>): Set<string> {
  const isList = typeof given === "object" && given !== null && Symbol.iterator in given;
  const words = isList ? [...given] : [];
  const wrong = words.findIndex((word) => typeof word !== "string");
  if (isList && wrong < 0) return new Set(words);
  const named = isList ? `a list with ${printGiven(words[wrong])}` : printGiven(given);
  throw new UsageError(`readWordVectors: words ${named} given, a list of texts expected`);
}

/** How many numbers the first vector has: those at the end of its line, but for the word. */
function sizeOf(pieces: readonly string[], where: string): number {
  let size = 0;
  while (size < pieces.length - 1 && isNumber(pieces[pieces.length - 1 - size] as string)) size += 1;
  if (size > 0) return size;
  throw new DataError(`${where} has no numbers at its end: a word and its vector expected`);
}

function vectorOf(pieces: readonly string[], where: string): Float32Array {
  const wrong = pieces.findIndex((piece) => !isNumber(piece));
  if (wrong < 0) return Float32Array.from(pieces, Number);
  throw new DataError(`${where}: number ${wrong + 1} is ${printGiven(pieces[wrong])}, a number expected`);
}

/** Whether a text is a number that float32 holds. */
function isNumber(piece: string): boolean {
  return (
    /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(piece) && Number.isFinite(Math.fround(Number(piece)))
  );
}
