import { describe, expect, test } from "vitest";
import { threefry, uniform } from "../../src/graph/threefry.ts";

describe("threefry", () => {
  // Known answers of Threefry-2x32, 20 rounds, published with the generator by Salmon et al.
  test.each([
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
  ])("key %i %i, counter %i %i", (key0, key1, counter0, counter1, first, second) => {
    expect(threefry(key0, key1, counter0, counter1)).toEqual([first, second]);
  });

  test("takes its words modulo 2^32, signed or not", () => {
    expect(threefry(-1, -1, -1, -1)).toEqual([0x1cb996fc, 0xbb002be7]);
  });
});

describe("uniform", () => {
  const count = 1 << 16;
  const numbers = Float64Array.from({ length: count }, (_, counter) => uniform(7, 11, counter));

  test("is the upper 24 bits of the first word, a float32 in [0, 1)", () => {
    expect(uniform(0, 0, 0)).toBe((0x6b200159 >>> 8) / 2 ** 24);
    expect(numbers.every((x) => x >= 0 && x < 1 && Math.fround(x) === x)).toBe(true);
  });

  test("has the moments of a uniform distribution, and no correlation between neighbours", () => {
    let [sum, squares, neighbours] = [0, 0, 0];
    numbers.forEach((x, index) => {
      sum += x;
      squares += (x - 0.5) ** 2;
      neighbours += (x - 0.5) * ((numbers[index + 1] ?? 0.5) - 0.5);
    });
    const deviations = Math.sqrt(count); // limits of about five standard deviations
    expect(Math.abs(sum / count - 0.5)).toBeLessThan((5 * 0.289) / deviations);
    expect(Math.abs(squares / count - 1 / 12)).toBeLessThan((5 * 0.075) / deviations);
    expect(Math.abs(neighbours / count)).toBeLessThan((5 * 0.084) / deviations);
  });

  test("differs with each half of the key", () => {
    const first = (key0: number, key1: number) => [0, 1, 2, 3].map((counter) => uniform(key0, key1, counter));
    expect(first(1, 0)).not.toEqual(first(0, 0));
    expect(first(0, 1)).not.toEqual(first(0, 0));
    expect(first(0, 1)).not.toEqual(first(1, 0));
  });
});
