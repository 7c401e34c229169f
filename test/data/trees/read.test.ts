// What all forms of trees share: how the form is found, options, how large and how deep a tree may be, and real data.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, test } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { writeBracketed } from "../../../src/data/trees/brackets.ts";
import { treeOfObject, writeTreeJson } from "../../../src/data/trees/objects.ts";
import { readTrees } from "../../../src/data/trees/read.ts";
import type { ReadTreesOptions } from "../../../src/data/trees/reading.ts";
import { parentsOf, type Tree, type TreeNode, treeTokens } from "../../../src/data/trees/tree.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { realData } from "../../helpers/real-data.ts";
import { bare, readAll, told } from "../../helpers/trees.ts";

const conllu = "1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n";

test.each([
  ["x.txt", "\n (1 a)", "a/1"],
  ["x.txt", '{"token":"a"}', "a"],
  ["x.txt", conllu, "root a/X"],
  ["x.conllu", conllu, "root a/X"],
  ["x.conllu.gz", conllu, "root a/X"],
  ["x.smi", "C", "C"],
  ["x.jsonl", '{"token":"a"}', "a"],
])("finds the form: %s, %j", async (name, text, expected) => {
  expect((await readAll(name, text)).map((tree) => told(tree))).toEqual([expected]);
});

test.each<[text: string, options: ReadTreesOptions, message: string]>([
  [
    "1 + 2",
    {},
    "x.txt has neither trees in brackets, JSON Lines nor CoNLL-U: the form expected, one of brackets, jsonl, conllu, expressions, smiles",
  ],
  ["(1 a)", { column: 2 }, "column given, but x.txt is read as brackets: an option of conllu"],
  ["(1 a)", { keys: {} }, "keys given, but x.txt is read as brackets: an option of jsonl"],
  [
    "(1 a)",
    { form: "smiles", labels: false },
    "labels given, but x.txt is read as smiles: an option of brackets and conllu",
  ],
  [conllu, { column: "UPS" }, 'x.txt is CoNLL-U, which has no column "UPS": did you mean UPOS?'],
  ["[1]", { form: "jsonl" }, "x.txt: line 1: an array of 1 given, a JSON object expected"],
])("%j with %j is refused", async (text, options, message) => {
  await expect(readAll("x.txt", text, options)).rejects.toThrow(new DataError(message));
});

test.each<[options: object, message: string]>([
  [{ form: "tree" }, 'form "tree" is unknown: expected brackets, jsonl, conllu, expressions, smiles'],
  [{ labels: 1 }, "labels 1 given, true or false expected"],
  [{ column: 0 }, "column 0 given, a name or a whole number from 1 expected"],
  [{ rings: "open" }, 'rings "open" given, cut or refuse expected'],
  [{ keys: { label: 1 } }, "keys.label 1 given, a text expected"],
  [{ kind: "x" }, "option kind is unknown: form, labels, column, keys, rings expected"],
])("the options %j are refused at once", (options, message) => {
  expect(() => readTrees(textSource("x.txt", ""), options)).toThrow(new UsageError(`readTrees: ${message}`));
});

