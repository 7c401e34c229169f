// Charts as SVG and as text: everything that is given is there, at its place, within the picture, and escaped.
import { describe, expect, it } from "vitest";
import type { Chart } from "../../../src/draw/charts/chart.ts";
import { chartSvg } from "../../../src/draw/charts/svg.ts";
import { chartText } from "../../../src/draw/charts/text.ts";
import { thinned } from "../../../src/draw/charts/thinned.ts";
import { widthOf } from "../../../src/draw/charts/width.ts";
import { UsageError } from "../../../src/errors.ts";
import { read } from "../picture.ts";
import { everything, panel, range } from "./example.ts";

const drawers: [string, (chart: Chart) => string][] = [
  ["SVG", (chart) => chartSvg(chart)],
  ["text", (chart) => chartText(chart)],
];

describe.each(drawers)("as %s", (_, drawn) => {
  it("refuses lists that are not of one length", () => {
    const lines = [{ name: "a", x: [1, 2], y: [1] }];
    expect(() => drawn({ title: "", panels: [panel({ lines })] })).toThrow("a: 1 numbers for 2 places");
    const bands = [{ name: "b", x: [1], low: [1], high: [] }];
    expect(() => drawn({ title: "", panels: [panel({ bands })] })).toThrow(UsageError);
  });

  it("has no NaN and nothing infinite, whatever is missing or constant", () => {
    const gaps = [Number.NaN, Number.NaN, Number.NaN];
    for (const y of [[5, 5, 5], [0, 0, 0], gaps, [1, Number.NaN, 1e300], [Number.POSITIVE_INFINITY, 1, 2]]) {
      const found = drawn({ title: "", panels: [panel({ lines: [{ name: "a", x: [0, 1, 2], y }] })] });
      expect(found).not.toMatch(/NaN|Infinity|undefined/);
    }
    const nothing = drawn({
      title: "",
      panels: [panel({}), panel({ lines: [{ name: "a", x: [], y: [] }] })],
    });
    expect(nothing).not.toMatch(/NaN|Infinity|undefined/);
    expect(drawn({ title: "", panels: [] })).not.toMatch(/NaN|undefined/);
    const one = { title: "", panels: [panel({ lines: [{ name: "a", x: [7], y: [3] }] })] };
    expect(drawn(one)).toContain("7");
  });
});

