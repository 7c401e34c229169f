/** Trainings whose words start from vectors that others have trained. */

import { printGiven } from "../checks.ts";
import { readWordVectors, type WordVectors } from "../data/word-vectors.ts";
import { FormatError, UsageError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import { initialize } from "../nn/index.ts";
import type { Variable } from "../trace/variable.ts";
import { requireNumbers } from "./record.ts";
import type { GivenFile } from "./task.ts";

/** Vectors, of those words that are asked for. */
export interface GivenVectors {
  readonly name: string;
  of(words: readonly string[]): Promise<WordVectors>;
}

/** What a model file says of them: words that started with one, and the file. */
export interface UsedVectors {
  readonly name: string;
  readonly words: number;
}

/** The vectors of a file. */
export function vectorsOfFile(file: GivenFile | undefined): GivenVectors | undefined {
  return file && { name: file.name, of: (words) => readWordVectors(file, { words }) };
}

/** The vectors that a program gives. Throws UsageError for what are none. */
export function vectorsInMemory(where: string, given: WordVectors | undefined): GivenVectors | undefined {
  if (given === undefined) return undefined;
  if (!(given?.vectors instanceof Map)) {
    throw new UsageError(`${where}: vectors ${printGiven(given)} given, what readWordVectors gives expected`);
  }
  const ofWords = (words: readonly string[]) =>
    words.flatMap((word) => {
      const vector = given.vectors.get(word);
      return vector ? [[word, vector] as const] : [];
    });
  return { name: "vectors", of: async (words) => ({ ...given, vectors: new Map(ofWords(words)) }) };
}

/** Throws UsageError for an embedding of another size than vectors have. */
export function requireVectorSize(
  embedding: number,
  found: WordVectors | undefined,
  name: string | undefined,
): void {
  if (!found || embedding === found.size) return;
  throw new UsageError(
    `embedding ${embedding}: ${name} has vectors of ${found.size} numbers, ${found.size} expected`,
  );
}

/** Words with vectors of others start from these, all others as they do anyway; `id` gives the number of a word. */
export function startFrom(
  network: { readonly embedding: { readonly weights: { readonly weight: Variable } } },
  { size, vectors }: WordVectors,
  { seed, id }: { readonly seed: number; id(word: string): number },
): void {
  initialize(network, { seed });
  const { weight } = network.embedding.weights;
  const values = Float32Array.from(weight.value);
  for (const [word, vector] of vectors) values.set(vector, size * id(word));
  weight.value = values;
}

/** Throws FormatError for what a file says of vectors, where that is damaged. */
export function checkUsedVectors(where: string, vectors: unknown): void {
  if (vectors === null) return;
  if (!isObject(vectors) || typeof vectors.name !== "string") {
    throw new FormatError(`${where}: training: vectors: the name of a file expected`);
  }
  requireNumbers(where, { vectors: vectors.words });
}
