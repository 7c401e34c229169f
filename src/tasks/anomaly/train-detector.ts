/** Detectors for programs: trained on what they hold, read from a file. */

import { type BackendChoice, backendOf } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import type { SeriesData } from "../../data/time-series/from-arrays.ts";
import { optionNames } from "../../options/table.ts";
import type { RunOptions } from "../../training/training.ts";
import { identifySeries } from "../identity.ts";
import { givenModel, trainedModel } from "../in-programs.ts";
import { readData } from "../series-options.ts";
import { type Detector, TrainedDetector } from "./detector.ts";
import { openDetector } from "./file.ts";
import { anomalyOptions, type DetectorOptions } from "./options.ts";
import { beginDetector, trainingOf } from "./training.ts";

/** What only files have: labels, and how numbers are written. */
const NOT_OF_PROGRAMS = ["label", "threshold", "delimiter", "decimal"] as const;

export interface TrainDetectorOptions
  extends Omit<DetectorOptions, "label" | "threshold" | "delimiter" | "decimal">,
    Pick<RunOptions, "onEvent" | "signal"> {
  readonly backend?: BackendChoice | undefined;
}

/**
 * Trains a detector of anomalies on series that are clean, or nearly so: a list of numbers, rows with columns, or several
 * series by name. A network learns what the next row is; the errors on the end of the data, which is held out, are what later
 * errors are measured against.
 *
 *     const detector = await trainDetector(temperatures, { alarms: 5 });
 *     const { score, alarm } = detector.detect(later);
 *
 * Throws UsageError for options that do not exist or fit, DataError for data that cannot be used, with the row; TrainingError
 * when training diverges.
 */
export async function trainDetector(data: SeriesData, options: TrainDetectorOptions = {}): Promise<Detector> {
  const names = { ...optionNames(anomalyOptions), onEvent: true, signal: true, backend: true };
  for (const name of NOT_OF_PROGRAMS) delete (names as Partial<typeof names>)[name];
  checkOptions<object>("trainDetector", options, names);
  const { onEvent, signal, backend, ...others } = options;
  if (backend !== undefined) backendOf("trainDetector", backend);
  const table = readData("trainDetector", data, others);
  const begun = beginDetector(table, others, {
    data: identifySeries({ name: "data" }, table),
    labels: new Map(),
    backend,
  });
  const training = trainingOf(begun, backend);
  const best = await trainedModel("trainDetector", "detector", training, { onEvent, signal });
  return new TrainedDetector(openDetector(best, backend));
}

/**
 * A detector from the bytes of a model file, such as `model.safetensors` of a run. `name` is for messages. Throws FormatError
 * for any other file.
 */
export function readDetector(
  bytes: Uint8Array,
  name = "detector",
  options: { readonly backend?: BackendChoice | undefined } = {},
): Detector {
  const file = givenModel("readDetector", bytes, name, options, { backend: true });
  const { backend } = options;
  return new TrainedDetector(openDetector(file, backend));
}
