// The examples of taggers: the sentences that are made up, files that are compressed, what is told.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DataError, textSource } from "rondo";
import { describe, expect, it } from "vitest";
import { columnsOf, line, makeEntities } from "../../examples/entities.ts";
import { lines, plainFile } from "../../examples/ud-english-ewt.ts";
import { taggingTask } from "../../src/tasks/tagging/task.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const namesIn = (sentences: ReturnType<typeof makeEntities>) =>
  new Set(
    sentences.flatMap(({ words, spans }) => spans.map(({ start, end }) => words.slice(start, end).join(" "))),
  );

describe("the sentences with names", () => {
  const [training, test] = [makeEntities(300, 1, "training"), makeEntities(300, 1, "test")];

  it("are the same for the same seed, and no name of the test part is in the training part", () => {
    expect(makeEntities(300, 1, "training")).toEqual(training);
    expect(makeEntities(300, 2, "training")).not.toEqual(training);
    const known = namesIn(training);
    expect(known.size).toBeGreaterThan(200);
    for (const name of namesIn(test)) expect(known).not.toContain(name);
  });

  it("have spans that touch, so that schemes differ, and the same spans in each", () => {
    expect(columnsOf(training, "IOB1")).toMatch(/ B-LOC\n/);
    expect(columnsOf(training, "BIOES")).toMatch(/ S-LOC\n/);
    expect(columnsOf(training.slice(0, 2), "BIO")).toMatch(/^(?:\S+ \S+\n)+\n(?:\S+ \S+\n)+$/);
  });

  it("are learnt by the command's task", async () => {
    const { audit, training: small } = await taggingTask.begin(
      { sentences: textSource("a.conll", columnsOf(training.slice(0, 40), "IOB1")) },
      { hidden: 4, embedding: 4, characters: 4, epochs: 1, scheme: "IOB1" },
      {},
    );
    expect(audit?.lines).toEqual([expect.stringMatching(/^a\.conll: 40 sentences, .* tags of IOB1$/)]);
    expect(await small.run()).toBe("finished");
  });

  it("are told in one line", () => {
    const found = [0.99, 0.98].map((f1) => ({ f1, conlleval: f1, accuracy: 1 }));
    expect(line("IOB1, CRF", found)).toBe(
      "IOB1, CRF      strict F1 99.00, 98.00: mean 98.50  conlleval F1 98.50  accuracy 100.00",
    );
  });
});

describe("the treebank", () => {
  it("is decompressed where that has to be", () => {
    const folder = temporaryFolder();
    const path = join(folder, "a.conllu.gz");
    writeFileSync(path, gzipSync("text"));
    expect(plainFile(path, folder)).toBe(join(folder, "a.conllu"));
    expect(plainFile("b.conllu", folder)).toBe("b.conllu");
    writeFileSync(path, "no gzip");
    expect(() => plainFile(path, folder)).toThrow(DataError);
  });

  it("is told as the mean of its runs", () => {
    const found = [0.94, 0.95].map((accuracy) => ({
      accuracy,
      unknownAccuracy: 0.7,
      baseline: { accuracy: 0.8 },
    }));
    expect(lines(found)).toEqual([
      "accuracy 94.00 %, 95.00 %: mean 94.50 %",
      "of words that are new 70.00 %; the commonest tag of each word 80.00 %",
    ]);
  });
});
