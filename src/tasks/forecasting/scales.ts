/** Scales of columns, learnt from the training rows, before a network is. */

import { Scaler, type ScalerJson } from "../../data/scaler.ts";
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
  const rowsOf = (one: TimeSeries) => Math.max(0, Math.min(one.length, before - one.start));
  const together = (names: readonly string[]) =>
    scalerFor(
      names,
      set.series.map((one) => names.map((name) => givenColumn(one, name).subarray(0, rowsOf(one)))),
    );
  const targets = set.series
    .filter((one) => rowsOf(one) > 0)
    .map((one) => [one.id, targetScale(one, columns, form, { from: 0, to: rowsOf(one) })] as const);
  return {
    targets: Object.fromEntries(targets),
    past: together(columns.past),
    known: together(columns.known),
    statics: scalerFor(
      columns.statics,
      set.series.map((one) => columns.statics.map((name) => Float64Array.of(one.statics[name] as number))),
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
  const own = targets.map((name) => givenColumn(one, name).subarray(from, to));
  return scalerFor(targets, [own], loss === "negative-binomial" ? "none" : "standard");
}

/** A scaler of columns, each a list of arrays; a column without any number is left as it is. */
function scalerFor(
  names: readonly string[],
  series: readonly (readonly Float64Array[])[],
  kind: "standard" | "none" = "standard",
): Scaler {
  const each = names.map((_, column) => {
    const rows = series
      .map((columns) => columns[column] as Float64Array)
      .filter((values) => values.some(isNumber));
    return rows.length === 0 ? undefined : Scaler.fit(kind, rows, { features: 1 });
  });
  const center = each.map((scaler) => scaler?.center[0] ?? 0);
  const scale = each.map((scaler) => scaler?.scale[0] ?? 1);
  return scalerOf({ kind, center, scale });
}

const isNumber = (value: number) => !Number.isNaN(value);

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
