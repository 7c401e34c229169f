/** How well a model does, as a table for people and as JSON for machines. */

import { spelt } from "../options/table.ts";
import type { MeasureTable } from "../tasks/measures.ts";
import type { Evaluation } from "../tasks/task.ts";
import { alignedRows } from "../tasks/text-table.ts";

export function evaluationJson({ measures, beside, details, warning }: Evaluation): object {
  return { ...measures, ...beside, ...details, ...(warning !== undefined && { warning }) };
}

/**
 * A line for each measure, in the order of the task; a column for the model, and one for each that stands beside it. Then what
 * else is told.
 */
export function evaluationTable(
  { measures, beside = {}, lines = [] }: Evaluation,
  known: MeasureTable,
): string[] {
  const columns = { model: measures, ...beside };
  const shown = Object.entries(known).filter(([name]) =>
    Object.values(columns).some((column) => column[name] !== undefined),
  );
  const rows = shown.map(([name, { label, print }]) => [
    label,
    ...Object.values(columns).map(({ [name]: value }) => (value === undefined ? "" : print(value))),
  ]);
  const isAlone = Object.keys(columns).length === 1;
  const head = isAlone ? [] : [["", ...Object.keys(columns).map(spelt)]];
  return [...alignedRows([...head, ...rows]), ...lines];
}
