// Detectors as the command uses them: tables in, a training that resumes, a line for each row, streams, labels, bad input.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { readSeries } from "../../../src/data/time-series/read.ts";
import { type DrawOptions, draw } from "../../../src/draw/index.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { randomSource } from "../../../src/nn/random.ts";
import { completeForm } from "../../../src/tasks/anomaly/options.ts";
import { prepare } from "../../../src/tasks/anomaly/prepare.ts";
import { anomalyTask } from "../../../src/tasks/anomaly/task.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import type { GivenFiles, GivenOptions, Prediction, TaskModel } from "../../../src/tasks/task.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { hour, quick, tableOf, wave } from "./series.ts";

const values = wave(300).map((value) => Number(value.toFixed(3)));
const table = tableOf(values);
const file = (text: string, name = "sensor.csv") => textSource(name, text);
const options = { target: ["value"], time: "time", ...quick };
const begin = (text = table, more: GivenOptions = {}, files: GivenFiles = {}) =>
  anomalyTask.begin({ table: file(text), ...files }, { ...options, ...more }, {});

async function trainedBytes(
  text = table,
  more: GivenOptions = {},
  files: GivenFiles = {},
): Promise<Uint8Array> {
  const { training } = await begin(text, more, files);
  let best: Uint8Array = new Uint8Array();
  await training.run({ onModel: (bytes) => (best = bytes) });
  return best;
}
const open = (bytes: Uint8Array) => anomalyTask.open(readTaskModel(bytes, "m"), {});

async function all(predictions: AsyncIterable<Prediction>): Promise<Prediction[]> {
  const found: Prediction[] = [];
  for await (const prediction of predictions) found.push(prediction);
  return found;
}
const texts = async (predictions: AsyncIterable<Prediction>) =>
  (await all(predictions)).map(({ text }) => text);

const bytes = await trainedBytes();
const model: TaskModel = open(bytes);
/** Rows after the training's, with two anomalies. */
const later = wave(240, 7).map((value, row) =>
  Number((value + (row === 100 || row === 180 ? 9 : 0)).toFixed(3)),
);

describe("a training", () => {
  it("tells what it found, what it does, and how well it did beside the last value", async () => {
    const made = await begin();
    expect(made.audit?.lines.join("\n")).toMatch(/300 rows/);
    expect(made.plan).toBe(
      `sensor.csv: watches value, gru of 4 units, scaled by the level and spread of the last 200 rows; trained on the time until ${hour(209)}, the threshold for 5 alarms in 10,000 rows from what comes after it`,
    );
    const summary = await made.summary?.(readTaskModel(bytes, "m"));
    expect(summary?.beside?.lastValue?.loss).toBeGreaterThan(0);
    expect(summary?.measures.loss).toBeGreaterThan(0);
  });

  it("goes on from a checkpoint to the same bits, and not with another file", async () => {
    const stopped = await begin();
    const stop = new AbortController();
    const checkpoint = await new Promise<Uint8Array>((resolve) => {
      void stopped.training.run({
        signal: stop.signal,
        onEvent: ({ step }) => step === 7 && stop.abort(),
        onCheckpoint: resolve,
      });
    });
    const read = readCheckpoint(checkpoint, "c");
    expect(anomalyTask.locations(read)).toEqual({ table: "sensor.csv" });
    const resumed = await anomalyTask.resume(read, { table: file(table) }, {}, {});
    let found: Uint8Array = new Uint8Array();
    await resumed.training.run({ onModel: (model) => (found = model) });
    expect(found).toEqual(bytes);
    const other = anomalyTask.resume(read, { table: file(tableOf(values.slice(1), 1)) }, {}, {});
    await expect(other).rejects.toThrow(
      "sensor.csv (299 rows) is not the file that c was trained on (sensor.csv, 300 rows)",
    );
  });

  it("learns no weights from what is held out", async () => {
    const changed = values.map((value, row) => (row < 210 ? value : 5 * value));
    const weights = async (text: string) => {
      const { training } = await begin(text, { epochs: 1 });
      let best: Uint8Array = new Uint8Array();
      await training.run({ onModel: (model) => (best = model) });
      return [...readTaskModel(best, "m").tensors.tensors].map(([name, { data }]) => [name, data]);
    };
    expect(await weights(tableOf(changed))).toEqual(await weights(table));
  });

  it("leaves labelled anomalies out of what is usual, and takes a threshold from them", async () => {
    const spikes = [50, 120, 230, 270];
    const spiked = values.map((value, row) => (spikes.includes(row) ? value + 9 : value));
    const labelled = tableOf(spiked.map((value, row) => `${value},${spikes.includes(row) ? 1 : 0}`)).replace(
      "time,value",
      "time,value,label",
    );
    const plain = open(await trainedBytes(labelled));
    const clean = open(await trainedBytes(labelled, { label: "label" }));
    const input = file(labelled);
    const rate = async (of: TaskModel) =>
      (await of.evaluate({ input }, { label: "label" })).measures.detected as number;
    expect(await rate(clean)).toBeGreaterThanOrEqual(await rate(plain));
    const chosen = open(await trainedBytes(labelled, { label: "label", threshold: "labels" }));
    const { measures } = await chosen.evaluate({ input }, { label: "label" });
    expect(measures).toMatchObject({ windows: 4, detected: 4, falseAlarms: 0, f1: 1 });
    expect(JSON.stringify(chosen.describe().form)).toContain("by labels");
    const points = file(["time", ...spikes.map(hour)].join("\n"), "labels.csv");
    const same = open(await trainedBytes(labelled, { threshold: "labels" }, { labels: points }));
    expect((await same.evaluate({ input, labels: points }, {})).measures).toEqual(measures);
  });
});

