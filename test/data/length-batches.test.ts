// Batches of rows of like lengths: every row once an epoch, found by number and seed alone, and little of it padding.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LengthBatches } from "../../src/data/length-batches.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { realData } from "../helpers/real-data.ts";

const some = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 60 });
const sizes = fc.record({
  batch: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1000),
  pool: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
});
const epochOf = (batches: LengthBatches, epoch: number) =>
  Array.from({ length: batches.count }, (_, k) => [...batches.at(epoch * batches.count + k)]);
const numeric = (a: number, b: number) => a - b;
/** A thousand rows, many of each length. */
const many = Array.from({ length: 1000 }, (_, row) => 1 + ((row * row) % 47));

describe("batches of rows of like lengths", () => {
  it("hold every row once an epoch, in batches of the size that was asked for and one rest", () => {
    fc.assert(
      fc.property(some, sizes, fc.nat(3), (lengths, options, epoch) => {
        const batches = new LengthBatches(lengths, options);
        const found = epochOf(batches, epoch);
        expect(found.flat().sort(numeric)).toEqual([...lengths.keys()]);
        const rest = lengths.length % options.batch;
        const partial = found.filter((rows) => rows.length !== options.batch);
        expect(partial.map((rows) => rows.length)).toEqual(rest === 0 ? [] : [rest]);
      }),
    );
  });

  it("are found by number and seed alone, in whatever order they are asked for", () => {
    fc.assert(
      fc.property(some, sizes, fc.array(fc.nat(40), { maxLength: 8 }), (lengths, options, order) => {
        const asked = new LengthBatches(lengths, options);
        for (const k of order) expect(asked.at(k)).toEqual(new LengthBatches(lengths, options).at(k));
      }),
    );
  });

  it("hold rows of neighbouring lengths when all rows are sorted together", () => {
    const batches = new LengthBatches(many, { batch: 16, seed: 3 });
    const spans = epochOf(batches, 0)
      .map((rows) => rows.map((row) => many[row] as number).sort(numeric))
      .map((lengths) => [lengths[0], lengths.at(-1)] as [number, number])
      .sort(([a, b], [c, d]) => a - c || b - d);
    spans.slice(1).forEach(([shortest], at) => {
      expect(shortest).toBeGreaterThanOrEqual((spans[at] as [number, number])[1]);
    });
  });

  it("come in another order, of other rows, with another epoch or seed", () => {
    const batches = new LengthBatches(many, { batch: 16, seed: 3 });
    const other = new LengthBatches(many, { batch: 16, seed: 4 });
    const first = epochOf(batches, 0);
    for (const found of [epochOf(batches, 1), epochOf(other, 0)]) {
      expect(found).not.toEqual(first);
      const members = (epoch: number[][]) => epoch.map((rows) => rows.toSorted(numeric).join()).sort();
      expect(members(found)).not.toEqual(members(first));
    }
    const longest = first.map((rows) => Math.max(...rows.map((row) => many[row] as number)));
    expect(longest).not.toEqual(longest.toSorted(numeric));
  });

  it("waste what is counted by hand, less the more rows are sorted together", () => {
    const plain = new LengthBatches([1, 2, 3, 4], { batch: 2, seed: 1 });
    expect(plain.waste()).toBeCloseTo(1 - 10 / 12, 12); // (1, 2) and (3, 4): 4 + 8 steps
    expect(new LengthBatches([5, 5, 5], { batch: 2, seed: 1 }).waste()).toBe(0);
    const [random, pooled, sorted] = [1, 8, undefined].map((pool) =>
      new LengthBatches(many, { batch: 16, seed: 1, pool }).waste(2),
    ) as [number, number, number];
    expect(random).toBeGreaterThan(0.4);
    expect(pooled).toBeLessThan(0.15);
    expect(sorted).toBeLessThan(0.02);
  });

  it("refuse wrong options, rows and numbers", () => {
    const make = (lengths: number[], options: { batch?: number; seed?: number; pool?: number }) => () =>
      new LengthBatches(lengths, { batch: 2, seed: 1, ...options });
    for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(make([1], { batch: wrong })).toThrow(UsageError);
      expect(make([1], { pool: wrong })).toThrow(`pool ${wrong}: expected a whole number from 1`);
      expect(make([3, wrong], {})).toThrow(`row 1 has ${wrong} steps, a positive integer expected`);
    }
    expect(make([1], { seed: -1 })).toThrow(UsageError);
    expect(make([], {})).toThrow(DataError);
    const batches = make([1, 2, 3], {})();
    for (const k of [-1, 0.5, Number.NaN]) {
      expect(() => batches.at(k)).toThrow(UsageError);
      expect(() => batches.waste(k)).toThrow(UsageError);
    }
  });
});

/** Lengths of the rows of real data sets. */
const lengthsOf = {
  "japanese-vowels/JapaneseVowels_TRAIN.ts": (text: string) =>
    text
      .slice(text.indexOf("@data") + 5)
      .trim()
      .split("\n")
      .map((row) => (row.split(":")[0] as string).split(",").length),
  "ud-english-ewt/en_ewt-ud-train.conllu.gz": (text: string) =>
    text
      .trim()
      .split("\n\n")
      .map((sentence) => sentence.match(/^\d+\t/gm)?.length ?? 0),
  "multi30k/tok/train.lc.norm.tok.en.gz": (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => line.split(" ").length),
};

describe("on real lengths, sorting leaves a few percent of padding", () => {
  for (const [file, parse] of Object.entries(lengthsOf)) {
    it(file, (context) => {
      const bytes = readFileSync(realData(file, context));
      const lengths = parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString());
      const waste = (pool?: number) => new LengthBatches(lengths, { batch: 32, seed: 1, pool }).waste();
      expect(waste(1)).toBeGreaterThan(0.3);
      expect(waste(50)).toBeLessThan(0.08);
      expect(waste()).toBeLessThan(0.05);
      console.log(
        `${file}: ${[1, 50, undefined].map((pool) => (100 * waste(pool)).toFixed(1)).join(", ")} %`,
      );
    });
  }
});

it.each<[unknown, string]>([
  [undefined, "LengthBatches: undefined given, an array of lengths expected"],
  ["12", 'LengthBatches: "12" given, an array of lengths expected'],
  [{ data: Int32Array.of(1), shape: [1] }, "LengthBatches: an object given, an array of lengths expected"],
  [[1, "2"], 'row 1 has "2" steps, a positive integer expected'],
  [[1, undefined], "row 1 has undefined steps, a positive integer expected"],
])("there are none of %j", (lengths, message) => {
  expect(() => new LengthBatches(lengths as number[], { batch: 1, seed: 1 })).toThrow(new DataError(message));
});
