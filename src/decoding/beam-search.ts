/** Beam search: of each row the likeliest hypotheses go on side by side, and the best of those that end are its results. */

import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { Candidates } from "./candidates.ts";
import type { Decoded } from "./greedy.ts";
import { HypothesisScore, type HypothesisScoreOptions, hypothesisScoreNames } from "./hypothesis-score.ts";
import { type DecodingOptions, DecodingRules, decodingNames } from "./rules.ts";
import { checkDecoderStep, type DecoderStep, StepScores } from "./step.ts";
import { Trail } from "./trail.ts";

export interface BeamSearchOptions extends DecodingOptions, HypothesisScoreOptions {
  /** How many hypotheses of a row there are at most. A step has so many rows side by side for each row of the batch. */
  readonly beam: number;
  /** How many results of each row are wanted, at most `beam`. Default 1. */
  readonly best?: number | undefined;
}

const beamSearchNames: OptionNames<BeamSearchOptions> = {
  beam: "how many hypotheses of a row there are",
  best: true,
  ...decodingNames,
  ...hypothesisScoreNames,
};

/** A result of a beam search. */
export interface Hypothesis extends Decoded {
  /** By which it was chosen: the logarithm of its probability, normalised by its length, and its coverage penalty. */
  readonly score: number;
}

/**
 * The best hypotheses of every row, the best first, at most `best` of each. Rows b * beam to b * beam + beam - 1 of the step are those
 * of row b of the batch, as `begin({ repeat: beam })` has them.
 *
 * A step takes the likeliest continuations of all hypotheses of a row together, as many as places are left. One that ends leaves
 * with its place: the beam narrows, so that a beam of 1 is greedy search (as in Bahdanau et al. 2015). A row is done when
 * no hypothesis can win any more that is still open, none is left, or at the limit, where those that are open are results as they
 * stand. Among equals the earlier one comes first, then the one of the better hypothesis, then that with the lower token.
 *
 *     const live = decoder.begin({ state, memory, repeat: 5 });
 *     const [[best]] = beamSearch(live, { beam: 5, start, end, limit: 100 });
 *
 * Throws UsageError for options out of range, and for a coverage penalty where the step gives no attention; ShapeError for
 * lists of another length than the batch; TrainingError for scores of tokens that are NaN or Infinity.
 */
export function beamSearch(step: DecoderStep, options: BeamSearchOptions): Hypothesis[][] {
  const where = "beamSearch";
  checkOptions(where, options, beamSearchNames);
  checkDecoderStep(where, step, ["next", "reorder"]);
  const { beam, best = 1 } = options;
  if (!Number.isInteger(beam) || beam < 1) {
    throw new UsageError(`${where}: beam ${printGiven(beam)} given, a whole number from 1 expected`);
  }
  if (!Number.isInteger(best) || best < 1 || best > beam) {
    const expected = `a whole number from 1 to ${beam}, the beam, expected`;
    throw new UsageError(`${where}: best ${printGiven(best)} given, ${expected}`);
  }
  if (step.rows % beam !== 0) {
    throw new UsageError(
      `${where}: a step of ${step.rows} rows given, a multiple of the beam ${beam} expected`,
    );
  }
  return new BeamSearch(where, step, options).run();
}

class BeamSearch {
  readonly #where: string;
  readonly #step: DecoderStep;
  readonly #batch: number;
  readonly #beam: number;
  readonly #best: number;
  readonly #rules: DecodingRules;
  readonly #score: HypothesisScore;
  readonly #scores: StepScores;
  readonly #candidates: Candidates;
  readonly #trail: Trail;
  readonly #results: Hypothesis[][];
  /** Of each row of the batch, how many hypotheses go on; 0 where it is done. They are its first ones, the likeliest first. */
  readonly #open: Int32Array;
  /** Of each row of the batch, how many have ended. */
  readonly #ended: Int32Array;
  /** Of each row of the step: the token that it reads next, which row it was before, and its sum of logarithms of probabilities. */
  readonly #tokens: Int32Array;
  readonly #order: Int32Array;
  readonly #sums: Float64Array;
  readonly #history: Int32Array;

