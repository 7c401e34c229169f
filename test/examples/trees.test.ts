// The examples of trees: expressions and what they come to.
import { randomSource } from "rondo";
import { describe, expect, it } from "vitest";
import {
  drawExpression,
  drawExpressions,
  learnExpressions,
  tableOf,
  treesOf,
} from "../../examples/expressions.ts";

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
      ...{ training: 60, test: 10, hidden: 16, epochs: 2 },
      report: (network, epoch) => seen.push(`${network} ${epoch}`),
    });
    expect(seen).toEqual(["tree-lstm 1", "tree-lstm 2", "bidirectional lstm 1", "bidirectional lstm 2"]);
    for (const { byDepth, all } of Object.values(scores)) {
      expect(byDepth).toHaveLength(7);
      expect(all).toBeCloseTo(byDepth.reduce((sum, one) => sum + one, 0) / 7, 9);
    }
    const [head, ...rows] = tableOf(scores);
    expect(head).toMatch(/^network +depth 2 .*depth 8 +all +seconds$/);
    expect(rows.map((row) => row.split(/ {2,}/).length)).toEqual([10, 10]);
  });
});
