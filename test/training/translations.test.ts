// Translations as BLEU and chrF are given them: what is refused, and a thousand real sentences against the figures of sacreBLEU.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { BleuCounts, ChrfCounts } from "../../src/training/measures/index.ts";
import { expectNear } from "../helpers/close.ts";
import { realData } from "../helpers/real-data.ts";
import { counted } from "./sacrebleu-figures.ts";

test.each([
  ["BleuCounts", () => new BleuCounts()],
  ["ChrfCounts", () => new ChrfCounts()],
] as const)("%s refuses what is no text, and no reference, and keeps its counts", (name, make) => {
  const counts = make();
  counts.add("a b", "a b");
  const before = counts.report();
  expect(() => counts.add(["a"] as never, "a")).toThrow(
    `${name}: prediction an array of 1 given, a text expected`,
  );
  expect(() => counts.add("a", ["a", 3] as never)).toThrow(`${name}: reference 3 given, a text expected`);
  expect(() => counts.add("a", [])).toThrow(
    `${name}: references an array of 0 given, a text or a list of texts expected`,
  );
  expect(() => counts.add("a", undefined as never)).toThrow(DataError);
  expect(counts.report()).toEqual(before);
});

/** Words left out, put in and changed places with those before, by how many there were. */
function perturbed(lines: readonly string[]): string[] {
  let count = 0;
  return lines.map((line) => {
    const words: string[] = [];
    for (const word of line.split(" ")) {
      count += 1;
      if (count % 7 === 0) continue;
      if (count % 11 === 0) words.push("the");
      if (count % 13 === 0 && words.length > 0) words.splice(words.length - 1, 0, word);
      else words.push(word);
    }
    return words.join(" ");
  });
}

const thousand: Readonly<Record<string, readonly number[]>> = {
  en: [
    45.22468825375756, 45.24466160140054, 42.91501180139445, 76.16927283177145, 71.37863748447076,
    71.52534507752002,
  ],
  de: [
    45.23779023602293, 45.23779023602293, 42.56820449924454, 77.58527421822384, 73.99355318937346,
    73.41816602840125,
  ],
};

for (const [language, expected] of Object.entries(thousand)) {
  test(`of a thousand sentences of Multi30k (${language}), as sacreBLEU`, (context) => {
    const path = realData(`multi30k/raw/test_2016_flickr.${language}.gz`, context);
    const lines = gunzipSync(readFileSync(path)).toString("utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(1000);
    const pairs = perturbed(lines).map((line, at) => [line, [lines[at] as string]] as const);
    const bleus = [{}, { lowercase: true }, { tokens: "none" }, { tokens: "char" }] as const;
    const figures = [
      ...bleus.map((options) => counted(new BleuCounts(options), pairs).report().bleu),
      ...[{}, { wordOrder: 2 }].map((options) => counted(new ChrfCounts(options), pairs).report().chrf),
    ];
    expectNear(figures, expected, 1e-12);
  });
}
