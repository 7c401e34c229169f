/** How well a classifier of recordings listens: labels told at about their time, and how often falsely in an hour. */

import { columnOf, openCsv } from "../../data/csv.ts";
import { readNumeral } from "../../data/numerals.ts";
import { DataError } from "../../errors.ts";
import { real } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { DetectionCounts, type TimedLabel } from "../../training/measures/index.ts";
import type { Evaluation, GivenFile, Prediction } from "../task.ts";
import type { Reading } from "./inputs/input.ts";
import { AUDIO, recordingsOf } from "./inputs/recordings.ts";
import { asTold, hearing, type ListeningOptions, recognizing } from "./listening.ts";
import type { ClassifierModel } from "./model.ts";
import type { Detection } from "./recognizer.ts";

export const toleranceOption = option(real({ from: 0 }), {
  default: 0.75,
  argument: "seconds",
  help: "times: how far from its time a label may be told",
});

interface ListeningEvaluation {
  readonly reading: Reading;
  readonly listening: ListeningOptions;
  readonly tolerance: number;
  readonly told?: ((prediction: Prediction) => Promise<void>) | undefined;
}

/**
 * The figures of recordings, of which `times` says what is to be heard when. Throws DataError for a recording that it names and that is not
 * there.
 */
export async function evaluateListening(
  model: ClassifierModel,
  file: GivenFile,
  times: GivenFile,
  { reading, listening, tolerance, told }: ListeningEvaluation,
): Promise<Evaluation> {
  const recognizer = recognizing(model, listening);
  const expected = await readTimes(times, reading);
  const counts = new DetectionCounts({ tolerance });
  let recordings = 0;
  for await (const found of recordingsOf(file, reading, false)) {
    recordings += 1;
    const detections: Detection[] = [];
    const heard = hearing(found, recognizer);
    let step = await heard.next();
    for (; !step.done; step = await heard.next()) {
      detections.push(step.value);
      await told?.(asTold(step.value, found.path));
    }
    // Of one recording the table need not say which.
    const own = [...(expected.get(found.path) ?? []), ...(recordings === 1 ? (expected.get("") ?? []) : [])];
    expected.delete(found.path);
    if (step.value > 0) counts.add(detections, own, step.value);
  }
  const [rest] = [...expected.keys()].filter((path) => path !== "");
  if (rest !== undefined)
    throw new DataError(`${times.name}: ${rest} is none of the recordings of ${file.name}`);
  if (recordings > 1 && expected.has("")) {
    throw new DataError(
      `${times.name}: ${recordings} recordings given, a column ${reading.audio ?? AUDIO} expected that says which`,
    );
  }
  const { f1: _, misses: __, ...figures } = counts.report();
  return { measures: { recordings, ...figures } };
}

/** What is to be heard, by recording; "" where the table does not say of which it is. */
async function readTimes(file: GivenFile, reading: Reading): Promise<Map<string, TimedLabel[]>> {
  const { label: labelName, audio = AUDIO, delimiter, decimal } = reading;
  const table = await openCsv(file, { delimiter });
  const [time, label, path] = await columnsOf(table, ["time", labelName], audio);
  const found = new Map<string, TimedLabel[]>();
  for await (const { line, cells } of table.rows()) {
    const seconds = readNumeral(cells[time] as string, decimal);
    if (seconds === undefined || !(seconds >= 0)) {
      throw new DataError(
        `${file.name}: line ${line}: time is ${JSON.stringify(cells[time])}, seconds from 0 expected`,
      );
    }
    const key = path === undefined ? "" : (cells[path] as string);
    found.set(key, [...(found.get(key) ?? []), { time: seconds, label: cells[label] as string }]);
  }
  return found;
}

/** Where columns stand, of which the last one may be missing. */
async function columnsOf(
  table: Awaited<ReturnType<typeof openCsv>>,
  needed: readonly [string, string],
  optional: string,
): Promise<readonly [number, number, number | undefined]> {
  try {
    const [first, second] = needed.map((name) => columnOf(table, name)) as [number, number];
    return [first, second, table.names.includes(optional) ? columnOf(table, optional) : undefined];
  } catch (error) {
    await table.close();
    throw error;
  }
}
