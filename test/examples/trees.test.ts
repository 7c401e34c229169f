// The examples of trees: expressions and whether they are true, and what is counted of a treebank's phrases.
import { randomSource } from "rondo";
import { describe, expect, it } from "vitest";
import {
  drawExpression,
  drawExpressions,
  learnExpressions,
  tableOf,
  treesOf,
} from "../../examples/expressions.ts";
import { figuresOf, phraseRows, tableOf as sentimentTable } from "../../examples/sst-trees.ts";

describe("phrases of a treebank", () => {
  const text = "(3 (2 It) (4 (2 really) (3 works)))\n\n(1 (2 It) (0 bad))\n(2 (2 so) (2 so))\n";

  it("are rows, of which each tree's first one is the sentence", () => {
    const rows = phraseRows(text, "t.txt");
    expect(rows.map(({ text, label }) => `${label} ${text}`)).toEqual([
      ...["3 It really works", "2 It", "4 really works", "2 really", "3 works"],
      ...["1 It bad", "2 It", "0 bad", "2 so so", "2 so", "2 so"],
    ]);
    expect(rows.flatMap(({ isRoot }, at) => (isRoot ? [at] : []))).toEqual([0, 5, 8]);
    expect(phraseRows(text, "t.txt", { once: true })).toHaveLength(9);
    expect(phraseRows(text, "t.txt", { sentences: true }).map(({ text }) => text)).toEqual([
      ...["It really works", "It bad", "so so"],
    ]);
    expect(() => phraseRows("(3 a)\n(3 (2 a)", "t.txt")).toThrow("t.txt: line 2");
  });

  it("are counted over all, at roots, and at those that are not neutral by both labels of a side", () => {
    const told = (label: string, ...shares: number[]) => ({
      label,
      probabilities: Object.fromEntries(shares.map((share, at) => [String(at), share])),
    });
    const rows = [
      { text: "a", label: "3", isRoot: true },
      { text: "b", label: "2", isRoot: true },
      { text: "c", label: "0", isRoot: true },
      { text: "d", label: "1", isRoot: false },
    ];
    const found = figuresOf(rows, [
      told("2", 0, 0.1, 0.5, 0.2, 0.2), // not right, but on the right side
      told("2", 0, 0, 1, 0, 0),
      told("0", 0.3, 0, 0.2, 0.25, 0.25), // right, but on the wrong side
      told("0", 1, 0, 0, 0, 0),
    ]);
    expect(found).toEqual({ root: 2 / 3, twoClasses: 1 / 2, nodes: 2 / 4 });
  });

  it("come to a table", () => {
    const figures = { root: 0.4712, twoClasses: 0.861, nodes: 0.815, seconds: 59.6 };
    expect(sentimentTable([{ network: "tree-lstm", seed: 3, ...figures }])).toEqual([
      "network    seed  root, five classes  root, two classes  all nodes  seconds",
      "tree-lstm  3     47.12 %             86.10 %            81.50 %    60",
    ]);
  });
});

describe("logical expressions", () => {
  it("are as deep as was asked for, and true where their label says so", async () => {
    const random = randomSource(1, "test");
    for (let depth = 0; depth <= 8; depth++) {
      const expression = drawExpression(depth, random);
      const { text, label } = expression;
      const script = text
        .replaceAll("and", "&&")
        .replaceAll("xor", "!==")
        .replaceAll("or", "||")
        .replaceAll("not", "!");
      expect(String(new Function(`return ${script}`)())).toBe(label);
      const [tree] = await treesOf([expression]);
      const depths: number[] = [];
      for (const { children } of tree?.nodes ?? []) {
        depths.push(Math.max(-1, ...children.map((child) => depths[child] as number)) + 1);
      }
      expect(depths.at(-1)).toBe(depth);
      expect(tree?.nodes.flatMap((node) => node.label ?? [])).toEqual([label]);
    }
  });

  it("that are held out are all different, and none is learnt from", () => {
    const { training, test } = drawExpressions({ training: 200, test: 40, seed: 3 });
    expect(training).toHaveLength(9 * 200);
    expect([...test.keys()]).toEqual([2, 3, 4, 5, 6, 7, 8]);
    const held = [...test.values()].flat().map(({ text }) => text);
    expect(new Set(held).size).toBe(7 * 40);
    const known = new Set(training.map(({ text }) => text));
    expect(held.some((text) => known.has(text))).toBe(false);
    expect(drawExpressions({ training: 200, test: 40, seed: 3 }).training).toEqual(training);
  });

  it("are told by their trees after a short training, which reports each epoch", async () => {
    const seen: string[] = [];
    const scores = await learnExpressions({
      ...{ training: 150, test: 20, hidden: 24, epochs: 8 },
      report: (network, epoch) => seen.push(`${network} ${epoch}`),
    });
    expect(seen).toHaveLength(16);
    expect([seen[0], seen[15]]).toEqual(["tree-lstm 1", "bidirectional lstm 8"]);
    expect(scores["tree-lstm"]?.all).toBeGreaterThan(0.6);
    for (const { byDepth, all } of Object.values(scores)) {
      expect(byDepth).toHaveLength(7);
      expect(all).toBeCloseTo(byDepth.reduce((sum, one) => sum + one, 0) / 7, 9);
    }
    const [head, ...rows] = tableOf(scores);
    expect(head).toMatch(/^network +depth 2 .*depth 8 +all +seconds$/);
    expect(rows.map((row) => row.split(/ {2,}/).length)).toEqual([10, 10]);
  });
});
