/** What a detector is made of, and how it came about, in rows for people. */

import { madeRows } from "../record.ts";
import type { Rows } from "../task.ts";
import type { DetectorRecord } from "./file.ts";
import type { AnomalyModel, Calibration } from "./model.ts";

export function describeRows(
  { form, prepared, network, alarms }: AnomalyModel,
  calibration: Calibration,
  record: DetectorRecord,
) {
  const { columns, reading, calendar } = prepared;
  const { data, settings, before, step = 0, epoch = 0, validation } = record;
  const list = (names: readonly string[]) => names.join(", ");
  const cycles = [...new Set(calendar.map((name) => name.replace(/^\w+ of /, "")))];
  const { threshold } = calibration;
  const rows: Rows = [
    ["watches", list(columns.targets)],
    ...(columns.past.length > 0 ? [["past", list(columns.past)] as const] : []),
    ...(columns.known.length > 0 ? [["known ahead", list(columns.known)] as const] : []),
    ["calendar", cycles.length > 0 ? list(cycles) : "none"],
    [
      form.cell,
      `${form.layers} ${form.layers === 1 ? "layer" : "layers"} of ${form.hidden} units, reads ${network.rnn.inputSize} numbers a row`,
    ],
    ["usual is", `level of ${form.level} rows, errors of ${form.memory}`],
    [
      "alarm",
      `${threshold === null ? `${alarms.alarms} of 10,000 rows` : `score above ${threshold.toFixed(2)}, by labels`}, side ${form.side}, run ${alarms.run}, merge ${alarms.merge}, mute ${alarms.mute}`,
    ],
  ];
  const made = madeRows(
    {
      on: `${data.name}: ${data.rows} rows, held out from ${reading.grid.write(before)}`,
      settings,
      epoch,
      step,
      validation: validation
        ? `loss ${validation.loss.toFixed(4)}, the last value ${validation.lastValue.toFixed(4)}`
        : undefined,
    },
    ["validation", "label"],
  );
  return { form: rows, made, json: { form, columns, alarms, threshold, training: record } };
}
