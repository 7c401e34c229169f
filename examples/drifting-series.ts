// A series whose period and level change: a forecaster that stays as it was trained, and the same one as it goes on learning from each row.
//
//     npx tsx examples/drifting-series.ts --out drift.svg
import { writeFileSync } from "node:fs";
import { readForecaster, type StreamLearning, trainForecast } from "rondo";
import { figureSvg } from "rondo/lab";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";

/** Rows that are trained on, the row where the drift is, and where the series ends. */
const [trained, drift, end] = [400, 600, 1000];

/** A reading: a wave of 12 rows around 0, and of 7 rows around 1 behind the drift. */
function reading(row: number): number {
  const [period, level] = row < drift ? [12, 0] : [7, 1];
  return level + Math.sin((2 * Math.PI * row) / period) + 0.1 * Math.sin(row * row);
}
const readings = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => reading(from + at));

export const ways: Readonly<Record<string, StreamLearning | undefined>> = {
  "as it was trained": undefined,
  learning: {},
  "with replay": { replay: 4 },
  "a rate that rises": { learningRate: 0.002, raise: 10 },
};

/** The errors one row ahead of each way, from the end of the training on. */
export async function follow({
  epochs,
  seed,
}: Pick<Options, "epochs" | "seed">): Promise<Record<string, number[]>> {
  const options = { horizon: 4, context: 24, hidden: 16, epochs, learningRate: 0.01, seed };
  const bytes = (await trainForecast(readings(0, trained), options)).toBytes();
  return Object.fromEntries(
    Object.entries(ways).map(([name, learn]) => {
      const live = readForecaster(bytes).stream({ history: readings(0, trained), learn: learn ?? false });
      let foretold = Number.NaN;
      const errors = readings(trained, end).map((row) => {
        const error = foretold - row;
        foretold = live.next(row)[0]?.values[0] as number;
        return error;
      });
      return [name, errors.slice(1)];
    }),
  );
}

/** The root of the mean square of errors of rows `from` to before `to`. */
export function rootMeanSquare(errors: readonly number[], from: number, to: number): number {
  const own = errors.slice(from - trained - 1, to - trained - 1);
  return Math.sqrt(own.reduce((sum, error) => sum + error ** 2, 0) / own.length);
}

const spans = [
  [trained + 1, drift],
  [drift, drift + 50],
  [drift + 50, drift + 150],
  [drift + 150, end],
] as const;

/** Errors as lines of a table. */
export function table(errors: Readonly<Record<string, readonly number[]>>): string[] {
  const heads = spans.map(([from, to]) => `rows ${from}-${to - 1}`.padStart(14)).join("");
  const rows = Object.entries(errors).map(
    ([name, own]) =>
      name.padEnd(18) +
      spans.map(([from, to]) => rootMeanSquare(own, from, to).toFixed(3).padStart(14)).join(""),
  );
  return ["".padEnd(18) + heads, ...rows];
}

/** The errors of the last 20 rows, along the series. */
export function picture(errors: Readonly<Record<string, readonly number[]>>): Promise<string> {
  const x = Array.from({ length: Math.floor((end - trained - 21) / 5) }, (_, at) => trained + 21 + 5 * at);
  return figureSvg({
    title: "A series that drifts, forecast one row ahead",
    panels: [
      {
        x: { label: "row" },
        y: { label: "root mean square error of 20 rows", scale: "log" },
        lines: Object.entries(errors).map(([name, own]) => ({
          ...{ name, x },
          y: x.map((row) => rootMeanSquare(own, row - 20, row)),
        })),
        rules: [{ axis: "x", at: drift, label: "drift" }],
      },
    ],
  });
}

interface Options {
  readonly epochs: number;
  readonly out?: string;
  readonly seed: number;
}

export const command = exampleCommand(
  "drifting-series",
  "A forecaster along a series that drifts, learning and not",
)
  .option("--epochs <number>", "of the training", wholeFrom(1), 30)
  .option("--out <file>", "an SVG file for a picture of the errors")
  .action(async ({ epochs, out, seed }: Options) => {
    const errors = await follow({ epochs, seed });
    for (const line of table(errors)) console.log(line);
    if (out !== undefined) writeFileSync(out, await picture(errors));
  });

if (process.argv[1] === import.meta.filename) await run(command);
