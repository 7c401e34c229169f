// Trees in brackets: those of the Penn Treebank, of the Sentiment Treebank and without labels; what is refused, with its place.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { writeBracketed } from "../../../src/data/trees/brackets.ts";
import { parentsOf, type Tree, treeTokens } from "../../../src/data/trees/tree.ts";
import { DataError } from "../../../src/errors.ts";
import { bare, nonsense, randomTrees, readAll, told } from "../../helpers/trees.ts";

describe("with labels", () => {
  it("gives nodes in post-order, with their places", async () => {
    expect(await readAll("x.txt", "\n(3 (2 It)\t(4 's) )")).toEqual([
      {
        nodes: [
          { token: "It", label: "2", children: [], line: 2, column: 4 },
          { token: "'s", label: "4", children: [], line: 2, column: 11 },
          { label: "3", children: [0, 1], line: 2, column: 1 },
        ],
      },
    ]);
  });

  it("reads trees over several lines, several in a line, and the brackets that the Penn Treebank puts around", async () => {
    const text = "( (S\r\n    (NP-SBJ (-NONE- *))\n  (VP (VB go)) ))(A b) (C\n d)\n";
    expect((await readAll("x.mrg", text)).map((tree) => told(tree))).toEqual([
      "/S[/NP-SBJ[*/-NONE-], /VP[go/VB]]",
      "b/A",
      "d/C",
    ]);
  });

  it("parts words at blanks, tabs and line ends alone", async () => {
    const [tree] = await readAll("x.txt", "(2 (2 8\u00a01\\/2) (2 \u3000a\u2028b))");
    expect(tree && treeTokens(tree)).toEqual(["8\u00a01\\/2", "\u3000a\u2028b"]);
  });

  it("has no trees in an empty file", async () => {
    expect(await readAll("x.txt", "")).toEqual([]);
    expect(await readAll("x.txt", " \n\n")).toEqual([]);
  });
});

describe("without labels", () => {
  it.each([
    ["((the cat) sits)", "[[the, cat], sits]"],
    ["( ( the cat ) ( sits ) )", "[[the, cat], sits]"],
    ["(sits)", "sits"],
    ["((sits))", "[sits]"],
    ["((a b))", "[[a, b]]"],
    ["(a b c (d e))", "[a, b, c, [d, e]]"],
  ])("%s", async (text, expected) => {
    const trees = await readAll("x.txt", text, { labels: false });
    expect(trees.map((tree) => told(tree))).toEqual([expected]);
  });
});

const refusals: [text: string, message: string, labels?: boolean][] = [
  ["(3 (2 a) (2 b)", "line 1, column 1: a bracket is opened and never closed"],
  ["(2 a)\n  (3 (2 a)\n", "line 2, column 3: a bracket is opened and never closed"],
  ["(2 a))", 'line 1, column 6: ")" closes no bracket'],
  ["(2 a)\n()", "line 2, column 1: an empty bracket: (label word) or (label (...) ...) expected"],
  ["(2 ())", "line 1, column 4: an empty bracket: (label word) or (label (...) ...) expected"],
  ["(())", "line 1, column 2: an empty bracket: (label word) or (label (...) ...) expected"],
  ["(2)", 'line 1, column 1: the node "2" has neither a word nor nodes, one of both expected'],
  ["(S (NP))", 'line 1, column 4: the node "NP" has neither a word nor nodes, one of both expected'],
  ["((2 a) (2 b))", "line 1, column 1: a node without a label: (label word) or (label (...) ...) expected"],
  ["(2 ((2 a)))", "line 1, column 4: a node without a label: (label word) or (label (...) ...) expected"],
  [
    "(2 a b)",
    'line 1, column 6: "b" stands beside other parts of its node: (label word) or (label (...) ...) expected',
  ],
  [
    "((2 a) b)",
    'line 1, column 8: "b" stands beside other parts of its node: (label word) or (label (...) ...) expected',
  ],
  ["(2 a (2 b))", 'line 1, column 6: a bracket after the word "a", ")" expected'],
  [
    "(2 (2 a\n(2 b))",
    'line 2, column 1: a bracket after the word "a", ")" expected (in the tree that starts in line 1)',
  ],
  ["(2 a) b", 'line 1, column 7: "b" stands outside of brackets, "(" expected'],
  ["((a)", "line 1, column 1: a bracket is opened and never closed", false],
  ["(a ())", "line 1, column 4: an empty bracket: words or brackets expected", false],
];

