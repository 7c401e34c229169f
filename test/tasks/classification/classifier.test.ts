// Classifiers from plain rows: trained, asked, explained, written and read again.
import { describe, expect, it } from "vitest";
import { DataError, FormatError, readClassifier, trainClassifier, UsageError } from "../../../src/index.ts";
import { randomSource } from "../../../src/nn/random.ts";
import { rows } from "./rows.ts";

const small = { hidden: 8, embedding: 8, epochs: 12, batch: 8, learningRate: 0.03, validation: 0.2 };
const mails = (count: number, seed = 1) =>
  rows(count, seed).map(({ text, label }) => ({ body: text, folder: label }));
const keys = { text: "body", label: "folder" };

/** Series of two columns whose first rises, or whose second does. */
function walks(count: number, seed = 1) {
  const random = randomSource(seed, "walks");
  return Array.from({ length: count }, (_, at) => {
    const steps = 4 + Math.floor(6 * random.uniform());
    const rising = Array.from({ length: steps }, (_, step) => step + random.uniform());
    const noise = Array.from({ length: steps }, () => 4 * random.uniform());
    return at % 2 ? { x: rising, y: noise, way: "right" } : { x: noise, y: rising, way: "up" };
  });
}

describe("a classifier of texts", () => {
  it("is trained in a line, asked of one or many, awaited or streamed, and read from its bytes", async () => {
    interface Mail {
      body: string;
      folder: string;
    }
    const given: Mail[] = mails(90);
    const classifier = await trainClassifier(given, { ...keys, ...small });
    expect([classifier.labels, classifier.several]).toEqual([["sea", "town", "wood"], false]);
    const one = classifier.predict("ship salt wave");
    expect(one.label).toBe("sea");
    expect(one.probability).toBe(one.probabilities.sea);
    expect(Object.values(one.probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 10);
    const asked = ["tree leaf", { body: "road shop lamp" }, ""];
    const many = classifier.predict(asked);
    expect(many.map(({ label }) => label).slice(0, 2)).toEqual(["wood", "town"]);
    const streamed = [];
    for await (const told of classifier.stream(asked)) streamed.push(told);
    expect(streamed).toHaveLength(3);
    for (const [at, told] of streamed.entries()) {
      expect(told.probability).toBeCloseTo((many[at] as typeof told).probability, 5);
    }
    const again = readClassifier(classifier.toBytes(), "m");
    expect(again.predict(asked)).toEqual(many);
    const evaluation = await again.evaluate(mails(60, 2));
    expect(evaluation.measures.accuracy).toBeGreaterThan(0.9);
    expect(evaluation.labels.sea).toMatchObject({ rows: 20 });
    expect(evaluation.confusion?.sea?.sea).toBeGreaterThan(15);
    expect(evaluation.doubtful).toHaveLength(20);
  });

  it("says which words decided", async () => {
    const classifier = await trainClassifier(mails(90), { ...keys, ...small });
    const { label, steps } = classifier.explain("ship zebra salt");
    expect(label).toBe("sea");
    expect(steps.map(({ name }) => name)).toEqual(["ship", "zebra", "salt"]);
    expect(Math.max(...steps.map(({ share }) => share))).toBeGreaterThan(0);
    const against = classifier.explain("ship zebra salt", "town");
    expect(against.label).toBe("town");
    expect(against.steps).not.toEqual(steps);
    expect(classifier.explain("").steps).toHaveLength(1);
    expect(() => classifier.explain("a", "see")).toThrow('explain: label "see" given, did you mean sea?');
  });

  it("says so of several layers too, between which nothing is dropped then", async () => {
    const classifier = await trainClassifier(mails(60), { ...keys, ...small, layers: 2, dropout: 0.5 });
    const explained = classifier.explain("ship wave");
    expect(explained.steps).toHaveLength(2);
    expect(classifier.explain("ship wave")).toEqual(explained);
  });

  it.each(["characters", "bytes"] as const)("reads %s, unknown ones too", async (tokens) => {
    const classifier = await trainClassifier(mails(60), { ...keys, ...small, epochs: 2, tokens });
    expect(classifier.predict("ship \u{1F6A2}").probability).toBeGreaterThan(0);
    const names = classifier.explain("é\u{1F6A2}").steps.map(({ name }) => name);
    expect(names.join("")).toBe("é\u{1F6A2}");
    expect(names).toHaveLength(tokens === "bytes" ? 6 : 2);
  });

  it.each(["last", "max", "attention"] as const)("reads %s of the outputs", async (read) => {
    const classifier = await trainClassifier(mails(90), { ...keys, ...small, read });
    expect((await classifier.evaluate(mails(60, 2))).measures.accuracy).toBeGreaterThan(0.9);
    expect(readClassifier(classifier.toBytes()).predict("a b")).toEqual(classifier.predict("a b"));
  });

  it("tells several labels of a row, or none", async () => {
    const both = mails(120).map(({ body, folder }, at) => {
      const other = mails(120, 3)[(at * 7 + 1) % 120] as { body: string; folder: string };
      if (at % 3 === 0) return { body: "zebra lion", tags: [] };
      if (at % 3 === 1) return { body, tags: [folder] };
      return { body: `${body} ${other.body}`, tags: [...new Set([folder, other.folder])] };
    });
    const classifier = await trainClassifier(both, { text: "body", label: "tags", ...small, epochs: 40 });
    expect(classifier.several).toBe(true);
    expect(classifier.predict("ship wave salt road shop lamp").labels).toEqual(["sea", "town"]);
    expect(classifier.predict("zebra").labels).toEqual([]);
    const { measures } = await classifier.evaluate(both);
    expect(measures.microF1).toBeGreaterThan(0.9);
    expect(readClassifier(classifier.toBytes()).several).toBe(true);
  });

  it("gives labels their weight, by the loss or by the batches", async () => {
    const rare = mails(300).filter(({ folder }, at) => folder !== "sea" || at % 60 === 0);
    const recall = async (epochs: number, more: object) => {
      const classifier = await trainClassifier(rare, { ...keys, ...small, epochs, ...more });
      return (await classifier.evaluate(mails(60, 2))).labels.sea?.recall;
    };
    expect(await recall(1, {})).toBe(0);
    expect(await recall(1, { batches: "balanced" })).toBeGreaterThan(0.9);
    expect(await recall(6, {})).toBeGreaterThan(0.9);
    expect(await recall(6, { classWeights: "balanced" })).toBeGreaterThan(0.9);
    // What weighs nothing is not learnt, where a row has one label as where it can have several.
    expect(await recall(6, { classWeights: "sea=0" })).toBe(0);
    expect(await recall(6, { several: true })).toBeGreaterThan(0.5);
    expect(await recall(6, { several: true, classWeights: "sea=0" })).toBe(0);
  });

  it("tells only the labels that are asked for, and holds out the rows that it is given", async () => {
    const classifier = await trainClassifier(mails(90), {
      ...{ ...keys, ...small, validation: undefined, only: ["sea"] },
      validationRows: mails(30, 4),
    });
    expect(classifier.labels).toEqual(["sea", "unknown"]);
    expect(classifier.predict("tree road").label).toBe("unknown");
    expect((await classifier.evaluate(mails(30, 5))).measures.unknown).toBe(0);
  });

  it("gives the same bits for the same seed, and its events as they come", async () => {
    const events: string[] = [];
    const train = (seed: number) =>
      trainClassifier(mails(60), {
        ...keys,
        ...small,
        epochs: 2,
        seed,
        onEvent: ({ event }) => events.push(event),
      });
    const [first, second, other] = [await train(1), await train(1), await train(2)];
    expect(first.toBytes()).toEqual(second.toBytes());
    expect(first.toBytes()).not.toEqual(other.toBytes());
    expect(events).toContain("validation");
  });
});

describe("a classifier of series", () => {
  it("reads columns, and says which moments decided", async () => {
    const options = { columns: ["x", "y"], label: "way", ...small };
    const classifier = await trainClassifier(walks(80), options);
    const { measures } = await classifier.evaluate(walks(40, 2));
    expect(measures.accuracy).toBeGreaterThan(0.9);
    const [walk] = walks(1, 3) as [ReturnType<typeof walks>[number]];
    expect(classifier.predict(walk).label).toBe("up");
    expect(
      classifier
        .explain(walk)
        .steps.map(({ name }) => name)
        .slice(0, 3),
    ).toEqual(["1", "2", "3"]);
    const again = readClassifier(classifier.toBytes());
    expect(again.predict([walk])).toEqual([classifier.predict(walk)]);
  });

  it("of one column reads the list itself, of one step or of 20,000, of which it reads the first", async () => {
    const data = walks(40).map(({ x, way }) => ({ x, way }));
    const classifier = await trainClassifier(data, {
      columns: ["x"],
      label: "way",
      ...small,
      epochs: 2,
      longest: 50,
    });
    expect(classifier.predict([1]).label).toMatch(/up|right/);
    const long = Array.from({ length: 20_000 }, (_, step) => Math.sin(step));
    expect(classifier.predict(long)).toEqual(classifier.predict(Float32Array.from(long.slice(0, 50))));
    expect(classifier.predict([[1, 2], { x: [3] }])).toHaveLength(2);
  });

  it.each<[object, string]>([
    [{ x: [1], y: [1, 2] }, "predict: x has 1 step, y has 2: as many expected"],
    [{ x: [1] }, "predict: y is missing, a list of one or more numbers expected"],
    [{ x: [], y: [] }, "predict: x is an empty list, a list of one or more numbers expected"],
    [{ x: [1, Number.NaN], y: [1, 2] }, "predict: x: step 2 is NaN, a number expected"],
    [{ x: [1e39], y: [1] }, "predict: x: step 1 is 1e+39, a number expected"],
  ])("%j is refused", async (given, message) => {
    const classifier = await trainClassifier(walks(40), {
      columns: ["x", "y"],
      label: "way",
      ...small,
      epochs: 1,
    });
    expect(() => classifier.predict(given)).toThrow(DataError);
    expect(() => classifier.predict(given)).toThrow(message);
  });
});

describe("what cannot be", () => {
  it.each<[unknown, object, string]>([
    [[], {}, "trainClassifier: no rows given, one or more expected"],
    [{}, {}, "trainClassifier: an object given, a list of rows expected"],
    [["a"], {}, 'trainClassifier: row 1: "a" given, an object with a label expected'],
    [[{ body: 3 }], keys, "trainClassifier: row 1: body is 3, a text expected"],
    [[{ body: "a", folder: "x" }, { body: "b" }], keys, "trainClassifier: row 2 has no label"],
    [mails(30).map(({ body }) => ({ body, folder: "one" })), keys, "rows: 1 label to learn (one)"],
    [
      mails(30).map((row, at) => ({ ...row, folder: `l${at}` })),
      { ...keys, validation: 0 },
      "is this the column of the labels?",
    ],
    [
      mails(30).map((row) => ({ ...row, body: " " })),
      keys,
      "30 rows, of which a share of 0.1 holds out none: more rows that differ",
    ],
    [
      mails(30).map((row) => ({ ...row, from: "me" })),
      { ...keys, group: "from" },
      "30 rows in 1 group, of which a share of 0.1 holds out none: more groups expected, or 0",
    ],
    [
      mails(30).map((row) => ({ ...row, body: " " })),
      { ...keys, validation: 0 },
      "rows: all texts are empty",
    ],
    [mails(30), { ...keys, colums: ["x"] }, "option colums is unknown"],
    [mails(30), { ...keys, columns: ["x"], audio: "y" }, "columns are of series, audio is of recordings"],
    [mails(30), { label: "folder", columns: [] }, "columns: none given"],
    [mails(30), { ...keys, mels: 20 }, "mels 20: an option of recordings, texts given"],
    [mails(30), { ...keys, series: "folder" }, 'series "folder": an option of series, texts given'],
    [walks(20), { columns: ["x"], label: "way", text: "x" }, 'text "x": an option of texts, series given'],
    [
      mails(30),
      { ...keys, labelSeparator: "" },
      'label separator "": expected a text of one character or more',
    ],
    [mails(30), { ...keys, only: ["sea", "see"] }, "only sea, see: no row of rows has the label see"],
    [
      mails(30),
      { ...keys, validation: 0.1, validationRows: mails(9) },
      "validation 0.1: rows to validate on are given",
    ],
    [mails(30), { ...keys, validation: 0, patience: 1 }, "patience needs a validation loss"],
  ])("%#: %s", async (given, options, message) => {
    const training = trainClassifier(given as object[], options);
    await expect(training).rejects.toThrow(message);
    await training.catch((error: unknown) =>
      expect([DataError, UsageError]).toContain((error as Error).constructor),
    );
  });

  it("there is none where the training is stopped before its first validation", async () => {
    const stopped = { ...keys, ...small, signal: { aborted: true } };
    await expect(trainClassifier(mails(60), stopped)).rejects.toThrow(
      "trainClassifier: stopped before the first validation: there is no classifier",
    );
  });

  it("rows of several labels for a classifier of one are refused, and files that are none", async () => {
    const classifier = await trainClassifier(mails(60), { ...keys, ...small, epochs: 1 });
    await expect(classifier.evaluate([{ body: "a", folder: ["x", "y"] }])).rejects.toThrow(
      "evaluate: row 1 has the labels x, y, one expected",
    );
    await expect(classifier.evaluate([])).rejects.toThrow("evaluate: no rows given");
    await expect(classifier.evaluate("a" as never)).rejects.toThrow('evaluate: "a" given, a list of rows');
    await expect(classifier.stream("a" as never).next()).rejects.toThrow('stream: "a" given, rows one after');
    expect(() => classifier.predict(3 as never)).toThrow("predict: 3 given, a text expected");
    expect(() => readClassifier(new Uint8Array(9), "m")).toThrow(FormatError);
    expect(() => readClassifier(classifier.toBytes(), 3 as never)).toThrow(UsageError);
  });
});