describe("however deep or large it is", () => {
  const deep = 100_000;

  it("a chain", async () => {
    const text = `${"(1 ".repeat(deep)}(1 a)${")".repeat(deep)}`;
    const [tree] = await readAll("x.txt", text);
    expect(tree?.nodes.length).toBe(deep + 1);
    expect(writeBracketed(tree as Tree)).toBe(text);
    const json = writeTreeJson(tree as Tree);
    expect((await readAll("x.jsonl", json)).map(bare)).toEqual([bare(tree as Tree)]);
    const list = (tree as Tree).nodes.map(({ children, label }) => ({ children, label }));
    expect(treeOfObject({ nodes: list }).nodes.length).toBe(deep + 1);
  });

  it("an expression, a molecule, a sentence", async () => {
    const [nested] = await readAll("x.txt", `${"(-".repeat(deep)}1${")".repeat(deep)}`, {
      form: "expressions",
    });
    expect(nested?.nodes.length).toBe(deep + 1);
    const [carbon] = await readAll("x.smi", `${"C(".repeat(deep)}C${")".repeat(deep)}`);
    expect(carbon?.nodes.length).toBe(deep + 1);
    const rows = Array.from(
      { length: deep },
      (_, head) => `${head + 1}\tw\tw\tX\t_\t_\t${head}\tdep\t_\t_\n`,
    );
    const [sentence] = await readAll("x.conllu", rows.join(""));
    expect(sentence?.nodes.length).toBe(deep);
  }, 30_000);

  it("a million nodes in a line are read, and more than two million refused", async () => {
    const million = 2 ** 20;
    const leaves = "(1 a)".repeat(million);
    const [tree] = await readAll("x.txt", `(1 ${leaves})`);
    expect(tree?.nodes.length).toBe(million + 1);
    await expect(readAll("x.txt", `(1 ${leaves}${leaves})`)).rejects.toThrow(
      new DataError("x.txt: line 1, column 1: a tree of more than 2097152 nodes, at most so many expected"),
    );
  }, 120_000);
});

test.each<[nodes: unknown, message: string]>([
  [undefined, "tree: an object given, a tree expected"],
  [[], "tree: an empty tree, one node or more expected"],
  [[{ token: "a" }], "tree: node 0 has the children undefined, a list expected"],
  [[{ children: [0] }], "tree: node 0 has the child 0, a node before it expected"],
  [[{ children: [] }, { children: [-1] }], "tree: node 1 has the child -1, a node before it expected"],
  [[{ children: [] }, { children: [0.5] }], "tree: node 1 has the child 0.5, a node before it expected"],
  [[{ children: [] }, { children: [0, 0] }], "tree: node 0 is a child twice, of 1 and 1: once expected"],
  [
    [{ children: [] }, { children: [0] }, { children: [0, 1] }],
    "tree: node 0 is a child twice, of 1 and 2: once expected",
  ],
  [
    [{ children: [] }, { children: [] }, { children: [1] }],
    "tree: node 0 has no parent, the last node alone is the root",
  ],
])("%j is no tree", (nodes, message) => {
  expect(() => parentsOf({ nodes } as Tree, "tree")).toThrow(new DataError(message));
});

test.each([
  [[1, 0], undefined],
  [[0, 0], "node 1 has the position 0"],
  [[1, 2], "node 1 has the position 2"],
  [[0, undefined], "node 1 has the position undefined"],
])("positions %j", (positions, message) => {
  const leaves = positions.map((position, at): TreeNode => ({ token: `${at}`, position, children: [] }));
  const tree = { nodes: [...leaves, { children: [0, 1] }] };
  if (message === undefined) expect(treeTokens(tree)).toEqual(["1", "0"]);
  else {
    expect(() => treeTokens(tree)).toThrow(
      new DataError(`treeTokens: ${message}: one of 0 to 1 expected for each token, or none for all`),
    );
  }
});

/** Sentences, nodes, and sentences that are not neutral, as the data's README counts them. */
const counts = {
  train: [8544, 318_582, 6920],
  dev: [1101, 41_447, 872],
  test: [2210, 82_600, 1821],
} as const;

it.for(["train", "dev", "test"] as const)(
  "reads the Sentiment Treebank whole (%s)",
  { timeout: 60_000 },
  async (part, context) => {
    const text = gunzipSync(readFileSync(realData(`sst/${part}.txt.gz`, context))).toString();
    const trees = await readAll(`${part}.txt`, text);
    const size = trees.reduce((sum, { nodes }) => sum + nodes.length, 0);
    const polar = trees.filter(({ nodes }) => nodes.at(-1)?.label !== "2").length;
    expect([trees.length, size, polar]).toEqual(counts[part]);
    expect(trees.map(writeBracketed).join("\n")).toBe(text.trimEnd());
    const isBinary = ({ label, token, children }: TreeNode) =>
      /^[0-4]$/.test(label ?? "") && children.length === (token === undefined ? 2 : 0);
    expect(trees.every(({ nodes }) => nodes.every(isBinary))).toBe(true);
  },
);
