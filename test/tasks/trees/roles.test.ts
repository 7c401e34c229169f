// Roles of nodes as something to read, and vectors of others to start from: what only they tell is learnt, and what is not known does no harm.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { readWordVectors } from "../../../src/data/word-vectors.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { trainTreeClassifier } from "../../../src/tasks/trees/index.ts";
import { treeTask } from "../../../src/tasks/trees/task.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { sentiments, treesOf } from "./sentiments.ts";

const options = {
  ...{ embedding: 4, hidden: 8, batch: 8, epochs: 10, learningRate: 0.2, dropout: 0, validation: 0 },
};
const file = (text: string, name: string) => textSource(name, text);

/** Two words each, which are the same in all trees: the relation between them alone says what is meant. */
const relations = ["nsubj", "obj", "iobj"];
const sentences = (count: number, names = relations) =>
  Array.from({ length: count }, (_, at) => {
    const name = names[at % names.length] as string;
    const tag = name === "nsubj" ? "SUBJECT" : "OBJECT";
    return `1\tit\t_\t${tag}\t_\t_\t2\t${name}\t_\t_\n2\tis\t_\tVERB\t_\t_\t0\troot\t_\t_\n`;
  }).join("\n");

async function run(text: string, more: object, name = "train.conllu") {
  const made = await treeTask.begin({ trees: file(text, name) }, { ...options, ...more }, {});
  let best: Uint8Array = new Uint8Array();
  await made.training.run({ onModel: (bytes) => (best = bytes) });
  return { made, best, model: treeTask.open(readTaskModel(best, "model"), {}) };
}

const accuracy = async ({ model }: Awaited<ReturnType<typeof run>>, text: string) =>
  (await model.evaluate({ input: file(text, "test.conllu") }, {})).measures.accuracy as number;

describe("roles", () => {
  it.each(["embedded", "weights"] as const)("%s tell what words do not", async (roles) => {
    const found = await run(sentences(30), { roles });
    expect(await accuracy(found, sentences(9))).toBe(1);
    expect(found.made.plan).toMatch(roles === "embedded" ? /words, 5 roles, / : /words, 4 roles, /);
    const shown = found.model.describe().form.find(([name]) => name === "roles");
    expect(shown?.[1]).toBe(roles === "embedded" ? "5, each 25 numbers" : "4, each with weights of its own");
    // A relation that is not known is told somehow.
    const told = await accuracy(found, sentences(3, ["nobody-knows"]));
    expect(told).toBeGreaterThanOrEqual(0.5);
  });

  it("are not read unless they are asked for", async () => {
    const found = await run(sentences(30), {});
    expect(await accuracy(found, sentences(9))).toBeLessThan(0.9);
    const { metadata } = readSafetensors(found.best, "model");
    expect(`${metadata.model} ${metadata.prepared}`).not.toContain("ole");
  });

  it("are read at nodes without words, and beside a layer over words", async () => {
    const nested = (kind: string) =>
      `{"label":"${kind}","role":"${kind}","children":[{"token":"a","role":"leaf"},{"token":"b","role":"leaf"}]}`;
    const text = Array.from({ length: 40 }, (_, at) => nested(at % 2 ? "call" : "list")).join("\n");
    const { model, made } = await run(
      text,
      { roles: "embedded", roleEmbedding: 3, sequence: "yes" },
      "a.jsonl",
    );
    expect(made.plan).toContain("at the root");
    const found = await model.evaluate({ input: file(text, "a.jsonl") }, {});
    expect(found.measures.accuracy).toBe(1);
    expect(Object.fromEntries(model.describe().form)).toMatchObject({ roles: "4, each 3 numbers" });
  });

  it.each(["embedded", "weights"] as const)("%s stop and go on to the same bits", async (roles) => {
    const trees = () => file(sentences(24), "train.conllu");
    const begin = () => treeTask.begin({ trees: trees() }, { ...options, roles, epochs: 2, unknown: 1 }, {});
    const modelOf = async ({ training }: Pick<Awaited<ReturnType<typeof begin>>, "training">) => {
      let model: Uint8Array = new Uint8Array();
      await training.run({ onModel: (bytes) => (model = bytes) });
      return model;
    };
    const expected = await modelOf(await begin());
    const first = await begin();
    const stop = new AbortController();
    await first.training.run({
      signal: stop.signal,
      onEvent: ({ event, step }) => event === "step" && step === 2 && stop.abort(),
    });
    const checkpoint = readCheckpoint(first.training.checkpoint(), "checkpoint");
    expect(await modelOf(await treeTask.resume(checkpoint, { trees: trees() }, {}, {}))).toEqual(expected);
  });

  it("refuses what cannot be", async () => {
    const many = sentences(
      40,
      Array.from({ length: 33 }, (_, at) => `role${at}`),
    );
    await expect(run(many, { roles: "weights" })).rejects.toThrow(
      new DataError(
        "train.conllu: nodes have 34 roles, at most 32 expected for weights of their own: roles embedded takes any number",
      ),
    );
    await expect(run(sentiments(20).join("\n"), { roles: "embedded" }, "trees.txt")).rejects.toThrow(
      new DataError("trees.txt: no node has a role, and roles embedded reads them"),
    );
    for (const more of [{ roleEmbedding: 4 }, { roles: "weights", roleEmbedding: 4 }]) {
      await expect(run(sentences(8), more)).rejects.toThrow(
        new UsageError("role embedding 4 given, which says nothing without roles embedded"),
      );
    }
    await expect(run(sentences(8), { roles: "all" })).rejects.toThrow(
      'roles "all" is unknown: expected embedded, weights',
    );
  });

  it.each([
    ["no roles", (prepared: Record<string, unknown>) => ({ ...prepared, roles: undefined })],
    [
      "roles without an unknown one",
      (prepared: Record<string, unknown>) => ({ ...prepared, roles: { kind: "list", tokens: ["a", "b"] } }),
    ],
  ])("a file with %s is damaged", async (_, damaged) => {
    const { best } = await run(sentences(8), { roles: "embedded", epochs: 1 });
    const { metadata, tensors } = readSafetensors(best, "model");
    const prepared = JSON.stringify(damaged(JSON.parse(metadata.prepared as string)));
    const bytes = writeSafetensors({ tensors, metadata: { ...metadata, prepared } });
    expect(() => treeTask.open(readTaskModel(bytes, "model"), {})).toThrow(FormatError);
  });
});

