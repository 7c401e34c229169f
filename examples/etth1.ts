// Oil temperature and six loads of a power transformer, hourly: the standard split of ETTh1 (8,640 rows to train on, 2,880 to
// choose by, 2,880 for the test; the rest is not used), 24 hours ahead from 96. Zhou et al., "Informer", 2021. Errors are told
// in deviations of the training rows, as everybody does. docs/forecasting.md has the log.
//
//     npx tsx examples/etth1.ts ETTh1.csv            # all seven columns
//     npx tsx examples/etth1.ts ETTh1.csv --alone    # the oil temperature from itself
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exampleCommand, readText, run } from "./command-line.ts";
import { rondo } from "./rondo.ts";

const ROWS = 14_400;
const HELD = 2880;
const HORIZON = 24;

interface Options {
  readonly out: string;
  readonly seed: number;
  readonly alone?: true;
  readonly quantiles?: true;
}

export const command = exampleCommand("etth1", "Forecast a power transformer's loads and temperature.")
  .argument("<file>", "ETTh1.csv")
  .option("--alone", "the oil temperature alone")
  .option("--quantiles", "learn quantiles in place of the mean")
  .option("--out <folder>", "where the runs are", "runs/etth1")
  .action(async (file: string, { out, seed, alone, quantiles }: Options) => {
    mkdirSync(out, { recursive: true });
    const table = join(out, "table.csv");
    writeFileSync(
      table,
      readText(file)
        .split("\n")
        .slice(0, ROWS + 1)
        .join("\n"),
    );
    const folder = join(out, `${alone ? "alone" : "all"}-${quantiles ? "quantiles" : "mean"}-${seed}`);
    const targets = alone ? "OT" : "HUFL,HULL,MUFL,MULL,LUFL,LULL,OT";
    await rondo(
      ...["train", table, "--task", "forecast", "--target", targets, "--time", "date"],
      ...["--context", "96", "--horizon", String(HORIZON), "--loss", quantiles ? "quantile" : "squared"],
      ...["--validation", String(HELD), "--test", String(HELD), "--epochs", "4", "--learning-rate", "0.001"],
      ...["--seed", String(seed), "--out", folder],
    );
    // Every window of the test part, as the papers score them.
    const cutoffs = String(HELD - HORIZON + 1);
    await rondo("evaluate", folder, "--input", table, "--cutoffs", cutoffs, "--every", "1");
  });

if (process.argv[1] === import.meta.filename) await run(command);
