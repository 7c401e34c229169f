/** Rows of tokens decoded one token at a time, the likeliest or one that is drawn, all rows of a batch together. */

import { checkOptions, type OptionNames } from "../checks.ts";
import { uniform } from "../graph/threefry.ts";
import { checkNumbers } from "../numbers.ts";
import { Candidates } from "./candidates.ts";
import { checkSeed } from "./generate.ts";
import { type DecodingOptions, DecodingRules, decodingNames } from "./rules.ts";
import { type SamplingOptions, sampler, samplingNames } from "./sampling.ts";
import { checkDecoderStep, type DecoderStep, StepScores } from "./step.ts";
import { type Alignment, Trail } from "./trail.ts";

/** A row that was decoded. */
export interface Decoded {
  /** Without START and END. */
  readonly tokens: Int32Array;
  /** The sum of the logarithms of the probabilities that the model gave to each token and to END, the prefix not counted. */
  readonly logProbability: number;
  /** Whether it chose END; else it was cut at the limit, or nothing was allowed to follow. */
  readonly ended: boolean;
  /** (steps, S), where the model gives attention: of each token, and of END where it ended. */
  readonly attention?: Alignment | undefined;
}

export interface SampleSequencesOptions extends DecodingOptions, SamplingOptions {
  /** 0 to 2^53 - 1; default 1. */
  readonly seed?: number | undefined;
  /** int32 (rows): a number for each row, of which its draws depend; default 0, 1, 2, ... */
  readonly numbers?: ArrayLike<number> | undefined;
}

const sampleNames: OptionNames<SampleSequencesOptions> = {
  ...decodingNames,
  ...samplingNames,
  seed: true,
  numbers: true,
};

/**
 * The likeliest token at every step, for all rows of a step at once, until END or the limit; among equals the lower one.
 *
 *     const live = decoder.begin({ state, memory });
 *     for (const { tokens } of greedySearch(live, { start, end, limit: 100 })) ...
 *
 * Throws UsageError for options out of range, ShapeError for lists of another length than the rows, TrainingError for scores of tokens
 * that are NaN or Infinity.
 */
export function greedySearch(step: DecoderStep, options: DecodingOptions): Decoded[] {
  checkOptions("greedySearch", options, decodingNames);
  checkDecoderStep("greedySearch", step, ["next"]);
  const best = new Candidates(1);
  return decodeRows("greedySearch", step, options, ({ row, scores, rules }) => {
    best.clear(1);
    best.offer(row, scores.values, scores.tokens, 0, rules);
    return best.count > 0 ? (best.tokens[0] as number) : NONE;
  });
}

/**
 * Tokens that are drawn, for all rows of a step at once, until END or the limit. The draws of a row depend on the seed, its number
 * and how many there were before, so that a row is the same in any batch; row number 0 draws what `generateTokens` draws.
 * What is not allowed has no probability; temperature, top-k and top-p change the others. Throws as `greedySearch`.
 */
export function sampleSequences(step: DecoderStep, options: SampleSequencesOptions): Decoded[] {
  checkOptions("sampleSequences", options, sampleNames);
  checkDecoderStep("sampleSequences", step, ["next"]);
  const { temperature, topK, topP, seed = 1, numbers, ...decoding } = options;
  const choose = sampler({ temperature, topK, topP });
  checkSeed(seed);
  if (numbers !== undefined) checkNumbers("sampleSequences: numbers", numbers, "int32", [step.rows]);
  const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  let allowed = new Float32Array(0);
  return decodeRows("sampleSequences", step, decoding, ({ row, drawn, scores, rules }) => {
    const { tokens, values } = scores;
    if (allowed.length !== tokens) allowed = new Float32Array(tokens);
    let isAny = false;
    for (let token = 0; token < tokens; token++) {
      const score = values[row * tokens + token] as number;
      const isAllowed = score !== Number.NEGATIVE_INFINITY && rules.allows(token);
      allowed[token] = isAllowed ? score : Number.NEGATIVE_INFINITY;
      isAny ||= isAllowed;
    }
    return isAny ? choose(allowed, uniform(low, high, drawn, numbers?.[row] ?? row)) : NONE;
  });
}

/** Stands for a token where none may follow. */
const NONE = -1;

interface Turn {
  row: number;
  /** How many tokens of the row were chosen before. */
  drawn: number;
  readonly scores: StepScores;
  readonly rules: DecodingRules;
}

/** Decodes all rows; `choose` says which token comes next in one of them, or NONE. */
function decodeRows(
  where: string,
  step: DecoderStep,
  options: DecodingOptions,
  choose: (turn: Turn) => number,
): Decoded[] {
  const { rows } = step;
  const rules = new DecodingRules(where, rows, options);
  const scores = new StepScores(where, rows);
  const most = Math.max(...rules.limits);
  const trail = new Trail(where, rows, most);
  const found: Decoded[] = [];
  const sums = new Float64Array(rows);
  const history = new Int32Array(most);
  const tokens = new Int32Array(rows).fill(rules.start);
  const same = Int32Array.from(tokens, (_, row) => row);
  const turn: Turn = { row: 0, drawn: 0, scores, rules };
  const finish = (row: number, length: number, ended: boolean) => {
    trail.read(row, history);
    const steps = ended ? length + 1 : length;
    const attention = trail.alignment(row, steps, rules.memoryLengths?.[row]);
    found[row] = {
      tokens: history.slice(0, length),
      logProbability: sums[row] as number,
      ended,
      ...(attention && { attention }),
    };
    left -= 1;
  };
  let left = rows;
  for (let length = 0; ; length++) {
    for (let row = 0; row < rows; row++)
      if (!found[row] && length >= (rules.limits[row] as number)) finish(row, length, false);
    if (left === 0) return found;
    const output = step.next(tokens);
    scores.read(output);
    rules.checkTokens(scores.tokens);
    trail.look(output.attention);
    for (let row = 0; row < rows; row++) {
      tokens[row] = rules.end;
      if (found[row]) continue;
      const prefix = rules.prefixes[row] as ArrayLike<number>;
      if (length < prefix.length) {
        tokens[row] = prefix[length] as number;
        continue;
      }
      if (rules.readsTokens) trail.read(row, history);
      rules.at(history, length);
      turn.row = row;
      turn.drawn = length - prefix.length;
      const token = choose(turn);
      if (token === NONE) {
        finish(row, length, false);
        continue;
      }
      const score = scores.values[row * scores.tokens + token] as number;
      sums[row] = (sums[row] as number) - scores.normalizer(row) + score;
      if (token === rules.end) finish(row, length, true);
      else tokens[row] = token;
    }
    trail.write(tokens, same);
  }
}
