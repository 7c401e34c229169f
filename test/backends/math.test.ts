import { describe, expect, test } from "vitest";
import type { ModuleBuilder } from "../../src/backends/instructions/functions.ts";
import { inlineMath, type MathName } from "../../src/backends/kernels/math.ts";
import { uniform } from "../../src/graph/threefry.ts";
import { defineMap, instantiate } from "./instantiate.ts";
import { errorOf, largestFloat } from "./units.ts";

/** The same functions in float64, accurate enough to judge float32: sigmoid without cancellation or overflow. */
const exact: Record<MathName, (x: number) => number> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  sin: Math.sin,
  cos: Math.cos,
};
const names = Object.keys(exact) as MathName[];

let drawn = 0;
const random = () => uniform(3, 4, drawn++);

const memory = new WebAssembly.Memory({ initial: 32 });
const capacity = 1 << 17;
const input = new Float32Array(memory.buffer, 0, capacity);
const inputBits = new Uint32Array(memory.buffer, 0, capacity);
const output = new Float32Array(memory.buffer, 4 * capacity, capacity);
const define = (module: ModuleBuilder) => names.map((name) => defineMap(module, name, inlineMath[name]));
/** Products and sums rounded one by one, and at once. */
const roundings = {
  twice: instantiate(memory, define),
  once: instantiate(memory, define, true),
};
type Rounding = keyof typeof roundings;

function evaluate(rounding: Rounding, name: MathName, count: number): Float32Array {
  roundings[rounding][name]?.(0, 4 * count, 4 * capacity);
  return output.subarray(0, count);
}

function worst(rounding: Rounding, name: MathName, count: number): { units: number; at: number } {
  const got = evaluate(rounding, name, count);
  let [units, at] = [0, 0];
  for (let index = 0; index < count; index++) {
    const x = input[index] as number;
    const distance = errorOf(got[index] as number, exact[name](x));
    if (!(distance <= units)) [units, at] = [distance, x];
  }
  return { units, at };
}

// What the errors are today, so that a worse polynomial is noticed; 2, the promise, for tanh, whose largest is 1.99.
const limits: Record<MathName, number> = { exp: 1.05, log: 0.9, tanh: 2, sigmoid: 1.95, sin: 1.6, cos: 1.6 };

const both = Object.keys(roundings) as Rounding[];
const each = both.flatMap((rounding) => names.map((name) => [rounding, name] as const));

describe.each(each)("rounding %s, %s", (rounding, name) => {
  test("is within its error at two million floats of all exponents and both signs", () => {
    let result = { units: 0, at: 0 };
    for (let block = 0; block < 16; block++) {
      // Every block visits the whole range in order, at random places within equal steps of the bits.
      const step = 2 ** 32 / capacity;
      for (let index = 0; index < capacity; index++) inputBits[index] = (index + random()) * step;
      const found = worst(rounding, name, capacity);
      if (!(found.units <= result.units)) result = found;
    }
    console.log(`${name}, rounding ${rounding}: at most ${result.units.toFixed(3)} ulp, at ${result.at}`);
    expect(result.units).toBeLessThan(limits[name]);
  });

  test("is within its error at a million floats between -110 and 110, where it is neither flat nor infinite", () => {
    for (let block = 0; block < 8; block++) {
      const span = [110, 20, 4, 1][block % 4] as number;
      for (let index = 0; index < capacity; index++) input[index] = (random() * 2 - 1) * span;
      expect(worst(rounding, name, capacity).units).toBeLessThan(limits[name]);
    }
  });
});

const smallest = 2 ** -149;

