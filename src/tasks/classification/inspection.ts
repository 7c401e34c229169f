/** A classifier looked into: how it reads one row, and comes to a label. */

import { completeOptions, pickOptions } from "../../options/table.ts";
import { value } from "../../program/compile.ts";
import { type InspectedExample, OWN, pickRow, rowOption, stepsOption, USUAL_STEPS } from "../inspection.ts";
import { type GivenFile, type GivenOptions, required, type Signature } from "../task.ts";
import type { ClassifierRecord } from "./file.ts";
import { inputKinds } from "./inputs/index.ts";
import type { Input, Reading, Row } from "./inputs/input.ts";
import { likeliest, targetsOf } from "./measures.ts";
import type { ClassifierModel } from "./model.ts";
import { CLASSIFICATION, keyOptions } from "./options.ts";
import { updateOf } from "./training.ts";

const options = {
  row: rowOption("row"),
  steps: stepsOption("the first of the row", String(USUAL_STEPS)),
  ...keyOptions,
};

export const inspectionSignature: Signature = {
  files: { input: { help: "rows, with labels or without", required: true, folder: true } },
  options,
};

/** A row of a file; `readingBy` says how it is read where some keys are other ones. */
export async function inspected(
  model: ClassifierModel,
  { settings }: ClassifierRecord,
  file: GivenFile | undefined,
  given: GivenOptions,
  readingBy: (keys: Readonly<Record<string, unknown>>) => Reading,
): Promise<InspectedExample> {
  const completed = completeOptions(CLASSIFICATION, options, given);
  const { row: number, steps = USUAL_STEPS } = completed;
  const source = required(file, "file of rows");
  const reading = readingBy(pickOptions(completed, keyOptions));
  const kind = inputKinds[reading.input];
  const rows = kind.read(source, reading, false);
  const row = await pickRow(rows, number, { name: source.name, what: kind.plural });
  const { labels, several, input } = model;
  const all = model.encode(row.content);
  const sequence = all.subarray(0, Math.min(all.length, steps * (all.length / model.stepsOf(all))));
  const known = several ? row.labels !== undefined : labels.includes(row.labels?.[0] ?? "");
  const own = known ? (row.labels as readonly string[]) : ownLabels(model, row);
  const targets = targetsOf(model, [{ ...row, labels: own }]);
  const count = model.stepsOf(sequence);
  const names = input.stepNames(row.content).slice(0, count);
  const what = own.length === 0 ? "no label" : own.join(", ");
  return {
    title: `row ${number} of ${source.name}: ${input.print(row.content, 200)}`,
    target: `nats, of ${what}, ${known ? "the label of the row" : `${OWN}`}`,
    ...updateOf(model, settings),
    values: {
      ...model.batchOf([sequence]),
      targets: several ? value(Float32Array.from(targets), [1, labels.length]) : value(targets, [1]),
    },
    steps: [
      {
        path: "",
        unit: "steps",
        // An empty text has a step that nothing stands for.
        names: names.length > 0 ? names : [""],
        ...channelsOf(input, row, count),
      },
      { path: "attention", unit: "row", names: [what], memory: names },
    ],
  };
}

/** The numbers that are read at each step, from the top. */
function channelsOf({ channels }: Input, { content }: Row, count: number) {
  if (!channels || typeof content === "string") return {};
  const { names, upwards } = channels;
  const all = names.map((name, at) => ({
    name,
    values: Array.from({ length: count }, (_, step) => content[step * names.length + at] as number),
  }));
  return { channels: upwards ? all.reverse() : all };
}

/** What a model makes of a row: the likeliest label, or where there can be several all that are likelier than not. */
function ownLabels(model: ClassifierModel, { content }: Row): readonly string[] {
  const { labels, several } = model;
  const scores = model.scores([content]);
  if (several) return labels.filter((_, at) => (scores[at] as number) > 0);
  return [labels[likeliest(scores)] as string];
}
