// Reservoirs and replay: what is kept and drawn, how rows are mixed into batches, and what is saved.
import { describe, expect, test } from "vitest";
import { DataError, ShapeError, UsageError } from "../../src/errors.ts";
import { float32, int32, value } from "../../src/program/compile.ts";
import { Replay } from "../../src/training/replay.ts";
import { Reservoir } from "../../src/training/reservoir.ts";

describe("Reservoir", () => {
  test("keeps the first items, and then each that ever came with the same probability", () => {
    const [capacity, items, runs] = [5, 20, 4000];
    const counts = new Float64Array(items);
    for (let seed = 0; seed < runs; seed++) {
      const reservoir = new Reservoir<number>({ capacity, seed });
      for (let item = 0; item < items; item++) {
        reservoir.add(item);
        if (item === capacity - 1) expect(reservoir.items).toEqual([0, 1, 2, 3, 4]);
      }
      expect(new Set(reservoir.items).size).toBe(capacity);
      for (const item of reservoir.items) counts[item] = (counts[item] as number) + 1;
    }
    const [mean, deviation] = [runs / 4, Math.sqrt((runs * 3) / 16)];
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(4.5 * deviation);
  });

  test("draws each item at most once, all alike", () => {
    const reservoir = new Reservoir<number>({ capacity: 6 });
    for (let item = 0; item < 6; item++) reservoir.add(item);
    const counts = new Float64Array(6);
    for (let draw = 0; draw < 3000; draw++) {
      const drawn = reservoir.draw(2);
      expect(new Set(drawn).size).toBe(2);
      for (const item of drawn) counts[item] = (counts[item] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4.5 * Math.sqrt(3000 * (2 / 9)));
    expect(reservoir.draw(10).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("goes on from a saved state to the same items and draws", () => {
    const [one, two] = [1, 1].map((seed) => new Reservoir<number>({ capacity: 3, seed })) as [
      Reservoir<number>,
      Reservoir<number>,
    ];
    for (let item = 0; item < 10; item++) one.add(item);
    one.draw(2);
    two.restore(JSON.parse(JSON.stringify(one.save())));
    for (const reservoir of [one, two]) for (let item = 10; item < 40; item++) reservoir.add(item);
    expect(two.items).toEqual(one.items);
    expect(two.draw(2)).toEqual(one.draw(2));
    expect(two.seen).toBe(40);
  });

  test.each([
    [{ capacity: 0 }, "Reservoir: capacity 0 given, a whole number from 1 expected"],
    [{ capacity: 2, seed: -1 }, "Reservoir: seed -1 given"],
  ])("refuses %j", (options, message) => {
    expect(() => new Reservoir(options)).toThrow(message);
  });

  test("refuses what is no count, and no state of its own", () => {
    const reservoir = new Reservoir<number>({ capacity: 2 });
    reservoir.add(1);
    expect(() => reservoir.draw(-1)).toThrow(UsageError);
    for (const state of [
      null,
      {},
      { items: [1, 2, 3], seen: 3, draws: 0 },
      { items: [1], seen: 2, draws: 0 },
    ]) {
      expect(() => reservoir.restore(state as never)).toThrow(DataError);
    }
    expect(reservoir.items).toEqual([1]);
  });
});

describe("Replay", () => {
  const inputs = { x: float32("T", "B", 2), y: int32("B") };
  /** Rows whose numbers say which row they are of: 100 row + 10 t + feature. */
  const batch = (first: number, rows: number, steps = 3) => ({
    x: value(
      Float32Array.from({ length: steps * rows * 2 }, (_, at) => {
        const [t, row] = [Math.floor(at / (2 * rows)), Math.floor(at / 2) % rows];
        return 100 * (first + row) + 10 * t + (at % 2);
      }),
      [steps, rows, 2],
    ),
    y: value(
      Int32Array.from({ length: rows }, (_, row) => first + row),
      [rows],
    ),
  });

  test("mixes whole rows into a batch, in all inputs alike", () => {
    const memory = new Replay({ inputs, capacity: 4 });
    expect(memory.draw(3)).toBeUndefined();
    expect(memory.mix(batch(0, 2), 3)).toEqual(batch(0, 2));
    memory.add(batch(0, 3));
    memory.add(batch(3, 3));
    expect([memory.size, memory.seen]).toEqual([4, 6]);
    const mixed = memory.mix(batch(7, 2), 3);
    expect([mixed.x.shape, mixed.y.shape]).toEqual([[3, 5, 2], [5]]);
    expect(Array.from(mixed.y.data.slice(0, 2))).toEqual([7, 8]);
    expect(mixed.y.data).toBeInstanceOf(Int32Array);
    for (let row = 0; row < 5; row++) {
      for (let t = 0; t < 3; t++) {
        for (const feature of [0, 1]) {
          const expected = 100 * (mixed.y.data[row] as number) + 10 * t + feature;
          expect(mixed.x.data[(t * 5 + row) * 2 + feature]).toBe(expected);
        }
      }
    }
    expect(new Set(memory.draw(9)?.y.data).size).toBe(4);
  });

  test("goes on from JSON to the same rows", () => {
    const make = () => new Replay({ inputs, capacity: 3, seed: 5 });
    const [one, two] = [make(), make()];
    one.add(batch(0, 8));
    one.draw(1);
    two.restore(JSON.parse(JSON.stringify(one.save())));
    for (const memory of [one, two]) memory.add(batch(8, 9));
    expect(two.mix(batch(20, 1), 2)).toEqual(one.mix(batch(20, 1), 2));
    expect(two.save()).toEqual(one.save());
  });

  test("keeps what JSON has no number for, such as a target that is missing", () => {
    const make = () => new Replay({ inputs: float32("B", 4), capacity: 2 });
    const [one, two] = [make(), make()];
    one.add([[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1]]);
    two.restore(JSON.parse(JSON.stringify(one.save())));
    expect(two.draw(1)).toEqual(one.draw(1));
    expect(Array.from(two.draw(1)?.data ?? [])).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Math.fround(0.1),
    ]);
    const state = one.save();
    for (const stray of [null, "nan", "1", 1e300]) {
      const items = [{ "": { shape: [4], data: [1, 2, 3, stray] } }];
      expect(() => two.restore({ ...state, items } as never)).toThrow(DataError);
    }
  });

  test("refuses to mix no rows with none", () => {
    const memory = new Replay({ inputs, capacity: 3 });
    const none = new UsageError("Replay: no rows given, one or more expected");
    expect(() => memory.mix(batch(0, 0), 3)).toThrow(none);
    memory.add(batch(0, 2));
    expect(memory.mix(batch(0, 0), 3).y.shape).toEqual([2]);
    expect(() => memory.mix(batch(0, 0), 0)).toThrow(none);
  });

  test("takes a single input, and lists of numbers", () => {
    const memory = new Replay({ inputs: float32("B", 2), capacity: 3 });
    memory.add([
      [1, 2],
      [3, 4],
    ]);
    const drawn = memory.draw(2);
    expect(drawn?.shape).toEqual([2, 2]);
    expect(Array.from(drawn?.data ?? []).sort()).toEqual([1, 2, 3, 4]);
  });

  test("refuses rows of other shapes, inputs without rows, and other states", () => {
    const memory = new Replay({ inputs, capacity: 3 });
    memory.add(batch(0, 2));
    expect(() => memory.add(batch(0, 1, 4))).toThrow(
      new ShapeError("Replay: a row (4, 2) of x given, (3, 2) as those before expected"),
    );
    expect(() => memory.mix(batch(0, 1, 4), 1)).toThrow(ShapeError);
    expect(() => memory.add({ ...batch(0, 2), y: [1] })).toThrow(
      "Replay: inputs of 2 and 1 rows given, of as many rows expected",
    );
    expect(() => new Replay({ inputs: { x: float32(3) }, capacity: 1 })).toThrow(
      'Replay: x has no axis "B", of rows, such as float32("T", "B", 1)',
    );
    const good = memory.save();
    for (const state of [
      null,
      { ...good, items: [{}] },
      { ...good, items: [{ x: 1, y: 2 }] },
      { ...good, seen: 1 },
    ]) {
      expect(() => memory.restore(state as never)).toThrow(DataError);
    }
    expect(memory.save()).toEqual(good);
  });
});
