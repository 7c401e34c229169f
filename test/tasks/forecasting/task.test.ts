// Forecasting as the command uses it: tables in, a training that resumes, predictions, scores, a stream that goes on.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { type DrawOptions, draw } from "../../../src/draw/index.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { randomSource } from "../../../src/nn/random.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { forecastingTask } from "../../../src/tasks/forecasting/task.ts";
import type { GivenOptions, Prediction, TaskModel } from "../../../src/tasks/task.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { seasonal } from "./series.ts";

const day = (t: number) => new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
const values = seasonal(80).map((value) => Number(value.toFixed(2)));
const lines = (from: number, to: number) =>
  values.slice(from, to).map((value, t) => `${day(from + t)},${value}`);
const table = (from = 0, to = 80) => ["date,sold", ...lines(from, to)].join("\n");
const file = (text: string, name = "sales.csv") => textSource(name, text);
const options = { target: ["sold"], time: "date", horizon: 3, context: 12, hidden: 4, epochs: 3 };

const begin = (text = table(), more: GivenOptions = {}) =>
  forecastingTask.begin({ table: file(text) }, { ...options, ...more }, {});

async function trained(text = table(), more: GivenOptions = {}): Promise<TaskModel> {
  const { training } = await begin(text, more);
  let best: Uint8Array = new Uint8Array();
  await training.run({ onModel: (bytes) => (best = bytes) });
  return forecastingTask.open(readTaskModel(best, "model"), {});
}

async function all(predictions: AsyncIterable<Prediction>): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of predictions) found.push(text);
  return found;
}

describe("a training", () => {
  it("tells what it found, what it does, and how well it did beside the naive forecasts", async () => {
    const made = await begin();
    expect(made.audit?.lines.join("\n")).toMatch(/80 rows/);
    expect(made.plan).toBe(
      "sales.csv: 3 steps of sold from the 12 before, gru of 4 units, scaled by the mean and deviation of each context; trained on the time until 2024-03-04 (50 windows), best epoch by that until 2024-03-12 (6), scores from that until 2024-03-20 (6)",
    );
    let best: Uint8Array = new Uint8Array();
    await made.training.run({ onModel: (bytes) => (best = bytes) });
    const summary = await made.summary?.(readTaskModel(best, "model"));
    expect(Object.keys(summary?.beside ?? {})).toEqual(["naive", "seasonalNaive"]);
    expect(summary?.measures).toMatchObject({ windows: 6, targets: 18 });
    const none = await begin(table(), { test: 0 });
    await none.training.run({ onModel: (bytes) => (best = bytes) });
    expect(await none.summary?.(readTaskModel(best, "model"))).toBeUndefined();
  });

  it("goes on from a checkpoint to the same bits", async () => {
    const [whole, stopped] = [await begin(), await begin()];
    let expected: Uint8Array = new Uint8Array();
    await whole.training.run({ onModel: (bytes) => (expected = bytes) });
    const stop = new AbortController();
    const checkpoint = await new Promise<Uint8Array>((resolve) => {
      void stopped.training.run({
        signal: stop.signal,
        onEvent: ({ step }) => step === 5 && stop.abort(),
        onCheckpoint: resolve,
      });
    });
    const resumed = await forecastingTask.resume(
      readCheckpoint(checkpoint, "checkpoint"),
      { table: file(table()) },
      {},
      {},
    );
    let found: Uint8Array = new Uint8Array();
    await resumed.training.run({ onModel: (bytes) => (found = bytes) });
    expect(found).toEqual(expected);
    const other = forecastingTask.resume(
      readCheckpoint(checkpoint, "checkpoint"),
      { table: file(table().replace("100", "101")) },
      {},
      {},
    );
    await expect(other).rejects.toThrow(
      new DataError(
        "sales.csv (80 rows) is not the file that checkpoint was trained on (sales.csv, 80 rows)",
      ),
    );
  });

  it("learns nothing from the test part", async () => {
    const changed = [...lines(0, 72), ...lines(72, 80).map((line) => line.replace(/,.*/, ",9999"))];
    const weights = async (text: string) => {
      const { training } = await begin(text);
      let best: Uint8Array = new Uint8Array();
      await training.run({ onModel: (bytes) => (best = bytes) });
      return [...readTaskModel(best, "model").tensors.tensors].map(([name, tensor]) => [name, tensor.data]);
    };
    expect(await weights(["date,sold", ...changed].join("\n"))).toEqual(await weights(table()));
  });
});

