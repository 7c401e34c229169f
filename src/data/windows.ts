/**
 * Cuts a stream of tokens in windows for truncated backpropagation through time. A window is found by its index alone, so
 * that training resumes from a number; nothing here is shuffled or remembered.
 */
import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkNumbers } from "../numbers.ts";
import { requireCounts } from "./counts.ts";
import { counted } from "./text.ts";

/** The target of a position that predicts nothing; losses leave it out. */
export const IGNORED_TARGET = -1;

/** One window. Arrays are (T, B), time-major: element t * B + b is step t of row b. */
export interface Window {
  inputs: Int32Array;
  /** The tokens that follow the inputs; `IGNORED_TARGET` where nothing is predicted. */
  targets: Int32Array;
  /** T; the last window of an epoch may be shorter than the others. */
  steps: number;
  /** B. */
  batch: number;
}

export interface WindowOptions {
  /** B: how many rows of the stream are read side by side. */
  batch: number;
  /** T: how many steps a window has at most. */
  window: number;
}

const windowNames: OptionNames<WindowOptions> = {
  batch: "a whole number from 1",
  window: "a whole number from 1",
};

/**
 * Training windows. A stream of n tokens is cut in B contiguous rows of floor((n - 1) / B) predicted tokens; window k + 1
 * of a row goes on where window k ended, so that the state can be carried over. What does not fill the rows (fewer than
 * B tokens at the end) is left out.
 */
export class Windows {
  /** How many windows an epoch has. */
  readonly count: number;
  readonly batch: number;
  readonly window: number;
  readonly #tokens: Int32Array;
  readonly #rowLength: number;

  /** @throws DataError when the stream is too short for one whole window of B rows, or holds what is no int32 */
  constructor(tokens: Int32Array, options: WindowOptions) {
    checkOptions("Windows", options, windowNames);
    const { batch, window } = options;
    requireCounts({ batch, window });
    checkNumbers("tokens", tokens, "int32");
    const predicted = Math.max(0, tokens.length - 1);
    if (predicted < window) {
      const needed = `one window of ${window} steps needs ${window + 1}`;
      throw new DataError(`the text has ${counted(tokens.length, "token")}: ${needed}`);
    }
    if (predicted < batch * window) {
      const needed = `a batch of ${batch} rows with windows of ${window} steps needs ${batch * window + 1}`;
      const largest = `expected a batch of at most ${Math.floor(predicted / window)}`;
      throw new DataError(`the text has ${counted(tokens.length, "token")}: ${needed}, ${largest}`);
    }
    this.#tokens = tokens;
    this.#rowLength = Math.floor(predicted / batch);
    this.batch = batch;
    this.window = window;
    this.count = Math.ceil(this.#rowLength / window);
  }

  /** Window k, 0 <= k < count. */
  at(k: number): Window {
    return cut(this.#tokens, this.#rowLength, this.batch, this.window, k, this.count);
  }
}

/** Windows over all of a text, in order. */
export interface EvaluationWindows {
  count: number;
  batch: number;
  at(k: number): Window;
}

/**
 * Windows that predict every token of a stream but the first exactly once (n - 1 in all). Rows have
 * ceil((n - 1) / B) steps; targets after the end are `IGNORED_TARGET`. B is reduced where the text is too short for
 * rows of a whole window.
 *
 * @throws DataError for fewer than two tokens, or what is no int32
 */
export function evaluationWindows(tokens: Int32Array, options: WindowOptions): EvaluationWindows {
  checkOptions("evaluationWindows", options, windowNames);
  const { batch, window } = options;
  requireCounts({ batch, window });
  checkNumbers("tokens", tokens, "int32");
  if (tokens.length < 2) {
    throw new DataError(
      `the text has ${counted(tokens.length, "token")}: expected two or more to evaluate on`,
    );
  }
  const predicted = tokens.length - 1;
  const most = Math.max(1, Math.min(batch, Math.floor(predicted / window)));
  const rowLength = Math.ceil(predicted / most);
  const rows = Math.ceil(predicted / rowLength);
  const count = Math.ceil(rowLength / window);
  return { count, batch: rows, at: (k) => cut(tokens, rowLength, rows, window, k, count) };
}

function cut(
  tokens: Int32Array,
  rowLength: number,
  batch: number,
  window: number,
  k: number,
  count: number,
): Window {
  if (!(Number.isInteger(k) && k >= 0 && k < count)) {
    throw new UsageError(`window ${printGiven(k)}: expected a whole number from 0 to ${count - 1}`);
  }
  const start = k * window;
  const steps = Math.min(window, rowLength - start);
  const inputs = new Int32Array(steps * batch);
  const targets = new Int32Array(steps * batch);
  for (let row = 0; row < batch; row++) {
    for (let step = 0; step < steps; step++) {
      const at = row * rowLength + start + step;
      inputs[step * batch + row] = tokens[at] ?? 0;
      targets[step * batch + row] = tokens[at + 1] ?? IGNORED_TARGET;
    }
  }
  return { inputs, targets, steps, batch };
}
