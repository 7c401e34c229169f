// x^y of the WebAssembly backend against float64, over millions of pairs; and the corners that IEEE 754 names.
import { describe, expect, test } from "vitest";
import { i32, vectors } from "../../src/backends/instructions/expressions.ts";
import { writePower } from "../../src/backends/kernels/power.ts";
import { uniform } from "../../src/graph/threefry.ts";
import { instantiate } from "./instantiate.ts";
import { errorOf } from "./units.ts";

let drawn = 0;
const random = () => uniform(5, 6, drawn++);
/** From -1 to 1. */
const spread = () => 2 * random() - 1;

const memory = new WebAssembly.Memory({ initial: 32 });
const capacity = 1 << 16;
const part = <Numbers>(Kind: new (buffer: ArrayBuffer, from: number, count: number) => Numbers, at: number) =>
  new Kind(memory.buffer, 4 * capacity * at, capacity);
const [x, y, powers] = [part(Float32Array, 0), part(Float32Array, 1), part(Float32Array, 2)];
const [xBits, yBits] = [part(Uint32Array, 0), part(Uint32Array, 1)];

function powerModule(fused: boolean) {
  return instantiate(
    memory,
    (module) => [
      module.function("power", ["i32", "i32"], undefined, (builder, at, end) =>
        builder.while(i32.lt_u(at, end), () => {
          const base = builder.local("vector", vectors.load(at));
          const exponent = builder.local("vector", vectors.load(at, 4 * capacity));
          builder.emit(vectors.store(at, writePower(builder, base, exponent), 8 * capacity));
          builder.set(at, i32.add(at, i32.const(16)));
        }),
      ),
    ],
    fused,
  );
}
/** Products and sums rounded one by one, and at once. */
const roundings = { twice: powerModule(false), once: powerModule(true) };

/** What IEEE 754 demands of pow; JavaScript's differs where the base is 1 or -1. */
function exact(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}

/** Pairs whose powers are neither 0 nor infinite for most of them, but for the first kind, which is any floats at all. */
const draws: Record<string, (index: number) => void> = {
  "of any bits": (index) => {
    xBits[index] = random() * 2 ** 32;
    yBits[index] = random() * 2 ** 32;
  },
  "of all exponents": (index) => {
    x[index] = Math.exp(spread() * 87);
    y[index] = (spread() * 89) / Math.log(x[index] as number);
  },
  "of bases near 1": (index) => {
    x[index] = 1 + spread() * 2 ** -Math.ceil(random() * 23);
    y[index] = (spread() * 89) / Math.log(x[index] as number);
  },
  "of both signs, with whole exponents": (index) => {
    x[index] = 3 * spread();
    y[index] = Math.round(50 * spread());
  },
};

describe.each(Object.entries(roundings))("rounding %s", (_name, { power }) => {
  test.each(Object.entries(draws))("half a million powers %s are within their error", (name, draw) => {
    let [worst, at] = [0, ""];
    for (let block = 0; block < 8; block++) {
      for (let index = 0; index < capacity; index++) draw(index);
      power?.(0, 4 * capacity);
      for (let index = 0; index < capacity; index++) {
        const [base, exponent] = [x[index] as number, y[index] as number];
        const units = errorOf(powers[index] as number, exact(base, exponent));
        if (!(units <= worst)) [worst, at] = [units, `${base} ** ${exponent}`];
      }
    }
    console.log(`power ${name}: at most ${worst.toFixed(3)} ulp, at ${at}`);
    expect(worst).toBeLessThan(1.1);
  });

  test("zeros, ones, infinities, NaN, and whole, odd and large exponents", () => {
    const numbers = [
      ...[0, 1, 2, 0.5, 3, 2 ** -149, 2 ** -130, 8388607, 16777215, 16777216, 1e30, Infinity],
      ...[1.5, 2.5, Number.NaN],
    ].flatMap((number) => [number, -number]);
    const pairs = numbers.flatMap((base) => numbers.map((exponent) => [base, exponent] as const));
    pairs.forEach(([base, exponent], index) => {
      [x[index], y[index]] = [base, exponent];
    });
    power?.(0, 16 * Math.ceil(pairs.length / 4));
    pairs.forEach(([base, exponent], index) => {
      const [given, expected] = [powers[index] as number, exact(base, exponent)];
      expect(errorOf(given, expected), `${base} ** ${exponent}, ${given}`).toBeLessThan(1.1);
      // The sign of zeros too.
      if (Math.fround(expected) === 0) expect(given, `${base} ** ${exponent}`).toBe(Math.fround(expected));
    });
  });
});
