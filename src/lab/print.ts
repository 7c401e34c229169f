/** What an experiment showed, as lines of text. */

import type { ResultTable } from "./experiment.ts";
import type { ExperimentRun } from "./run.ts";

/** Tables, what was to be seen and whether it was, and what was not. */
export function printRun({ tables, checks, notShown, usual }: ExperimentRun): string[] {
  const width = Math.max(0, ...checks.map(({ claim }) => claim.length));
  return [
    ...tables.flatMap((table) => [...printTable(table), ""]),
    ...checks.map(({ claim, found, holds }) => `${holds ? "yes" : "NO "}  ${claim.padEnd(width)}  ${found}`),
    ...(usual ? [] : ["", "These are not the usual settings, which the bounds are for."]),
    ...(notShown.length > 0 ? ["", usual ? "Often claimed, and not shown here:" : "Often claimed:"] : []),
    ...notShown.map(({ claim, found }) => `-  ${claim}: ${found}`),
  ];
}

/** A table in columns; all but the first are flush right. */
export function printTable({ title, columns, rows }: ResultTable): string[] {
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => (row[at] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] as number) : cell.padStart(widths[at] as number)))
      .join("  ")
      .trimEnd();
  return [title, line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}
