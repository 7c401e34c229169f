/**
 * Labels told of a sound that goes on, such as commands: a look at the last second now and then, and a rule for when to tell. The
 * rule is that of Warden, "Speech commands: a dataset for limited-vocabulary speech recognition", 2018: scores are smoothed, compared
 * with a threshold, and after a label there is a pause.
 */

import { checkOptions, expectedNames, printGiven } from "../../checks.ts";
import type { SoundReader, SoundReaderStream } from "../../data/sound/reader.ts";
import { UsageError } from "../../errors.ts";
import { likeliest } from "./measures.ts";

/** What tells labels of features. */
export interface SoundLabeller {
  readonly labels: readonly string[];
  readonly reader: SoundReader;
  /** How long what it tells is, in seconds: so much is looked at unless options say it; default 1. */
  readonly seconds?: number | undefined;
  /** How likely each label is for frames (steps, reader.size), row-major. */
  probabilities(frames: Float32Array, steps: number): ArrayLike<number>;
}

export interface RecognizerOptions {
  /** How many seconds a look is at, rounded to whole frames; default the labeller's. */
  readonly window?: number | undefined;
  /** From one look to the next in seconds, rounded to whole hops of frames; default 0.1. */
  readonly every?: number | undefined;
  /**
   * A label is told that is the likeliest, and at least so likely; or such numbers by label, where each other label has the default,
   * 0.8.
   */
  readonly threshold?: number | Readonly<Record<string, number>> | undefined;
  /** For how many seconds after a label nothing is told, neither the same label nor another; default `window`. */
  readonly mute?: number | undefined;
  /** How likely a label is, is the mean of so many looks, the last ones; of fewer at the start. Default 3. */
  readonly smoothing?: number | undefined;
  /** Labels that are never told, but can be the likeliest; default those of "silence" and "unknown" that there are. */
  readonly background?: readonly string[] | undefined;
}

export interface Detection {
  /** In seconds from the start: the end of the window that was looked at, which is when it is known at the earliest. */
  readonly time: number;
  readonly label: string;
  /** As smoothed. */
  readonly probability: number;
}

const THRESHOLD = 0.8;

/**
 * Recognises labels in a stream of samples. Look k is at the frames from k every on, as many as fill `window`: the same frames, to the
 * bit, as of the whole recording at once, whatever the pieces. A sound that is shorter than a window is looked at once, at its end.
 *
 *     const recognizer = new Recognizer(labeller, 44100, { window: 1, threshold: 0.9 });
 *     for (const piece of pieces) for (const { time, label } of recognizer.push(piece)) console.log(time, label);
 */
export class Recognizer {
  readonly #labeller: SoundLabeller;
  readonly #rule: ReturnType<typeof completeRule>;
  readonly #stream: SoundReaderStream;
  /** Frames from the next look's first on. */
  #frames = new Float32Array(0);
  /** Numbers of frames that go by before it, where looks leave some out. */
  #skipped = 0;
  #looks = 0;
  #isEmpty = true;
  /** The probabilities of the last looks, the oldest first. */
  #recent: Float64Array[] = [];
  /** Where the window ended in which a label was told, in samples. */
  #told = Number.NEGATIVE_INFINITY;

  /**
   * @param rate samples a second of what is pushed
   * @throws UsageError for a rate that is none and options that do not fit
   */
  constructor(labeller: SoundLabeller, rate: number, options: RecognizerOptions = {}) {
    this.#labeller = labeller;
    this.#rule = completeRule(labeller, options);
    this.#stream = labeller.reader.stream(rate);
  }

  /**
   * More samples of one channel: what they tell, in order. Throws UsageError for what is no Float32Array and after the end, DataError
   * for a sample that is no finite number; it is then as it was before.
   */
  push(samples: Float32Array): Detection[] {
    const frames = this.#stream.push(samples);
    if (samples.length > 0) this.#isEmpty = false;
    return this.#read(frames);
  }

