// Twenty shops in one table: two seasons (the week and the year), trends that turn, promotions that are known ahead, and four
// shops that sell so little that most days have nothing. Trains one forecaster on all of them and scores it beside the naive
// ones. docs/forecasting.md has the log.
//
//     npx tsx examples/twenty-series.ts --seed 1
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomSource } from "rondo";
import { exampleCommand, run } from "./command-line.ts";
import { rondo } from "./rondo.ts";

const YEAR = 365.25;

/** How much there is of it. */
export interface Extent {
  readonly days: number;
  readonly shops: number;
  /** Days at the end of which only the promotions are known. */
  readonly ahead?: number;
}

/** How many a shop sells on each day, as a table. The same for the same seed; the last fifth of the shops sells little. */
export function shops(
  seed: number,
  { days, shops, ahead = 0 }: Extent = { days: 3 * 365, shops: 20 },
): string {
  const lines = ["date,shop,promotion,sold"];
  for (let shop = 0; shop < shops; shop++) {
    const random = randomSource(seed, `shop ${shop}`);
    const isSmall = shop >= 0.8 * shops;
    const size = isSmall ? 0.3 + 0.2 * random.uniform() : 20 * 30 ** random.uniform();
    const [week, year] = [0.2 + 0.4 * random.uniform(), 0.1 + 0.3 * random.uniform()];
    const [busiest, warmest] = [Math.floor(7 * random.uniform()), YEAR * random.uniform()];
    let level = Math.log(size);
    let trend = 0;
    for (let day = 0; day < days + ahead; day++) {
      // A trend that turns slowly, and returns.
      trend = 0.99 * trend + 0.0002 * random.normal();
      level += trend;
      const promotion = random.uniform() < 0.08 ? 1 : 0;
      const season =
        week * Math.cos((2 * Math.PI * (day - busiest)) / 7) +
        year * Math.cos((2 * Math.PI * (day - warmest)) / YEAR);
      const expected = Math.exp(level + season + 0.4 * promotion);
      const date = new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10);
      const sold = poisson(expected * Math.exp(0.1 * random.normal()), random);
      lines.push([date, `shop ${shop + 1}`, promotion, day < days ? sold : ""].join(","));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A count with this mean: by Knuth's product for small means, near enough by the normal distribution for large ones. */
function poisson(mean: number, random: ReturnType<typeof randomSource>): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  let [count, product] = [0, random.uniform()];
  for (const limit = Math.exp(-mean); product > limit; count++) product *= random.uniform();
  return count;
}

interface Options {
  readonly out: string;
  readonly seed: number;
}

export const command = exampleCommand("twenty-series", "Forecast what twenty shops sell, in one model.")
  .option("--out <folder>", "where the table and the run are", "runs/twenty-series")
  .action(async ({ out, seed }: Options) => {
    mkdirSync(out, { recursive: true });
    const table = join(out, `shops-${seed}.csv`);
    writeFileSync(table, shops(seed));
    const folder = join(out, `seed-${seed}`);
    const columns = ["--target", "sold", "--time", "date", "--series", "shop", "--known", "promotion"];
    await rondo(
      "train",
      table,
      "--task",
      "forecast",
      ...columns,
      "--horizon",
      "28",
      "--non-negative",
      "--seed",
      String(seed),
      "--out",
      folder,
    );
    await rondo("evaluate", folder, "--input", table, "--cutoffs", "4");
  });

if (process.argv[1] === import.meta.filename) await run(command);