test.each(refusals)("%j is refused", async (text, message, labels = true) => {
  const options = { form: "brackets", labels } as const;
  await expect(readAll("x.txt", text, options)).rejects.toThrow(new DataError(`x.txt: ${message}`));
});

const word = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => /^[^() \t\r\n]+$/.test(text));

it("gives back every tree that is written, with labels and without", async () => {
  const labelled = randomTrees((isLeaf) => fc.record({ label: word, ...(isLeaf && { token: word }) }));
  const unlabelled = randomTrees((isLeaf) => (isLeaf ? fc.record({ token: word }) : fc.constant({})));
  await fc.assert(
    fc.asyncProperty(labelled, async (tree) => {
      expect((await readAll("x.txt", writeBracketed(tree))).map(bare)).toEqual([tree]);
    }),
  );
  await fc.assert(
    fc.asyncProperty(unlabelled, async (tree) => {
      expect((await readAll("x.txt", writeBracketed(tree), { labels: false })).map(bare)).toEqual([tree]);
    }),
  );
});

it("reads nonsense as trees, or refuses it with its place", async () => {
  await fc.assert(
    fc.asyncProperty(
      nonsense("(", ")", "(", ")", " ", "\n", "a", "2", "(2 a)"),
      fc.boolean(),
      async (text, labels) => {
        const read = await readAll("x.txt", text, { form: "brackets", labels }).catch(
          (error: unknown) => error,
        );
        if (!Array.isArray(read)) {
          expect(read).toBeInstanceOf(DataError);
          expect(String((read as Error).message)).toMatch(/^x\.txt: line \d+, column \d+: .+$/);
        } else {
          const trees: Tree[] = read;
          for (const tree of trees) expect(parentsOf(tree, "tree").at(-1)).toBe(-1);
          expect(trees.flatMap(treeTokens)).toHaveLength(
            trees.flatMap(({ nodes }) => nodes.filter(({ token }) => token)).length,
          );
        }
      },
    ),
    { numRuns: 1000 },
  );
});

it.each([
  [
    { label: "a", children: [] },
    "node 0 has neither a word nor children, which brackets cannot hold: writeTreeJson can",
  ],
  [
    { label: "a b", token: "c", children: [] },
    'node 0: "a b" given, a text without brackets, blanks, tabs and line ends expected',
  ],
  [
    { label: "a", token: "(", children: [] },
    'node 0: "(" given, a text without brackets, blanks, tabs and line ends expected',
  ],
  [
    { label: "", token: "c", children: [] },
    'node 0: "" given, a text without brackets, blanks, tabs and line ends expected',
  ],
])("does not write %j", (node, message) => {
  expect(() => writeBracketed({ nodes: [node] })).toThrow(new DataError(`writeBracketed: ${message}`));
});

it("does not write trees with some labels, with words at inner nodes, and what is no tree", () => {
  const leaf = { token: "a", label: "1", children: [] };
  expect(() => writeBracketed({ nodes: [leaf, { children: [0] }] })).toThrow(
    new DataError("writeBracketed: node 1 has no label, and others have: labels expected for all or none"),
  );
  expect(() => writeBracketed({ nodes: [leaf, { label: "2", token: "b", children: [0] }] })).toThrow(
    new DataError(
      "writeBracketed: node 1 has both a word and children, which brackets cannot hold: writeTreeJson can",
    ),
  );
  expect(() => writeBracketed({ nodes: [leaf, leaf] })).toThrow(
    new DataError("writeBracketed: node 0 has no parent, the last node alone is the root"),
  );
});
