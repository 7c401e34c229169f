// Windows of a token stream: which token is predicted where, that rows go on across windows, and what is too short.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluationWindows, type Window, Windows } from "../../src/data/windows.ts";
import { DataError, UsageError } from "../../src/errors.ts";

/** A stream whose tokens are their own positions. */
const positions = (length: number) => Int32Array.from({ length }, (_, at) => at);
const all = (windows: { count: number; at(k: number): Window }) =>
  Array.from({ length: windows.count }, (_, k) => windows.at(k));
const row = (values: Int32Array, { batch }: Window, index: number) =>
  [...values].filter((_, at) => at % batch === index);

const sizes = fc.record({ batch: fc.integer({ min: 1, max: 7 }), window: fc.integer({ min: 1, max: 9 }) });

describe("training windows", () => {
  it("are time-major and shifted by one, and the last is shorter", () => {
    const windows = new Windows(positions(12), { batch: 2, window: 3 });
    expect(all(windows)).toEqual([
      {
        inputs: Int32Array.of(0, 5, 1, 6, 2, 7),
        targets: Int32Array.of(1, 6, 2, 7, 3, 8),
        steps: 3,
        batch: 2,
      },
      { inputs: Int32Array.of(3, 8, 4, 9), targets: Int32Array.of(4, 9, 5, 10), steps: 2, batch: 2 },
    ]);
  });

  it("predict the next token, once each, in rows that go on from window to window", () => {
    fc.assert(
      fc.property(sizes, fc.nat(200), ({ batch, window }, extra) => {
        const tokens = positions(batch * window + 1 + extra);
        const windows = new Windows(tokens, { batch, window });
        const cut = all(windows);
        const length = Math.floor((tokens.length - 1) / batch);
        for (let index = 0; index < batch; index++) {
          const inputs = cut.flatMap((one) => row(one.inputs, one, index));
          const targets = cut.flatMap((one) => row(one.targets, one, index));
          expect(inputs).toEqual(Array.from({ length }, (_, at) => index * length + at));
          expect(targets).toEqual(inputs.map((token) => token + 1));
        }
        expect(cut.slice(0, -1).every(({ steps }) => steps === window)).toBe(true);
        expect(cut.every(({ steps, inputs }) => steps > 0 && inputs.length === steps * batch)).toBe(true);
        expect(windows.at(windows.count - 1)).toEqual(cut.at(-1));
      }),
    );
  });

  it("refuse a text that is too short, and say what it needs", () => {
    const windows = (length: number, batch: number, window: number) => () =>
      new Windows(positions(length), { batch, window });
    expect(windows(64, 1, 64)).toThrow(DataError);
    expect(windows(64, 1, 64)).toThrow("the text has 64 tokens: one window of 64 steps needs 65");
    expect(windows(65, 1, 64)).not.toThrow();
    expect(windows(0, 1, 1)).toThrow("the text has 0 tokens");
    expect(windows(200, 4, 64)).toThrow(
      /has 200 tokens: a batch of 4 .* needs 257, expected a batch of at most 3$/,
    );
    expect(windows(200, 3, 64)).not.toThrow();
  });

  it("refuse counts that are none, and windows that are not there", () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => new Windows(positions(99), { batch: wrong, window: 2 })).toThrow(UsageError);
      expect(() => new Windows(positions(99), { batch: 2, window: wrong })).toThrow(
        `window ${wrong}: expected`,
      );
    }
    const windows = new Windows(positions(9), { batch: 2, window: 2 });
    for (const k of [-1, 2, 0.5]) expect(() => windows.at(k)).toThrow(UsageError);
  });
});

describe("evaluation windows", () => {
  it("predict every token but the first exactly once, each after its own predecessor", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 300 }), (options, length) => {
        const windows = evaluationWindows(positions(length), options);
        const predicted: number[] = [];
        for (const one of all(windows)) {
          expect(one.batch).toBe(windows.batch);
          one.targets.forEach((target, at) => {
            if (target === -1) return;
            expect(one.inputs[at]).toBe(target - 1);
            predicted.push(target);
          });
          expect(one.targets.some((target) => target >= 0)).toBe(true);
        }
        expect(predicted.sort((a, b) => a - b)).toEqual([...positions(length).subarray(1)]);
        expect(windows.batch).toBeLessThanOrEqual(options.batch);
      }),
    );
  });

  it("keep rows whole across windows and pad only after the end", () => {
    const cut = all(evaluationWindows(positions(12), { batch: 3, window: 3 }));
    expect(cut.map(({ steps }) => steps)).toEqual([3, 1]);
    expect(cut.flatMap((one) => row(one.targets, one, 0))).toEqual([1, 2, 3, 4]);
    expect(cut.flatMap((one) => row(one.targets, one, 2))).toEqual([9, 10, 11, -1]);
    expect(cut.every(({ inputs }) => inputs.every((token) => token >= 0))).toBe(true);
  });

  it("read a short text in fewer rows, down to one", () => {
    expect(evaluationWindows(positions(10), { batch: 8, window: 3 }).batch).toBe(3);
    const [only] = all(evaluationWindows(positions(2), { batch: 32, window: 64 }));
    expect(only).toEqual({ inputs: Int32Array.of(0), targets: Int32Array.of(1), steps: 1, batch: 1 });
    expect(() => evaluationWindows(positions(1), { batch: 1, window: 1 })).toThrow(DataError);
  });
});

it.each<[unknown, string]>([
  [[0, 1, Number.NaN, 1], "tokens: NaN given at 2, int32 expected"],
  [[0, "1", 1, 1], 'tokens: "1" given at 1, int32 expected'],
  [[0, 1, undefined, 1], "tokens: undefined given at 2, int32 expected"],
  [Float32Array.of(0, 0.5, 1), "tokens: 0.5 given at 1, int32 expected"],
  [undefined, "tokens: undefined given, an array of numbers expected"],
  ["0101", 'tokens: "0101" given, an array of numbers expected'],
  [{ data: Int32Array.of(0), shape: [1] }, "tokens: an object given, an array of numbers expected"],
])("are not cut of %o", (tokens, message) => {
  const sizes = { batch: 1, window: 2 };
  expect(() => new Windows(tokens as Int32Array, sizes)).toThrow(new DataError(message));
  expect(() => evaluationWindows(tokens as Int32Array, sizes)).toThrow(new DataError(message));
});
