/** How every recording is brought to features: once for a training, and by the same numbers ever after. */
import { checkOptions, type OptionNames, printGiven } from "../../checks.ts";
import { FormatError, UsageError } from "../../errors.ts";
import { checkRate } from "./samples.ts";

export type SoundFeatureKind = "log-mel" | "mfcc";

export interface SoundReadingOptions {
  /** Samples a second. */
  readonly rate: number;
  /** Default "log-mel". */
  readonly kind?: SoundFeatureKind | undefined;
  /** The length of a frame in seconds; default 0.025. */
  readonly window?: number | undefined;
  /** From the start of a frame to the next one's in seconds; default 0.01. */
  readonly hop?: number | undefined;
  /** How many filters; default 40. */
  readonly mels?: number | undefined;
  /** How many coefficients of "mfcc", at most as many as filters; default 13. */
  readonly coefficients?: number | undefined;
  /** Where the first filter starts in Hz; default 20. */
  readonly lowest?: number | undefined;
  /** Where the last filter ends in Hz; default half the rate, which is the most. */
  readonly highest?: number | undefined;
}

/** All that is needed to bring another recording to features in the same way; plain JSON, which `soundReadingOfJson` reads. */
export interface SoundReading {
  /** Samples a second, to which each recording is brought first. */
  readonly rate: number;
  readonly kind: SoundFeatureKind;
  /** The length of a frame in seconds. */
  readonly window: number;
  /** From the start of a frame to the next one's in seconds. */
  readonly hop: number;
  /** How many filters. */
  readonly mels: number;
  /** How many coefficients of "mfcc"; "log-mel" has none. */
  readonly coefficients?: number | undefined;
  /** Where the first filter starts in Hz. */
  readonly lowest: number;
  /** Where the last filter ends in Hz. */
  readonly highest: number;
}

const LONGEST_WINDOW = 2 ** 12;
const MOST_MELS = 512;

export const readingNames: OptionNames<SoundReadingOptions> = {
  rate: "the samples a second",
  kind: true,
  window: true,
  hop: true,
  mels: true,
  coefficients: true,
  lowest: true,
  highest: true,
};

/**
 * How recordings are to be read: the options, with every default filled in.
 *
 * @throws UsageError for options that are none
 */
export function soundReading(options: SoundReadingOptions): SoundReading {
  checkOptions("soundReading", options, readingNames);
  return completeReading("soundReading", options);
}

/** As `soundReading`, for `where`, which messages begin with; names are not looked at. */
export function completeReading(where: string, options: SoundReadingOptions): SoundReading {
  const refused = (name: string, given: unknown, expected: string) =>
    new UsageError(`${where}: ${name} ${printGiven(given)} given, ${expected} expected`);
  const { rate, kind = "log-mel", mels = 40, lowest = 20, window = 0.025, hop = 0.01 } = options;
  checkRate(`${where}: rate`, rate);
  const { highest = rate / 2 } = options;
  if (kind !== "log-mel" && kind !== "mfcc") throw refused("kind", kind, '"log-mel" or "mfcc"');
  if (kind === "log-mel" && options.coefficients !== undefined) {
    throw refused("coefficients", options.coefficients, 'none for kind "log-mel", which has mels,');
  }
  if (!isCount(mels, MOST_MELS)) throw refused("mels", mels, `a whole number from 1 to ${MOST_MELS}`);
  const { coefficients = Math.min(13, mels) } = options;
  if (!isCount(coefficients, mels)) {
    throw refused("coefficients", coefficients, `a whole number from 1 to ${mels}, the mels,`);
  }
  const half = `${rate / 2}, half the rate,`;
  if (!(typeof lowest === "number" && lowest >= 0 && lowest < rate / 2)) {
    throw refused("lowest", lowest, `a frequency in Hz from 0 to below ${half}`);
  }
  if (!(typeof highest === "number" && highest > lowest && highest <= rate / 2)) {
    throw refused("highest", highest, `a frequency in Hz above ${lowest} and up to ${half}`);
  }
  for (const [name, seconds, least, most] of [
    ["window", window, 2, LONGEST_WINDOW],
    ["hop", hop, 1, 2 ** 30],
  ] as const) {
    const samples = typeof seconds === "number" ? Math.round(seconds * rate) : Number.NaN;
    if (samples >= least && samples <= most) continue;
    throw refused(name, seconds, `seconds of ${least} to ${most} samples at ${rate} Hz`);
  }
  return { rate, kind, window, hop, mels, ...(kind === "mfcc" && { coefficients }), lowest, highest };
}

const isCount = (given: number, most: number) => Number.isInteger(given) && given >= 1 && given <= most;

/**
 * A reading that was written as JSON.
 *
 * @param where what it stands in, for messages
 * @throws FormatError for what is none
 */
export function soundReadingOfJson(json: unknown, where: string): SoundReading {
  try {
    const { coefficients, ...names } = readingNames;
    const needed = Object.fromEntries(Object.keys(names).map((name) => [name, "one"]));
    checkOptions<object>("the reading of sound", json as SoundReading, { ...needed, coefficients });
    return completeReading("the reading of sound", json as SoundReading);
  } catch (error) {
    throw new FormatError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
