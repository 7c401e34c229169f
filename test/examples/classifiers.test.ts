// The examples of classifiers: the rows that they make of archives and treebanks, and those that they make up.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { DataError, trainClassifier } from "rondo";
import { describe, expect, it } from "vitest";
import { jsonLinesOf } from "../../examples/japanese-vowels.ts";
import { digitRows, writeDigit } from "../../examples/long-rows.ts";
import { phrasesOf, rowsOf } from "../../examples/sst.ts";
import { realData } from "../helpers/real-data.ts";

const parsed = (lines: string) =>
  lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("an archive of series", () => {
  it("becomes lines with a list for each channel", () => {
    expect(jsonLinesOf("@data\n1,2,3:4,5,6:yes\n7:8:no\n", "f.ts")).toBe(
      '{"c1":[1,2,3],"c2":[4,5,6],"label":"yes"}\n{"c1":[7],"c2":[8],"label":"no"}\n',
    );
    expect(() => jsonLinesOf("1:2:a\n1:a", "f.ts")).toThrow(DataError);
  });

  it("of vowels tells its speakers after a short training", async (context) => {
    const [training, test] = ["TRAIN", "TEST"].map((part) =>
      parsed(
        jsonLinesOf(
          readFileSync(realData(`japanese-vowels/JapaneseVowels_${part}.ts`, context), "utf8"),
          part,
        ),
      ),
    ) as [object[], object[]];
    expect([training.length, test.length]).toEqual([270, 370]);
    const columns = Array.from({ length: 12 }, (_, channel) => `c${channel + 1}`);
    const classifier = await trainClassifier(training, {
      columns,
      hidden: 16,
      epochs: 8,
      learningRate: 0.01,
    });
    expect(classifier.labels).toHaveLength(9);
    expect((await classifier.evaluate(test)).measures.accuracy).toBeGreaterThan(0.8);
  });
});

describe("a treebank of sentiments", () => {
  const trees = "(3 (2 It) (4 (2 really) (3 works)))\n\n(1 (2 -LRB-) (0 bad\\/sad))\n(2 (2 so) (2 so))\n";

  it("has a phrase for each bracket, the whole sentence first", () => {
    expect(phrasesOf("(3 (2 It) (4 (2 really) (3 works)))", "t")).toEqual([
      { text: "It really works", label: 3 },
      { text: "It", label: 2 },
      { text: "really works", label: 4 },
      { text: "really", label: 2 },
      { text: "works", label: 3 },
    ]);
  });

  it.each(["", "(3 (2 It)", "It works", "(7 (2 It) (2 works))", "(3 (7 It) (2 works))", "(2 It) (2 works)"])(
    "%j is refused, with its line",
    (tree) => {
      expect(() => phrasesOf(tree, "t.txt: line 9")).toThrow(DataError);
      expect(() => phrasesOf(tree, "t.txt: line 9")).toThrow("t.txt: line 9: a tree such as (3 (2 It)");
      if (tree !== "") {
        expect(() => rowsOf(`${trees}${tree}`, "t.txt", { classes: 5, phrases: true })).toThrow(
          "t.txt: line 4",
        );
      }
    },
  );

  it("becomes rows of five classes, or of two without what is neutral; a phrase that comes again once", () => {
    const five = rowsOf(trees, "t", { classes: 5, phrases: false });
    expect(five).toEqual([
      { text: "It really works", label: "positive" },
      { text: "( bad/sad", label: "negative" },
      { text: "so so", label: "neutral" },
    ]);
    expect(rowsOf(trees, "t", { classes: 2, phrases: false }).map(({ label }) => label)).toEqual([
      "positive",
      "negative",
    ]);
    const phrases = rowsOf(trees, "t", { classes: 2, phrases: true });
    expect(phrases).toContainEqual({ text: "bad/sad", label: "negative" });
    const all = rowsOf(trees, "t", { classes: 5, phrases: true });
    expect(all.filter(({ text }) => text === "so")).toHaveLength(1);
  });

  it("of films has as many sentences as its authors say", (context) => {
    const counts = ["train", "dev", "test"].map((part) => {
      const text = gunzipSync(readFileSync(realData(`sst/${part}.txt.gz`, context))).toString();
      return [5, 2].map((classes) => rowsOf(text, part, { classes, phrases: false }).length);
    });
    expect(counts).toEqual([
      [8544, 6920],
      [1101, 872],
      [2210, 1821],
    ]);
  });
});

describe("digits that a pen writes", () => {
  it("are rows of 784 numbers with rest before and after, each digit equally often, the same for the same seed", () => {
    const text = digitRows(30, 1);
    expect(digitRows(30, 1)).toBe(text);
    expect(digitRows(30, 2)).not.toBe(text);
    const rows = parsed(text) as { pen: number[]; digit: number }[];
    expect(rows.map(({ digit }) => digit)).toEqual(Array.from({ length: 30 }, (_, at) => at % 10));
    const rest = new Array(262).fill(0);
    for (const { pen } of rows) {
      expect(pen).toHaveLength(784);
      expect(pen.slice(0, 262)).toEqual(rest);
      expect(pen.slice(-262)).toEqual(rest);
      // Within the square, slanted and shifted; the pen moves little from a point to the next, and never rests.
      const [right, down] = [pen.slice(262, 392), pen.slice(392, 522)];
      expect(Math.max(...right.map(Math.abs), ...down.map(Math.abs))).toBeLessThan(1.5);
      const paces = right.slice(1).map((x, at) => {
        const [before, after] = [down[at], down[at + 1]] as [number, number];
        return Math.hypot(x - (right[at] as number), after - before);
      });
      expect(Math.min(...paces)).toBeGreaterThan(0.001);
      expect(Math.max(...paces)).toBeLessThan(0.15);
    }
    // A 1 begins at the left, goes up to the right, then down to where it ends.
    const one = writeDigit(1, () => 0.5);
    expect([one[262], one[391], one[392], one[521]]).toEqual([-0.3, 0.05, -0.5, 0.85]);
    expect(Math.min(...one)).toBeCloseTo(-0.85, 1);
    expect(writeDigit(8, () => 0.5)).not.toEqual(writeDigit(0, () => 0.5));
  });

  it("can be told apart by the way of the pen, and be trained on step by step", async () => {
    const [training, test] = [parsed(digitRows(200, 1)), parsed(digitRows(100, 2))];
    const means = Array.from({ length: 10 }, (_, digit) =>
      Array.from({ length: 784 }, (_, step) => {
        const own = training.filter((row) => row.digit === digit);
        return own.reduce((sum, row) => sum + row.pen[step], 0) / own.length;
      }),
    );
    const far = (pen: number[], mean: number[]) =>
      pen.reduce((sum, one, at) => sum + (one - (mean[at] as number)) ** 2, 0);
    const right = test.filter(({ pen, digit }) => {
      const distances = means.map((mean) => far(pen, mean));
      return distances.indexOf(Math.min(...distances)) === digit;
    });
    expect(right.length).toBeGreaterThan(90);
    const classifier = await trainClassifier(training.slice(0, 40), {
      ...{ columns: ["pen"], label: "digit", read: "last", validation: 0, initialize: "uniform-gates" },
      ...{ hidden: 4, epochs: 1, batch: 20 },
    });
    expect(classifier.labels).toEqual(Array.from({ length: 10 }, (_, digit) => String(digit)));
    expect(classifier.explain(test[0]).steps).toHaveLength(784);
  });
});
