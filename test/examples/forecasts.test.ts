// The examples of forecasts: the shops that are made up, and that the table in the documents is theirs.
import { readFileSync } from "node:fs";
import { textSource } from "rondo";
import { describe, expect, it } from "vitest";
import { shops } from "../../examples/twenty-series.ts";
import { readSeries } from "../../src/data/time-series/read.ts";

const columns = { time: "date", series: "shop", targets: ["sold"], known: ["promotion"] };
const read = (text: string) => readSeries(textSource("shops.csv", text), { columns });

describe("the shops", () => {
  it("are the same for the same seed, others for another", () => {
    const few = { days: 30, shops: 2 };
    expect(shops(1, few)).toBe(shops(1, few));
    expect(shops(1, few)).not.toBe(shops(2, few));
  });

  it("sell counts, a fifth of them on few days, with a week and promotions in it", async () => {
    const { series, grid } = await read(shops(1, { days: 730, shops: 10 }));
    expect([series.length, grid.step, grid.season]).toEqual([10, "1 day", 7]);
    const zeros = series.map(
      ({ columns }) => (columns.sold as Float64Array).filter((sold) => sold === 0).length,
    );
    expect(zeros.filter((count) => count > 365)).toHaveLength(2);
    const [first] = series;
    const sold = first?.columns.sold as Float64Array;
    const promoted = first?.columns.promotion as Float64Array;
    expect(sold.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
    const mean = (rows: Float64Array) => rows.reduce((sum, count) => sum + count, 0) / rows.length;
    const byPromotion = [0, 1].map((on) => mean(sold.filter((_, day) => promoted[day] === on)));
    expect(byPromotion[1]).toBeGreaterThan(1.2 * (byPromotion[0] as number));
    const weekdays = Array.from({ length: 7 }, (_, weekday) =>
      mean(sold.filter((_, day) => day % 7 === weekday)),
    );
    expect(Math.max(...weekdays)).toBeGreaterThan(1.2 * Math.min(...weekdays));
  });

  it("tell promotions ahead, and nothing that will be sold", async () => {
    const text = shops(5, { days: 400, shops: 3, ahead: 14 });
    expect(text).toBe(readFileSync("docs/sales.csv", "utf8"));
    const { series } = await read(text);
    for (const { columns, length } of series) {
      expect(length).toBe(414);
      expect((columns.sold as Float64Array).subarray(400).every(Number.isNaN)).toBe(true);
      expect((columns.promotion as Float64Array).subarray(400).some(Number.isNaN)).toBe(false);
    }
  });
});
