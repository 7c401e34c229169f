/** A classifier of recordings that listens: what it tells of sound that goes on. */

import { SoundReader } from "../../data/sound/reader.ts";
import { UsageError } from "../../errors.ts";
import { breather } from "../../long-work.ts";
import { names, real, text, whole, yes } from "../../options/kinds.ts";
import { type CompletedOptions, option } from "../../options/table.ts";
import type { GivenFile, Prediction } from "../task.ts";
import { inLine } from "../text-table.ts";
import type { Reading } from "./inputs/input.ts";
import { type FoundRecording, recordingsOf, streamRecording } from "./inputs/recordings.ts";
import { isSoundInput } from "./inputs/sound.ts";
import type { ClassifierModel } from "./model.ts";
import { type Detection, Recognizer, type RecognizerOptions, type SoundLabeller } from "./recognizer.ts";
import { numbersByLabel } from "./weights.ts";

const seconds = { argument: "seconds" };

/** How labels are told of sound that goes on. */
export const listeningOptions = {
  listen: option(yes(), {
    help: "recordings: tell each label at its time, as of commands, in place of one label for the whole",
  }),
  window: option(real({ above: 0 }), {
    ...seconds,
    help: "listen: how much is looked at",
    usually: "the median length of the recordings that were trained on",
  }),
  every: option(real({ above: 0 }), {
    ...seconds,
    help: "listen: from one look to the next",
    usually: "0.1",
  }),
  threshold: option(text(), {
    argument: "probability",
    help: "listen: how likely a label must be to be told, for all or such as yes=0.9,no=0.7",
    usually: "0.8",
  }),
  mute: option(real({ from: 0 }), {
    ...seconds,
    help: "listen: for how long nothing is told after a label",
    usually: "the window",
  }),
  smoothing: option(whole({ from: 1 }), {
    argument: "looks",
    help: "listen: how many looks the probabilities are the mean of",
    usually: "3",
  }),
  background: option(names(), {
    argument: "labels",
    help: "listen: labels that are never told",
    usually: "silence and unknown",
  }),
};

export type ListeningOptions = Readonly<CompletedOptions<typeof listeningOptions>>;

/** What tells a classifier's labels of features. Throws UsageError for one that is not of recordings. */
function labellerOf(model: ClassifierModel): SoundLabeller {
  const { input, labels } = model;
  if (!isSoundInput(input)) {
    throw new UsageError(`listen: a classifier of ${input.kind} given, one of recordings expected`);
  }
  return {
    labels,
    reader: new SoundReader(input.sound),
    seconds: input.seconds,
    probabilities: (frames) => model.probabilities([frames]),
  };
}

/** What a classifier tells of a stream of samples. Throws UsageError for one that is not of recordings, and for options that do not fit. */
export function recognizerOf(model: ClassifierModel, rate: number, options?: RecognizerOptions): Recognizer {
  return new Recognizer(labellerOf(model), rate, options);
}

/** Throws UsageError for options of listening where nobody listens. */
export function checkListening({ listen, ...others }: ListeningOptions): void {
  const given = Object.entries(others).find(([, value]) => value !== undefined);
  if (listen || !given) return;
  throw new UsageError(`${given[0]} ${given[1]} is for listening: --listen expected, or --times`);
}

/** What is told of recordings, one after the other: a label at a time, as it comes. */
export async function* heard(
  model: ClassifierModel,
  file: GivenFile,
  reading: Reading,
  options: ListeningOptions,
): AsyncGenerator<Prediction, void, undefined> {
  const recognizer = recognizing(model, options);
  for await (const found of recordingsOf(file, reading, false)) {
    for await (const told of hearing(found, recognizer)) yield asTold(told, found.path);
  }
}

/** What makes recognizers of options, which are checked before anything is read. */
export function recognizing(
  model: ClassifierModel,
  { listen: _, threshold, ...options }: ListeningOptions,
): (rate: number) => Recognizer {
  const labeller = labellerOf(model);
  const given = { ...options, threshold: thresholdOf(threshold, model.labels) };
  new Recognizer(labeller, 1, given);
  return (rate) => new Recognizer(labeller, rate, given);
}

/** What is told of a recording; at its end, how many seconds it was long. */
export async function* hearing(
  found: FoundRecording,
  recognizerOf: (rate: number) => Recognizer,
): AsyncGenerator<Detection, number, undefined> {
  const breathe = breather();
  let recognizer: Recognizer | undefined;
  let seconds = 0;
  for await (const { samples, rate } of streamRecording(found)) {
    recognizer ??= recognizerOf(rate);
    seconds += samples.length / rate;
    for (let start = 0; start < samples.length; start += rate) {
      yield* recognizer.push(samples.subarray(start, start + rate));
      await breathe();
    }
  }
  yield* recognizer?.end() ?? [];
  return seconds;
}

export function asTold({ time, label, probability }: Detection, path: string): Prediction {
  return {
    text: [time.toFixed(2), inLine(label), probability.toFixed(4), inLine(path)].join("\t"),
    json: { path, time, label, probability },
  };
}

function thresholdOf(given: string | undefined, labels: readonly string[]): RecognizerOptions["threshold"] {
  if (given === undefined) return undefined;
  if (given.trim() !== "" && !Number.isNaN(Number(given))) return Number(given);
  return Object.fromEntries(
    numbersByLabel(given, labels, {
      what: "threshold",
      expected: "a probability, or such as yes=0.9,no=0.7",
    }),
  );
}
