// Heat maps, and moments with the strip of their scores: every number at its place in the colour of its strength, within the picture.
import { describe, expect, it } from "vitest";
import { chartDrawing } from "../../../src/draw/charts/drawing.ts";
import { heatCells, heatScale, strengthOf } from "../../../src/draw/charts/heat.ts";
import { heatColor } from "../../../src/draw/charts/heat-svg.ts";
import { type Moments, momentsChart } from "../../../src/draw/charts/moments.ts";
import { chartSvg } from "../../../src/draw/charts/svg.ts";
import { chartText } from "../../../src/draw/charts/text.ts";
import { widthOf } from "../../../src/draw/charts/width.ts";
import { UsageError } from "../../../src/errors.ts";
import { read } from "../picture.ts";
import { panel, range } from "./example.ts";

const { NaN: nan } = Number;
const map = (rows: readonly (readonly number[])[], signed = false, labels?: readonly string[]) => ({
  title: "",
  panels: [panel({ heat: { name: "level", rows, labels, signed } })],
});

/** The rectangles of a picture's heat map: their colour, and where they stand. */
function rectangles(svg: string) {
  const [, group = ""] = /<g data-heat="level"[^>]*>\n([\s\S]*?)\n?<\/g>/.exec(svg) ?? [];
  const { x0, y0, width, height } = gridOf(svg);
  return [...group.matchAll(/<path d="([^"]*)" stroke="([^"]*)"\/>/g)].flatMap(([, path = "", fill]) =>
    [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([, ...numbers]) => {
      const [column, row, count] = numbers.map(Number) as [number, number, number];
      const [left, middle] = [x0 + column * width, y0 + row * height];
      return {
        fill,
        left,
        top: middle - height / 2,
        right: left + count * width,
        bottom: middle + height / 2,
      };
    }),
  );
}

/** Where the grid of the first heat map begins, and how large its cells are. */
function gridOf(svg: string) {
  const found = /<g data-heat[^>]*translate\(([\d.]+) ([\d.]+)\) scale\(([\d.]+) ([\d.]+)\)/.exec(svg);
  const [x0, y0, width, height] = (found ?? []).slice(1).map(Number) as [number, number, number, number];
  return { x0, y0, width, height };
}

describe("the colours", () => {
  it("go from white, one way for what has no sign, two ways from 0 for what has one", () => {
    expect([0, 0.5, 1].map((one) => heatColor(one, false))).toEqual(["#ffffff", "#8a9eb9", "#143d73"]);
    expect([-1, 0, 1].map((one) => heatColor(one, true))).toEqual(["#d36a13", "#ffffff", "#2f6fb5"]);
  });

  it("have one scale for a name, in all panels", () => {
    const of = (signed: boolean, ...all: number[][][]) =>
      heatScale({ title: "", panels: all.map((rows) => panel({ heat: { name: "a", rows, signed } })) }, "a");
    expect(
      of(
        false,
        [[3, 5]],
        [
          [4, nan],
          [9, 4],
        ],
      ),
    ).toEqual({ signed: false, least: 3, greatest: 9 });
    expect(of(true, [[3, 5]])).toEqual({ signed: true, least: 0, greatest: 5 });
    expect(of(true, [[-8]], [[4]])).toEqual({ signed: true, least: -8, greatest: 4 });
    expect(of(false, [[nan]])).toEqual({ signed: false, least: 0, greatest: 0 });
    const [signed, plain] = [of(true, [[-8, 4]]), of(false, [[2, 4]])];
    expect([-8, 0, 4].map((one) => strengthOf(one, signed))).toEqual([-1, 0, 0.5]);
    expect([2, 3, 4].map((one) => strengthOf(one, plain))).toEqual([0, 0.5, 1]);
    expect([strengthOf(2, of(false, [[2]])), strengthOf(0, of(true, [[0]]))]).toEqual([0, 0]);
  });

  it("where there is less room than numbers, are of what is farthest from 0, or of the mean", () => {
    const rows = [
      [0, 1, -3, 0],
      [2, nan, 1, nan],
    ];
    const cells = (signed: boolean, size: { rows: number; columns: number }) =>
      heatCells({ name: "a", rows }, { signed, least: signed ? -4 : 0, greatest: 4 }, size);
    expect(cells(true, { rows: 1, columns: 2 })).toEqual([[2 / 4, -3 / 4]]);
    expect(cells(false, { rows: 1, columns: 1 })).toEqual([[1 / 6 / 4]]);
    expect(cells(true, { rows: 9, columns: 9 })).toEqual(rows.map((row) => row.map((one) => one / 4)));
  });
});

