// Batches of rows by number: every row once an epoch, and which batch it is follows from number, epoch and seed alone.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LengthBatches } from "../../src/data/length-batches.ts";
import { RowBatches } from "../../src/data/row-batches.ts";
import { DataError, UsageError } from "../../src/errors.ts";

const some = fc.record({
  rows: fc.integer({ min: 1, max: 70 }),
  batch: fc.integer({ min: 1, max: 9 }),
  seed: fc.option(fc.nat(1000), { nil: undefined }),
});
const epochOf = (batches: { count: number; at(batch: number, epoch: number): Int32Array }, epoch: number) =>
  Array.from({ length: batches.count }, (_, k) => [...batches.at(k, epoch)]);
const numeric = (a: number, b: number) => a - b;
const upTo = (count: number) => [...new Array(count).keys()];

describe("batches of rows", () => {
  it("hold every row once an epoch, the last batch what is left", () => {
    fc.assert(
      fc.property(some, fc.nat(5), ({ rows, batch, seed }, epoch) => {
        const found = epochOf(new RowBatches(rows, { batch, seed }), epoch);
        expect(found.flat().sort(numeric)).toEqual(upTo(rows));
        expect(found.slice(0, -1).every(({ length }) => length === batch)).toBe(true);
        expect(found.at(-1)?.length).toBe(rows % batch || batch);
      }),
    );
  });

  it("without the last smaller one are whole, and leave out less than a batch", () => {
    fc.assert(
      fc.property(some, fc.nat(5), ({ rows, batch, seed }, epoch) => {
        fc.pre(rows >= batch);
        const found = epochOf(new RowBatches(rows, { batch, seed, dropLast: true }), epoch);
        expect(found.every(({ length }) => length === batch)).toBe(true);
        expect(new Set(found.flat()).size).toBe(rows - (rows % batch));
      }),
    );
  });

  it("follow from number, epoch and seed alone, whatever was asked for before", () => {
    const questions = fc.array(fc.tuple(fc.nat(8), fc.nat(4)), { maxLength: 8 });
    fc.assert(
      fc.property(some, questions, ({ rows, batch, seed }, asked) => {
        const batches = new RowBatches(rows, { batch, seed });
        for (const [k, epoch] of asked) {
          expect(batches.at(k, epoch)).toEqual(new RowBatches(rows, { batch, seed }).at(k, epoch));
        }
      }),
    );
  });

  it("are numbered on from epoch to epoch, as those of like lengths are", () => {
    const lengths = upTo(50).map((row) => 1 + (row % 7));
    for (const batches of [
      new RowBatches(50, { batch: 8, seed: 3 }),
      new LengthBatches(lengths, { batch: 8, seed: 3 }),
    ]) {
      for (const epoch of [0, 1, 5]) {
        for (const k of upTo(batches.count)) {
          expect(batches.at(epoch * batches.count + k)).toEqual(batches.at(k, epoch));
          expect(batches.at(batches.count + k, epoch)).toEqual(batches.at(k, epoch + 1));
        }
      }
    }
  });

  it("come in order without a seed, and with one in another order each epoch", () => {
    const ordered = new RowBatches(10, { batch: 4 });
    expect(epochOf(ordered, 0)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(epochOf(ordered, 3)).toEqual(epochOf(ordered, 0));
    const orders = [
      ...[0, 1, 2].map((epoch) => epochOf(new RowBatches(100, { batch: 9, seed: 1 }), epoch)),
      epochOf(new RowBatches(100, { batch: 9, seed: 2 }), 0),
      epochOf(new RowBatches(100, { batch: 9 }), 0),
    ];
    expect(new Set(orders.map(String)).size).toBe(orders.length);
  });

  it("are anybody's to change", () => {
    for (const batches of [
      new RowBatches(5, { batch: 5, seed: 1 }),
      new LengthBatches([1, 1, 1], { batch: 3, seed: 1 }),
    ]) {
      const before = [...batches.at(0)];
      batches.at(0).fill(-1);
      expect([...batches.at(0)]).toEqual(before);
    }
  });

  it("shuffle rows so that each comes to each place equally often", () => {
    const [rows, epochs] = [4, 4000];
    const found = Array.from({ length: rows * rows }, () => 0);
    const batches = new RowBatches(rows, { batch: rows, seed: 7 });
    for (let epoch = 0; epoch < epochs; epoch++) {
      batches.at(0, epoch).forEach((row, place) => {
        found[row * rows + place] = (found[row * rows + place] as number) + 1;
      });
    }
    // Five standard deviations of a count of 1000 are 137.
    for (const count of found) expect(Math.abs(count - epochs / rows)).toBeLessThan(137);
  });
});

describe("batches of rows that cannot be", () => {
  it.each<[unknown, object, string]>([
    [0, {}, "RowBatches: 0 rows given, a whole number from 1 expected"],
    [2.5, {}, "RowBatches: 2.5 rows given, a whole number from 1 expected"],
    [[1, 2], {}, "RowBatches: an array of 2 rows given, a whole number from 1 expected"],
    [3, { dropLast: true }, "RowBatches: 3 rows given, 4 expected for one whole batch"],
  ])("%j, %j", (rows, options, message) => {
    const make = () => new RowBatches(rows as number, { batch: 4, ...options });
    expect(make).toThrow(new DataError(message));
  });

  it.each<[object, string]>([
    [{ batch: 0 }, "batch 0: expected a whole number from 1"],
    [{ batch: "4" }, 'batch "4": expected a whole number from 1'],
    [{ seed: -1 }, "RowBatches: seed -1 given, an integer from 0 to 2^53 - 1 expected"],
    [{ dropLast: "no" }, 'dropLast "no": expected true or false'],
  ])("%j", (options, message) => {
    const make = () => new RowBatches(9, { batch: 4, ...options });
    expect(make).toThrow(new UsageError(message));
  });

  it("numbers that are none", () => {
    const batches = new RowBatches(9, { batch: 4, seed: 1 });
    for (const wrong of [-1, 0.5, Number.NaN, "1" as never]) {
      expect(() => batches.at(wrong)).toThrow(UsageError);
      expect(() => batches.at(0, wrong)).toThrow(UsageError);
    }
  });
});