describe.each(both)("edges, rounding %s", (rounding) => {
  const cases: Record<MathName, [number, number][]> = {
    exp: [
      [0, 1],
      [-0, 1],
      [Infinity, Infinity],
      [-Infinity, 0],
      [88.72283172607422, Math.fround(Math.exp(88.72283172607422))],
      [88.72283935546875, Infinity],
      [-103.97207641601562, smallest],
      [-103.97208404541016, 0],
      [smallest, 1],
      [largestFloat, Infinity],
      [-largestFloat, 0],
    ],
    log: [
      [0, -Infinity],
      [-0, -Infinity],
      [1, 0],
      [Infinity, Infinity],
      [-Infinity, Number.NaN],
      [-1, Number.NaN],
      [-smallest, Number.NaN],
      [smallest, Math.fround(-149 * Math.LN2)],
      [2 ** -126, Math.fround(-126 * Math.LN2)],
      [largestFloat, Math.fround(Math.log(largestFloat))],
    ],
    tanh: [
      [0, 0],
      [-0, -0],
      [smallest, smallest],
      [-smallest, -smallest],
      [-(2 ** -126), -(2 ** -126)],
      [2 ** -20, 2 ** -20],
      [10, 1],
      [-10, -1],
      [Infinity, 1],
      [-Infinity, -1],
      [largestFloat, 1],
    ],
    sigmoid: [
      [0, 0.5],
      [-0, 0.5],
      [Infinity, 1],
      [-Infinity, 0],
      [20, 1],
      [-103.97207641601562, smallest],
      [-103.97208404541016, 0],
      [largestFloat, 1],
      [-largestFloat, 0],
    ],
    sin: [
      [0, 0],
      [-0, -0],
      [smallest, smallest],
      [-smallest, -smallest],
      [2 ** -12, Math.fround(Math.sin(2 ** -12))],
      [Infinity, Number.NaN],
      [-Infinity, Number.NaN],
      [largestFloat, Math.fround(Math.sin(largestFloat))],
      [-largestFloat, Math.fround(Math.sin(-largestFloat))],
    ],
    cos: [
      [0, 1],
      [-0, 1],
      [smallest, 1],
      [Infinity, Number.NaN],
      [-Infinity, Number.NaN],
      [largestFloat, Math.fround(Math.cos(largestFloat))],
    ],
  };
  test.each(names)("%s", (name) => {
    const pairs = [...cases[name], [Number.NaN, Number.NaN] as [number, number]];
    pairs.forEach(([x], index) => {
      input[index] = x;
    });
    const padded = 4 * Math.ceil(pairs.length / 4);
    const got = [...evaluate(rounding, name, padded)].slice(0, pairs.length);
    expect(got.map((y, index) => [pairs[index]?.[0], y])).toEqual(pairs);
  });

  test.each(["sin", "cos"] as const)(
    "%s is within its error next to its zeros, and to where it is 1",
    (name) => {
      for (let index = 0; index < capacity; index++) {
        // Multiples of pi / 2, of small numbers and of ever larger ones; the last one is the float closest to a multiple.
        const factor = index < capacity / 2 ? index : Math.floor(2 ** (20 + (index / capacity) * 100));
        input[index] = (factor * Math.PI) / 2;
      }
      input[capacity - 1] = 16367173 * 2 ** 72;
      expect(worst(rounding, name, capacity).units).toBeLessThan(limits[name]);
    },
  );

  test("sin is odd and cos even, bit for bit", () => {
    for (let index = 0; index < capacity; index += 2) {
      input[index] = Math.exp(60 * random() - 20);
      input[index + 1] = -(input[index] as number);
    }
    const pairsOf = (name: MathName) => {
      const got = evaluate(rounding, name, capacity);
      return [got.filter((_, index) => index % 2 === 0), got.filter((_, index) => index % 2 === 1)] as const;
    };
    const [sine, negated] = pairsOf("sin");
    expect(negated).toEqual(sine.map((y) => -y));
    const [cosine, same] = pairsOf("cos");
    expect(same).toEqual(cosine);
  });

  test("tanh is odd, bit for bit", () => {
    const half = capacity / 2;
    for (let index = 0; index < half; index++) {
      input[index] = (random() * 2 - 1) * 12;
      input[half + index] = -(input[index] as number);
    }
    const got = evaluate(rounding, "tanh", capacity);
    expect(got.slice(half)).toEqual(got.slice(0, half).map((y) => -y));
  });
});