describe("gaps that are filled in", () => {
  const rule = { gaps: "linear", validation: 10, test: 10 };
  /** Rows 57 to 62 are missing, in the middle of which the training rows may end. */
  const holed = (later: number) =>
    [
      "date,sold",
      ...lines(0, 57),
      ...values.slice(63).map((value, t) => `${day(63 + t)},${value * later}`),
    ].join("\n");

  it("tell a training nothing of what comes after it", async () => {
    const found = await Promise.all(
      [1, 7].map(async (later) => {
        const { training } = await begin(holed(later), { ...rule, validation: 20, test: 0, epochs: 1 });
        let best: Uint8Array = new Uint8Array();
        await training.run({ onModel: (bytes) => (best = bytes) });
        const { tensors, json } = readTaskModel(best, "model");
        return { scales: json("prepared").scales, weights: [...tensors.tensors].map(([, { data }]) => data) };
      }),
    );
    expect(found[1]).toEqual(found[0]);
  });

  it("are not scored", async () => {
    const model = await trained(holed(1), rule);
    const { measures } = await model.evaluate({ input: file(holed(1)) }, { cutoffs: 8, every: 3 });
    // Of 24 steps from the 56th on, six were filled in.
    expect(measures).toMatchObject({ targets: 18 });
  });
});

describe("a model", async () => {
  const model = await trained();

  it("gives a line for each step, whatever else the table holds, in any order of its columns", async () => {
    const found = await all(model.predict({ input: file(table()) }, {}));
    expect(found[0]).toBe("date,median,0.1,0.5,0.9");
    expect(found.slice(1).map((line) => line.split(",")[0])).toEqual([day(80), day(81), day(82)]);
    const turned = ["note;sold;date", ...values.map((value, t) => `"a;b";${value};${day(t)}`)].join("\r\n");
    expect(await all(model.predict({ input: file(`\uFEFF${turned}`) }, {}))).toEqual(found);
    const end = await all(model.predict({ input: file(table(60)) }, {}));
    expect(end).toEqual(found);
  });

  it("is scored from cutoffs, as it is or trained anew, and says what it has seen", async () => {
    const found = await model.evaluate({ input: file(table()) }, { cutoffs: 4 });
    expect(found.measures).toMatchObject({ windows: 4, targets: 12 });
    expect(found.measures.seen).toBeUndefined();
    expect(found.details).toMatchObject({ cutoffs: [68, 71, 74, 77].map(day) });
    const far = await model.evaluate({ input: file(table()) }, { cutoffs: 10 });
    expect(far.measures.seen).toBe(5);
    const anew = await model.evaluate({ input: file(table()) }, { cutoffs: 2, retrain: true });
    expect(anew.measures).toMatchObject({ windows: 2, targets: 6 });
    expect(anew.measures.mae).not.toBe(
      (await model.evaluate({ input: file(table()) }, { cutoffs: 2 })).measures.mae,
    );
    await expect(model.evaluate({ input: file(table(0, 20)) }, { cutoffs: 8 })).rejects.toThrow(
      "sales.csv: 20 steps of time, more than 24 expected for 8 cutoffs of 3 steps, 3 apart",
    );
  });

  it("follows a table that goes on, with the same numbers as for the whole", async () => {
    const follow = model.follow as NonNullable<typeof model.follow>;
    const found = await all(follow(file(table()), {}));
    expect(found[0]).toBe("after,date,median,0.1,0.5,0.9");
    expect(found).toHaveLength(1 + 80 * 3);
    const whole = await all(model.predict({ input: file(table()) }, {}));
    expect(found.slice(-3)).toEqual(whole.slice(1).map((line) => `${day(79)},${line}`));
    // A gap counts as rows of which nothing is known.
    const gap = ["date,sold", ...lines(0, 50), ...lines(55, 80)].join("\n");
    const masked = [
      "date,sold",
      ...lines(0, 50),
      ...[50, 51, 52, 53, 54].map((t) => `${day(t)},`),
      ...lines(55, 80),
    ];
    const [short, long] = [await all(follow(file(gap), {})), await all(follow(file(masked.join("\n")), {}))];
    expect(short.slice(-3)).toEqual(long.slice(-3));
    const back = ["date,sold", ...lines(0, 10), ...lines(3, 4)].join("\n");
    await expect(all(follow(file(back), {}))).rejects.toThrow(
      "sales.csv: line 12: 2024-01-04 does not follow the row before",
    );
  });

  it("goes on learning from a table that goes on, where that is asked for", async () => {
    const own = await trained();
    const follow = own.follow as NonNullable<typeof own.follow>;
    const before = own.toBytes?.() as Uint8Array;
    const plain = await all(follow(file(table()), {}));
    expect(await all(follow(file(table()), { learn: true, learningRate: 0 }))).toEqual(plain);
    expect(own.toBytes?.()).toEqual(before);
    const learnt = await all(follow(file(table()), { learn: true, replay: 2 }));
    expect(learnt).toHaveLength(plain.length);
    // Until the first window is whole all is as it was.
    expect(learnt.slice(0, 1 + 3 * 14)).toEqual(plain.slice(0, 1 + 3 * 14));
    expect(learnt.slice(-3)).not.toEqual(plain.slice(-3));
    const written = forecastingTask.open(readTaskModel(own.toBytes?.() as Uint8Array, "model"), {});
    expect(await all(written.predict({ input: file(table()) }, {}))).toEqual(
      await all(own.predict({ input: file(table()) }, {})),
    );
    expect(written.describe().made).toContainEqual([
      "then",
      expect.stringMatching(/^learnt along a stream: \d+ updates$/),
    ]);
    expect([{}, { learn: true }].map((given) => own.learns?.(given))).toEqual([false, true]);
  });

  it("refuses to learn where nothing is followed, and settings of a learning that is not asked for", async () => {
    const input = file(table());
    await expect(all(model.predict({ input }, { learn: true }))).rejects.toThrow(
      new UsageError("--learn learns from rows that come one by one: --follow expected"),
    );
    await expect(all(model.predict({ input }, { replay: 2 }))).rejects.toThrow(
      "replay 2 is of a forecaster that goes on learning: --learn expected",
    );
  });

  it("draws the history and what follows it", async () => {
    const chart = await model.plot?.({ input: file(table()) }, {});
    const [panel] = chart?.panels ?? [];
    expect(panel?.lines.map(({ name, x }) => [name, x.length])).toEqual([
      ["what was", 48],
      ["median", 3],
    ]);
    expect(panel?.label?.(80)).toBe(day(80));
    expect(panel?.bands).toHaveLength(1);
  });

  it("is drawn: the context, and what it comes to", async () => {
    const { network, inputs, forward } = model;
    const picture = await draw(network, { inputs, forward } as DrawOptions);
    expect(picture).toMatch(/gru[\s\S]*head|head[\s\S]*gru/);
  });

  it("refuses tables that it cannot use, with the place", async () => {
    const refused = (text: string, message: string | RegExp) =>
      expect(all(model.predict({ input: file(text) }, {}))).rejects.toThrow(message);
    await refused(
      "date,price\n2024-01-01,3\n",
      'sales.csv has no column "sold": its columns are date, price',
    );
    await refused(
      "date,sold\n2024-01-01,3\n2024-01-02,many\n",
      /sales\.csv: line 3: sold is "many", a number expected/,
    );
    await refused("date,sold\n", /sales\.csv/);
    await refused("", /sales\.csv/);
    await refused("date,sold\n2024-01-01,\n2024-01-02,\n", /sold/);
    await expect(model.evaluate({}, {})).rejects.toThrow(UsageError);
  });
});

