/** A recording as every part of Rondo takes one: samples of one channel, and how many of them are a second. */
import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import type { Source } from "../source.ts";
import { mono } from "./mono.ts";
import { checkRate, checkSamples } from "./samples.ts";
import { type ReadWavOptions, readWav } from "./wav.ts";

export interface Recording {
  /** Of one channel; full scale is -1 to 1. */
  readonly samples: Float32Array;
  /** Samples a second, a whole number. */
  readonly rate: number;
}

/** A WAV file as one channel, the mean of its channels. Throws as `readWav`, with the file's name. */
export async function readRecording(source: Source, options?: ReadWavOptions): Promise<Recording> {
  const sound = await readWav(source, options);
  return { samples: mono(sound), rate: sound.rate };
}

/**
 * `where` is what messages begin with. Throws DataError for what is no object and for a sample that is no finite number,
 * UsageError for samples that are no Float32Array and a rate that is none.
 */
export function checkRecording(where: string, given: Recording): void {
  if (typeof given !== "object" || given === null) {
    throw new DataError(`${where}: ${printGiven(given)} given, { samples, rate } expected`);
  }
  checkSamples(where, given.samples);
  checkRate(`${where}: rate`, given.rate);
}
