// Other rates: sines stay sines where they can, go where they cannot, and the weights are those of the formula.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mono } from "../../../src/data/sound/mono.ts";
import { resample, resampleStream } from "../../../src/data/sound/resample.ts";
import { DataError, UsageError } from "../../../src/errors.ts";

const wave = (hertz: number, rate: number, count: number) =>
  Float32Array.from({ length: count }, (_, at) => 0.8 * Math.sin((2 * Math.PI * hertz * at) / rate));
/** The loudest difference away from the ends. */
const apart = (given: Float32Array, expected: Float32Array, margin = 150) => {
  expect(given.length).toBe(expected.length);
  return Math.max(
    ...given
      .subarray(margin, -margin)
      .map((sample, at) => Math.abs(sample - (expected[margin + at] as number))),
  );
};

test("the mean of the channels", () => {
  const channels = [Float32Array.of(1, 0.5), Float32Array.of(0, -0.5), Float32Array.of(0.5, 0.75)];
  expect(Array.from(mono({ rate: 1, channels }))).toEqual([0.5, 0.25]);
  expect(Array.from(mono({ rate: 1, channels: channels.slice(0, 1) }))).toEqual([1, 0.5]);
});

test.each([
  [44100, 16000],
  [48000, 16000],
  [8000, 16000],
  [16000, 8000],
  [22050, 16000],
])("a sine at %i Hz is the same at %i Hz", (from, to) => {
  for (const share of [0.05, 0.4, 0.8]) {
    const hertz = (share * Math.min(from, to)) / 2;
    const given = resample(wave(hertz, from, from / 10), from, to);
    expect(apart(given, wave(hertz, to, to / 10)), `${share}`).toBeLessThan(1e-4);
  }
});

test("what the lower rate cannot hold goes, by 90 dB", () => {
  for (const hertz of [4010, 5000, 7500]) {
    const left = resample(wave(hertz, 16000, 4000), 16000, 8000).subarray(150, -150);
    expect(Math.max(...left.map(Math.abs))).toBeLessThan(0.8 * 10 ** (-85 / 20));
  }
});

test("what does not change stays what it is, and the first sample stands at the same instant", () => {
  const flat = resample(new Float32Array(1000).fill(0.5), 3, 7);
  expect(flat.length).toBe(Math.ceil(7000 / 3));
  expect(flat.subarray(150, -150).every((sample) => sample === 0.5)).toBe(true);
  const impulse = resample(new Float32Array(400).fill(1, 200, 201), 8000, 16000);
  expect(impulse.indexOf(Math.max(...impulse))).toBe(400);
});

test("the formula, by Math", () => {
  const samples = Float32Array.from({ length: 60 }, (_, at) => ((at * 37) % 11) / 11 - 0.5);
  const bessel = (x: number) => {
    let [sum, term] = [0, 1];
    for (let k = 1; k < 60; k++) [sum, term] = [sum + term, (term * x * x) / 4 / (k * k)];
    return sum;
  };
  const c = (0.917 * 3) / 4;
  const h = (t: number) => {
    const v = (c * t) / 32;
    if (Math.abs(v) >= 1) return 0;
    const u = Math.PI * c * t;
    return ((u === 0 ? 1 : Math.sin(u) / u) * bessel(8.96 * Math.sqrt(1 - v * v))) / bessel(8.96);
  };
  const given = resample(samples, 4, 3);
  expect(given.length).toBe(45);
  given.forEach((sample, m) => {
    let [sum, all] = [0, 0];
    for (let k = -200; k < 300; k++) {
      const weight = h((m * 4) / 3 - k);
      sum += weight * (samples[k] ?? 0);
      all += weight;
    }
    expect(sample).toBeCloseTo(sum / all, 7);
  });
});

test("the same rate is a copy, and nothing stays nothing", () => {
  const samples = Float32Array.of(0.1, 0.2);
  const same = resample(samples, 8000, 8000);
  expect(same).toEqual(samples);
  expect(same).not.toBe(samples);
  expect(resample(new Float32Array(0), 8000, 16000)).toEqual(new Float32Array(0));
});

test("the same bits everywhere", () => {
  const given = resample(Float32Array.of(0.1, -0.7, 0.3, 0.9), 2, 3);
  expect(Array.from(new Uint32Array(given.buffer), (bits) => bits.toString(16))).toMatchInlineSnapshot(`
    [
      "3d9c21d5",
      "befea479",
      "bf1914a6",
      "3e9138ec",
      "3f7b4c5e",
      "3f1ddcae",
    ]
  `);
});

test.each([
  [44100, 16000],
  [8000, 16000],
  [16000, 16000],
  [7, 5],
  [1000, 3],
])("in pieces of any size the same bits as at once: from %i to %i", (from, to) => {
  const samples = wave(from / 20, from, 1200).map((sample, at) => sample + (((at * 37) % 11) - 5) / 50);
  fc.assert(
    fc.property(fc.nat({ max: 1200 }), fc.array(fc.nat({ max: 300 }), { maxLength: 12 }), (length, sizes) => {
      const given = samples.subarray(0, length);
      const stream = resampleStream(from, to);
      const found: number[] = [];
      let at = 0;
      for (const size of [...sizes, length]) {
        found.push(...stream.push(given.subarray(at, at + size)));
        at = Math.min(length, at + size);
      }
      found.push(...stream.end());
      expect(Float32Array.from(found)).toEqual(resample(given, from, to));
    }),
    { numRuns: 40 },
  );
});

test("a stream gives all but what later samples can change", () => {
  const stream = resampleStream(16000, 8000);
  expect(stream.push(new Float32Array(16000)).length).toBe(8000 - 35);
  expect(stream.end().length).toBe(35);
  expect(stream.end().length).toBe(0);
  expect(() => stream.push(new Float32Array(1))).toThrow(
    new UsageError("resample: samples given after the end, none expected"),
  );
});

test("after a sample that is none a stream goes on as before", () => {
  const stream = resampleStream(8000, 16000);
  const samples = wave(440, 8000, 300);
  const first = stream.push(samples.subarray(0, 200));
  expect(() => stream.push(Float32Array.of(0, Number.NaN))).toThrow(
    new DataError("resample: sample 201: NaN given, a finite number expected, -1 to 1 at full scale"),
  );
  const rest = [...stream.push(samples.subarray(200)), ...stream.end()];
  expect(Float32Array.from([...first, ...rest])).toEqual(resample(samples, 8000, 16000));
});

test("what cannot be resampled", () => {
  expect(() => resample([0.5] as never, 1, 2)).toThrow(
    new UsageError("resample: an array of 1 given, a Float32Array of samples expected"),
  );
  expect(() => resample(Float32Array.of(0, Number.NaN), 1, 2)).toThrow(
    new DataError("resample: sample 1: NaN given, a finite number expected, -1 to 1 at full scale"),
  );
  const rates = "a whole number of samples a second from 1 to 10000000 expected";
  expect(() => resample(Float32Array.of(0), 0, 2)).toThrow(
    new UsageError(`resample: from 0 given, ${rates}`),
  );
  expect(() => resample(Float32Array.of(0), 1, 2.5)).toThrow(
    new UsageError(`resample: to 2.5 given, ${rates}`),
  );
  expect(() => resample(new Float32Array(1000), 1, 1e7)).toThrow(
    new UsageError("resample: 10000000000 samples asked for, at most 2^30 expected"),
  );
});
