// Anomalies in ten series of the Numenta Anomaly Benchmark, row by row, as they would stream: servers, machines, taxis, people
// at keyboards. A detector is trained on the first rows of each file, as many as the benchmark gives (15 %, at most 750), and
// measured on the rest by the benchmark's windows. What it has to beat stands beside it: how far a value is from a running mean
// in running deviations, and how far from the value before. All have thresholds for 5 alarms in 10,000 rows, by one rule, from
// the held-out end of the first rows; no label decides anything. After an alarm there is none for a day. Lavin and Ahmad,
// "Evaluating real-time anomaly detection algorithms", 2015. docs/anomalies.md has the log.
//
//     npx tsx examples/nab.ts NAB    # the folder of the benchmark's data: series in folders, and labels/combined_windows.json
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "rondo";
import { exampleCommand, readText, run } from "./command-line.ts";
import { rondo, rondoJson } from "./rondo.ts";

const DAY = 24 * 60;
/** What detectors are compared by: counts of all series together. */
interface Counts {
  rows: number;
  inAlarm: number;
  windows: number;
  detected: number;
  falseAlarms: number;
  delay: number;
  /** Areas under precision and recall of rows, one for each series. */
  readonly areas: number[];
}

/** The measures of one detector on one series, as `rondo evaluate` tells them. */
type Measured = Readonly<
  Record<"rows" | "alarmRate" | "windows" | "detected" | "falseAlarms" | "delay" | "averagePrecision", number>
>;

/** Those of the model, and of what it has to beat. */
type Found = Measured &
  Readonly<Record<"gaussian" | "lastValue" | "adaptiveGaussian" | "adaptiveLastValue", Measured>>;

/** Minutes from one row to the next: the commonest. */
export function stepOf(rows: readonly string[]): number {
  const times = rows.map((row) => Date.parse(`${row.slice(0, 19).replace(" ", "T")}Z`) / 60_000);
  const steps = times.slice(1).map((time, at) => time - (times[at] as number));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] as number;
}

/** The series of a folder: those that the labels know. */
function seriesOf(
  folder: string,
): { readonly file: string; readonly windows: readonly (readonly string[])[] }[] {
  const labels = JSON.parse(readText(join(folder, "labels", "combined_windows.json"))) as Record<
    string,
    string[][]
  >;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) =>
    file.replaceAll("\\", "/"),
  );
  const found = files.filter((file) => labels[file] !== undefined).sort();
  if (found.length === 0)
    throw new DataError(`${folder} has no series that labels/combined_windows.json names`);
  return found.map((file) => ({ file: join(folder, file), windows: labels[file] as string[][] }));
}

/** Adds what a detector came to on one series. */
export function add(
  total: Counts,
  { rows, alarmRate, windows, detected, falseAlarms, delay, averagePrecision }: Measured,
): void {
  total.rows += rows;
  total.inAlarm += (alarmRate * rows) / 10_000;
  total.windows += windows;
  total.detected += detected;
  total.falseAlarms += falseAlarms;
  total.delay += delay * detected;
  total.areas.push(averagePrecision);
}

/** A line of what all series came to. */
export function line(
  name: string,
  { rows, inAlarm, windows, detected, falseAlarms, delay, areas }: Counts,
): string {
  const precision = detected / Math.max(1, detected + falseAlarms);
  const recall = detected / windows;
  const f1 = (2 * precision * recall) / Math.max(Number.MIN_VALUE, precision + recall);
  return [
    name.padEnd(18),
    `F1 ${f1.toFixed(3)}`,
    `precision ${precision.toFixed(3)}`,
    `recall ${recall.toFixed(3)} (${detected} of ${windows})`,
    `delay ${(delay / Math.max(1, detected)).toFixed(0)} rows`,
    `${((10_000 * inAlarm) / rows).toFixed(1)} alarms in 10,000 rows`,
    `mean area ${(areas.reduce((sum, area) => sum + area, 0) / areas.length).toFixed(3)}`,
  ].join("  ");
}

export const nothing = (): Counts => ({
  rows: 0,
  inAlarm: 0,
  windows: 0,
  detected: 0,
  falseAlarms: 0,
  delay: 0,
  areas: [],
});

export const command = exampleCommand(
  "nab",
  "Detect anomalies in the series of the Numenta Anomaly Benchmark.",
)
  .argument("<folder>", "the benchmark's data")
  .option("--out <folder>", "where the runs are", "runs/nab")
  .action(async (folder: string, { out, seed }: { out: string; seed: number }) => {
    mkdirSync(out, { recursive: true });
    const totals: Record<string, Counts> = {};
    for (const { file, windows } of seriesOf(folder)) {
      const [header, ...rows] = readText(file).trimEnd().split(/\r?\n/) as [string, ...string[]];
      const first = Math.min(750, Math.floor(0.15 * rows.length));
      const name = basename(file, ".csv");
      const [table, labels, model] = ["first.csv", "labels.csv", String(seed)].map((end) =>
        join(out, `${name}-${end}`),
      ) as [string, string, string];
      writeFileSync(table, [header, ...rows.slice(0, first)].join("\n"));
      writeFileSync(
        labels,
        ["start,end", ...windows.map((window) => window.map((time) => time.slice(0, 19)).join(","))].join(
          "\n",
        ),
      );
      const step = stepOf(rows);
      await rondo(
        ...["train", table, "--task", "anomaly", "--target", "value", "--time", "timestamp", "--alarms", "5"],
        ...["--frequency", `${step}min`, "--aggregate", "mean", "--seed", String(seed), "--out", model],
      );
      const found = await rondoJson(
        ...["evaluate", model, "--input", file, "--labels", labels, "--skip", String(first)],
        ...["--mute", String(DAY / step), "--json"],
      );
      const { gaussian, lastValue, adaptiveGaussian, adaptiveLastValue, ...own } = found as Found;
      const each: Record<string, Measured> = {
        model: own,
        gaussian,
        lastValue,
        adaptiveGaussian,
        adaptiveLastValue,
      };
      for (const [detector, measured] of Object.entries(each)) {
        totals[detector] ??= nothing();
        add(totals[detector] as Counts, measured);
      }
    }
    for (const [detector, total] of Object.entries(totals)) console.log(line(detector, total));
  });

if (process.argv[1] === import.meta.filename) await run(command);