it("follows several series with static columns, with the same numbers as for the whole", async () => {
  const rows = values.flatMap((value, t) => [
    `${day(t)},a,1,cold,${value}`,
    `${day(t)},b,5,warm,${2 * value}`,
  ]);
  const text = ["date,shop,size,region,sold", ...rows].join("\n");
  const model = await trained(text, { series: "shop", static: ["size", "region"] });
  const whole = await all(model.predict({ input: file(text) }, {}));
  const follow = model.follow as NonNullable<typeof model.follow>;
  const found = await all(follow(file(text), {}));
  const after = `,${day(79)},`;
  expect(found.slice(-6)).toEqual(whole.slice(1).map((line) => line.replace(",", after)));
});

it("forecasts several series and targets, each by its name", async () => {
  const rows = ["a", "b"].flatMap((id, at) =>
    values.map((value, t) => `${day(t)},${id},${value * (at + 1)},${100 - value}`),
  );
  const text = ["date,shop,sold,left", ...rows].join("\n");
  const model = await trained(text, { target: ["sold", "left"], series: "shop" });
  const found = await all(model.predict({ input: file(text) }, {}));
  expect(found[0]).toBe("shop,date,target,median,0.1,0.5,0.9");
  expect(found).toHaveLength(1 + 2 * 2 * 3);
  expect(found[4]).toMatch(new RegExp(`^a,${day(80)},left,`));
  const scores = await model.evaluate({ input: file(text) }, { cutoffs: 2 });
  expect((scores.details as { series: unknown[] }).series).toHaveLength(4);
});

