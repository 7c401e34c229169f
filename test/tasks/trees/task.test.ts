// Trees as the command uses them: files in every form, a training that resumes, predictions, figures, what is refused, damaged files.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import type { GivenOptions, Prediction, TaskModel } from "../../../src/tasks/task.ts";
import { treeTask } from "../../../src/tasks/trees/task.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { sentiments } from "./sentiments.ts";

const options = {
  ...{ embedding: 8, hidden: 12, batch: 8, epochs: 12, learningRate: 0.1, dropout: 0, unknown: 0.1 },
};
const file = (text: string, name = "trees.txt") => textSource(name, text);
const text = sentiments(160).join("\n");

const begin = (given: string, more: GivenOptions = {}, files = {}, name = "trees.txt") =>
  treeTask.begin({ trees: file(given, name), ...files }, { ...options, ...more }, {});

async function run(given: string, more: GivenOptions = {}, files = {}, name = "trees.txt") {
  const made = await begin(given, more, files, name);
  let best: Uint8Array = new Uint8Array();
  await made.training.run({ onModel: (bytes) => (best = bytes) });
  return { made, best, model: treeTask.open(readTaskModel(best, "model"), {}) };
}

async function all(predictions: AsyncIterable<Prediction>) {
  const found: Prediction[] = [];
  for await (const one of predictions) found.push(one);
  return found;
}

const predicted = (model: TaskModel, given: string, name = "new.txt", more: GivenOptions = {}) =>
  all(model.predict({ input: file(given, name) }, more));

interface Told {
  readonly nodes: readonly {
    label?: string;
    probabilities?: Record<string, number>;
    children: number[];
    expected?: string;
  }[];
}