describe("as SVG", () => {
  it("each number is a rectangle in its colour, and NaN none", () => {
    const svg = chartSvg(
      map([
        [0, 1, 1, nan],
        [1, 0.5, 0, 0],
      ]),
    );
    read(svg);
    const found = rectangles(svg);
    expect(found.map(({ fill }) => fill).sort()).toEqual(
      ["#ffffff", "#143d73", "#143d73", "#8a9eb9", "#ffffff"].sort(),
    );
    const [whole] = found.filter(({ fill }) => fill === "#8a9eb9");
    const [both] = found.filter(({ fill, right, left }) => fill === "#143d73" && right - left > 300);
    expect(both?.left).toBeCloseTo(whole?.left as number);
    expect(both?.bottom).toBeCloseTo(whole?.top as number);
    expect(((whole?.right as number) - (whole?.left as number)) * 2).toBeCloseTo(
      (both?.right as number) - (both?.left as number),
      0,
    );
  });

  it("of many numbers stays within the picture, and small", () => {
    const rows = range(0, 200).map((row) => range(0, 5000).map((at) => Math.sin(at / 40) * row));
    const svg = chartSvg(map(rows));
    expect(svg.length).toBeLessThan(600_000);
    const { width, height } = read(svg);
    const found = rectangles(svg);
    expect(found.length).toBeGreaterThan(1000);
    for (const { left, top, right, bottom } of found) {
      expect(left >= 0 && top >= 0 && right <= width && bottom <= height && right > left).toBe(true);
    }
  });

  it("names rows as far as there is room, and says how far the colours reach", () => {
    const names = range(0, 60).map((row) => `<${row}>`);
    const svg = chartSvg(
      map(
        names.map((_, row) => [row, -row]),
        true,
        names,
      ),
    );
    read(svg);
    expect(svg).toContain("level (-59 to 59)");
    const labels = [...svg.matchAll(/&#60;(\d+)&#62;/g)].map(([, row]) => Number(row));
    expect(labels[0]).toBe(0);
    expect(labels.length).toBeGreaterThan(8);
    expect(labels.length).toBeLessThan(25);
    const heights = [...svg.matchAll(/y="([\d.]+)" text-anchor="end"/g)].map(([, y]) => Number(y));
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
  });
});

describe("as text", () => {
  it("has shades from the least on, and other signs below 0", () => {
    const signed = chartText(map([[-4, -3, -2, -1, 0, 1, 2, 3, 4]], true), { columns: 30 });
    expect(signed).toMatch(/│≡+=+-+·*[ ]+░*▒+▓+█+\n/);
    expect(signed).toMatch(/≡ █ level \(-4 to 4\)\n$/);
    expect(chartText(map([[0, 1, 2, 3, 4]]), { columns: 30 })).toMatch(
      /│ +▒+▓+█+\n[\s\S]*░▒█ level \(0 to 4\)\n$/,
    );
  });

  it("fits its columns, whatever rows are called", () => {
    const labels = ["\u001B[31mred\n", "売上高".repeat(30), "a".repeat(90), ""];
    const chart = map(
      labels.map((_, row) => [row, 1, nan]),
      true,
      labels,
    );
    for (const columns of [30, 57, 120]) {
      for (const line of chartText(chart, { columns }).split("\n")) {
        expect(widthOf(line)).toBeLessThanOrEqual(columns);
        expect(line).not.toContain("\u001B");
      }
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
    expect(chartText(chart, { color: true }).replace(/\u001B\[\d+m/g, "")).toBe(chartText(chart));
  });
});

it.each([
  [{ heat: { name: "a", rows: [[1, 2], [1]] } }, "a: a row of 1 numbers beside one of 2"],
  [{ heat: { name: "a", rows: [[1]], labels: ["x", "y"] } }, "a: 2 labels for 1 rows"],
  [
    { heat: { name: "a", rows: [[1]] }, lines: [{ name: "b", x: [0], y: [1] }] },
    "a: a heat map in a panel with something else",
  ],
  [{ height: 0 }, "height 0 of a panel: expected a number above 0"],
  [{ height: nan }, "height NaN of a panel"],
])("%j is refused", (parts, message) => {
  for (const draw of [chartSvg, chartText]) {
    expect(() => draw({ title: "", panels: [panel(parts)] })).toThrow(UsageError);
    expect(() => draw({ title: "", panels: [panel(parts)] })).toThrow(message);
  }
});

describe("moments", () => {
  const moments = (channels: number, steps = 50): Moments => ({
    ...{ title: "walking, 88 %", values: "acceleration", name: "what it adds" },
    label: (step) => `${step} ms`,
    channels: range(0, channels).map((one) => ({
      name: `axis ${one}`,
      values: range(0, steps).map((step) => (step === 3 ? nan : Math.sin(step / (one + 2)))),
    })),
    scores: range(0, steps).map((step) => (step - 20) / 10),
  });

  it("of a few channels are a panel each over a strip, at the same places", () => {
    const chart = momentsChart(moments(3));
    expect(chart.panels.map(({ title, heat }) => heat?.name ?? title)).toEqual([
      ...["axis 0", "axis 1", "axis 2", "what it adds"],
    ]);
    const svg = chartSvg(chart);
    read(svg);
    const first = /data-line="acceleration" d="M([\d.]+),/.exec(svg)?.[1];
    const { x0: left, width } = gridOf(svg);
    const right = left + width;
    const cell = (922 - left) / 50;
    expect(Math.abs(Number(first) - left - cell / 2)).toBeLessThan(1);
    expect(right).toBeGreaterThan(left);
    // Places are named once, below the strip.
    expect(svg.match(/ ms<\/text>/g)?.length ?? 0).toBeLessThan(15);
  });

  it("of many are a heat map over it", () => {
    const chart = momentsChart(moments(7));
    expect(chart.panels.map(({ heat }) => [heat?.name, heat?.rows.length])).toEqual([
      ["acceleration", 7],
      ["what it adds", 1],
    ]);
    expect(chartDrawing(chart).svg({ width: 500 })).toContain('width="500"');
    const lines = chartDrawing(chart).text({ columns: 60 }).split("\n");
    expect(lines).toContain("walking, 88 %");
    expect(lines.filter((line) => line.startsWith("axis "))).toHaveLength(7);
    expect(lines.some((line) => /^ +│[≡=·-]+.*█+$/.test(line))).toBe(true);
  });

  it("have no scores that are not finite, and as many values", () => {
    const given = moments(2);
    for (const [wrong, message] of [
      [{ scores: [1, nan] }, "momentsChart: score NaN given at 1, a finite number expected"],
      [{ scores: [1, 2] }, "momentsChart: channel axis 0: 50 values for 2 scores"],
    ] as const) {
      expect(() => momentsChart({ ...given, ...wrong })).toThrow(new UsageError(message));
    }
    const nothing = chartDrawing(momentsChart({ ...given, channels: [], scores: [] }));
    expect(`${nothing.svg()}${nothing.text()}`).not.toMatch(/NaN|undefined|Infinity/);
  });
});
