/** Recordings as the input of a classifier: WAV files of a folder, of a table or a list of paths, or one alone; or samples of a program. */

import { Scaler } from "../../../data/scaler.ts";
import { mono } from "../../../data/sound/mono.ts";
import { SoundReader } from "../../../data/sound/reader.ts";
import { type SoundReading, soundReading, soundReadingOfJson } from "../../../data/sound/reading.ts";
import { checkRecording, type Recording } from "../../../data/sound/recording.ts";
import type { Sound } from "../../../data/sound/wav.ts";
import { DataError, FormatError, UsageError } from "../../../errors.ts";
import { isObject } from "../../../formats/json.ts";
import type { Input, InputKind, Reading, Row } from "./input.ts";
import { AUDIO, type FoundRecording, openRecording, recordingsOf } from "./recordings.ts";
import { scaledInput, scalerOfJson } from "./vectors.ts";

/** What was learnt of recordings. */
export interface SoundInput extends Input {
  readonly kind: "sound";
  readonly sound: SoundReading;
  /** How long a recording to train on is: the median, in seconds. */
  readonly seconds: number;
}

export function isSoundInput(input: Input): input is SoundInput {
  return input.kind === "sound";
}

export const soundInput: InputKind = {
  name: "sound",
  plural: "recordings",
  async settle(file, reading) {
    if (reading.sampleRate !== undefined) return {};
    for await (const found of recordingsOf(file, reading, true)) {
      return { sampleRate: (await openRecording(found, { allowEmpty: false })).rate };
    }
    throw new DataError(`${file.name}: no recordings, one or more expected`);
  },
  settleRow(first, reading) {
    if (reading.sampleRate !== undefined || first === undefined) return {};
    const { rate } = recordingOf(first, "row 1", reading);
    return { sampleRate: rate };
  },
  async *read(file, reading, labelled) {
    const reader = readerOf(reading);
    for await (const found of recordingsOf(file, reading, labelled)) {
      // What shall get a label gets one, even of nothing; there is nothing to learn from it.
      yield rowOf(found, reader, await openRecording(found, { allowEmpty: !labelled }));
    }
  },
  contentOf: (given, where, reading) =>
    readerOf(reading).read(recordingOf(given, where, reading), where).values,
  audit(rows, reading) {
    const lengths = secondsOf(rows, readingOf(reading));
    const [least, most] = [lengths[0] as number, lengths.at(-1) as number];
    const mean = lengths.reduce((sum, seconds) => sum + seconds, 0) / lengths.length;
    const text = `${mean.toFixed(2)} s in the mean, ${least.toFixed(2)} to ${most.toFixed(2)}`;
    const { sampleRate } = reading;
    return { lines: [`recordings of ${text}`], json: { sampleRate, seconds: { mean, least, most } } };
  },
  prepare(_name, rows, options) {
    const reading = readingOf(options);
    const contents = rows.map(({ content }) => content as Float32Array);
    const scaler = Scaler.fit(options.scale, contents, { features: sizeOf(reading) });
    const lengths = secondsOf(rows, reading);
    return inputOf(reading, scaler, lengths[Math.floor(lengths.length / 2)] as number);
  },
  ofJson({ reading: given, scaler: numbers, seconds }, where) {
    const reading = soundReadingOfJson(given, `${where}: input`);
    const scaler = scalerOfJson(numbers, where);
    if (scaler.center.length !== sizeOf(reading)) {
      throw new FormatError(
        `${where}: scaler: ${scaler.center.length} numbers given, ${sizeOf(reading)} expected`,
      );
    }
    if (typeof seconds !== "number" || !(seconds > 0)) {
      throw new FormatError(`${where}: seconds ${JSON.stringify(seconds)} given, a length expected`);
    }
    return inputOf(reading, scaler, seconds);
  },
};

/** Of one recording after the other the program is the same. */
let newest: { readonly key: string; readonly reader: SoundReader } | undefined;

function readerOf(options: Reading): SoundReader {
  const reading = readingOf(options);
  const key = JSON.stringify(reading);
  if (newest?.key !== key) newest = { key, reader: new SoundReader(reading) };
  return newest.reader;
}

/** The recording that a program gives: `{ samples, rate }`, what `readWav` gives, or an object that has one of these under its name. */
function recordingOf(given: unknown, where: string, { audio = AUDIO }: Reading): Recording {
  const found = isObject(given) && Object.hasOwn(given, audio) ? given[audio] : given;
  if (isObject(found) && Array.isArray(found.channels)) {
    const sound = found as unknown as Sound;
    for (const samples of sound.channels) checkRecording(where, { samples, rate: sound.rate });
    const lengths = new Set(sound.channels.map(({ length }) => length));
    if (lengths.size !== 1) {
      const found = sound.channels.length === 0 ? "none" : `lengths ${[...lengths].join(", ")}`;
      throw new DataError(`${where}: channels: ${found} given, one or more of one length expected`);
    }
    return { samples: mono(sound), rate: sound.rate };
  }
  checkRecording(where, found as Recording);
  return found as Recording;
}

function readingOf({ sampleRate, features, mels, coefficients, frame, hop }: Reading): SoundReading {
  if (sampleRate === undefined) {
    throw new UsageError(
      "sampleRate: none given, the samples a second expected that recordings are brought to",
    );
  }
  const own = features === "mfcc" ? { coefficients } : {};
  return soundReading({ rate: sampleRate, kind: features, window: frame, hop, mels, ...own });
}

/** How many numbers a step has. */
function sizeOf({ mels, coefficients = mels }: SoundReading): number {
  return coefficients;
}

function rowOf(
  { line, place, path, labels, group }: FoundRecording,
  reader: SoundReader,
  recording: Recording,
): Row {
  return { line, place, path, labels, group, content: reader.read(recording, place).values };
}

/** How long recordings are in seconds, as far as frames tell, the shortest first. */
function secondsOf(rows: readonly Row[], reading: SoundReading): number[] {
  const lengths = rows.map(({ content }) => {
    const steps = (content as Float32Array).length / sizeOf(reading);
    return reading.window + (steps - 1) * reading.hop;
  });
  return lengths.sort((a, b) => a - b);
}

function inputOf(reading: SoundReading, scaler: Scaler, seconds: number): SoundInput {
  const { rate, kind, window, hop } = reading;
  const what = `${sizeOf(reading)} ${kind === "mfcc" ? "MFCC" : "log-mel"}`;
  const input = scaledInput(scaler, {
    kind: "sound",
    channels: {
      names: Array.from({ length: sizeOf(reading) }, (_, at) => `${kind === "mfcc" ? "c" : "mel "}${at + 1}`),
      upwards: kind !== "mfcc",
      values: kind === "mfcc" ? "MFCC" : "log-mel",
    },
    stepName: (step) => `${(step * hop).toFixed(2)} s`,
    lengthName: (steps) => `${(window + (steps - 1) * hop).toFixed(2)} s`,
    describe: [["sound", `${rate} Hz, ${what} of ${window} s each ${hop} s, scale ${scaler.kind}`]],
    summary: `${what} at ${rate} Hz`,
    json: { reading, seconds },
  });
  const { mels, coefficients } = reading;
  return {
    ...{ ...input, kind: "sound", sound: reading, seconds },
    reading: {
      ...{ sampleRate: rate, features: kind, frame: window, hop, mels },
      ...(coefficients !== undefined && { coefficients }),
    },
  };
}