describe("vectors of others", () => {
  const vectors = file("very 1 0 0\nnot 0 1 0\ngood 0 0 1\nnobody 1 1 1\n", "vectors.txt");
  const text = sentiments(40).join("\n");

  it("are what words start from", async () => {
    const trees = file(text, "trees.txt");
    const { embedding: _, ...others } = { ...options, epochs: 1 };
    const made = await treeTask.begin({ trees, vectors }, others, {});
    expect(made.plan).toContain("words, 3 of them from vectors.txt, tree-lstm");
    let best: Uint8Array = new Uint8Array();
    await made.training.run({ onModel: (bytes) => (best = bytes) });
    const { form } = treeTask.open(readTaskModel(best, "model"), {}).describe();
    expect(Object.fromEntries(form).words).toBe("10, each 3 numbers (3 from vectors.txt), read at leaves");
    await expect(treeTask.begin({ trees, vectors }, options, {})).rejects.toThrow(
      new UsageError("embedding 4: vectors.txt has vectors of 3 numbers, 3 expected"),
    );
  });

  it("come from programs too", async () => {
    const read = await readWordVectors(vectors, { words: ["very", "not", "good", "nobody"] });
    const { embedding: _, ...others } = { ...options, epochs: 1, learningRate: 1e-9 };
    const classifier = await trainTreeClassifier(await treesOf(text.split("\n")), {
      ...others,
      vectors: read,
    });
    expect(classifier.form.embedding).toBe(3);
    const { metadata, tensors } = readSafetensors(classifier.toBytes(), "model");
    const { words } = JSON.parse(metadata.prepared as string);
    const at = 3 * words.tokens.indexOf("not");
    const values = Array.from(tensors.get("embedding.weight")?.data ?? [], Number);
    expect(values.slice(at, at + 3).map((one) => Math.abs(Math.round(one)))).toEqual([0, 1, 0]);
    await expect(trainTreeClassifier([], { vectors: [] as never })).rejects.toThrow(
      "trainTreeClassifier: vectors an array of 0 given, what readWordVectors gives expected",
    );
  });
});
