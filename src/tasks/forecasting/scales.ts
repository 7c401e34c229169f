/** Scales of columns, learnt from the training rows, before a network is. */

import { Scaler, type ScalerJson } from "../../data/scaler.ts";
import { scalesOfColumns } from "../../data/time-series/column-scales.ts";
import {
  givenColumn,
  type SeriesColumns,
  type SeriesSet,
  type TimeSeries,
} from "../../data/time-series/series.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import type { Form } from "./options.ts";

/** Scales of the targets of each series, by its name, and of the other columns over all series. */
export interface Scales {
  readonly targets: Readonly<Record<string, Scaler>>;
  readonly past: Scaler;
  readonly known: Scaler;
  readonly statics: Scaler;
}

/** The scales of rows before a number of the grid; those of one series alone for its targets. */
export function fitScales(set: SeriesSet, columns: SeriesColumns, form: Form, before: number): Scales {
  const { series } = set;
  const rowsOf = (one: TimeSeries) => Math.max(0, Math.min(one.length, before - one.start));
  const together = (names: readonly string[]) =>
    standard(names.map((name) => series.map((one) => givenColumn(one, name).subarray(0, rowsOf(one)))));
  const targets = series
    .filter((one) => rowsOf(one) > 0)
    .map((one) => [one.id, targetScale(one, columns, form, { from: 0, to: rowsOf(one) })] as const);
  return {
    targets: Object.fromEntries(targets),
    past: together(columns.past),
    known: together(columns.known),
    statics: standard(
      columns.statics.map((name) => series.map((one) => Float64Array.of(one.statics[name] as number))),
    ),
  };
}

/** The scale of some rows of a series: none for counts, which are learnt as they are. */
export function targetScale(
  one: TimeSeries,
  { targets }: SeriesColumns,
  { loss }: Form,
  { from, to }: { readonly from: number; readonly to: number },
): Scaler {
  if (loss === "negative-binomial") {
    return scalerOf({ kind: "none", center: targets.map(() => 0), scale: targets.map(() => 1) });
  }
  return standard(targets.map((name) => [givenColumn(one, name).subarray(from, to)]));
}

const standard = (columns: Parameters<typeof scalesOfColumns>[0]) =>
  scalerOf({ kind: "standard", ...scalesOfColumns(columns) });

/** A scaler of no columns has nothing to say, which its JSON cannot. */
const NONE: ScalerJson = { kind: "none", center: [0], scale: [1] };

function scalerOf(json: ScalerJson): Scaler {
  return Scaler.fromJSON(json.center.length === 0 ? NONE : json, "scales");
}

/** Scales that were written as JSON. Throws FormatError for what is damaged. */
export function scalesOfJson(json: unknown, columns: SeriesColumns, where: string): Scales {
  if (!isObject(json) || !isObject(json.targets)) {
    throw new FormatError(`${where}: scales: an object with targets, past, known and statics expected`);
  }
  const read = (given: unknown, names: readonly string[], what: string) => {
    const scaler = Scaler.fromJSON(given, `${where}: scales: ${what}`);
    if (scaler.features === Math.max(1, names.length)) return scaler;
    throw new FormatError(
      `${where}: scales: ${what}: ${scaler.features} columns given, ${names.length} expected`,
    );
  };
  return {
    targets: Object.fromEntries(
      Object.entries(json.targets).map(([id, given]) => [
        id,
        read(given, columns.targets, `targets of ${JSON.stringify(id)}`),
      ]),
    ),
    past: read(json.past, columns.past, "past"),
    known: read(json.known, columns.known, "known"),
    statics: read(json.statics, columns.statics, "statics"),
  };
}