describe("a training on the labels of all nodes", async () => {
  const { made, best, model } = await run(text);
  const test = sentiments(60, 2);

  it("tells what it found, and what it does", async () => {
    expect(made.audit?.lines).toEqual([
      expect.stringMatching(
        /^trees\.txt: 160 trees, \d+ nodes, 7 in the largest, 2 children of a node at most$/,
      ),
    ]);
    expect(made.plan).toMatch(
      /^trees\.txt: \d+ trees to train on, \d+ held out; 3 labels \(0, 1, 2\) at all nodes, 10 words, tree-lstm of 12 units$/,
    );
    expect(made.data).toMatchObject({ labels: ["0", "1", "2"], told: "nodes" });
    const { form, made: how } = model.describe();
    expect(form).toContainEqual(["labels", "0, 1, 2, at all nodes"]);
    expect(how[0]).toEqual(["trained on", "trees.txt: 160 trees, 10 % held out"]);
    expect(how[2]?.[1]).toContain("adagrad, weight decay 0.0001, learning rate 0.1");
    const summary = await made.summary?.(readTaskModel(best, "model"));
    expect(summary?.measures).toMatchObject({ rootAccuracy: expect.any(Number) });
  });

  it("learns what no word alone says, beside the commonest label", async () => {
    const found = await model.evaluate({ input: file(test.join("\n")) }, { classes: 2 });
    expect(found.measures.accuracy).toBeGreaterThan(0.95);
    expect(found.measures.rootAccuracy).toBeGreaterThan(0.9);
    expect(found.measures.twoClassAccuracy).toBeGreaterThan(0.9);
    const isMiddle = (line: string) => line.startsWith("(1");
    expect(found.measures.twoClassRoots).toBe(test.filter((line) => !isMiddle(line)).length);
    expect(found.beside?.baseline?.accuracy).toBeLessThan(found.measures.accuracy as number);
    expect(found.warning).toBeUndefined();
    expect(found.lines?.[1]).toMatch(/^label +nodes +precision +recall +F1$/);
    expect(found.details).toMatchObject({ labelScores: { 2: { f1: expect.any(Number) } } });
    expect(found.measures.twoClassRoots).toBeLessThan(found.measures.trees as number);
    expect(
      (await model.evaluate({ input: file(test.join("\n")) }, {})).measures.twoClassRoots,
    ).toBeUndefined();
  });

  it("writes trees back with the labels that it tells: one for each, in order", async () => {
    const many = Array.from({ length: 300 }, (_, at) => test[at % test.length] as string);
    const told = await predicted(model, many.join("\n"));
    const bare = (line: string) => line.replace(/\(\d/g, "(");
    expect(told.map((one) => bare(one.text))).toEqual(many.map(bare));
    const right = told.filter((one, at) => one.text === many[at]).length;
    expect(right / many.length).toBeGreaterThan(0.8);
    for (const { json } of told.slice(0, 9)) {
      for (const { probabilities = {}, label } of (json as Told).nodes) {
        const values = Object.values(probabilities);
        expect(values.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5);
        expect(probabilities[label as string]).toBe(Math.max(...values));
      }
    }
  });

  it("reads other forms, among them its own predictions, and brackets without labels", async () => {
    const line = "(1 (1 not) (1 (1 very) (1 good)))";
    const [told] = (await predicted(model, line)) as [Prediction];
    expect(told.text).toMatch(/^\(0 \(1 not\) \(2 \(1 very\) \(2 good\)\)\)$/);
    const [again] = (await predicted(model, JSON.stringify(told.json), "a.jsonl")) as [Prediction];
    expect(again.json).toEqual(told.json);
    expect(again.text).toMatch(/^\{"label":"0","children":\[/);
    const [bare] = (await predicted(model, "(not (very good))", "a.txt", { bare: true })) as [Prediction];
    expect(bare.text).toBe(told.text);
    const single = (await predicted(model, "(1 good) (1 unheard)")).map((one) => one.text);
    expect(single[0]).toBe("(2 good)");
    expect(single[1]).toMatch(/^\(\d unheard\)$/);
  });

  it("tells a tree as it does among others", async () => {
    const together = await predicted(model, test.join("\n"));
    for (const at of [0, 33, 59]) {
      const [alone] = await predicted(model, test[at] as string);
      expect(alone?.text).toBe(together[at]?.text);
    }
  });

  it("tells what becomes of each tree beside the label that it has", async () => {
    const told: Prediction[] = [];
    await model.evaluate(
      { input: file("(2 (1 very) (2 good))\n(0 bad)") },
      {},
      async (one) => void told.push(one),
    );
    expect(told).toHaveLength(2);
    const expected = told.map(({ json }) => (json as Told).nodes.map((node) => node.expected));
    expect(expected).toEqual([["1", "2", "2"], ["0"]]);
  });

  it.each([
    [
      "a bracket that is never closed",
      "(2 good)\n(2 (1 very) (2 good)",
      "line 2, column 1: a bracket is opened",
    ],
    ["one closed too often", "(2 good))", "line 1, column 9"],
    ["an empty tree", "(2 good)\n()", "line 2, column 1"],
    [
      "a position of no word",
      '{"token":"good","label":"2","position":7}',
      "new.txt: line 1: node 0 has the position 7",
    ],
    ["no tree", "\n", "new.txt: no trees, one or more expected"],
    [
      "a label that is not known",
      "(2 good)\n(2 (1 very) (7 good))",
      'new.txt: line 2, column 13: the label "7" is none of the known ones, 0, 1, 2 expected',
    ],
    [
      "too many children",
      "(2 (1 a) (1 b) (1 c))",
      "new.txt: line 1, column 1: a node with 3 children, at most 2 expected by tree-lstm",
    ],
  ])("refuses %s", async (_, given, message) => {
    const evaluated = model.evaluate({ input: file(given, "new.txt") }, {});
    await expect(evaluated).rejects.toThrow(DataError);
    await expect(evaluated).rejects.toThrow(message);
  });

  it("refuses trees without labels, cycles and two parents where figures are asked for", async () => {
    const evaluated = (given: string) => model.evaluate({ input: file(given, "new.jsonl") }, {});
    await expect(evaluated('{"token":"good"}')).rejects.toThrow("new.jsonl: line 1: a tree without labels");
    await expect(evaluated('{"nodes":[{"id":1,"parent":2},{"id":2,"parent":1}]}')).rejects.toThrow(DataError);
  });

  it("reads a tree that is as deep as it is large, and refuses one that is larger than its limit", async () => {
    const chain = (nodes: number) => `${"(1 ".repeat(nodes)}good${")".repeat(nodes)}`;
    const [told] = (await predicted(model, chain(3000))) as [Prediction];
    expect((told.json as Told).nodes).toHaveLength(3000);
    await expect(predicted(model, chain(50_000))).rejects.toThrow(
      "new.txt: line 1, column 1: a tree of 50000 nodes, at most 20000 expected (the option largest)",
    );
  });

  it("of a damaged file is refused", () => {
    const { tensors, metadata } = readSafetensors(best, "model");
    const changed = (part: string, change: object) => {
      const json = { ...JSON.parse(metadata[part] as string), ...change };
      const written = writeSafetensors({ tensors, metadata: { ...metadata, [part]: JSON.stringify(json) } });
      return () => treeTask.open(readTaskModel(written, "m"), {});
    };
    for (const [part, change] of [
      ["prepared", { labels: ["0"] }],
      ["prepared", { labels: ["0", "0", "1"] }],
      ["prepared", { labels: ["0", "1"] }],
      ["prepared", { counts: undefined }],
      ["prepared", { counts: { told: [1, 2, 3], root: [1, 2, -3] } }],
      ["prepared", { words: { kind: "list", tokens: ["<unk>"], unknown: "<unk>" } }],
      ["model", { hidden: 0 }],
      ["model", { hidden: 13 }],
      ["model", { cell: "tree" }],
      ["model", { cell: "tree-tensor", arity: 3 }],
      ["model", { sequence: "yes" }],
      ["model", { more: 1 }],
      ["training", { data: {} }],
      ["training", { validationData: {} }],
      ["training", { reading: { form: "xml" } }],
      ["training", { reading: { form: "conllu", column: [] } }],
      ["training", { validation: { loss: "small" } }],
      ["training", { validation: 3 }],
      ["training", { epoch: "two" }],
      ["training", { settings: {} }],
    ] as const) {
      expect(changed(part, change), JSON.stringify(change)).toThrow(FormatError);
    }
    expect(changed("training", {})).not.toThrow();
    const other = writeSafetensors({ tensors, metadata: { ...metadata, task: "forecast" } });
    expect(() => treeTask.open(readTaskModel(other, "m"), {})).toThrow(
      'm: a model of the task "forecast", one of "tree" expected',
    );
  });
});

describe("other networks", () => {
  const short = { epochs: 1 };
  it.each([
    ...["tree-rnn", "tree-matrix-vector", "tree-tensor", "child-sum-tree-lstm", "tree-gru"].map((cell) => ({
      cell,
      hidden: 4,
    })),
    ...["down", "both"].map((direction) => ({ direction })),
    { sequence: "yes" },
    { sequence: "yes", direction: "both", cell: "child-sum-tree-lstm" },
    { cell: "tree-tensor", direction: "down", hidden: 4 },
  ])("%j is trained, opened and tells", async (more) => {
    const { model } = await run(sentiments(24).join("\n"), { ...short, ...more });
    const told = await predicted(model, sentiments(5, 3).join("\n"));
    expect(told).toHaveLength(5);
    for (const { text: line } of told) expect(line).not.toContain("NaN");
    const { measures } = await model.evaluate({ input: file(sentiments(9, 3).join("\n")) }, {});
    expect(measures.loss).toBeLessThan(2);
  });

  it("tell roots alone, and leave other labels as they are", async () => {
    const { model, made } = await run(text, { ...short, labels: "root" });
    expect(made.plan).toContain("at the root");
    const [told] = (await predicted(model, "(9 (7 not) (8 good))")) as [Prediction];
    expect(told.text).toMatch(/^\([012] \(7 not\) \(8 good\)\)$/);
    const { measures } = await model.evaluate({ input: file("(2 (7 very) (8 good))") }, {});
    expect(measures.labels).toBe(1);
    expect(measures.rootAccuracy).toBeUndefined();
  });

  it("tell leaves", async () => {
    const tagged = ["(S (D the) (N cat))", "(S (D a) (N dog))", "(S (N cats) (V run))"];
    const { model } = await run(tagged.join("\n"), { ...short, labels: "leaves" });
    const [told] = (await predicted(model, "(X (X the) (X dog))")) as [Prediction];
    expect(told.text).toMatch(/^\(X \([DNV] the\) \([DNV] dog\)\)$/);
  });

  it("read expressions, whose operators are words of inner nodes, and label roots", async () => {
    const lines = ["1 + 1\t2", "1 * 1\t1", "1 + 0\t1", "1 * 1 * 1\t1", "(1 + 1) * 1\t2"];
    const { model, made } = await run(lines.join("\n"), { ...short, form: "expressions" });
    expect(made.plan).toContain("2 labels (1, 2) at the root");
    expect(model.describe().form).toContainEqual(["words", expect.stringContaining("read at all nodes")]);
    const told = (await predicted(model, "1 + 1\n0")) as [Prediction];
    expect((told[0].json as Told).nodes.map(({ label }) => label)).toEqual([
      undefined,
      undefined,
      expect.stringMatching(/^[12]$/),
    ]);
    expect((await model.evaluate({ input: file("1 + 1\t2") }, {})).measures.labels).toBe(1);
  });

  it("sum over children where a node has more than two, as in dependency trees", async () => {
    const row = (id: number, word: string, tag: string, head: number) =>
      `${id}\t${word}\t_\t${tag}\t_\t_\t${head}\tdep\t_\t_`;
    const sentence = [
      row(1, "the", "DET", 4),
      row(2, "old", "ADJ", 4),
      row(3, "grey", "ADJ", 4),
      row(4, "cat", "NOUN", 0),
    ];
    const corpus = [sentence, [row(1, "cats", "NOUN", 0)], [row(1, "sit", "VERB", 0)]].map(
      (rows) => `${rows.join("\n")}\n`,
    );
    const { made, model } = await run(corpus.join("\n"), short, {}, "a.conllu");
    expect(made.plan).toContain("child-sum-tree-lstm");
    const [told] = (await predicted(model, `${sentence.join("\n")}\n`, "b.conllu")) as [Prediction];
    expect((told.json as Told).nodes).toHaveLength(4);
    await expect(begin(corpus.join("\n"), { cell: "tree-rnn", arity: 2 }, {}, "a.conllu")).rejects.toThrow(
      "a node with 3 children, at most 2 expected by tree-rnn",
    );
  });
});

it("a node of any number of children is read by a sum over them, and refused by cells with places", async () => {
  const wide = (label: number) => `(${label}${" (0 a)".repeat(9)}${` (${label} b)`.repeat(9 + label)})`;
  const text = [0, 1, 2, 0, 1, 2, 1, 0].map(wide).concat("(0 a)", "(1 b)").join("\n");
  const { model } = await run(text, { epochs: 1 });
  expect(await predicted(model, wide(7))).toHaveLength(1);
  await expect(begin(text, { cell: "tree-gru" })).rejects.toThrow(
    "trees.txt: line 1, column 1: a node with 18 children, at most 16 expected by tree-gru (child-sum-tree-lstm takes any number)",
  );
});

it("molecules are read as in training, rings too", async () => {
  const lines = ["CCO alcohol", "CC(=O)O acid", "CO alcohol", "C(=O)O acid", "CCCO alcohol"];
  const { model } = await run(lines.join("\n"), { epochs: 1 }, {}, "a.smi");
  const told = await predicted(model, "CCCC(=O)O\nC1CC1O", "b.txt");
  expect(told.map(({ text }) => text)).toEqual([
    expect.stringMatching(/"label":"(acid|alcohol)"/),
    expect.stringMatching(/"label":"(acid|alcohol)"/),
  ]);
  await expect(predicted(model, "C1CC1O", "b.txt", { rings: "refuse" })).rejects.toThrow(DataError);
});

describe("a training that was stopped", () => {
  it("goes on from a checkpoint to the same bits", async () => {
    const held = { validationFile: file(sentiments(20, 4).join("\n"), "held.txt") };
    const short = { epochs: 2, dropout: 0.3 };
    const [whole, stopped] = [await begin(text, short, held), await begin(text, short, held)];
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
    const read = readCheckpoint(checkpoint, "checkpoint");
    expect(treeTask.locations(read)).toEqual({ trees: "trees.txt", validationFile: "held.txt" });
    const files = { trees: file(text), ...held };
    const resumed = await treeTask.resume(read, files, {}, {});
    let found: Uint8Array = new Uint8Array();
    await resumed.training.run({ onModel: (bytes) => (found = bytes) });
    expect(found).toEqual(expected);
    const other = (changed: object, epochs?: number) =>
      treeTask.resume(readCheckpoint(checkpoint, "checkpoint"), { ...files, ...changed }, { epochs }, {});
    await expect(other({ trees: file(text.replace("good", "great")) })).rejects.toThrow(
      "is not the file that checkpoint was trained on",
    );
    await expect(other({ validationFile: file(text, "held.txt") })).rejects.toThrow(DataError);
    await expect(other({ validationFile: undefined })).rejects.toThrow("no file to validate on given");
    expect((await other({}, 5)).training.epochs).toBe(5);
  });

  it("from its own held-out part, too: the same trees are held out", async () => {
    const short = { epochs: 2 };
    const [whole, stopped] = [await begin(text, short), await begin(text, short)];
    let expected: Uint8Array = new Uint8Array();
    await whole.training.run({ onModel: (bytes) => (expected = bytes) });
    const resumed = await treeTask.resume(
      readCheckpoint(stopped.training.checkpoint(), "checkpoint"),
      { trees: file(text) },
      {},
      {},
    );
    let found: Uint8Array = new Uint8Array();
    await resumed.training.run({ onModel: (bytes) => (found = bytes) });
    expect(found).toEqual(expected);
  });
});

describe("what is of no use", () => {
  it.each([
    [
      "one label",
      "(1 a)\n(1 b)",
      {},
      'trees.txt: roots have the label "1" alone, two labels or more expected',
    ],
    ["one tree, over and over", "(1 (0 a) (1 b))\n(1 (0 a) (1 b))", {}, "trees.txt: no tree can be held out"],
    ["a word beside brackets", "(1 (0 a) b)", {}, "trees.txt: line 1, column 10"],
    ["a node without a label", "(1 (0 a) (b))", {}, "trees.txt: line 1, column 10"],
    [
      "a large tree",
      "(1 (0 a) (1 b))\n(0 c)",
      { largest: 2 },
      "line 1, column 1: a tree of 3 nodes, at most 2",
    ],
  ])("%s: is refused", async (_, given, more, message) => {
    const begun = begin(given, more);
    await expect(begun).rejects.toThrow(DataError);
    await expect(begun).rejects.toThrow(message);
  });

  it("options that contradict each other, and files that are missing: is refused", async () => {
    const held = { validationFile: file("(1 a)", "held.txt") };
    await expect(begin(text, { validation: 0.2 }, held)).rejects.toThrow(UsageError);
    await expect(treeTask.begin({}, {}, {})).rejects.toThrow("no file of trees given");
    await expect(begin(text, { hiden: 3 })).rejects.toThrow("did you mean hidden?");
    await expect(begin(text, { cell: "lstm" })).rejects.toThrow('cell "lstm" is unknown: expected tree-rnn');
    await expect(begin(text, { validation: 0, patience: 2 })).rejects.toThrow(UsageError);
    await expect(begin(text, {}, { validationFile: file("(1 (5 a) (1 b))", "held.txt") })).rejects.toThrow(
      'held.txt: line 1, column 4: the label "5" is none of the known ones',
    );
    const { model } = await run("(a (a x) (b y))\n(b (a y) (b x))", { epochs: 1 });
    await expect(model.evaluate({ input: file("(a x)") }, { classes: 2 })).rejects.toThrow(
      "classes 2: labels from 0 on expected",
    );
  });
});

it.each([
  ["a.txt", "(3 (2 It) (4 good))\n", true],
  ["a.mrg", "( (S (NP (PRP It)) (VP (VBZ rains))) )\n", true],
  ["a.txt", "(as he said) it rains\n", false],
  ["a.txt", "(an aside)\n", false],
  ["a.smi", "CCO\n", true],
  ["a.txt", "\n", false],
])("%s with %j is guessed to have trees: %s", (name, given, is) => {
  const lines = given.split("\n").slice(0, -1);
  expect(treeTask.guess?.({ name, lines }) !== undefined).toBe(is);
});