it("trained anew before a cutoff, is what a training on the table until then gives", async () => {
  const model = await trained();
  const { measures } = await model.evaluate({ input: file(table()) }, { cutoffs: 1, retrain: true });
  const before = await trained(table(0, 77), { validation: 8, test: 0 });
  const found = await all(before.predict({ input: file(table(0, 77)) }, {}));
  const errors = found
    .slice(1)
    .map((line, at) => Math.abs(Number(line.split(",")[1]) - (values[77 + at] as number)));
  expect(measures.mae).toBeCloseTo(errors.reduce((sum, error) => sum + error) / 3, 3);
});

describe("a series that begins after the training part", () => {
  const early = values.slice(0, 80).map((value, t) => `${day(t)},a,${value}`);
  const late = (last: number) =>
    Array.from({ length: 18 }, (_, t) => `${day(62 + t)},b,${t === 17 ? last : 1000 + (t % 3)}`);
  const both = (last: number) => ["date,shop,sold", ...early, ...late(last)].join("\n");

  it("is scaled by its own first rows: scores know nothing of what comes after a cutoff", async () => {
    const stepsOf = async (last: number) => {
      const model = await trained(both(last), { series: "shop", validation: 10, test: 10 });
      const { training } = model.describe().json as { training: { scores: { steps: { mae: number }[] } } };
      return training.scores.steps;
    };
    const [usual, odd] = [await stepsOf(1002), await stepsOf(9999)];
    // The last row is the third step of the last window alone.
    expect(odd[0]).toEqual(usual[0]);
    expect(odd[2]?.mae).toBeGreaterThan(usual[2]?.mae as number);
  });
});

it("keeps the history behind a long table of what is known ahead", async () => {
  const rows = values.map((value, t) => `${day(t)},${value},${t % 5}`);
  const known = { known: ["price"] };
  const model = await trained(["date,sold,price", ...rows].join("\n"), known);
  const tableWith = (steps: number) =>
    ["date,sold,price", ...rows, ...Array.from({ length: steps }, (_, t) => `${day(80 + t)},,${t % 5}`)].join(
      "\n",
    );
  const found = await all(model.predict({ input: file(tableWith(3)) }, {}));
  expect(await all(model.predict({ input: file(tableWith(1500)) }, {}))).toEqual(found);
});

it("draws as many series as can be looked at, and says so", async () => {
  const shops = Array.from({ length: 14 }, (_, shop) => lines(0, 80).map((line) => `shop ${shop},${line}`));
  const text = ["shop,date,sold", ...shops.flat()].join("\n");
  const model = await trained(text, { series: "shop", epochs: 1 });
  const chart = await model.plot?.({ input: file(text) }, {});
  expect(chart?.panels.map(({ title }) => title).slice(0, 2)).toEqual(["shop 0: sold", "shop 1: sold"]);
  expect(chart?.panels).toHaveLength(12);
  expect(chart?.title).toBe("3 steps ahead, 12 of 14");
});

it("says so where a model is no better than repeating what was", async () => {
  // A random walk, of which nothing can be known beyond its last value, and a network that has hardly learnt.
  const random = randomSource(3, "walk");
  let level = 0;
  const walk = Array.from({ length: 80 }, (_, t) => {
    level += random.normal();
    return `${day(t)},${level.toFixed(3)}`;
  });
  const model = await trained(["date,sold", ...walk].join("\n"), { epochs: 1, shortcut: "none" });
  const input = file(["date,sold", ...walk].join("\n"));
  const { warning, measures, beside } = await model.evaluate({ input }, { cutoffs: 8 });
  expect(measures.mae).toBeGreaterThan(beside?.naive?.mae as number);
  expect(warning).toMatch(/^no better than the naive forecast \(MAE \d.*, \d.*\): /);
});

it("says nothing of a model that is better", async () => {
  const regular = Array.from(
    { length: 80 },
    (_, t) => `${day(t)},${50 + 20 * Math.sin((2 * Math.PI * t) / 5)}`,
  );
  const text = ["date,sold", ...regular].join("\n");
  const model = await trained(text, { epochs: 30 });
  expect((await model.evaluate({ input: file(text) }, { cutoffs: 8 })).warning).toBeUndefined();
});
