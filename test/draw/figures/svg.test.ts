import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import type { Figure } from "../../../src/draw/figures/figure.ts";
import { figureSvg } from "../../../src/draw/figures/svg.ts";

const axes = { x: { label: "steps" }, y: { label: "norm" } };

async function drawn(panels: Figure["panels"], more: object = {}) {
  const svg = await figureSvg({ title: "Gradients & time", panels, ...more });
  const { document } = parseHTML(svg);
  return {
    svg,
    document,
    texts: [...document.querySelectorAll("text")].map(({ textContent }) => textContent),
  };
}

test("lines of one name have one colour, and the legend calls it once", async () => {
  const lines = [
    { name: "tanh", x: [1, 2, 3], y: [3, 2, 1] },
    { name: "tanh", x: [1, 2, 3], y: [4, Number.NaN, 2] },
    { name: "LSTM", x: [1, 2, 3], y: [1, 1, 1], dashed: true },
  ];
  const { document, texts } = await drawn([{ ...axes, title: "by step", lines }]);
  expect(texts.filter((text) => text === "tanh")).toHaveLength(1);
  expect(texts).toEqual(expect.arrayContaining(["Gradients & time", "by step", "LSTM"]));
  expect(texts.join()).toContain("norm");
  const strokes = [...document.querySelectorAll('[aria-label="line"]')].map((line) =>
    line.getAttribute("stroke"),
  );
  expect(strokes).toHaveLength(3);
  expect(strokes[0]).toBe(strokes[1]);
  expect(strokes[2]).not.toBe(strokes[0]);
  // What is no number parts the line: it begins twice.
  expect(
    document.querySelectorAll('[aria-label="line"] path')[1]?.getAttribute("d")?.match(/M/g),
  ).toHaveLength(2);
});

test("powers of ten stand beside an axis of powers", async () => {
  const lines = [{ name: "a", x: [1, 2], y: [1e-24, 1] }];
  const { texts } = await drawn([{ x: axes.x, y: { label: "norm", scale: "log" }, lines }]);
  expect(texts).toContain("10⁻²⁰");
});

test("bars are as high as means, with a dot for each value, beside each other in groups", async () => {
  const bars = [
    { group: "5", name: "RNN", values: [1, 3] },
    { group: "5", name: "GRU", values: [4] },
    { group: "20", name: "RNN", values: [0] },
  ];
  const { document, texts } = await drawn([
    { ...axes, bars, rules: [{ axis: "y", at: 2, label: "chance" }] },
  ]);
  const heights = [...document.querySelectorAll('[aria-label="bar"] rect')].map((bar) =>
    Number(bar.getAttribute("height")),
  );
  expect(heights).toHaveLength(3);
  expect((heights[0] as number) * 2).toBeCloseTo(heights[1] as number, 6);
  expect(document.querySelectorAll('[aria-label="dot"] circle')).toHaveLength(4);
  expect(texts.filter((text) => text === "chance")).toHaveLength(1);
});

test("a heat map has a cell for each number, and its labels", async () => {
  const heat = {
    rows: [[1, -2, Number.NaN]],
    rowLabels: ["unit"],
    columnLabels: ["a", "b", "c"],
    signed: true,
  };
  const { document, texts } = await drawn([{ ...axes, heat }]);
  expect(document.querySelectorAll('[aria-label="cell"] rect')).toHaveLength(2);
  expect(texts).toEqual(expect.arrayContaining(["unit", "a", "b"]));
});

test("panels stand beside each other, and the picture is as wide as asked", async () => {
  const panels = [1, 2, 3].map((at) => ({ ...axes, dots: [{ name: "d", x: [at], y: [at] }] }));
  const svg = await figureSvg({ title: "t", panels }, { width: 600 });
  expect(svg).toMatch(/^<svg [^>]*width="600"/);
  const places = [...svg.matchAll(/<svg aria-hidden="true" x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(places[0]?.[1]).toBe(places[1]?.[1]);
  expect(places[0]?.[0]).toBe(places[2]?.[0]);
  expect(places[2]?.[1]).toBeGreaterThan(places[0]?.[1] as number);
});

test("what cannot be drawn is refused", async () => {
  const line = [{ name: "a", x: [1, 2, 3], y: [1] }];
  await expect(figureSvg({ title: "t", panels: [{ ...axes, lines: line }] })).rejects.toThrow(
    "figureSvg: a: 3 numbers x and 1 numbers y, as many expected",
  );
  await expect(
    figureSvg({ title: "t", panels: [{ ...axes, heat: { rows: [[1, 2], [3]] } }] }),
  ).rejects.toThrow("figureSvg: a row of 1 numbers beside one of 2");
  await expect(figureSvg({} as never)).rejects.toThrow(
    "figureSvg: an object given, a figure with panels expected",
  );
  await expect(figureSvg({ title: "empty", panels: [] })).rejects.toThrow(
    "figureSvg: empty: no panels given, one or more expected",
  );
  await expect(figureSvg({ title: "t", panels: [axes] }, { width: 3 })).rejects.toThrow(
    "figureSvg: width 3 given, 240 or more expected",
  );
});

test("a graph stands above the panels, or alone: boxes on a grid with what goes forwards and comes back", async () => {
  const graph = {
    nodes: [
      { id: "x", column: 0, row: 0, text: "x_{1}", forwards: "0.5" },
      { id: "h", column: 0, row: 1, text: "h_{1} < 1", forwards: "0.9", backwards: "−0.55" },
      { id: "z", column: 1, row: 0, text: "z_{2}", forwards: "1.35", backwards: "1.1" },
    ],
    edges: [
      { from: "x", to: "h", label: "× w_{1}" },
      { from: "h", to: "z" },
    ],
    key: { forwards: "values", backwards: "gradients" },
  };
  const alone = await drawn([], { graph });
  expect(alone.texts.map((text) => text?.replaceAll(/\s/g, ""))).toEqual(
    expect.arrayContaining(["x1", "0.5", "h1<1", "−0.55", "×w1"]),
  );
  const boxes = new Map(
    [...alone.document.querySelectorAll("[data-id]")].map((group) => {
      const box = group.querySelector("rect");
      const number = (name: string) => Number(box?.getAttribute(name));
      return [
        group.getAttribute("data-id"),
        { x: number("x"), y: number("y"), width: number("width"), height: number("height") },
      ];
    }),
  );
  const [x, h, z] = ["x", "h", "z"].map((id) => boxes.get(id)) as {
    x: number;
    y: number;
    width: number;
    height: number;
  }[];
  expect((h?.y ?? 0) + (h?.height ?? 0)).toBeLessThan(x?.y ?? 0);
  expect((h?.x ?? 0) + (h?.width ?? 0)).toBeLessThan(z?.x ?? 0);
  expect(z?.y).toBe(x?.y);
  const both = await drawn([{ ...axes, lines: [{ name: "a", x: [1, 2], y: [1, 2] }] }], { graph });
  const heightOf = (svg: string) => Number(/height="([\d.]+)"/.exec(svg)?.[1]);
  expect(heightOf(both.svg)).toBeGreaterThan(heightOf(alone.svg) + 250);
  expect(both.texts).toContain("a");
});
