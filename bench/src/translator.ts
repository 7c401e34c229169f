/** The translator that `rondo train --task translate` makes by default, at the size of Multi30k, English to German; its weights are random. */

import { type Backend, parameters } from "../../src/index.ts";
import { randomSource } from "../../src/nn/random.ts";
import { TranslationModel } from "../../src/tasks/translation/model.ts";
import { completeForm } from "../../src/tasks/translation/options.ts";
import type { Sides } from "../../src/tasks/translation/prepare.ts";
import { END, SPECIAL_TOKENS } from "../../src/tasks/translation/side.ts";
import type { Size, Task } from "./cases.ts";

/** Tokens that occur at least twice in the 29,000 pairs to train on. */
export const vocabularies = { source: 5921, target: 7859 };
export const beam = 5;

/** A model whose texts are numbers of tokens: nothing here cuts or joins words. */
export function translatorOf({ I, H }: Size, backend?: Backend, dropout?: number): TranslationModel {
  const form = completeForm({ embedding: I, hidden: H, ...(dropout !== undefined && { dropout }) });
  const sides = { source: { size: vocabularies.source }, target: { size: vocabularies.target } };
  return new TranslationModel(
    { form, sides: { ...sides, isShared: false } as unknown as Sides },
    { ...(backend && { backend }) },
  );
}

export function translatorShapes({ size }: Task): Record<string, readonly number[]> {
  const weights = Object.entries(parameters(translatorOf(size).network));
  return Object.fromEntries(weights.map(([name, { dimensions }]) => [name, dimensions]));
}

/** Sources (T, B), of which rows have T, T - 1 and T - 2 tokens in turns, and targets (T - 1, B), which an end makes T. */
export function translatorTokens({ T, B }: Size) {
  const draw = (name: "source" | "target", steps: number) => {
    const source = randomSource(1, name);
    const known = vocabularies[name] - SPECIAL_TOKENS.length;
    const token = () => SPECIAL_TOKENS.length + Math.floor(known * source.uniform());
    return { shape: [steps, B], data: Float32Array.from({ length: steps * B }, token) };
  };
  const lengths = Float32Array.from({ length: B }, (_, row) => T - (row % 3));
  return { source: draw("source", T), target: draw("target", T - 1), lengths: { shape: [B], data: lengths } };
}

/** Small random weights score all tokens alike: larger ones of the head tell beams apart, and with this bias none ends a text before its limit. */
export function sharpen(name: string, data: Float32Array): void {
  if (name === "decoder.head.weight") for (const [at, weight] of data.entries()) data[at] = 16 * weight;
  if (name === "decoder.head.bias") data[END] = -30;
}
