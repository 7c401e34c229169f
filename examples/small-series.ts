// Three short series of one column, one step ahead, scored on the last third, which nothing is learnt from: airline passengers,
// sunspots, the lowest temperatures of days in Melbourne. docs/forecasting.md has the log.
//
//     npx tsx examples/small-series.ts airline-passengers.csv monthly-sunspots.csv daily-min-temperatures.csv
import { basename, join } from "node:path";
import { exampleCommand, readText, run } from "./command-line.ts";
import { rondo } from "./rondo.ts";

interface Options {
  readonly out: string;
  readonly seed: number;
}

export const command = exampleCommand("small-series", "Forecast short series one step ahead.")
  .argument("<airline>", "a table of a time and a number")
  .argument("<sunspots>", "another one")
  .argument("<temperatures>", "and another one")
  .option("--out <folder>", "where the runs are", "runs/small-series")
  .action(async (airline: string, sunspots: string, temperatures: string, { out, seed }: Options) => {
    for (const file of [airline, sunspots, temperatures]) {
      const [header = "", ...rows] = readText(file).trim().split("\n");
      const [time, target] = header.replaceAll('"', "").split(",") as [string, string];
      const folder = join(out, `${basename(file, ".csv")}-${seed}`);
      const test = rows.length - Math.floor(0.67 * rows.length);
      await rondo(
        ...["train", file, "--task", "forecast", "--time", time, "--target", target],
        ...[
          "--horizon",
          "1",
          "--validation",
          "0.1",
          "--test",
          String(test),
          "--seed",
          String(seed),
          "--out",
          folder,
        ],
      );
      await rondo("evaluate", folder, "--input", file, "--cutoffs", String(test), "--every", "1");
    }
  });

if (process.argv[1] === import.meta.filename) await run(command);