  /** What the last samples tell: no others follow. */
  end(): Detection[] {
    const told = this.#read(this.#stream.end());
    if (this.#looks > 0 || this.#isEmpty) return told;
    return this.#look(this.#frames);
  }

  #read(frames: Float32Array): Detection[] {
    const { size } = this.#labeller.reader;
    const [window, every] = [this.#rule.window * size, this.#rule.every * size];
    const all = new Float32Array(this.#frames.length + frames.length);
    all.set(this.#frames);
    all.set(frames, this.#frames.length);
    const told: Detection[] = [];
    let start = this.#skipped;
    for (; start + window <= all.length; start += every) {
      told.push(...this.#look(all.slice(start, start + window)));
    }
    this.#frames = all.slice(start);
    this.#skipped = Math.max(0, start - all.length);
    return told;
  }

  #look(frames: Float32Array): Detection[] {
    const { labels, reader } = this.#labeller;
    const { every, smoothing, mute, thresholds, background } = this.#rule;
    const steps = frames.length / reader.size;
    const found = Float64Array.from(this.#labeller.probabilities(frames, steps));
    if (found.length !== labels.length || found.some(Number.isNaN)) {
      const given = found.length === labels.length ? "NaN" : `${found.length} numbers`;
      throw new UsageError(`Recognizer: probabilities: ${given} given, one of each label expected`);
    }
    this.#recent.push(found);
    if (this.#recent.length > smoothing) this.#recent.shift();
    const end = (this.#looks * every + steps - 1) * reader.hop + reader.window;
    this.#looks += 1;
    const means = labels.map((_, at) => {
      const sum = this.#recent.reduce((all, look) => all + (look[at] as number), 0);
      return sum / this.#recent.length;
    });
    const best = likeliest(means);
    const label = labels[best] as string;
    const probability = means[best] as number;
    if (background.has(label) || probability < (thresholds[best] as number)) return [];
    if (end - this.#told < mute) return [];
    this.#told = end;
    return [{ time: end / reader.reading.rate, label, probability }];
  }
}

/** The options in frames, looks and samples. Throws UsageError. */
function completeRule({ labels, reader, seconds = 1 }: SoundLabeller, options: RecognizerOptions) {
  checkOptions("Recognizer", options, {
    ...{ window: true, every: true, threshold: true, mute: true, smoothing: true, background: true },
  });
  const { window = seconds, every = 0.1, threshold = THRESHOLD, smoothing = 3 } = options;
  const { rate } = reader.reading;
  const shortest = reader.window / rate;
  if (!isNumber(window) || Math.round(window * rate) < reader.window) {
    throw refused("window", window, `seconds from ${shortest}, the length of a frame,`);
  }
  if (!isNumber(every) || every <= 0) throw refused("every", every, "seconds above 0");
  const { mute = window, background } = options;
  if (!isNumber(mute) || mute < 0) throw refused("mute", mute, "seconds from 0");
  if (!Number.isInteger(smoothing) || smoothing < 1) {
    throw refused("smoothing", smoothing, "a whole number of looks from 1");
  }
  return {
    window: 1 + Math.floor((Math.round(window * rate) - reader.window) / reader.hop),
    every: Math.max(1, Math.round((every * rate) / reader.hop)),
    mute: Math.round(mute * rate),
    smoothing,
    thresholds: thresholdsOf(labels, threshold),
    background: backgroundOf(labels, background),
  };
}

function thresholdsOf(
  labels: readonly string[],
  threshold: number | Readonly<Record<string, number>>,
): number[] {
  const given = typeof threshold === "object" && threshold !== null ? threshold : {};
  for (const [label, one] of Object.entries(given)) {
    requireLabel("threshold", label, labels);
    requireShare(`threshold of ${JSON.stringify(label)}`, one);
  }
  const other = given === threshold ? THRESHOLD : (threshold as number);
  requireShare("threshold", other);
  return labels.map((label) => (Object.hasOwn(given, label) ? (given[label] as number) : other));
}

function backgroundOf(
  labels: readonly string[],
  background: readonly string[] | undefined,
): ReadonlySet<string> {
  if (background === undefined) return new Set(["silence", "unknown"]);
  if (!Array.isArray(background)) throw refused("background", background, "a list of labels");
  for (const label of background as readonly string[]) requireLabel("background", label, labels);
  return new Set(background as readonly string[]);
}

const isNumber = (given: unknown): given is number => typeof given === "number" && Number.isFinite(given);

function requireLabel(option: string, label: string, labels: readonly string[]): void {
  if (labels.includes(label)) return;
  throw new UsageError(
    `Recognizer: ${option}: label ${printGiven(label)} is unknown: ${expectedNames(String(label), labels)}`,
  );
}

function requireShare(name: string, given: number): void {
  if (isNumber(given) && given >= 0 && given <= 1) return;
  throw refused(name, given, "a probability from 0 to 1");
}

function refused(name: string, given: unknown, expected: string): UsageError {
  return new UsageError(`Recognizer: ${name} ${printGiven(given)} given, ${expected} expected`);
}
