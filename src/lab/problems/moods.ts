/** A small made language: sentences of two clauses with moods, many words for each mood, most of them rare. */

import type { RandomSource } from "../../trace/variable.ts";

/** How many words there are of each kind. */
export interface Lexicon {
  /** Pleasant words, and as many unpleasant ones. */
  readonly moods: number;
  /** Words without a mood. */
  readonly neutral: number;
}

/** The tokens of every sentence. */
export const SENTENCE_TOKENS = 9;
/** Tokens that stand before all words: "and", "but", "the". */
const [and, but, the] = [0, 1, 2];
const first = 3;
/** How often a word has the other mood than its clause. */
const stray = 0.1;

/** How many tokens the language has. */
export const tokensOf = ({ moods, neutral }: Lexicon) => first + neutral + 2 * moods;

/**
 * Sentences as int32 tokens, row by row (sentences, 9), and the mood of each, which is that of its second clause: 1 pleasant, 0 unpleasant. A clause
 * is "the", a word without a mood and two with the mood of the clause, but for one in ten that has the other one. "and" joins clauses of one mood, "but" those of both. The
 * n-th commonest word of a kind is drawn in proportion to 1 / (n + 20), as in natural languages (Mandelbrot 1953), so that a few
 * hundred sentences have few of the words that others have.
 */
export function sentences(random: RandomSource, count: number, lexicon: Lexicon) {
  const { moods, neutral } = lexicon;
  const ranks = { mood: cumulative(moods), neutral: cumulative(neutral) };
  const draw = (shares: Float64Array) => {
    const at = random.uniform() * (shares.at(-1) as number);
    return shares.findIndex((share) => share > at);
  };
  const clause = (mood: number) => {
    const word = () => {
      const own = random.uniform() < stray ? 1 - mood : mood;
      return first + neutral + own * moods + draw(ranks.mood);
    };
    return [the, first + draw(ranks.neutral), word(), word()];
  };
  const labels = Int32Array.from({ length: count }, () => Number(random.uniform() < 0.5));
  const tokens = Int32Array.from(
    Array.from(labels, (mood) => {
      const isSame = random.uniform() < 0.5;
      return [...clause(isSame ? mood : 1 - mood), isSame ? and : but, ...clause(mood)];
    }).flat(),
  );
  return { tokens, labels };
}

/** Sums of 1/21, 1/22, ... */
function cumulative(count: number): Float64Array {
  const sums = new Float64Array(count);
  for (let at = 0; at < count; at++) sums[at] = (sums[at - 1] ?? 0) + 1 / (at + 1 + 20);
  return sums;
}
