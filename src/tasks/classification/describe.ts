/** What a classifier is made of, and how it came about, in lines for people. */

import { madeRows } from "../record.ts";
import type { Rows } from "../task.ts";
import { inLine } from "../text-table.ts";
import type { ClassifierRecord } from "./file.ts";
import type { ClassifierModel } from "./model.ts";

/** Settings that other rows tell. */
const TOLD = [
  ...[
    "text",
    "label",
    "columns",
    "series",
    "audio",
    "group",
    "labelSeparator",
    "only",
    "delimiter",
    "decimal",
  ],
  ...["tokens", "vocabulary", "scale", "sampleRate", "features", "mels", "coefficients", "frame", "hop"],
  ...["validation", "several"],
];

export function describeRows(model: ClassifierModel, record: ClassifierRecord) {
  const { form, input, labels, several, temperature } = model;
  const { cell, hidden, layers, dropout, read } = form;
  const { data, heldOut, settings, validation, step = 0, epoch = 0 } = record;
  const found = validation
    ? `${validation.loss.toFixed(4)} nats per row, ${(100 * validation.accuracy).toFixed(1)} % right, the commonest label ${(100 * validation.baseline).toFixed(1)} %`
    : undefined;
  const rows: Rows = [
    ...input.describe(),
    [several ? "labels, several a row" : "labels", labels.map(inLine).join(", ")],
    ...("tokens" in input.reads
      ? ([["embedding", `${input.reads.tokens} x ${form.embedding}`]] as Rows)
      : []),
    [
      cell,
      `${layers} ${layers === 1 ? "layer" : "layers"} of ${hidden} units, both ways, dropout ${dropout}`,
    ],
    ["read", READ_TEXTS[read]],
    ["head", `${2 * hidden} x ${labels.length}`],
    ...(temperature === 1 ? [] : ([["temperature", temperature.toFixed(3)]] as Rows)),
  ];
  const held = heldOut
    ? `held out ${heldOut.name}, ${heldOut.rows} rows`
    : `${Number((100 * settings.validation).toPrecision(12))} % held out`;
  return {
    form: rows,
    made: madeRows(
      { on: `${data.name}: ${data.rows} rows, ${held}`, settings, epoch, step, validation: found },
      [
        ...TOLD,
        ...(settings.classWeights === "none" ? ["classWeights"] : []),
        ...(input.unknownToken === undefined ? ["unknown"] : []),
        ...(settings.batches === "shuffled" ? ["batches"] : []),
      ],
    ),
    json: {
      form,
      input: { kind: input.kind, ...input.reads },
      labels,
      several,
      temperature,
      training: record,
    },
  };
}

const READ_TEXTS = {
  last: "the last output of each direction",
  mean: "the mean of the outputs",
  max: "the largest of the outputs",
  attention: "a mean of the outputs by attention",
} as const;
