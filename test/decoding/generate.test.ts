// Tokens drawn one by one from any step function.
import { expect, test } from "vitest";
import { generateTokens } from "../../src/decoding/generate.ts";
import { DataError, TrainingError, UsageError } from "../../src/errors.ts";

const V = 5;
/** Logits that depend on all tokens read: the likeliest is their sum modulo V. */
function counting() {
  const read: number[] = [];
  const step = (token: number) => {
    read.push(token);
    const likeliest = read.reduce((sum, each) => sum + each, 0) % V;
    return Array.from({ length: V }, (_, at) => (at === likeliest ? 3 : 0));
  };
  return { read, step };
}

test("the prompt is read, then each token as it is drawn; none is read ahead", () => {
  const { read, step } = counting();
  const tokens = generateTokens(step, [1, 2], { temperature: 0, length: 4 });
  expect(read).toEqual([]);
  expect(tokens.next().value).toBe(3);
  expect(read).toEqual([1, 2]);
  expect([...tokens]).toEqual([1, 2, 4]); // 6, 7 and 9, modulo 5
  expect(read).toEqual([1, 2, 3, 1, 2]);
});

test("the same seed draws the same tokens, however many there are", () => {
  const draw = (options: object) => [...generateTokens(counting().step, [1], { length: 50, ...options })];
  expect(draw({ seed: 7 })).toEqual(draw({ seed: 7 }));
  expect(draw({ seed: 7, length: 20 })).toEqual(draw({ seed: 7 }).slice(0, 20));
  expect(draw({})).toEqual(draw({ seed: 1 }));
  expect(draw({ seed: 7 })).not.toEqual(draw({ seed: 7 + 2 ** 32 }));
  expect(draw({ length: 0 })).toEqual([]);
});

test("it goes on for as long as it is asked, or up to a token", () => {
  const endless = generateTokens(counting().step, [1], { temperature: 0 });
  expect(Array.from({ length: 1000 }, () => endless.next().done)).not.toContain(true);
  const all = [...generateTokens(counting().step, [1], { length: 100, seed: 3 })];
  const end = all[40] as number;
  const ended = [...generateTokens(counting().step, [1], { seed: 3, end })];
  expect(ended).toEqual(all.slice(0, all.indexOf(end)));
});

test.each<[unknown, object, Error]>([
  [[], {}, new DataError("generateTokens: prompt: no tokens given, one or more expected")],
  [[0.5], {}, new DataError("generateTokens: prompt: 0.5 given at 0, int32 expected")],
  ["ab", {}, new DataError('generateTokens: prompt: "ab" given, an array of numbers expected')],
  [[1], { length: -1 }, new UsageError("length -1: expected a whole number from 0")],
  [[1], { seed: 0.5 }, new UsageError("seed 0.5: expected a whole number from 0 to 2^53 - 1")],
  [[1], { end: "." }, new UsageError('end ".": expected a token, which is a whole number from 0')],
  [[1], { topP: 0 }, new UsageError("top-p 0: expected a number above 0 and at most 1, which is all tokens")],
  [[1], { lenght: 1 }, new UsageError("generateTokens: option lenght is unknown: did you mean length?")],
])("prompt %j with %o is refused at once", (prompt, options, error) => {
  expect(() => generateTokens(counting().step, prompt as number[], options)).toThrow(error);
});

test("what is no step is refused, and logits that are no numbers end it", () => {
  expect(() => generateTokens({} as never, [1])).toThrow("step an object given, a function expected");
  const tokens = generateTokens((token) => (token === 1 ? [0, 0, 9] : [Number.NaN]), [1], { temperature: 0 });
  expect(tokens.next().value).toBe(2);
  expect(() => tokens.next()).toThrow(TrainingError);
});
