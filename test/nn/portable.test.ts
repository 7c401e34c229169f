// Functions whose bits no engine decides: right to as many digits as they promise, and pinned.
import { expect, test } from "vitest";
import { cosine, exponential, logarithm, normalQuantile, sine } from "../../src/nn/portable.ts";

// The word, and the quantile of (word + 1/2) / 2^32 to 16 digits.
test.each([
  [0, -6.337957754553789],
  [1, -6.166429517819749],
  [1000, -5.039851125968711],
  [322122546, -1.4395314720898171], // the last of the tail
  [322122547, -1.4395314704450153],
  [2 ** 30, -0.6744897498297384],
  [2 ** 31 - 1, -2.9180993729166234e-10],
])("the normal quantile of %i and of its mirror image", (word, quantile) => {
  expect(normalQuantile(word) / quantile).toBeCloseTo(1, 6);
  expect(normalQuantile(~word)).toBe(-normalQuantile(word));
});

test("normal quantiles grow with their words", () => {
  let last = Number.NEGATIVE_INFINITY;
  for (let word = 0; word < 2 ** 32; word += 99_991) {
    const quantile = normalQuantile(word | 0);
    expect(quantile).toBeGreaterThan(last);
    last = quantile;
  }
});

test("the logarithm", () => {
  for (let k = -400; k <= 400; k++) {
    const x = 1.05 ** k;
    expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThanOrEqual(2e-15 * Math.abs(Math.log(x)));
  }
});

test("the sine and the cosine", () => {
  for (let k = -4000; k <= 4000; k++) {
    for (const x of [k / 100, k * 0.7853981633974483, k * 249.9]) {
      expect(Math.abs(sine(x) - Math.sin(x))).toBeLessThanOrEqual(1e-15);
      expect(Math.abs(cosine(x) - Math.cos(x))).toBeLessThanOrEqual(1e-15);
    }
  }
  expect([sine(0), cosine(0)]).toEqual([0, 1]);
});

test("the exponential", () => {
  for (let x = -700; x <= 700; x += 0.37) {
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThanOrEqual(2e-15);
  }
  expect(exponential(0)).toBe(1);
});

test("the same bits everywhere", () => {
  const bits = (x: number) => new BigUint64Array(Float64Array.of(x).buffer)[0]?.toString(16);
  expect([7, 2 ** 29, 2 ** 31 - 12345].map((word) => bits(normalQuantile(word)))).toMatchInlineSnapshot(`
    [
      "c017a05adf72b0a4",
      "bff267d4cc01b113",
      "bede37c4bee69aad",
    ]
  `);
  expect([0.01, 3, 1e6].map((x) => bits(logarithm(x)))).toMatchInlineSnapshot(`
    [
      "c0126bb1bbb55515",
      "3ff193ea7aad030a",
      "402ba18a998fffa0",
    ]
  `);
  expect([sine(1), cosine(100), exponential(-7)].map(bits)).toMatchInlineSnapshot(`
    [
      "3feaed548f090cee",
      "3feb981dbf665fe0",
      "3f4de16b9c24a98f",
    ]
  `);
});
