// Classifiers of trees as programs use them: trained on trees in memory, one or many told, measured, written and read.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { writeBracketed } from "../../../src/data/trees/brackets.ts";
import type { Tree } from "../../../src/data/trees/tree.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { readTreeClassifier, trainTreeClassifier } from "../../../src/tasks/trees/index.ts";
import { sentiments, treesOf } from "./sentiments.ts";

const options = {
  ...{ embedding: 8, hidden: 12, batch: 8, epochs: 12, learningRate: 0.1, dropout: 0, unknown: 0.1 },
};

describe("a classifier of trees", async () => {
  const trees = await treesOf(sentiments(160));
  const test = await treesOf(sentiments(40, 2));
  const epochs: number[] = [];
  const classifier = await trainTreeClassifier(trees, {
    ...options,
    onEvent: (event) => {
      if (event.event === "validation") epochs.push(event.epoch);
    },
  });

  it("says what it is, and how well it did", () => {
    expect(epochs).toHaveLength(12);
    expect(classifier.labels).toEqual(["0", "1", "2"]);
    expect(classifier.form).toMatchObject({ cell: "tree-lstm", labels: "nodes", reads: "leaves", arity: 2 });
    expect(classifier.validation?.accuracy).toBeGreaterThan(0.9);
  });

  it("tells a tree: another one, which is written as any is", async () => {
    const [tree] = (await treesOf(["(1 (1 not) (1 (1 very) (1 good)))"])) as [Tree];
    const told = classifier.predict(tree);
    expect(writeBracketed(told)).toBe("(0 (1 not) (2 (1 very) (2 good)))");
    const root = told.nodes.at(-1);
    expect(Object.keys(root?.probabilities ?? {})).toEqual(["0", "1", "2"]);
    expect(root?.probabilities?.["0"]).toBeGreaterThan(0.5);
    expect(tree.nodes.at(-1)?.label).toBe("1");
  });

  it("tells many as it tells each, and has a vector for a tree", () => {
    const many = classifier.predictAll(test);
    expect(many).toHaveLength(40);
    for (const at of [0, 17, 39]) {
      const alone = classifier.predict(test[at] as Tree);
      expect(alone.nodes.map(({ label }) => label)).toEqual(many[at]?.nodes.map(({ label }) => label));
    }
    const vectors = [test[0], test[0], test[1]].map((tree) => classifier.vector(tree as Tree));
    expect(vectors.map(({ length }) => length)).toEqual([12, 12, 12]);
    expect(vectors[1]).toEqual(vectors[0]);
    expect(vectors[2]).not.toEqual(vectors[0]);
  });

  it("draws a tree, each node with what it is told", async () => {
    const [tree] = (await treesOf(["(1 (1 not) (1 (1 very) (1 good)))"])) as [Tree];
    const told = classifier.predict(tree).nodes.map(({ label, probabilities }) => {
      return `${label} ${probabilities?.[label as string]?.toFixed(2)}`;
    });
    const drawing = classifier.draw(tree);
    expect(drawing.text()).toBe(
      [
        `${told[4]} (1)`,
        `├─ ${told[0]}  not`,
        `└─ ${told[3]} (1)`,
        `   ├─ ${told[1]}  very`,
        `   └─ ${told[2]} (1)  good`,
        "",
      ].join("\n"),
    );
    expect(drawing.svg().match(/data-node="/g)).toHaveLength(5);
    const chain = Array.from({ length: 1001 }, (_, at) => ({ children: at === 0 ? [] : [at - 1] }));
    expect(() => classifier.draw({ nodes: chain })).toThrow(DataError);
    expect(() => classifier.draw({ nodes: chain })).toThrow(
      "draw: a tree of 1001 nodes, at most 1000 expected in a picture",
    );
    expect(() => classifier.draw({ nodes: [] })).toThrow("draw: tree 1: an empty tree");
  });

  it("is measured beside the commonest label", async () => {
    const found = await classifier.evaluate(test, { classes: 2 });
    expect(found).toMatchObject({
      trees: 40,
      labels: test.reduce((sum, { nodes }) => sum + nodes.length, 0),
    });
    expect(found.baseline.accuracy).toBeLessThan(found.accuracy);
    expect(found.twoClassAccuracy).toBeGreaterThan(0.9);
    const right = classifier.predictAll(test).map(({ nodes }, at) => {
      const expected = test[at]?.nodes ?? [];
      return nodes.filter(({ label }, node) => label === expected[node]?.label).length;
    });
    expect(found.accuracy).toBeCloseTo(right.reduce((sum, one) => sum + one, 0) / found.labels, 9);
  });

  it("is written and read: the same figures, on another backend the same labels", async () => {
    const bytes = classifier.toBytes();
    const read = readTreeClassifier(bytes);
    expect(read.predictAll(test)).toEqual(classifier.predictAll(test));
    expect(await read.evaluate(test)).toEqual(await classifier.evaluate(test));
    expect(read.toBytes()).toEqual(bytes);
    const slow = readTreeClassifier(bytes, "t", { backend: reference });
    expect(slow.predict(test[0] as Tree).nodes.map(({ label }) => label)).toEqual(
      classifier.predict(test[0] as Tree).nodes.map(({ label }) => label),
    );
    expect(() => readTreeClassifier(bytes.slice(0, -9))).toThrow(FormatError);
  });

  it("is the same of the same seed", async () => {
    const short = { ...options, epochs: 1, seed: 7 };
    const [one, other] = [await trainTreeClassifier(trees, short), await trainTreeClassifier(trees, short)];
    expect(other?.toBytes()).toEqual(one?.toBytes());
  });

  it("refuses what is no tree, counted from 1", async () => {
    const loop = { nodes: [{ token: "a", children: [0] }] };
    expect(() => classifier.predict(loop)).toThrow(
      "predict: tree 1: node 0 has the child 0, a node before it",
    );
    expect(() => classifier.predictAll([test[0] as Tree, { nodes: [] }])).toThrow(
      "predictAll: tree 2: an empty tree",
    );
    expect(() => classifier.predictAll("(1 a)" as never)).toThrow(DataError);
    await expect(
      classifier.evaluate([{ nodes: [{ token: "a", label: "9", children: [] }] }]),
    ).rejects.toThrow('evaluate: tree 1: node 0: the label "9" is none of the known ones');
    await expect(classifier.evaluate(test, { classes: 3 as never })).rejects.toThrow(UsageError);
    await expect(trainTreeClassifier([], options)).rejects.toThrow("trees: no trees, one or more expected");
    await expect(
      trainTreeClassifier(trees, { ...options, validation: 0.1, validationTrees: test }),
    ).rejects.toThrow(UsageError);
  });
});