  constructor(where: string, step: DecoderStep, options: BeamSearchOptions) {
    const { beam, best = 1 } = options;
    const { rows } = step;
    this.#where = where;
    this.#step = step;
    this.#beam = beam;
    this.#best = best;
    this.#batch = rows / beam;
    this.#rules = new DecodingRules(where, this.#batch, options);
    this.#score = new HypothesisScore(where, options);
    this.#scores = new StepScores(where, rows);
    this.#candidates = new Candidates(beam);
    const most = Math.max(...this.#rules.limits);
    this.#trail = new Trail(where, rows, most);
    this.#results = Array.from({ length: this.#batch }, () => []);
    this.#open = new Int32Array(this.#batch).fill(1);
    this.#ended = new Int32Array(this.#batch);
    this.#tokens = new Int32Array(rows).fill(this.#rules.start);
    this.#order = new Int32Array(rows);
    this.#sums = new Float64Array(rows);
    this.#history = new Int32Array(most);
  }

  run(): Hypothesis[][] {
    const rules = this.#rules;
    for (let length = 0; ; length++) {
      let isDone = true;
      for (let row = 0; row < this.#batch; row++) {
        if (length >= (rules.limits[row] as number)) this.#cut(row, length);
        if (this.#open[row] !== 0) isDone = false;
      }
      if (isDone) return this.#results;
      const output = this.#step.next(this.#tokens);
      this.#scores.read(output);
      rules.checkTokens(this.#scores.tokens);
      this.#trail.look(output.attention);
      if (this.#score.coverage > 0 && output.attention === undefined) {
        throw new UsageError(`${this.#where}: a coverage penalty given, but the step gives no attention`);
      }
      this.#stay();
      for (let row = 0; row < this.#batch; row++) if (this.#open[row] !== 0) this.#advance(row, length);
      if (this.#isMoved()) this.#step.reorder?.(this.#order);
      this.#trail.write(this.#tokens, this.#order);
    }
  }

  /** Every row of the step stays what it is, until it is told otherwise, and reads END. */
  #stay(): void {
    for (let at = 0; at < this.#order.length; at++) this.#order[at] = at;
    this.#tokens.fill(this.#rules.end);
  }

  #isMoved(): boolean {
    for (let at = 0; at < this.#order.length; at++) if (this.#order[at] !== at) return true;
    return false;
  }

  /** The hypotheses of a row, of so many tokens, with one token more. */
  #advance(row: number, length: number): void {
    const first = row * this.#beam;
    const prefix = this.#rules.prefixes[row] as ArrayLike<number>;
    if (length < prefix.length) {
      this.#tokens[first] = prefix[length] as number;
      return;
    }
    const candidates = this.#candidates;
    this.#offer(row, length);
    if (candidates.count === 0) {
      this.#stop(row, length);
      return;
    }
    let open = 0;
    for (let rank = 0; rank < candidates.count; rank++) {
      const from = candidates.rows[rank] as number;
      const token = candidates.tokens[rank] as number;
      const sum = candidates.sums[rank] as number;
      if (token === this.#rules.end) {
        this.#finish(row, from, length, sum, true);
        continue;
      }
      const to = first + open;
      this.#order[to] = from;
      this.#tokens[to] = token;
      this.#sums[to] = sum;
      open += 1;
    }
    this.#open[row] = this.#canWin(row) ? open : 0;
  }

  /** The best continuations of all hypotheses of a row that are open. */
  #offer(row: number, length: number): void {
    const { values, tokens } = this.#scores;
    const first = row * this.#beam;
    this.#candidates.clear(this.#beam - (this.#ended[row] as number));
    for (let at = first; at < first + (this.#open[row] as number); at++) {
      if (this.#rules.readsTokens) this.#trail.read(at, this.#history);
      this.#rules.at(this.#history, length);
      const base = (this.#sums[at] as number) - this.#scores.normalizer(at);
      this.#candidates.offer(at, values, tokens, base, this.#rules);
    }
  }

  /** Whether the likeliest hypothesis of a row that goes on may still be among the results, should all that follows be certain. */
  #canWin(row: number): boolean {
    const worst = this.#results[row]?.[this.#best - 1];
    if (!worst) return true;
    const longest =
      (this.#rules.limits[row] as number) - (this.#rules.prefixes[row] as ArrayLike<number>).length;
    return this.#score.normalized(this.#sums[row * this.#beam] as number, longest) > worst.score;
  }

  /** At the limit all hypotheses of a row that are open are results as they stand. */
  #cut(row: number, length: number): void {
    const first = row * this.#beam;
    for (let at = first; at < first + (this.#open[row] as number); at++)
      this.#finish(row, at, length, this.#sums[at] as number, false);
    this.#open[row] = 0;
  }

  /** Nothing may follow: where no hypothesis has ended, the likeliest one is the result as it stands. */
  #stop(row: number, length: number): void {
    const at = row * this.#beam;
    if (this.#ended[row] === 0) this.#finish(row, at, length, this.#sums[at] as number, false);
    this.#open[row] = 0;
  }

  /** A hypothesis of so many tokens is a result, if it is among the best. */
  #finish(row: number, at: number, length: number, sum: number, ended: boolean): void {
    if (ended) this.#ended[row] = (this.#ended[row] as number) + 1;
    const steps = ended ? length + 1 : length;
    const attention = this.#trail.alignment(at, steps, this.#rules.memoryLengths?.[row]);
    const chosen = steps - (this.#rules.prefixes[row] as ArrayLike<number>).length;
    const penalty = this.#score.coverage > 0 && attention ? this.#score.penalty(attention) : 0;
    const score = this.#score.normalized(sum, chosen) + penalty;
    const results = this.#results[row] as Hypothesis[];
    let place = results.length;
    while (place > 0 && (results[place - 1] as Hypothesis).score < score) place -= 1;
    if (place >= this.#best) return;
    this.#trail.read(at, this.#history);
    const tokens = this.#history.slice(0, length);
    results.splice(place, 0, { tokens, score, logProbability: sum, ended, ...(attention && { attention }) });
    results.length = Math.min(results.length, this.#best);
  }
}
