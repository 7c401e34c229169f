// Dependency trees out of CoNLL-U: words under their heads, and heads that make no tree.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it, test } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { readTagged } from "../../../src/data/tagged/read.ts";
import type { ReadTreesOptions } from "../../../src/data/trees/reading.ts";
import { type Tree, treeTokens } from "../../../src/data/trees/tree.ts";
import { DataError } from "../../../src/errors.ts";
import { realData } from "../../helpers/real-data.ts";
import { nonsense, readAll, told } from "../../helpers/trees.ts";

const row = (id: string, form: string, head: string, relation = "dep", upos = "X") =>
  [id, form, form.toLowerCase(), upos, "P", "_", head, relation, "_", "_"].join("\t");
const file = (...rows: string[]) => `${rows.join("\n")}\n`;
const read = (text: string, options?: ReadTreesOptions) => readAll("x.conllu", text, options);

const sentence = [
  row("1", "The", "2", "det", "DET"),
  row("2", "cat", "3", "nsubj", "NOUN"),
  row("3", "sees", "0", "root", "VERB"),
  row("4-5", "du", "_", "_", "_"),
  row("4", "de", "5", "case", "ADP"),
  row("5", "le", "3", "obj", "DET"),
  row("5.1", "null", "_", "_", "_"),
];

it("has dependents in the order of the sentence, relations as roles, and a column as labels", async () => {
  const text = file("# a comment", ...sentence, "", row("1", "Go", "0", "root", "VERB"));
  const trees = await read(text);
  expect(trees.map((tree) => told(tree))).toEqual([
    "root sees/VERB[nsubj cat/NOUN[det The/DET], obj le/DET[case de/ADP]]",
    "root Go/VERB",
  ]);
  expect(trees.map(treeTokens)).toEqual([["The", "cat", "sees", "de", "le"], ["Go"]]);
  expect(trees[0]?.nodes.map(({ position, line }) => [position, line])).toEqual([
    [0, 2],
    [1, 3],
    [3, 6],
    [4, 7],
    [2, 4],
  ]);
  expect((await read(text, { column: "LEMMA" }))[0]?.nodes.at(-1)?.label).toBe("sees");
  expect((await read(text, { column: 5 }))[0]?.nodes.at(-1)?.label).toBe("P");
  expect((await read(text, { labels: false }))[0]?.nodes.at(-1)).not.toHaveProperty("label");
});

test.each([
  [[row("1", "a", "0"), row("2", "b", "0")], "line 2: a second root, beside that of line 1: one expected"],
  [
    [row("1", "a", "2"), row("2", "b", "1")],
    "line 1: no word of the sentence has the head 0, one root expected",
  ],
  [[row("1", "a", "1")], "line 1: no word of the sentence has the head 0, one root expected"],
  [
    [row("1", "a", "0"), row("2", "b", "3"), row("3", "c", "2")],
    "line 2: the word hangs on a cycle of heads, not on the root",
  ],
  [[row("1", "a", "2")], 'line 1: the head "2" given, 0 to 1 expected'],
  [[row("1", "a", "x")], 'line 1: the head "x" given, 0 to 1 expected'],
  [[row("1", "a", "-1")], 'line 1: the head "-1" given, 0 to 1 expected'],
  [[row("1", "a", "_")], "line 1 has no head in column 7"],
  [[row("1", "a", "0", "_")], "line 1 has no relation in column 8"],
  [[row("1", "a", "0", "root", "_")], "line 1 has no label in column 4"],
  [[row("1-2", "ab", "_"), row("1", "a", "0")], "line 2: the sentence ends with word 1, 2 expected"],
])("%j is refused", async (rows, message) => {
  await expect(read(file(...rows))).rejects.toThrow(new DataError(`x.conllu: ${message}`));
});

it("reads nonsense as trees, or refuses it with its line", async () => {
  const rows = ["1", "2", "3"].flatMap((id) => ["0", "1", "2", "3"].map((head) => `${row(id, "w", head)}\n`));
  await fc.assert(
    fc.asyncProperty(nonsense(...rows, "\n", "# c\n"), async (text) => {
      const trees = await read(text).catch((error: unknown) => error);
      if (Array.isArray(trees)) expect(trees.every((tree: Tree) => tree.nodes.length > 0)).toBe(true);
      else
        expect(trees).toEqual(
          expect.objectContaining({ name: "DataError", message: expect.stringMatching(/line \d+/) }),
        );
    }),
    { numRuns: 500 },
  );
});

/** Sentences and words, as the data's README counts them. */
const counts = { dev: [2001, 25_147], test: [2077, 25_094] } as const;

it.for(["dev", "test"] as const)(
  "reads the treebank: every word under its head (%s)",
  { timeout: 60_000 },
  async (part, context) => {
    const path = realData(`ud-english-ewt/en_ewt-ud-${part}.conllu.gz`, context);
    const text = gunzipSync(readFileSync(path)).toString();
    const trees = await read(text, { column: "HEAD" });
    const sizes = trees.map(({ nodes }) => nodes.length);
    expect([trees.length, sizes.reduce((sum, size) => sum + size)]).toEqual(counts[part]);
    let at = 0;
    for await (const { tokens } of readTagged(textSource("x.conllu", text))) {
      const tree = trees[at++] as Tree;
      expect(treeTokens(tree)).toEqual(tokens.map((token) => token.text));
      expect(tree.nodes.at(-1)).toMatchObject({ label: "0", role: "root" });
      for (const { position, children } of tree.nodes) {
        const heads = children.map((child) => tree.nodes[child]?.label);
        expect(heads).toEqual(children.map(() => String((position as number) + 1)));
      }
    }
  },
);
