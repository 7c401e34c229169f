import { expect, test } from "vitest";
import { figureText } from "../../../src/draw/figures/text.ts";

const axes = { x: { label: "steps back" }, y: { label: "norm" } };

test("lines over whole numbers, with a level to compare with", () => {
  const steps = Array.from({ length: 21 }, (_, at) => at);
  const lines = [{ name: "tanh", x: steps, y: steps.map((k) => 10 ** -k) }];
  const rules = [{ axis: "y", at: 1e-8, label: "float32" }] as const;
  const text = figureText(
    { title: "Gradients", panels: [{ ...axes, y: { label: "norm", scale: "log" }, lines, rules }] },
    { columns: 40 },
  );
  const rows = text.split("\n");
  expect(rows[0]).toBe("Gradients");
  expect(rows[2]).toBe("norm, as a power of ten by steps back");
  expect(text).toMatch(/^ *0 ┤/m);
  expect(text).toMatch(/^-20 ┤/m);
  expect(text).toMatch(/tanh {3}⠒ ⠒ float32/);
  expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(40);
});

test("numbers that are not whole, and powers, are told along the axis", () => {
  const last = (figure: Parameters<typeof figureText>[0]) => figureText(figure).trimEnd().split("\n").at(-3);
  const lines = [{ name: "a", x: [0, 0.5, 1], y: [1, 2, 3] }];
  expect(last({ title: "t", panels: [{ ...axes, lines }] })).toMatch(/^ +0 +0\.5 +1$/);
  const powers = [{ name: "a", x: [1, 100], y: [1, 2] }];
  expect(last({ title: "t", panels: [{ ...axes, x: { label: "n", scale: "log" }, lines: powers }] })).toMatch(
    /^ +1 +10 +100$/,
  );
});

test("bars are as long as means, and tell their values", () => {
  const bars = [
    { group: "5", name: "RNN", values: [1, 1] },
    { group: "20", name: "RNN", values: [0.2, 0.3] },
    { group: "20", name: "none", values: [Number.NaN] },
  ];
  const rows = figureText(
    { title: "Recall", panels: [{ ...axes, title: "accuracy", bars }] },
    { columns: 60 },
  )
    .trimEnd()
    .split("\n");
  const lengths = rows.slice(3).map((row) => row.match(/█/g)?.length ?? 0);
  expect(lengths[0]).toBeGreaterThan(20);
  expect((lengths[1] as number) / (lengths[0] as number)).toBeCloseTo(0.25, 1);
  expect(lengths[2]).toBe(0);
  expect(rows.slice(3).map((row) => row.split(/█[▏▎▍▌▋▊▉]? *|│ */).at(-1))).toEqual([
    "1, 1",
    "0.2, 0.3",
    "–",
  ]);
  expect(rows[4]).toMatch(/^20 {2}RNN +│/);
});

test("bars below 0 are paler, and as long as they are far from it", () => {
  const bars = [
    { group: "a", values: [-2] },
    { group: "b", values: [1] },
  ];
  const rows = figureText({ title: "Terms", panels: [{ ...axes, bars }] }, { columns: 60 })
    .trimEnd()
    .split("\n")
    .slice(3);
  const [below, above] = [/▒+/, /█+/].map((blocks, at) => rows[at]?.match(blocks)?.[0].length ?? 0);
  expect((above as number) / (below as number)).toBeCloseTo(0.5, 1);
});

test("the boxes of a graph are told, a line each", () => {
  const graph = {
    nodes: [
      { id: "x", column: 0, row: 0, text: "x_{1}", forwards: "0.5" },
      { id: "h", column: 0, row: 1, text: "h_{1} = relu(x_{1})", forwards: "0.9", backwards: "-2" },
    ],
    edges: [{ from: "x", to: "h" }],
    key: { forwards: "value", backwards: "gradient" },
  };
  expect(figureText({ title: "t", graph, panels: [] }).split("\n")).toEqual([
    "t",
    "",
    "               value  gradient",
    "x1             0.5",
    "h1 = relu(x1)  0.9    -2",
    "",
  ]);
});

test("a heat map has its rows' and columns' labels", () => {
  const heat = { rows: [[1, 0, -1]], rowLabels: ["unit"], columnLabels: ["a", "b", "c"], signed: true };
  const text = figureText({ title: "t", panels: [{ ...axes, heat }] });
  expect(text).toMatch(/^unit │█+ *≡+$/m);
  expect(text).toMatch(/^ +a +b +c$/m);
});

test("what cannot be drawn is refused", () => {
  expect(() => figureText({ title: "t", panels: [axes] }, { columns: 3 })).toThrow("columns 3");
  expect(() => figureText({ title: "t", panels: [axes] }, { width: 3 } as never)).toThrow(
    "figureText: option width is unknown",
  );
});
