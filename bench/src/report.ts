/** Results as rows of text: one for each contender at each case. */

import type { CaseResult, Outcome } from "./measure.ts";
import { advantage, isTimedByArithmetic, shares, speeds } from "./results.ts";
import { digits, median, range } from "./statistics.ts";

export const columns = [
  "case",
  "contender",
  "median (min..max)",
  "GFLOP/s",
  "share of rate",
  "Rondo on 1 thread is better",
  "on 2 threads",
];

/** Milliseconds, or bytes, in a unit that fits. */
function amounts(values: readonly number[], kind: string): string {
  const middle = median(values);
  if (kind === "memory")
    return range(
      values.map((bytes) => bytes / 2 ** 20),
      " MiB",
    );
  if (middle < 0.1)
    return range(
      values.map((milliseconds) => 1000 * milliseconds),
      " us",
    );
  return middle < 1000
    ? range(values, " ms")
    : range(
        values.map((milliseconds) => milliseconds / 1000),
        " s",
      );
}

function note({ task, parts, values }: Outcome): string {
  if (task.kind === "decoding") return `; ${digits((1000 * task.size.B) / median(values))} texts/s`;
  if (parts.length === 0) return "";
  return task.kind === "memory"
    ? `; WebAssembly memory ${digits(median(parts) / 2 ** 20)} MiB`
    : `; compile() alone ${digits(median(parts))} ms`;
}

/** A contender's variant of a case, where the case has several. */
function variant(result: CaseResult, { task }: Outcome): string {
  if (result.case.tasks.length === 1) return "";
  return task.checkpoint === undefined ? ` ${task.model}` : ` every ${task.checkpoint}`;
}

function times(values: number[] | undefined): string {
  return values ? `${range(values)} x` : "";
}

/** The rows of one case. A contender that does not take part in it has none; one that failed says why. */
export function caseRows(result: CaseResult): string[][] {
  const taking = result.outcomes.filter(({ values, version }) => values.length > 0 || version !== undefined);
  return taking.map((outcome, index) => {
    const head = [index === 0 ? result.case.name : "", `${outcome.label}${variant(result, outcome)}`];
    return [...head, ...(outcome.reason === undefined ? figures(result, outcome) : [outcome.reason])];
  });
}

/** What stands to the right of a contender's name. */
function figures(result: CaseResult, outcome: Outcome): string[] {
  const { contender, task, values } = outcome;
  const { model } = task;
  const isCounted = isTimedByArithmetic(task);
  const share = isCounted && contender.startsWith("rondo") ? shares(result, contender, model) : undefined;
  // Of variants of one model, none is the one to compare with.
  const against = (rondo: string) =>
    task.checkpoint !== undefined || contender === rondo || contender === "rondo-2"
      ? ""
      : times(advantage(result, rondo, contender, { model }));
  return [
    `${amounts(values, task.kind)}${note(outcome)}`,
    isCounted ? digits(median(speeds(outcome))) : "",
    share ? `${Math.round(100 * median(share))} %` : "",
    against("rondo-1"),
    against("rondo-2"),
  ];
}

/** Why contenders do not take part: a line for each reason. */
export function absences(results: readonly CaseResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { outcomes } of results) {
    const lines = outcomes.flatMap(({ label, reason, version }) =>
      version === undefined && reason !== undefined ? [`${label}: ${reason}`] : [],
    );
    for (const line of new Set(lines)) counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => `${line} (${count} of ${results.length} cases)`);
}

/** Columns that line up, each at least as wide as `least` says. */
export function aligned(rows: readonly (readonly string[])[], least: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(least[at] ?? 0, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
