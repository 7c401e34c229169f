// Trees with what their nodes are told: every node once, below its parent, nothing over anything else, in pictures and in terminals.
import { describe, expect, it } from "vitest";
import type { DrawnNode } from "../../../src/draw/charts/labelled-tree.ts";
import { treeDrawing } from "../../../src/draw/charts/tree-drawing.ts";
import { treeSvg } from "../../../src/draw/charts/tree-svg.ts";
import { treeText } from "../../../src/draw/charts/tree-text.ts";
import { widthOf } from "../../../src/draw/charts/width.ts";
import { UsageError } from "../../../src/errors.ts";
import { randomSource } from "../../../src/nn/random.ts";

const nodes: readonly DrawnNode[] = [
  { token: "It", label: "2", probability: 0.97, children: [] },
  { token: "a\u00A0b & <c>", label: "2", probability: 0.5, given: "3", children: [] },
  { label: "4", probability: 0.25, children: [0, 1] },
];

const boxes = (svg: string) =>
  [
    ...svg.matchAll(
      /<g data-node="([^"]*)"><rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" rx="6" fill="([^"]*)" stroke="([^"]*)"/g,
    ),
  ].map(([, told, x, y, width, height, fill, stroke]) => ({
    ...{ told, x: Number(x), y: Number(y), width: Number(width), height: Number(height), fill, stroke },
  }));

/** A tree of so many nodes, each of which hangs on one that is drawn. */
function randomTree(count: number, seed: number): DrawnNode[] {
  const random = randomSource(seed, "trees to draw");
  const free: number[] = [];
  return Array.from({ length: count }, (_, at) => {
    const most = at === count - 1 ? free.length : Math.floor(random.uniform() * 4);
    const children = free.splice(Math.max(0, free.length - most));
    free.push(at);
    const token = "x".repeat(Math.floor(random.uniform() * 12));
    return { label: String(at), probability: random.uniform(), children, ...(token && { token }) };
  });
}

describe("as SVG", () => {
  it("says of each node what it is told, marks what is told otherwise, and is darker where it is surer", () => {
    const found = boxes(treeSvg({ title: "a <b>", nodes }));
    expect(found.map(({ told }) => told)).toEqual([
      "2 0.97 It",
      "2 0.50 (3) a\u00A0b␣&#38;␣&#60;c&#62;",
      "4 0.25",
    ]);
    const [sure, wrong, unsure] = found;
    expect(wrong?.stroke).not.toBe(sure?.stroke);
    expect(unsure?.stroke).toBe(sure?.stroke);
    const darkness = (fill = "") => Number.parseInt(fill.slice(1, 3), 16);
    expect(darkness(sure?.fill)).toBeLessThan(darkness(unsure?.fill));
  });

  it("has each node below its parent, children from left to right, and no node over another one", () => {
    for (const seed of [1, 2, 3]) {
      const tree = randomTree(60, seed);
      const svg = treeSvg({ title: "", nodes: tree });
      const placed = boxes(svg);
      const [, width = 0, height = 0] = (/width="(\d+)" height="(\d+)"/.exec(svg) ?? []).map(Number);
      tree.forEach(({ children }, at) => {
        const [box, below] = [placed[at], children.map((child) => placed[child])];
        if (!box) throw new Error(`node ${at} is not drawn`);
        expect(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true);
        below.forEach((child, k) => {
          expect(child?.y).toBeGreaterThan(box.y + box.height);
          if (k > 0) expect(child?.x).toBeGreaterThan(below[k - 1]?.x as number);
        });
        for (const other of placed.slice(0, at)) {
          const apart =
            other.x + other.width <= box.x ||
            box.x + box.width <= other.x ||
            other.y + other.height <= box.y ||
            box.y + box.height <= other.y;
          expect(apart).toBe(true);
        }
      });
      expect(svg.match(/<line /g)).toHaveLength(59);
    }
  });
});

describe("as text", () => {
  it("has a line for each node, below its parent", () => {
    expect(treeText({ title: "told", nodes })).toBe(
      ["told", "", "4 0.25", "├─ 2 0.97  It", "└─ 2 0.50 (3)  a\u00A0b␣&␣<c>", ""].join("\n"),
    );
    const colored = treeText({ title: "", nodes }, { color: true });
    expect(colored).toContain("\u001b[34m2 0.97\u001b[39m");
    expect(colored).toContain("\u001b[33m2 0.50 (3)\u001b[39m");
  });

  it("keeps to its columns, however deep the tree and long the words", () => {
    const chain = Array.from({ length: 1000 }, (_, at): DrawnNode => {
      return {
        token: "素".repeat(at % 30),
        label: "name".repeat(at % 40),
        children: at === 0 ? [] : [at - 1],
      };
    });
    const lines = treeText({ title: "", nodes: chain }, { columns: 40 }).trimEnd().split("\n");
    expect(lines).toHaveLength(1000);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(40);
    expect(treeSvg({ title: "", nodes: chain }).match(/data-node/g)).toHaveLength(1000);
  });
});

it("refuses what is no tree to draw", () => {
  const many = Array.from({ length: 1001 }, (_, at): DrawnNode => ({ children: at === 0 ? [] : [at - 1] }));
  const drawing = treeDrawing({ title: "", nodes: many });
  for (const draw of [() => drawing.svg(), () => drawing.text()]) {
    expect(draw).toThrow(UsageError);
    expect(draw).toThrow("a tree of 1001 nodes given, 1 to 1000 expected");
  }
  expect(() => treeSvg({ title: "", nodes: [] })).toThrow("a tree of 0 nodes given");
  expect(() => treeText({ title: "", nodes: [{ probability: 2, children: [] }] })).toThrow(
    "probability 2 given for node 0",
  );
  expect(() => treeSvg({ title: "", nodes }, { width: 100 })).toThrow(UsageError);
  expect(() => treeText({ title: "", nodes }, { columns: 5 })).toThrow(UsageError);
});
