/** Beam search as it reads in a book, over lists, and every sequence there is: what the fast one must give. */

import type { BeamSearchOptions } from "../../src/decoding/beam-search.ts";
import { sumsOf, type TestModel } from "./decoder.ts";

export interface SlowHypothesis {
  readonly tokens: readonly number[];
  readonly sum: number;
  readonly ended: boolean;
  readonly score: number;
  readonly attention: readonly (readonly number[])[];
}

type Options = Omit<BeamSearchOptions, "prefix" | "limit" | "memoryLengths"> & {
  readonly limit: number;
  readonly prefix?: readonly number[];
};

/** Whether a token may follow others, by the options. */
export function mayFollow(options: Options, tokens: readonly number[], token: number): boolean {
  const { end, least = 0, banned = [], noRepeat = 0 } = options;
  if (token === end) return tokens.length >= least;
  if (Array.from(banned).includes(token)) return false;
  if (noRepeat === 0) return true;
  const grams = (list: readonly number[]) =>
    list.slice(noRepeat - 1).map((_, at) => list.slice(at, at + noRepeat).join());
  return tokens.length < noRepeat || !grams(tokens).includes([...tokens, token].slice(-noRepeat).join());
}

/** The score of a hypothesis, term by term. */
export function slowScore(
  { lengthPenalty = 0.6, lengthForm = "gnmt", coveragePenalty = 0 }: Options,
  sum: number,
  length: number,
  attention: readonly (readonly number[])[],
): number {
  const counted = Math.max(1, length);
  const norm = (lengthForm === "gnmt" ? (5 + counted) / 6 : counted) ** lengthPenalty;
  let coverage = 0;
  (attention[0] ?? []).forEach((_, s) => {
    const looked = attention.reduce((all, step) => all + Math.fround(step[s] as number), 0);
    coverage += Math.log(Math.min(Math.max(looked, 1e-6), 1));
  });
  return sum / norm + (coveragePenalty > 0 ? coveragePenalty * coverage : 0);
}

/** All results, the best first, and how many steps it took. Without `stops` every hypothesis goes on as far as it can. */
export function slowBeamSearch(model: TestModel, row: number, options: Options, stops: boolean) {
  const { beam, best = 1, start, end, limit, prefix = [] } = options;
  const results: SlowHypothesis[] = [];
  const lookAt = (tokens: readonly number[]) => model.attention?.(row, [start, ...tokens]) ?? [];
  const finish = (tokens: readonly number[], sum: number, ended: boolean) => {
    const steps = tokens.length + (ended ? 1 : 0);
    const attention = Array.from({ length: steps }, (_, step) => lookAt(tokens.slice(0, step)));
    const score = slowScore(options, sum, steps - prefix.length, attention);
    results.push({ tokens, sum, ended, score, attention });
    results.sort((a, b) => b.score - a.score);
  };
  let open: { tokens: number[]; sum: number }[] = [{ tokens: [], sum: 0 }];
  let ended = 0;
  let steps = 0;
  for (let length = 0; length < limit && open.length > 0; length++) {
    steps += 1;
    if (length < prefix.length) {
      open = open.map(({ sum, tokens }) => ({ sum, tokens: [...tokens, prefix[length] as number] }));
      continue;
    }
    const candidates = open.flatMap(({ tokens, sum }) =>
      sumsOf(model, row, [start, ...tokens], sum).flatMap((next, token) =>
        next > Number.NEGATIVE_INFINITY && mayFollow(options, tokens, token)
          ? [{ tokens, token, sum: next }]
          : [],
      ),
    );
    if (candidates.length === 0) {
      if (ended === 0) finish(open[0]?.tokens ?? [], open[0]?.sum ?? 0, false);
      open = [];
      break;
    }
    candidates.sort((a, b) => b.sum - a.sum);
    open = [];
    const places = beam - ended;
    for (const { tokens, token, sum } of candidates.slice(0, places)) {
      if (token !== end) open.push({ tokens: [...tokens, token], sum });
      else {
        finish(tokens, sum, true);
        ended += 1;
      }
    }
    const worst = results[best - 1]?.score;
    const bound = Math.max(...open.map(({ sum }) => slowScore(options, sum, limit - prefix.length, [])));
    if (stops && worst !== undefined && bound <= worst) open = [];
  }
  for (const { tokens, sum } of open) finish(tokens, sum, false);
  return { results: results.slice(0, best), steps };
}

/** Every sequence that may be, the best first. */
export function everySequence(model: TestModel, row: number, options: Options): SlowHypothesis[] {
  const { start, end, limit } = options;
  const found: SlowHypothesis[] = [];
  const visit = (tokens: readonly number[], sum: number, attention: readonly (readonly number[])[]) => {
    const leaf = (total: number, ended: boolean, seen: readonly (readonly number[])[]) =>
      found.push({
        tokens,
        sum: total,
        ended,
        score: slowScore(options, total, seen.length, seen),
        attention: seen,
      });
    // Without attention there is still a step for each token.
    if (tokens.length === limit) {
      leaf(sum, false, attention);
      return;
    }
    const seen = [...attention, model.attention?.(row, [start, ...tokens]) ?? []];
    sumsOf(model, row, [start, ...tokens], sum).forEach((next, token) => {
      if (!mayFollow(options, tokens, token)) return;
      if (token === end) leaf(next, true, seen);
      else visit([...tokens, token], next, seen);
    });
  };
  visit([], 0, []);
  return found.sort((a, b) => b.score - a.score);
}
