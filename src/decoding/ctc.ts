/** Which labels a network that was trained with `ctcLoss` means: those of its best path, or those that a beam finds. */

import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { DataError, ShapeError, TrainingError, UsageError } from "../errors.ts";
import { readValue, type ValueLike } from "../program/values.ts";

export interface CtcDecodingOptions {
  /** Steps of each row, int32 (B), from 0 to T. Default T. What stands beyond is not read. */
  readonly lengths?: ValueLike | undefined;
  /** The class that stands for no label, from 0 to K-1. Default 0. */
  readonly blank?: number | undefined;
}

export interface CtcBeamOptions extends CtcDecodingOptions {
  /** How many prefixes are kept from step to step, from 1. Default 16. */
  readonly beam?: number | undefined;
}

export interface CtcPath {
  readonly tokens: readonly number[];
  /** Of each token the first step of the path that has it, from 0. */
  readonly steps: readonly number[];
  /** Of the path, in nats. */
  readonly logProbability: number;
}

export interface CtcLabels {
  readonly tokens: readonly number[];
  /** Of all paths that spell the tokens and were not lost on the way, in nats: with a wide beam the negative `ctcLoss`. */
  readonly logProbability: number;
}

const decodingNames: OptionNames<CtcDecodingOptions> = { lengths: true, blank: true };

/**
 * The tokens that the most probable path spells, of each row, from logits or log probabilities (T, B, K), or (T, K) of one row:
 * the likeliest class of each step, among equals the lower one; classes that repeat are made one, then blanks are taken out.
 * They need not be the most probable tokens, which `ctcBeamSearch` looks for. Graves et al., "Connectionist temporal
 * classification", 2006, section 3.2.
 *
 * @throws ShapeError for logits of another rank, and lengths of another shape
 * @throws UsageError for a blank that is no class
 * @throws DataError for lengths that are not from 0 to T
 * @throws TrainingError for logits that nothing can be chosen by: NaN, Infinity, or -Infinity all of a step
 */
export function ctcBestPath(logits: ValueLike, options: CtcDecodingOptions = {}): CtcPath[] {
  checkOptions("ctcBestPath", options, decodingNames);
  const { rows, blank } = rowsOf("ctcBestPath", logits, options);
  return rows.map((row) => {
    const path = row.map((logs) => logs.indexOf(logs.reduce((a, b) => Math.max(a, b))));
    const steps = [...path.keys()].filter((t) => path[t] !== blank && path[t] !== path[t - 1]);
    return {
      tokens: steps.map((t) => path[t] as number),
      steps,
      logProbability: row.reduce((sum, logs, t) => sum + (logs[path[t] as number] as number), 0),
    };
  });
}

/**
 * The tokens that are the most probable, over all paths that spell them, as far as a beam sees, of each row, from logits or log
 * probabilities (T, B, K), or (T, K) of one row. From step to step the `beam` most probable beginnings are kept, each with all
 * its paths; among equals those that were found first. Graves, "Supervised sequence labelling with recurrent neural networks",
 * 2012, section 7.5; Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional recurrent
 * DNNs", 2014, algorithm 1, without a language model.
 *
 * @throws as `ctcBestPath` does, and UsageError for a beam that is no whole number from 1
 */
export function ctcBeamSearch(logits: ValueLike, options: CtcBeamOptions = {}): CtcLabels[] {
  checkOptions("ctcBeamSearch", options, { ...decodingNames, beam: true });
  const { beam = 16, ...decoding } = options;
  if (!(Number.isInteger(beam) && beam >= 1)) {
    throw new UsageError(`ctcBeamSearch: beam ${printGiven(beam)} given, a whole number from 1 expected`);
  }
  const { rows, blank } = rowsOf("ctcBeamSearch", logits, decoding);
  return rows.map((row) => {
    let kept = [new Prefix()];
    for (const logs of row) {
      const reached: Prefix[] = [];
      for (const prefix of kept) prefix.goOn(logs, blank, reached);
      for (const prefix of reached) prefix.settle();
      kept = mostProbable(reached, beam);
      for (const prefix of kept) prefix.keep();
    }
    const [best] = kept as [Prefix];
    return { tokens: best.tokens(), logProbability: best.total };
  });
}

/** The most probable of these, in order; among equals those that come first. */
function mostProbable(prefixes: readonly Prefix[], count: number): Prefix[] {
  const totals = new Float64Array(prefixes.length);
  for (let at = 0; at < totals.length; at++) totals[at] = (prefixes[at] as Prefix).total;
  totals.sort();
  const least = totals.at(-count) ?? nothing;
  return prefixes
    .filter(({ total }) => total >= least)
    .sort((a, b) => b.total - a.total)
    .slice(0, count);
}

