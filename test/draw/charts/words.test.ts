// Words with scores: every word is there, in its order, in the colour of its score, within the lines.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsDrawing } from "../../../src/draw/charts/drawing.ts";
import { widthOf } from "../../../src/draw/charts/width.ts";
import { type ScoredText, wrapWords } from "../../../src/draw/charts/words.ts";
import { wordsSvg } from "../../../src/draw/charts/words-svg.ts";
import { wordsText } from "../../../src/draw/charts/words-text.ts";
import { UsageError } from "../../../src/errors.ts";
import { read } from "../picture.ts";

const text: ScoredText = {
  title: 'spam & "ham", 93 %',
  name: "what each word adds",
  parts: [
    ...[{ text: "Free", score: 0.8 }, { text: " " }, { text: "<offer>", score: -0.4 }, { text: ",\n" }],
    ...[{ text: "today ", score: 0.1 }, { text: "only", score: 0 }, { text: "." }],
  ],
};

/** The words of lines as they are read. */
const readLines = (lines: ReturnType<typeof wrapWords>) =>
  lines.map((line) => line.map(({ text }) => text).join("|"));

describe("lines", () => {
  const wrap = (parts: string[], width: number) =>
    readLines(
      wrapWords(
        parts.map((text) => ({ text })),
        width,
        widthOf,
      ),
    );

  it("end where there is a space, or the text ends one", () => {
    expect(wrap(["the", " ", "quick", " ", "brown", " ", "fox"], 9)).toEqual(["the|quick", "brown|fox"]);
    expect(wrap(["one", "\n", "two ", "\r\n\n", "three"], 80)).toEqual(["one", "two", "three"]);
    expect(wrap([" a  b\tc"], 80)).toEqual(["a|b|c"]);
    expect(wrap([], 80)).toEqual([]);
    expect(wrap([" \n"], 80)).toEqual([]);
  });

  it("end before a word with its comma, between parts, or within one, where that is longer than a line", () => {
    expect(wrap(["aaa", " ", "bbb", ",", " ", "c"], 7)).toEqual(["aaa", "bbb|,|c"]);
    expect(wrap(["素", "晴", "ら", "し"], 5)).toEqual(["素|晴", "ら|し"]);
    expect(wrap(["a", " ", "bbbbbbbb"], 3)).toEqual(["a", "bbb", "bbb", "bb"]);
    expect(wrap(["素晴"], 1)).toEqual(["素", "晴"]);
  });

  it("hold every word once, in order, none of them too long", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "素", ","), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(part), fc.integer({ min: 2, max: 20 }), (parts, width) => {
        const lines = wrapWords(
          parts.map((text) => ({ text })),
          width,
          widthOf,
        );
        expect(
          lines
            .flat()
            .map(({ text }) => text)
            .join(""),
        ).toBe(parts.join("").replace(/\s/g, ""));
        for (const line of lines) {
          let end = 0;
          for (const word of line) {
            expect(word.x).toBeGreaterThanOrEqual(end);
            end = word.x + word.width;
          }
          expect(end > 0 && end <= width).toBe(true);
        }
      }),
    );
  });
});

describe("as SVG", () => {
  const svg = wordsSvg(text);

  it("is well-formed, says what it is, and what the colours are", () => {
    const { title, width } = read(svg);
    expect([title, width]).toEqual([text.title, 720]);
    expect(svg).toContain('<rect width="720"');
    expect(svg).toContain("what each word adds (-0.4 to 0.8)");
  });

  it("gives each word with a score a ground, the stronger the fuller, and tells its score", () => {
    const words = [...svg.matchAll(/data-score="([^"]*)"><title>([^<]*)<\/title><rect [^>]*fill="([^"]*)"/g)];
    expect(words.map(([, score, title]) => [score, title])).toEqual([
      ["0.8", "Free: 0.8"],
      ["-0.4", "&#60;offer&#62;: -0.4"],
      ["0.1", "today: 0.1"],
      ["0", "only: 0"],
    ]);
    const [free, offer, today, only] = words.map(([, , , fill]) => fill);
    expect([free, offer, today, only]).toEqual(["#82a9d3", "#f2d2b8", "#eff4f9", "#ffffff"]);
    expect(svg.match(/<text [^>]*textLength/g)).toHaveLength(6);
  });

  it("keeps all words within the picture, at any width", () => {
    const parts = Array.from({ length: 400 }, (_, at) => ({
      text: at % 2 ? " " : "wörd素🚀".repeat((at % 14) + 1),
      score: at % 2 ? undefined : at - 100,
    }));
    for (const width of [240, 900]) {
      const found = wordsSvg({ ...text, parts }, { width });
      const { height } = read(found);
      const places = [...found.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*textLength="([\d.]+)"/g)];
      expect(places.length).toBeGreaterThanOrEqual(200);
      for (const [, x, y, room] of places) {
        expect(Number(x) >= 0 && Number(x) + Number(room) <= width && Number(y) < height).toBe(true);
      }
    }
  });

  it("has no character that XML has not", () => {
    const wild = 'a\u0000\u001B[31m<b>&"\uD800\uFFFF';
    const found = wordsSvg({ title: wild, name: wild, parts: [{ text: wild, score: 1 }] });
    read(found);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(found).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFF]|[\uD800-\uDFFF]/);
  });
});

describe("as text", () => {
  it("has the shades and signs of scores beneath the words", () => {
    expect(wordsText(text)).toBe(
      [
        'spam & "ham", 93 %',
        "",
        "Free <offer>,",
        "████ =======",
        "today only.",
        "░░░░░",
        "",
        "≡ █ what each word adds (-0.4 to 0.8)",
        "",
      ].join("\n"),
    );
  });

  it("fits its columns, and obeys nothing that is in a text", () => {
    const wild = "\u001B[31mred素\u0007 ".repeat(40);
    const drawn = wordsText({ title: wild, name: wild, parts: [{ text: wild, score: -1 }] }, { columns: 30 });
    for (const line of drawn.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(30);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
    expect(drawn).not.toMatch(/[\u001B\u0007]/);
  });

  it("has colours where they are asked for, and takes no more room by them", () => {
    const painted = wordsDrawing(text).text({ color: true });
    expect(painted).toContain("\u001B[33m=======");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
    expect(painted.replace(/\u001B\[\d+m/g, "")).toBe(wordsText(text));
  });
});

it("scores that are not finite, and sizes that are too small, are refused", () => {
  const wrong = { ...text, parts: [{ text: "a" }, { text: "b", score: Number.NaN }] };
  for (const draw of [wordsSvg, wordsText]) {
    expect(() => draw(wrong)).toThrow(
      new UsageError(`${draw.name}: score NaN given at 1, a finite number expected`),
    );
    expect(() => draw(text, { rows: 3 } as object)).toThrow("option rows is unknown");
  }
  expect(() => wordsSvg(text, { width: 100 })).toThrow(
    "wordsSvg: width 100: expected a whole number from 240",
  );
  expect(() => wordsText(text, { columns: 3 })).toThrow(UsageError);
  const nothing = wordsDrawing({ title: "", name: "", parts: [] });
  expect(`${nothing.svg()}${nothing.text()}`).not.toMatch(/NaN|undefined/);
});