describe("as SVG", () => {
  const svg = chartSvg(everything);

  it("is well-formed, and says what it is", () => {
    const { title, width, height } = read(svg);
    expect(title).toBe('sales.csv: <2> & "more"');
    expect([width, height > 500]).toEqual([960, true]);
    expect(svg).toContain('<rect width="960"');
  });

  it("has every name once in the legend, and every line, band and mark in its panel", () => {
    const legend = [...svg.matchAll(/data-legend="([^"]*)"/g)].map(([, name]) => name);
    expect(legend).toEqual(["history", "median", "naive", "0.1 to 0.9", "alarm"]);
    expect([...svg.matchAll(/data-panel="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      ...["store A &#38; B", "store C"],
    ]);
    expect([...svg.matchAll(/data-line="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      ...["history", "median", "history", "naive"],
    ]);
    expect(svg).toMatch(/data-band="0.1 to 0.9" d="M[^"]+Z"/);
    expect(svg.match(/data-marks="alarm">\n<circle[^\n]*\n<\/g>/)).not.toBeNull();
    expect(svg).toMatch(/data-line="naive"[^>]*stroke-dasharray/);
  });

  it("parts a line where a value is missing, and gives a name the same colour in all panels", () => {
    const [first, , second] = [...svg.matchAll(/data-line="[^"]*" d="([^"]*)"[^>]*stroke="(#\w+)"/g)];
    expect(first?.[1]?.match(/M/g)).toHaveLength(2);
    expect(second?.[1]?.match(/M/g)).toHaveLength(1);
    expect(first?.[2]).toBe(second?.[2]);
  });

  it("keeps all that it draws within the picture, and labels apart", () => {
    for (const width of [240, 960]) {
      const found = chartSvg(everything, { width });
      const { height } = read(found);
      for (const [, x, y] of found.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)) {
        expect(Number(x) >= 0 && Number(x) <= width && Number(y) >= 0 && Number(y) <= height).toBe(true);
      }
      const labels = [
        ...found.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="middle"[^>]*>([^<]*)/g),
      ];
      expect(labels.length).toBeGreaterThan(1);
      for (const [at, [, x = "", y, text = ""]] of labels.entries()) {
        const [half, next] = [3.2 * text.length, labels[at + 1]];
        expect(Number(x) - half >= 0 && Number(x) + half <= width).toBe(true);
        if (next?.[2] === y) expect(Number(next?.[1]) - Number(x)).toBeGreaterThan(2 * half);
      }
    }
  });

  it("takes the sizes that it is given", () => {
    const { width, height } = read(chartSvg(everything, { width: 700, height: 400 }));
    expect([width, height]).toEqual([700, 400]);
    for (const options of [{ width: 100 }, { width: Number.NaN }, { height: 10 }, { width: 500.5 }]) {
      expect(() => chartSvg(everything, options)).toThrow(UsageError);
    }
    expect(() => chartSvg(everything, { depth: 3 } as object)).toThrow("option depth is unknown");
  });

  it("has no character that XML has not, whatever names have", () => {
    const title = 'a\u0000\u001B[31m<b>&"\uD800\uFFFF\n';
    const found = chartSvg({
      title,
      panels: [panel({ title, lines: [{ name: title, x: [0, 1], y: [0, 1] }] })],
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(found).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFF]|[\uD800-\uDFFF]/);
    expect(found).toContain("a\uFFFD\uFFFD[31m&#60;b&#62;&#38;&#34;\uFFFD\uFFFD");
    read(found);
  });

  it("draws what is seen of many points, and no more", () => {
    const y = range(0, 200_000).map((x) => (x === 123_456 ? 1e6 : Math.sin(x)));
    const found = chartSvg({
      title: "",
      panels: [panel({ lines: [{ name: "a", x: range(0, y.length), y }] })],
    });
    expect(found.length).toBeLessThan(200_000);
    expect(found).toContain(">1M<");
  });
});

describe("thinned", () => {
  it("leaves few points as they are", () => {
    expect(thinned([3, 4, 5], [[1, 2, 3]], 10)).toEqual([0, 1, 2]);
  });

  it("keeps ends, peaks and gaps of each pixel", () => {
    const [x, y] = [range(0, 1000), range(0, 1000).map((at) => at % 7)];
    y[333] = 1e9;
    y[555] = Number.NaN;
    y[777] = -1e9;
    const kept = thinned(x, [y], 10);
    expect(kept.length).toBeLessThanOrEqual(11 * 5);
    expect(kept).toEqual(expect.arrayContaining([0, 333, 555, 777, 999]));
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  });
});

describe("as text", () => {
  it("fits its columns, whatever is in it", () => {
    const names = ["a".repeat(300), "売上高".repeat(50), "\u001B[31mred\n", "🚀".repeat(90)];
    for (const columns of [30, 41, 80, 200]) {
      for (const name of names) {
        const { panels } = everything;
        const lines = [{ name, x: [0, 1, 2], y: [-1e8, 1e8, 0] }];
        const chart = { title: name, panels: [...panels, panel({ title: name, label: () => name, lines })] };
        const drawn = chartText(chart, { columns });
        for (const line of drawn.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        expect(drawn).not.toContain("\u001B");
      }
    }
  });

  it("shows lines, gaps, bands and marks over an axis of times", () => {
    expect(chartText(everything, { columns: 64, rows: 8 })).toMatchSnapshot();
  });

  it("has colours where they are asked for, and takes no more room by them", () => {
    const [plain, painted] = [false, true].map((color) => chartText(everything, { color }));
    expect(plain).not.toContain("\u001B[");
    expect(painted).toContain("\u001B[34m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
    expect(painted?.replace(/\u001B\[\d+m/g, "")).toBe(plain);
  });

  it("refuses sizes that are too small", () => {
    for (const options of [{ columns: 29 }, { rows: 2 }, { columns: 80.5 }]) {
      expect(() => chartText(everything, options)).toThrow(UsageError);
    }
  });

  it("a band that is narrower than a line of text is seen", () => {
    const x = range(0, 40);
    const bands = [{ name: "b", x, low: x.map(() => 4.99), high: x.map(() => 5.01) }];
    const lines = [{ name: "a", x: [0, 39], y: [0, 10] }];
    expect(chartText({ title: "", panels: [panel({ lines, bands })] })).toMatch(/░{20}/);
  });
});