const nothing = Number.NEGATIVE_INFINITY;

/** A beginning of the tokens, and how probable it is by paths that end in a blank and by those that end in its token, as logarithms. */
class Prefix {
  readonly before: Prefix | undefined;
  readonly token: number;
  total = 0;
  #byBlank = 0;
  #byToken = nothing;
  /** By the next step, as far as paths have come. */
  #nextByBlank = nothing;
  #nextByToken = nothing;
  /** Prefixes of one token more that were kept once: there is one object for each. */
  #longer: Map<number, Prefix> | undefined;

  constructor(before?: Prefix, token = -1) {
    this.before = before;
    this.token = token;
  }

  /** Gives what the next step makes of this prefix to it and to those of one token more; lists each that is given something. */
  goOn(logs: Float64Array, blank: number, reached: Prefix[]): void {
    for (let token = 0; token < logs.length; token++) {
      const log = logs[token] as number;
      if (token === blank) this.#gain(this.total + log, nothing, reached);
      else {
        const repeats = token === this.token;
        if (repeats) this.#gain(nothing, this.#byToken + log, reached);
        const longer = this.#longer?.get(token) ?? new Prefix(this, token);
        longer.#gain(nothing, (repeats ? this.#byBlank : this.total) + log, reached);
      }
    }
  }

  #gain(byBlank: number, byToken: number, reached: Prefix[]): void {
    if (byBlank === nothing && byToken === nothing) return;
    if (this.#nextByBlank === nothing && this.#nextByToken === nothing) reached.push(this);
    this.#nextByBlank = logAddExp(this.#nextByBlank, byBlank);
    this.#nextByToken = logAddExp(this.#nextByToken, byToken);
  }

  /** The step is over. */
  settle(): void {
    this.#byBlank = this.#nextByBlank;
    this.#byToken = this.#nextByToken;
    this.total = logAddExp(this.#byBlank, this.#byToken);
    this.#nextByBlank = nothing;
    this.#nextByToken = nothing;
  }

  /** Let the prefix before know that this one is kept. */
  keep(): void {
    if (!this.before) return;
    this.before.#longer ??= new Map();
    this.before.#longer.set(this.token, this);
  }

  tokens(): number[] {
    const tokens: number[] = [];
    for (let prefix: Prefix = this; prefix.before; prefix = prefix.before) tokens.push(prefix.token);
    return tokens.reverse();
  }
}

function logAddExp(a: number, b: number): number {
  const less = Math.min(a, b);
  const more = Math.max(a, b);
  return less === nothing ? more : more + Math.log1p(Math.exp(less - more));
}

/** The log probabilities of each row, step by step. */
function rowsOf(where: string, given: ValueLike, { lengths: ends, blank = 0 }: CtcDecodingOptions) {
  const { data, shape } = readValue(`${where}: logits`, given, "float32");
  if (shape.length !== 2 && shape.length !== 3) {
    throw new ShapeError(`${where}: logits (${shape.join(", ")}) given, (T, B, K) or (T, K) expected`);
  }
  const [steps, classes] = [shape[0] as number, shape.at(-1) as number];
  const batch = shape.length === 3 ? (shape[1] as number) : 1;
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    throw new UsageError(
      `${where}: blank ${printGiven(blank)} given, a class from 0 to ${classes - 1} expected`,
    );
  }
  const lengths =
    ends === undefined ? new Int32Array(batch).fill(steps) : lengthsOf(where, ends, steps, batch);
  const rows = Array.from(lengths, (length, row) =>
    Array.from({ length }, (_, t) => {
      const start = (t * batch + row) * classes;
      return logSoftmax(where, Float64Array.from(data.subarray(start, start + classes)), row, t);
    }),
  );
  return { rows, blank };
}

function lengthsOf(where: string, given: ValueLike, steps: number, batch: number): ArrayLike<number> {
  const { data, shape } = readValue(`${where}: lengths`, given, "int32");
  if (shape.length !== 1 || data.length !== batch) {
    throw new ShapeError(`${where}: lengths (${shape.join(", ")}) given, (${batch}) expected`);
  }
  const wrong = data.findIndex((length) => length < 0 || length > steps);
  if (wrong < 0) return data;
  throw new DataError(`${where}: the length ${data[wrong]} given for row ${wrong}, 0 to ${steps} expected`);
}

function logSoftmax(where: string, logits: Float64Array, row: number, t: number): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), nothing);
  if (!Number.isFinite(most)) {
    const given = most === nothing ? "all -Infinity" : `${most}`;
    const place = `${where}: logits of row ${row} at step ${t}`;
    throw new TrainingError(
      `${place} are ${given}, numbers expected: the model's weights are too large to predict with`,
    );
  }
  const total = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
  return logits.map((logit) => logit - total);
}
