/** Windows of series, each at its cutoff: what stands before it is known, what comes after it is forecast. */

import type { Value } from "../../backends/backend.ts";
import { RowBatches } from "../../data/row-batches.ts";
import { float32, value } from "../../program/compile.ts";
import type { Form } from "./options.ts";
import type { PreparedSeries } from "./prepare.ts";

/** A series, and the number of its row that is the first to be forecast. */
export interface Place {
  readonly at: PreparedSeries;
  readonly cutoff: number;
}

/** Rows of a kind, of so many numbers, from row `from` of the cutoff on: (rows, B, width); rows before the first are zeros. */
function cut(
  places: readonly Place[],
  rowsOf: (one: PreparedSeries) => Float32Array,
  width: number,
  from: number,
  rows: number,
): Value {
  const batch = places.length;
  const data = new Float32Array(rows * batch * width);
  places.forEach(({ at, cutoff }, b) => {
    const source = rowsOf(at);
    const first = Math.max(0, -(cutoff + from));
    const last = Math.min(rows, source.length / width - cutoff - from);
    for (let row = first; row < last; row++) {
      const start = (cutoff + from + row) * width;
      const to = (row * batch + b) * width;
      for (let column = 0; column < width; column++) data[to + column] = source[start + column] as number;
    }
  });
  return value(data, [rows, batch, width]);
}

/** Windows of rows before cutoffs in which gaps that are open at the cutoff are zeros again: what ends them is not known yet. */
function closed(
  windows: Value,
  places: readonly Place[],
  marksOf: (one: PreparedSeries) => Uint8Array | undefined,
): Value {
  const [rows, batch, width] = windows.shape as [number, number, number];
  const data = windows.data as Float32Array;
  places.forEach(({ at, cutoff }, b) => {
    const marks = marksOf(at);
    for (let column = 0; marks && column < width; column++) {
      for (let back = 1; back <= rows && marks[(cutoff - back) * width + column] === 1; back++) {
        data[((rows - back) * batch + b) * width + column] = 0;
      }
    }
  });
  return windows;
}

/** How many numbers of each kind a row has. */
export interface Widths {
  readonly targets: number;
  readonly past: number;
  readonly covariates: number;
}

/** What a network reads of windows: all that is known at their cutoffs. Values that come after are not among it. */
export function inputsOf(places: readonly Place[], { context, horizon, lag, method }: Form, widths: Widths) {
  const { targets, past, covariates } = widths;
  // A recursive network reads at each step what was a season before it.
  const before = method === "recursive" ? context + lag : context;
  const known = (rowsOf: (one: PreparedSeries) => Float32Array) =>
    closed(cut(places, rowsOf, targets, -before, before), places, ({ filled }) => filled?.values);
  return {
    values: known(({ values }) => values),
    observed: known(({ observed }) => observed),
    ...(past > 0 && {
      past: closed(
        cut(places, (one) => one.past, past, -context, context),
        places,
        ({ filled }) => filled?.past,
      ),
    }),
    ...(covariates > 0 && {
      covariates: cut(places, (one) => one.covariates, covariates, -context, context + horizon),
    }),
  };
}

/** What came after the cutoffs, and where the table gave it: what was filled in is not learnt. */
export function targetsOf(places: readonly Place[], { horizon }: Form, { targets }: Widths) {
  return {
    future: cut(places, ({ values }) => values, targets, 0, horizon),
    counts: cut(places, ({ observed, filled }) => filled?.given ?? observed, targets, 0, horizon),
  };
}

/** Whether a window has something to learn: a target after its cutoff, up to the horizon. */
function hasTarget(
  { observed, filled }: PreparedSeries,
  cutoff: number,
  { horizon }: Form,
  width: number,
): boolean {
  const given = filled?.given ?? observed;
  for (let at = cutoff * width; at < Math.min(given.length, (cutoff + horizon) * width); at++) {
    if (given[at] === 1) return true;
  }
  return false;
}

/** The windows of series whose targets stand from number `from` of the grid to before `to`. */
export function placesBetween(
  series: readonly PreparedSeries[],
  form: Form,
  width: number,
  { from, to, full = false }: { readonly from: number; readonly to: number; readonly full?: boolean },
): Place[] {
  const places: Place[] = [];
  for (const at of series) {
    const { start } = at.series;
    const last = Math.min(at.end, to - start) - form.horizon;
    // A short series starts with what it has: its windows are filled up with values that are missing.
    const known = full ? Math.min(form.context, Math.max(1, last)) : 1;
    for (let cutoff = Math.max(known, at.first, from - start); cutoff <= last; cutoff++) {
      if (hasTarget(at, cutoff, form, width)) places.push({ at, cutoff });
    }
  }
  return places;
}

/** So many of some things, evenly apart, the last one among them. */
export function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, at) => items[Math.ceil(((at + 1) * items.length) / most) - 1] as Item,
  );
}

/** The order in which windows are trained on: all of them, or as many as an epoch may have, others in each. */
export function batchesOf(
  windows: number,
  { batch, seed, most }: { readonly batch: number; readonly seed: number; readonly most: number },
) {
  const order = new RowBatches(windows, { batch, seed });
  return {
    count: Math.min(order.count, Math.max(1, Math.ceil(most / batch))),
    at: (number: number, epoch: number): Int32Array => order.at(number, epoch),
  };
}

/** The types of what `inputsOf` gives. */
export function inputTypes({ context, horizon, lag, method }: Form, { targets, past, covariates }: Widths) {
  const rows = method === "recursive" ? context + lag : context;
  return {
    values: float32(rows, "B", targets),
    observed: float32(rows, "B", targets),
    ...(past > 0 && { past: float32(context, "B", past) }),
    ...(covariates > 0 && { covariates: float32(context + horizon, "B", covariates) }),
  };
}
