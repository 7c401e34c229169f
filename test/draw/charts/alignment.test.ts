// Alignments: a square for each pair of words, as dark as its weight, in pictures and in terminals.
import { describe, expect, it } from "vitest";
import type { Alignment } from "../../../src/draw/charts/alignment.ts";
import { alignmentDrawing } from "../../../src/draw/charts/alignment-drawing.ts";
import { alignmentSvg } from "../../../src/draw/charts/alignment-svg.ts";
import { alignmentText } from "../../../src/draw/charts/alignment-text.ts";
import { widthOf } from "../../../src/draw/charts/width.ts";
import { UsageError } from "../../../src/errors.ts";
import { read } from "../picture.ts";

const alignment: Alignment = {
  title: "a <b>",
  source: ["das", "ist", "&"],
  target: ["this", "<end>"],
  weights: [
    [1, 0, 0],
    [0.02, 0.5, 0.48],
  ],
};
const squares = (svg: string) =>
  [
    ...svg.matchAll(
      /<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="\d+" fill="([^"]*)"><title>([^<]*)</g,
    ),
  ].map(([, x, y, cell, fill, told]) => ({ x: Number(x), y: Number(y), cell: Number(cell), fill, told }));

describe("as SVG", () => {
  it("has a square for each pair, row by row, which says what it is", () => {
    const svg = alignmentSvg(alignment);
    expect(read(svg).title).toBe(alignment.title);
    const found = squares(svg);
    expect(found.map(({ told }) => told)).toEqual([
      ...["this ← das: 1.000", "this ← ist: 0.000", "this ← &#38;: 0.000"],
      ...["&#60;end&#62; ← das: 0.020", "&#60;end&#62; ← ist: 0.500", "&#60;end&#62; ← &#38;: 0.480"],
    ]);
    const [first, second, , below] = found;
    expect(second?.x).toBe((first?.x as number) + (first?.cell as number));
    expect(below?.y).toBe((first?.y as number) + (first?.cell as number));
    expect(first?.fill).not.toBe(second?.fill);
    expect(new Set([found[1]?.fill, found[2]?.fill])).toHaveLength(1);
  });

  it("keeps all squares within the picture, small ones where there are many", () => {
    const words = (count: number) =>
      Array.from({ length: count }, (_, at) => `Wörter素${"x".repeat(at % 40)}`);
    for (const [S, T, width] of [
      [1, 1, 240],
      [50, 20, 240],
      [60, 3, 2000],
    ] as const) {
      const weights = Array.from({ length: T }, () => new Float32Array(S).fill(1 / S));
      const svg = alignmentSvg(
        { title: "t".repeat(300), source: words(S), target: words(T), weights },
        { width },
      );
      const picture = read(svg);
      const found = squares(svg);
      expect(found).toHaveLength(S * T);
      for (const { x, y, cell } of found) {
        expect(cell >= 10 && cell <= 26).toBe(true);
        expect(x + cell <= picture.width && y + cell <= picture.height).toBe(true);
      }
    }
  });

  it("has no character that XML has not, and is drawn of nothing", () => {
    const wild = 'a\u0000\u001B[31m<b>&"\uD800\uFFFF';
    const svg = alignmentSvg({ title: wild, source: [wild, ""], target: [wild], weights: [[0.5, 0.5]] });
    read(svg);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(svg).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFF]|[\uD800-\uDFFF]/);
    const nothing = alignmentDrawing({ title: "", source: [], target: [], weights: [] });
    read(nothing.svg());
    expect(`${nothing.svg()}${nothing.text()}`).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("as text", () => {
  it("has the source above, letter under letter, and a shade for each weight", () => {
    expect(alignmentText(alignment)).toBe(
      ["a <b>", "      d i", "      a s", "      s t &", " this ██", "<end>   ▓▓▒▒", ""].join("\n"),
    );
  });

  it("goes on below, fits its columns, and keeps its columns under wide and joined letters", () => {
    const source = ["素", "e\u0301e", "🌲", "\u001B[31m", ...Array.from({ length: 30 }, () => "word")];
    const own = source.map((_, at) => (at === 1 ? 1 : 0));
    const drawn = alignmentText(
      { title: "title ".repeat(9), source, target: ["long\u0007 ".repeat(9)], weights: [own] },
      { columns: 40 },
    );
    const lines = drawn.split("\n");
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(40);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
    expect(drawn).not.toMatch(/[\u001B\u0007]/);
    const rows = lines.filter((line) => line.startsWith("long"));
    expect(rows.length).toBeGreaterThan(1);
    // Before the second column there are the margin, a blank, and the two columns of the first.
    expect(rows[0]?.endsWith(`${" ".repeat(3)}██`)).toBe(true);
    for (const line of lines)
      if (line.includes("素")) expect(widthOf(line.slice(0, line.indexOf("素")))).toBe(21);
    expect(lines.some((line) => /^ {23}\u0301/.test(line) || line.includes("\u0301  "))).toBe(true);
  });

  it("has colours where they are asked for, and takes no more room by them", () => {
    const painted = alignmentDrawing(alignment).text({ color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
    expect(painted.replace(/\u001B\[\d+m/g, "")).toBe(alignmentText(alignment));
    expect(painted).not.toBe(alignmentText(alignment));
  });
});

it("weights that do not fit, and sizes that are too small, are refused", () => {
  for (const draw of [alignmentSvg, alignmentText]) {
    const wrong = (weights: readonly (readonly number[])[]) => () => draw({ ...alignment, weights });
    expect(wrong([[1, 0, 0]])).toThrow(new UsageError(`${draw.name}: 1 rows of weights for 2 target words`));
    expect(wrong([[1, 0, 0], [1]])).toThrow(
      new UsageError(`${draw.name}: row 1 has 1 weights for 3 source words`),
    );
    for (const weight of [Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY]) {
      expect(
        wrong([
          [1, 0, 0],
          [0, weight, 0],
        ]),
      ).toThrow(`${draw.name}: weight ${weight} given in row 1, column 1, a number from 0 to 1 expected`);
    }
    expect(() => draw(alignment, { rows: 3 } as object)).toThrow("option rows is unknown");
  }
  expect(() => alignmentSvg(alignment, { width: 100 })).toThrow(
    "width 100: expected a whole number from 240",
  );
  expect(() => alignmentText(alignment, { columns: 3 })).toThrow(UsageError);
});
