// Detectors for programs: whole series and streams with the same bits, missing values, levels that shift, several columns.
import { describe, expect, it } from "vitest";
import type { SeriesData } from "../../../src/data/time-series/from-arrays.ts";
import {
  type Anomalies,
  adam,
  DataError,
  type Detector,
  type DetectorState,
  FormatError,
  readDetector,
  trainDetector,
  UsageError,
} from "../../../src/index.ts";
import { hour, quick, wave } from "./series.ts";

const options = { ...quick, seed: 1 };
const detector = await trainDetector(wave(400), options);
const spiked = (rows: number, at: number, by = 8, seed = 2) =>
  wave(rows, seed).map((value, row) => (row === at ? value + by : value));
const scored = (found: Anomalies) => [...found.score].filter((score) => !Number.isNaN(score));

describe("a detector of numbers", () => {
  it("finds a spike in other rows of the series, above and below, and few others", () => {
    for (const by of [8, -8]) {
      const found = detector.detect(spiked(300, 200, by));
      expect(found.alarm[200]).toBe(true);
      expect(Math.max(...scored(found))).toBe(found.score[200]);
      expect(found.alarm.filter(Boolean).length).toBeLessThan(4);
      expect(found.times[200]).toBe("201");
    }
  });

  it("leaves the first rows without a score, and has one number for each other row", () => {
    const found = detector.detect(wave(100, 3));
    expect([...found.score].findIndex((score) => !Number.isNaN(score))).toBe(20);
    expect(scored(found)).toHaveLength(80);
    expect(found.expected.value?.[0]).toBeNaN();
    expect([...(found.expected.value ?? [])].slice(1).every(Number.isFinite)).toBe(true);
    expect(found.alarm).toHaveLength(100);
    expect(scored(found).every((score) => score >= 0)).toBe(true);
  });

  it("refuses data without rows", () => {
    for (const none of [[], new Float32Array(0)])
      expect(() => detector.detect(none)).toThrow(
        new DataError("detect: the data have no rows: one or more expected"),
      );
  });

  it("does not score a row by what comes after it", () => {
    const whole = spiked(300, 150);
    const found = detector.detect(whole);
    for (const cut of [151, 200]) {
      const part = detector.detect(whole.slice(0, cut));
      expect(part.score).toEqual(found.score.slice(0, cut));
      expect(part.alarm).toEqual(found.alarm.slice(0, cut));
    }
  });

  it("passes over missing values: no score, and the state goes on", () => {
    const missing = wave(300, 2).map((value, row) => (row >= 100 && row < 130 ? null : value));
    const found = detector.detect(missing);
    expect([...found.score.slice(100, 130)].every(Number.isNaN)).toBe(true);
    expect([...(found.expected.value as Float64Array).slice(100, 130)].every(Number.isFinite)).toBe(true);
    expect(found.alarm.slice(100, 130)).not.toContain(true);
    expect([...found.score.slice(130)].some(Number.isNaN)).toBe(false);
  });

  it("gives no alarm for ever after a shift of the level", () => {
    const shifted = wave(900, 2).map((value, row) => (row < 300 ? value : value + 20));
    const { alarm } = detector.detect(shifted);
    expect(alarm.slice(300, 303)).toContain(true);
    expect(alarm.slice(300).filter(Boolean).length).toBeLessThan(60);
    expect(alarm.slice(700)).not.toContain(true);
  });

  it("lives with the largest numbers that there are, in the first row too", () => {
    const largest = wave(4000, 2).map((value, row) => (row === 0 ? Number.MAX_VALUE : value));
    const live = detector.stream();
    const scores = largest.map((value) => live.next(value).score);
    expect(scores.slice(20).filter((score) => !Number.isFinite(score))).toEqual([]);
    const again = detector.stream();
    again.restore(JSON.parse(JSON.stringify(live.save())) as DetectorState);
    expect(again.next(10)).toEqual(live.next(10));
  });

  it("watches one side if asked", async () => {
    const above = await trainDetector(wave(400), { ...options, side: "above" });
    expect(above.detect(spiked(300, 200, 8)).alarm[200]).toBe(true);
    expect(above.detect(spiked(300, 200, -8)).alarm[200]).toBe(false);
    const below = await trainDetector(wave(400), { ...options, side: "below" });
    expect(below.detect(spiked(300, 200, -8)).alarm[200]).toBe(true);
  });

  it("takes another rate of alarms, and other rules", () => {
    const series = spiked(300, 200);
    const count = (more: object) => detector.detect(series, more).alarm.filter(Boolean).length;
    expect(count({ alarms: 900 })).toBeGreaterThan(count({ alarms: 5 }));
    expect(count({ run: 5 })).toBe(0);
    expect(count({ merge: 10 })).toBeGreaterThanOrEqual(count({}) + 10);
    expect(() => detector.detect(series, { alarms: 0 })).toThrow(UsageError);
    expect(() => detector.detect(series, { side: "above" } as never)).toThrow("option side is unknown");
  });
});