it("says so where what is expected is no better than the last value, and nothing where it is", async () => {
  const summaryOf = async (rows: readonly number[], more: GivenOptions) => {
    const made = await begin(tableOf(rows.map((value) => value.toFixed(3))), more);
    let best: Uint8Array = new Uint8Array();
    await made.training.run({ onModel: (bytes) => (best = bytes) });
    return made.summary?.(readTaskModel(best, "m"));
  };
  const random = randomSource(3, "walk");
  let level = 0;
  const walk = Array.from({ length: 300 }, () => {
    level += random.normal();
    return level;
  });
  const poor = await summaryOf(walk, { epochs: 1, learningRate: 1e-6 });
  expect(poor?.measures.loss).toBeGreaterThanOrEqual(poor?.beside?.lastValue?.loss as number);
  expect(poor?.warning).toMatch(/^what it expects is no better than the last value \(loss /);
  const good = await summaryOf(wave(600), { epochs: 30, hidden: 8 });
  expect(good?.measures.loss).toBeLessThan(good?.beside?.lastValue?.loss as number);
  expect(good?.warning).toBeUndefined();
});

it("a series that begins after the training rows has the scale of all of them", async () => {
  const rows = [
    ...wave(300).map((value, row) => `${hour(row)},a,${value.toFixed(3)}`),
    ...wave(40, 5).map((value, row) => `${hour(260 + row)},b,${(1000 + value).toFixed(3)}`),
  ];
  const set = await readSeries(file(["time,sensor,value", ...rows].join("\n")), {
    columns: { time: "time", series: "sensor", targets: ["value"] },
  });
  const { targets, others } = prepare(set, set.reading, completeForm({}), 210);
  expect(Object.keys(targets)).toEqual(["a"]);
  expect(others.center[0]).toBeCloseTo(10, 0);
});

describe("a model", () => {
  it("is drawn, the head beside what it reads too", async () => {
    const { network, inputs, forward } = model;
    const picture = await draw(network, { inputs, forward } as DrawOptions);
    expect(picture).toContain("gru");
    expect(picture).toContain("head");
  });

  const input = () => file(tableOf(later, 300), "later.csv");

  it("gives exactly one line for each row: time as written, value, expected, score, alarm", async () => {
    const lines = await texts(model.predict({ input: input() }, {}));
    expect(lines).toHaveLength(241);
    expect(lines[0]).toBe("time,value,expected,score,alarm");
    expect(lines[1]).toBe(`${hour(300)},${later[0]},,,0`);
    expect(lines[101]).toMatch(new RegExp(`^${hour(400)},${later[100]},[\\d.]+,[\\d.]+,1$`));
    for (const [row, line] of lines.slice(1).entries())
      expect(line.startsWith(`${hour(300 + row)},${later[row]},`)).toBe(true);
  });

  it("gives the same as JSON, and the same lines for a stream", async () => {
    const found = await all(model.predict({ input: input() }, {}));
    expect(found[0]?.json).toBeUndefined();
    expect(found[1]?.json).toEqual({
      time: hour(300),
      values: { value: later[0] },
      expected: { value: null },
      score: null,
      alarm: false,
    });
    expect(found[101]?.json).toMatchObject({ alarm: true });
    expect(await all(model.follow?.(input(), {}) as AsyncIterable<Prediction>)).toEqual(found);
  });

  it("answers a stream row by row, before the next one is there", async () => {
    let sent = 0;
    const rows = tableOf(later, 300).split("\n");
    const live = {
      name: "live",
      size: 0,
      arrayBuffer: () => Promise.reject(new Error("a stream has no end")),
      stream: () =>
        new ReadableStream<Uint8Array>(
          {
            pull(controller) {
              const row = rows[sent];
              if (row === undefined) return controller.close();
              sent += 1;
              controller.enqueue(new TextEncoder().encode(`${row}\n`));
            },
          },
          { highWaterMark: 0 },
        ),
    };
    let count = 0;
    const answers = model.follow?.(live, {}) as AsyncIterable<Prediction>;
    for await (const _ of answers) {
      count += 1;
      expect(sent - count).toBeLessThan(3);
      if (count === 30) break;
    }
  });

  it("reads other tables in its way: columns in any order, decimal commas, quotes, a byte-order mark, gaps", async () => {
    const expected = await texts(model.predict({ input: input() }, {}));
    const turned = [
      "note;value;time",
      ...later.map((value, row) => `"a;\nb";${value};${hour(300 + row)}`),
    ].join("\r\n");
    expect(await texts(model.predict({ input: file(`\uFEFF${turned}`) }, {}))).toEqual(expected);
    const missing = tableOf(
      later.map((value, row) => (row === 50 ? "NA" : value)),
      300,
    );
    const lines = await texts(model.predict({ input: file(missing) }, {}));
    expect(lines[51]).toMatch(new RegExp(`^${hour(350)},,[\\d.]+,,0$`));
    expect(lines).toHaveLength(241);
    const gap = tableOf(later, 300)
      .split("\n")
      .filter((_, line) => line < 60 || line > 90)
      .join("\n");
    expect(await texts(model.predict({ input: file(gap) }, {}))).toHaveLength(241 - 31);
    const twice = [...tableOf(later, 300).split("\n"), `${hour(539)},10`, `${hour(530)},10`].join("\n");
    expect(await texts(model.predict({ input: file(twice) }, {}))).toHaveLength(243);
  });

  it("reads times between the steps of the training's as the steps that they lie in: gaps and labels are where they are", async () => {
    const lines = tableOf(later, 300).split("\n");
    const labelled = lines
      .map((line, row) => `${line},${row === 0 ? "anomaly" : row === 101 || row === 181 ? 1 : 0}`)
      .filter((_, line) => line < 60 || line > 90)
      .join("\n");
    const between = labelled.replaceAll(":00,", ":07,");
    const predicted = async (text: string) => texts(model.predict({ input: file(text) }, {}));
    const expected = (await predicted(labelled)).map((line) => line.replace(":00,", ":07,"));
    expect(await predicted(between)).toEqual(expected);
    const measured = async (text: string) =>
      (await model.evaluate({ input: file(text) }, { label: "anomaly", skip: 30 })).measures;
    expect(await measured(between)).toEqual(await measured(labelled));
    expect(await measured(between)).toMatchObject({ windows: 2 });
  });

  it("is measured by windows and points of labels, beside a running Gaussian and the last value", async () => {
    const labels = file(`start,end\n${hour(398)},${hour(402)}\n${hour(478)},${hour(482)}\n`, "labels.csv");
    const { measures, beside } = await model.evaluate({ input: input(), labels }, { skip: 30 });
    expect(measures).toMatchObject({ rows: 210, scored: 210, windows: 2, detected: 2, recall: 1, delay: 2 });
    expect(measures.averagePrecision).toBeGreaterThan(0.1);
    expect(Object.keys(beside ?? {})).toEqual([
      "gaussian",
      "lastValue",
      "adaptiveGaussian",
      "adaptiveLastValue",
    ]);
    expect(beside?.lastValue).toMatchObject({ rows: 210, windows: 2 });
    const without = await model.evaluate({ input: input() }, {});
    expect(Object.keys(without.measures)).toEqual(["rows", "scored", "alarms", "alarmRate"]);
    const muted = await model.evaluate({ input: input() }, { mute: 200 });
    expect(muted.measures.alarms).toBeLessThanOrEqual(2);
  });

  it("takes labels in words and as numbers of any kind", async () => {
    const labels = new Map([
      [100, "1.0"],
      [140, "TRUE"],
      [180, "yes"],
    ]);
    const label = (row: number) =>
      row === 0 ? "anomaly" : (labels.get(row - 1) ?? ["0.0", "0", "no", "NaN"][row % 4]);
    const lines = tableOf(later, 300).split("\n");
    const labelled = file(lines.map((line, row) => `${line},${label(row)}`).join("\n"));
    const { measures } = await model.evaluate({ input: labelled }, { label: "anomaly" });
    expect(measures).toMatchObject({ windows: 3 });
  });

  it("takes the numbers of rows for labels, where there are no times, and nothing else", async () => {
    const bare = (numbers: readonly number[]) => ["value", ...numbers].join("\n");
    const untimed = open(await trainedBytes(bare(values), { time: undefined }));
    const windows = async (text: string) =>
      (await untimed.evaluate({ input: file(bare(later)), labels: file(text, "labels.csv") }, {})).measures;
    expect(await windows("time\n101\n181\n")).toMatchObject({ windows: 2 });
    for (const wrong of ['""', "0", "-3", "1.5"]) {
      await expect(windows(`time\n101\n${wrong}\n`)).rejects.toThrow(
        /labels.csv: line 3: .* given, the number of a row from 1 expected: rows have no times/,
      );
    }
  });

  it("is drawn: what was, what was expected, the score, and marks where alarms are", async () => {
    const chart = await model.plot?.({ input: input() }, {});
    expect(chart?.panels.map(({ title }) => title)).toEqual(["value", "score"]);
    const [value, score] = chart?.panels ?? [];
    expect(value?.lines.map(({ name }) => name)).toEqual(["value", "expected"]);
    expect(value?.label?.(100)).toBe(hour(400));
    expect(value?.marks[0]?.x).toContain(100);
    expect(score?.lines[1]?.y[0]).toBeCloseTo(-Math.log10(5e-4), 12);
  });

  it("says what it is", () => {
    const { form, made, json } = model.describe();
    expect(form).toContainEqual(["watches", "value"]);
    expect(made[0]?.[1]).toContain("sensor.csv: 300 rows");
    expect(JSON.parse(JSON.stringify(json))).toMatchObject({ columns: { targets: ["value"] } });
  });
});

describe("damaged files", () => {
  const read = readTaskModel(bytes, "m");
  const prepared = read.json("prepared");
  const training = read.json("training");
  it.each<[string, "model" | "prepared" | "training", object]>([
    ["no form", "model", {}],
    ["an unknown cell", "model", { ...read.json("model"), cell: "gruu" }],
    ["no reading", "prepared", { ...prepared, reading: {} }],
    ["a scale of nothing", "prepared", { ...prepared, others: { center: [0], scale: [0] } }],
    ["no calibration", "prepared", { ...prepared, calibration: undefined }],
    [
      "errors that are none",
      "prepared",
      { ...prepared, calibration: { errors: [["x"]], threshold: null, baselines: {} } },
    ],
    ["a cycle that is none", "prepared", { ...prepared, calendar: ["sine of moon"] }],
    ["alarms of nothing", "prepared", { ...prepared, alarms: {} }],
    ["no data", "training", { ...training, data: {} }],
    ["steps that are none", "training", { ...training, step: "many" }],
    ["a validation that is none", "training", { ...training, validation: { loss: "low" } }],
    ["labels that are none", "training", { ...training, labels: 3 }],
  ])("%s", (_, part, json) => {
    const broken = {
      ...read,
      json: (name: typeof part) => JSON.parse(JSON.stringify(name === part ? json : read.json(name))),
    };
    expect(() => anomalyTask.open(broken, {})).toThrow(FormatError);
    expect(() => anomalyTask.open(broken, {})).toThrow(/^m: /);
  });

  it("of another task", () => {
    expect(() => anomalyTask.open({ ...read, task: "classify" }, {})).toThrow(
      'm: a model of the task "classify"',
    );
  });
});

describe("bad input", () => {
  it.each<[string, string, GivenOptions, string]>([
    ["no header", tableOf(values).replace("time,value\n", ""), {}, "sensor.csv: line 1 looks like data"],
    ["a target that is not there", table, { target: ["heat"] }, 'sensor.csv has no column "heat"'],
    ["a target that is no number", table.replace(/,10\.\d+/, ",high"), {}, "value is"],
    ["one row", tableOf([1]), {}, "sensor.csv"],
    ["few rows", tableOf(values.slice(0, 100)), {}, "30 values of value in what is held out, 50 expected"],
    ["a constant", tableOf(values.map(() => 5)), {}, "value is constant in the rows to train on"],
    ["times twice", table.replace(hour(100), hour(99)), {}, "sensor.csv: line 102"],
    ["labels that are not there", table, { label: "label" }, 'sensor.csv has no column "label"'],
    [
      "labels that are none",
      table
        .replace("time,value", "time,label")
        .replaceAll(/,/g, ",x,")
        .replace("time,x,label", "time,label,value"),
      { label: "label" },
      'sensor.csv: line 2: label is "x", 1 or 0 expected',
    ],
    ["a threshold without labels", table, { threshold: "labels" }, "no row is labelled as an anomaly"],
  ])("%s", async (_, text, more, message) => {
    const training = begin(text, more);
    await expect(training).rejects.toThrow(message);
    await expect(training).rejects.toThrow(DataError);
  });

  it("labels of two kinds, and options that do not fit", async () => {
    const labels = file("start,end\n", "labels.csv");
    await expect(begin(table, { label: "label" }, { labels })).rejects.toThrow(UsageError);
    await expect(begin(table, {}, { labels: file("begin,end\n", "labels.csv") })).rejects.toThrow(
      "labels.csv has the columns begin, end: start and end, or time, expected",
    );
    await expect(begin(table, { target: undefined })).rejects.toThrow(
      "sensor.csv: no target given, one or more of its columns time, value expected",
    );
    await expect(begin(table, { alarms: 2000 })).rejects.toThrow(
      "alarms 2000: expected a number above 0 to below 1000",
    );
    await expect(begin(table, { validation: 0 })).rejects.toThrow(UsageError);
    await expect(begin(table, {}, { labels: file("start,end\nnoon,noon\n", "labels.csv") })).rejects.toThrow(
      'labels.csv: line 2: "noon" given, a time as yyyy-MM-dd HH:mm expected, as the series have them',
    );
  });

  it("a table without the columns, and a number that is none, at prediction: with its line", async () => {
    const predict = (text: string) => all(model.predict({ input: file(text, "new.csv") }, {}));
    await expect(predict("time,heat\n2024-01-01 00:00,1\n")).rejects.toThrow('new.csv has no column "value"');
    await expect(predict(`time,value\n${hour(0)},1\n${hour(1)},high\n`)).rejects.toThrow(
      'new.csv: line 3: value is "high"',
    );
    await expect(predict("time,value\nnoon,1\n")).rejects.toThrow("new.csv: line 2: time");
    expect(() => model.predict({}, {})).toThrow(UsageError);
  });
});
