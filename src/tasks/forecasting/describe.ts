/** What a forecaster is made of, and how it came about, in rows for people. */

import { counted } from "../../data/text.ts";
import { madeRows } from "../record.ts";
import type { Rows } from "../task.ts";
import type { ForecastRecord } from "./file.ts";
import type { ForecastModel } from "./model.ts";
import type { Form } from "./options.ts";

export function describeRows({ form, prepared, widths, network }: ForecastModel, record: ForecastRecord) {
  const { reading, columns } = prepared;
  const { grid } = reading;
  const { data, settings, split, step = 0, epoch = 0, learnt = 0, validation, scores } = record;
  const list = (names: readonly string[]) => names.join(", ");
  const rows: Rows = [
    ["targets", list(columns.targets)],
    ...(columns.past.length > 0 ? [["past", list(columns.past)] as const] : []),
    ...(columns.known.length > 0 ? [["known ahead", list(columns.known)] as const] : []),
    ...(columns.statics.length > 0 ? [["static", list(columns.statics)] as const] : []),
    ["steps", `${form.horizon} ahead from ${form.context} before, ${form.method}`],
    ["values", scaleOf(form)],
    ["gives", form.quantiles.length > 0 ? `${form.loss}: ${form.quantiles.join(", ")}` : form.loss],
    [
      form.cell,
      `${form.layers} ${form.layers === 1 ? "layer" : "layers"} of ${form.hidden} units, ${form.direction}, dropout ${form.dropout}`,
    ],
    ["reads", `${network.rnn.inputSize} numbers a step, ${widths.covariates} of them known ahead`],
  ];
  const made: Rows = [
    ...madeRows(
      {
        on: `${data.name}: ${data.rows} rows, until ${grid.write(split.training - 1)}`,
        ...{ settings, epoch, step },
        validation:
          validation === undefined || validation === null ? undefined : `loss ${validation.toFixed(4)}`,
      },
      ["validation", "test"],
    ),
    ...(learnt > 0 ? [["then", `learnt along a stream: ${counted(learnt, "update")}`] as const] : []),
    ...(scores
      ? Object.entries({ test: scores.figures, ...scores.beside }).map(
          ([name, { mae, rmse, mase }]) =>
            [name, `MAE ${short(mae)}, RMSE ${short(rmse)}, MASE ${short(mase)}`] as const,
        )
      : []),
  ];
  return {
    form: rows,
    made,
    json: { form, columns, training: record },
  };
}

/** What brings values to one scale, in words. */
export function scaleOf({ loss, normalize }: Form): string {
  if (loss === "negative-binomial") return "counts scaled by the mean of each context";
  return `scaled by the mean and deviation of ${normalize === "instance" ? "each context" : "the training rows"}`;
}

const short = (number: number | undefined) =>
  number === undefined ? "none" : String(Number(number.toPrecision(4)));