describe("a stream", () => {
  const series = spiked(200, 150).map((value, row) => (row === 77 ? Number.NaN : value));
  const whole = detector.detect(series);

  it("gives the same bits as the whole series at once", () => {
    const live = detector.stream();
    series.forEach((value, row) => {
      const { expected, score, alarm, shares } = live.next(value);
      expect(score).toBe(whole.score[row]);
      expect(alarm).toBe(whole.alarm[row]);
      expect(expected.value).toBe(whole.expected.value?.[row]);
      expect(shares.value).toBe(whole.shares.value?.[row]);
    });
  });

  it("goes on from a saved state to the same bits, in another process", () => {
    for (const cut of [0, 10, 78, 151]) {
      const first = detector.stream();
      for (const value of series.slice(0, cut)) first.next(value);
      const saved = JSON.parse(JSON.stringify(first.save())) as DetectorState;
      const second = readDetector(detector.toBytes()).stream();
      second.restore(saved);
      expect(series.slice(cut).map((value) => second.next(value).score)).toEqual([...whole.score.slice(cut)]);
    }
  });

  it("refuses rows and states that are none, and stays as it was", () => {
    const live = detector.stream();
    for (const value of series.slice(0, 100)) live.next(value);
    expect(() => live.next({ other: 1 })).toThrow(
      new DataError('stream: the row has the column "other": value expected'),
    );
    expect(() => live.next("high" as never)).toThrow(DataError);
    expect(() => live.next({ value: "high" })).toThrow("stream: row 101: value");
    const { series: saved } = live.save();
    const broken = { ...saved[0], seen: -0.5 };
    for (const state of [null, {}, { series: [{}] }, { series: [broken] }]) {
      expect(() => live.restore(state as never)).toThrow(DataError);
    }
    const wrong = { ...saved[0], network: {} };
    expect(() => live.restore({ series: [wrong] } as never)).toThrow(DataError);
    expect(live.next(series[100] as number).score).toBe(whole.score[100]);
  });
});

describe("several columns and series", async () => {
  const rows = (count: number, seed: number, id: string, from = 0) =>
    wave(count, seed).map((value, row) => ({
      time: hour(from + row),
      machine: id,
      heat: value,
      flow: 100 - 5 * value + (row % 7),
      load: row % 7,
    }));
  const both: SeriesData = [...rows(400, 1, "a"), ...rows(400, 2, "b")];
  const columns = { time: "time", series: "machine", target: ["heat", "flow"], known: ["load"] };
  const two = await trainDetector(both, { ...columns, ...options });

  it("say which column a score comes from", () => {
    const test = rows(200, 3, "a", 400).map((row, at) =>
      at === 150 ? { ...row, flow: row.flow + 60 } : row,
    );
    const [found] = two.detect(test);
    expect(found?.series).toBe("a");
    expect(found?.alarm[150]).toBe(true);
    expect(found?.shares.flow?.[150]).toBeGreaterThan(0.7);
    expect((found?.shares.flow?.[150] as number) + (found?.shares.heat?.[150] as number)).toBeCloseTo(1, 12);
    expect(found?.times[150]).toBe(hour(550));
  });

  it("stream in any order, each as if it were alone; a row is as far from the one before as its time says", () => {
    const [a, b] = [rows(150, 3, "a", 400), rows(150, 4, "b", 400).filter((_, row) => row < 60 || row >= 70)];
    const alone = two.detect([...a, ...b]);
    const live = two.stream();
    const mixed = [...a.map((row) => ({ row, of: 0 })), ...b.map((row) => ({ row, of: 1 }))];
    mixed.sort((x, y) => (x.row.time < y.row.time ? -1 : x.row.time > y.row.time ? 1 : x.of - y.of));
    const scores: number[][] = [[], []];
    for (const { row, of } of mixed) scores[of]?.push(live.next(row).score);
    expect(scores[0]).toEqual([...(alone[0]?.score ?? [])]);
    expect(scores[1]).toEqual([...(alone[1]?.score ?? [])]);
  });

  it("go through the steps of a gap, as if its rows had been there without values", () => {
    const all = rows(150, 4, "b", 400);
    const isThere = (row: number) => row < 60 || row >= 70;
    const [gap] = two.detect(all.filter((_, row) => isThere(row)));
    const empty = all.map((row, at) => (isThere(at) ? row : { ...row, heat: null, flow: null, load: null }));
    const [filled] = two.detect(empty);
    expect([...(gap?.score ?? [])]).toEqual([...(filled?.score ?? [])].filter((_, row) => isThere(row)));
  });

  it("score a row of which one column is missing, and a series that was not trained on", () => {
    const test = rows(100, 3, "new", 400).map((row, at) => (at === 50 ? { ...row, heat: null } : row));
    const [found] = two.detect(test);
    expect(found?.score[50]).toBeGreaterThanOrEqual(0);
    expect(found?.expected.heat?.[50]).toBeGreaterThan(0);
  });

  it("know a new series by any name", () => {
    const scores = (id: string) => two.detect(rows(60, 3, id, 400))[0]?.score;
    for (const id of ["constructor", "__proto__", "toString"]) expect(scores(id)).toEqual(scores("new"));
  });
});

