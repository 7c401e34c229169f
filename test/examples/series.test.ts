// One to one: the series, its file, and that short trainings of both networks beat repeating the last value.
import { DataError } from "rondo";
import { describe, expect, it } from "vitest";
import { forecast, mackeyGlass, networks, persistence, readColumn } from "../../examples/one-to-one.ts";

describe("the series of Mackey and Glass", () => {
  it("is that of a plain loop over its equation, and keeps on swinging", () => {
    const [step, delay] = [0.1, 170];
    const x = Array.from({ length: 170 }, () => 1.2);
    for (let t = 169; t < 4000; t++) {
      const [now, before] = [x[t] as number, x[t + 1 - delay] as number];
      x.push(now + step * ((0.2 * before) / (1 + before ** 10) - 0.1 * now));
    }
    const series = mackeyGlass(500);
    for (let at = 0; at < 10; at++) expect(series[at]).toBeCloseTo(x[3000 + 60 * at] as number, 10);
    const late = series.slice(250);
    expect(Math.max(...late)).toBeGreaterThan(1.2);
    expect(Math.min(...late)).toBeLessThan(0.6);
  });
});

describe("a file of a series", () => {
  it("gives its last column", () => {
    expect(readColumn('"Month","Spots"\n"1749-01",58.0\r\n"1749-02",-6e1\n', "f.csv")).toEqual([58, -60]);
  });

  it("is refused where that is no number", () => {
    expect(() => readColumn("a,b\n1,2\n3,\n", "f.csv")).toThrow(DataError);
    expect(() => readColumn("a,b\n1,2\n3,x\n", "f.csv")).toThrow(
      "f.csv: row 1: 3,x given, a number in the last column expected",
    );
  });
});

describe("predictions", () => {
  it("that repeat the last value are off by its change", () => {
    expect(persistence([9, 9, 9, 9, 1, 5])).toBeCloseTo(Math.sqrt((8 ** 2 + 4 ** 2) / 2), 12);
  });

  it.each(Object.keys(networks) as (keyof typeof networks)[])(
    "of a short training are better: %s",
    async (name) => {
      const series = mackeyGlass(400);
      const error = await forecast(series, networks[name], { hidden: 16, epochs: 12, learningRate: 0.01 });
      expect(error).toBeLessThan(0.4 * persistence(series));
    },
  );
});
