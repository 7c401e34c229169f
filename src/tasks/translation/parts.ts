/** Which pairs are learnt from, and which choose the best epoch. */

import { counted } from "../../data/text.ts";
import { DataError } from "../../errors.ts";
import { randomSource } from "../../nn/random.ts";
import { drawUnits, unitsOf } from "../held-out.ts";
import type { TranslationSettings } from "./options.ts";
import type { Corpus, Pair } from "./pairs.ts";
import { type Example, examplesOf, isFilled, Sides } from "./prepare.ts";

/** Pairs by what they are for. */
interface Split {
  readonly training: readonly Pair[];
  readonly validation: readonly Pair[];
}

/** The pairs of a training as numbers, and what was left out of it. */
export interface TranslationParts {
  readonly training: readonly Example[];
  readonly validation: readonly Example[];
  /** Pairs with an empty text on a side. */
  readonly empty: number;
  /** Pairs with more tokens on a side than the longest. */
  readonly tooLong: { readonly training: number; readonly validation: number };
}

/** The pairs of a corpus by what they are for, each part in its order: a share is held out, and pairs of equal sources stand on one side. */
export function splitPairs(pairs: readonly Pair[], fraction: number, seed: number): Split {
  const units = unitsOf(pairs, ({ source }) => source.trim());
  const drawn = drawUnits(units, Math.round(pairs.length * fraction), randomSource(seed, "held out"));
  const held = new Set(drawn);
  return {
    training: pairs.filter((_, at) => !held.has(at)),
    validation: pairs.filter((_, at) => held.has(at)),
  };
}

interface PartSettings
  extends Pick<
    TranslationSettings,
    "sourceTokens" | "targetTokens" | "vocabulary" | "leastCount" | "sharedVocabulary" | "validation" | "seed"
  > {
  readonly longest: number;
}

/**
 * The pairs of a training, and the tokens of both sides: `known` ones where a training goes on, else they are learnt of the pairs to train
 * on. `held` are pairs of files of their own. Throws DataError where either part has none.
 */
export function partsOf(
  corpus: Corpus,
  held: Corpus | undefined,
  settings: PartSettings,
  known?: Sides,
): { readonly sides: Sides; readonly parts: TranslationParts } {
  const { validation: fraction, seed, longest } = settings;
  const filled = filledPairs(corpus);
  const split = held
    ? { training: filled, validation: filledPairs(held) }
    : splitPairs(filled, fraction, seed);
  if (!held && fraction > 0 && split.validation.length === 0) {
    throw new DataError(
      `${corpus.name}: ${counted(filled.length, "pair")}, of which a share of ${fraction} holds out none: more pairs of different sources expected, a larger share, or 0`,
    );
  }
  const sides = known ?? Sides.of(split.training, settings);
  const training = examplesOf(sides, split.training, longest);
  const validation = examplesOf(sides, split.validation, longest);
  requireSome(corpus.name, training.examples, longest);
  if (split.validation.length > 0) requireSome((held ?? corpus).name, validation.examples, longest);
  const all = corpus.pairs.length + (held?.pairs.length ?? 0);
  return {
    sides,
    parts: {
      training: training.examples,
      validation: validation.examples,
      empty: all - split.training.length - split.validation.length,
      tooLong: { training: training.tooLong, validation: validation.tooLong },
    },
  };
}

/** Throws DataError where no pair says anything. */
function filledPairs({ name, pairs }: Corpus): readonly Pair[] {
  const filled = pairs.filter(isFilled);
  if (filled.length > 0) return filled;
  throw new DataError(`${name}: every pair has an empty text, a source and a target expected`);
}

function requireSome(name: string, examples: readonly Example[], longest: number): void {
  if (examples.length > 0) return;
  throw new DataError(
    `${name}: every pair has more than ${longest} tokens on a side, shorter ones expected (longest)`,
  );
}