describe("files", () => {
  it("open to a detector with the same scores", () => {
    const again: Detector = readDetector(detector.toBytes(), "model.safetensors");
    expect(again.detect(wave(100, 5))).toEqual(detector.detect(wave(100, 5)));
    expect(again.record).toEqual(detector.record);
    expect(() => readDetector(Uint8Array.of(1, 2, 3), "broken")).toThrow(FormatError);
  });
});

it("trains to the same bits from the same seed, and to others from another", async () => {
  const bytes = async (seed: number) => (await trainDetector(wave(300), { ...options, seed })).toBytes();
  const [one, same, other] = [await bytes(1), await bytes(1), await bytes(2)];
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
});

it("stops at a signal, with what was best", async () => {
  const stop = new AbortController();
  const given = { ...options, epochs: 50, signal: stop.signal };
  const found = await trainDetector(wave(300), {
    ...given,
    onEvent: (event) => event.event === "validation" && event.epoch === 2 && stop.abort(),
  });
  expect(found.record.epoch).toBeLessThan(3);
  await expect(trainDetector(wave(300), { ...options, signal: { aborted: true } })).rejects.toThrow(
    UsageError,
  );
});

describe("values that are missing for long at the end of the training rows", () => {
  const until = <Value>(values: readonly Value[]) => values.map((value, row) => (row < 690 ? value : null));
  const given = { ...options, memory: 200 };

  it("are measured before that", async () => {
    const found = (await trainDetector(until(wave(900)), given)).detect(spiked(300, 200));
    expect(found.alarm[200]).toBe(true);
    expect(scored(found)).toHaveLength(280);
  });

  it("in one of several columns too, which has a share from its first score on", async () => {
    const [heat, flow] = [wave(900), until(wave(900, 5))];
    const both = heat.map((value, row) => ({ heat: value, flow: flow[row] }));
    const two = await trainDetector(both, { ...given, target: ["heat", "flow"] });
    const rows = wave(300, 2).map((value, row) => ({ heat: value, flow: row === 25 ? 60 : 20 - value }));
    const live = two.stream();
    const found = rows.map((row) => live.next(row));
    expect(found[25]?.alarm).toBe(true);
    expect(found[25]?.shares.flow).toBeGreaterThan(0.5);
    expect(found.slice(20).every(({ score }) => score >= 0)).toBe(true);
    two.stream().restore(JSON.parse(JSON.stringify(live.save())));
  });

  it("are too few where nothing is expected of them: the first of each series", async () => {
    const late = Array.from({ length: 60 }, (_, at) => [
      `s${at}`,
      [{ time: hour(290 + (at % 9)), value: at }],
    ]);
    const series = Object.fromEntries([
      ["a", wave(209).map((value, row) => ({ time: hour(row), value }))],
      ...late,
    ]);
    const columns = { target: ["value"], time: "time" };
    await expect(trainDetector(series as never, { ...options, ...columns })).rejects.toThrow(
      "0 values of value in what is held out, 50 expected",
    );
  });
});

describe("what cannot be learnt from", () => {
  it.each<[string, SeriesData, object, string]>([
    ["few rows", wave(100), {}, "data: 30 values of value in what is held out, 50 expected"],
    ["one row", [1], {}, "value"],
    [
      "a constant",
      Array.from({ length: 400 }, () => 7),
      {},
      "data: value is constant in the rows to train on",
    ],
    ["no target", [{ x: 1 }], {}, "target"],
    ["an unknown option", wave(300), { horizon: 3 }, "option horizon is unknown"],
    ["an option of files", wave(300), { label: "x" }, "option label is unknown"],
    ["a rate of none", wave(300), { alarms: 0 }, "alarms 0: expected a number above 0"],
    [
      "a side that is none",
      wave(300),
      { side: "left" },
      'side "left" is unknown: expected both, above, below',
    ],
    ["a text", [1, "x", 3] as never, {}, "data: row 2"],
  ])("%s", async (_, data, more, message) => {
    await expect(trainDetector(data, { ...options, ...more })).rejects.toThrow(message);
  });
});

it("refuses rows that a coarser step puts together, for each row is scored in its own unit", async () => {
  const rows = Array.from({ length: 600 }, (_, t) => ({
    time: new Date(Date.UTC(2024, 0, 1, 0, 10 * t)),
    value: 10 + Math.sin(t / 7),
  }));
  const hourly = { target: ["value"], time: "time", frequency: "1h", aggregate: "sum" } as const;
  await expect(trainDetector(rows, hourly)).rejects.toThrow(
    "data: 500 of 600 rows share their step of 1 hour with others: a detector scores each row as it comes, a finer frequency expected, or a table that is aggregated already",
  );
});

it("takes optimisers by name, for its file has to be read again", async () => {
  const own = adam() as never;
  await expect(trainDetector(wave(300), { ...quick, optimizer: own })).rejects.toThrow(
    /^optimizer: one of your own given, a name expected: /,
  );
});
