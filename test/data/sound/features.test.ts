// Features of sound: the numbers of the formulas and of librosa, in pieces as at once, and what is refused.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { type SoundFeaturesOptions, soundFeatures } from "../../../src/data/sound/features.ts";
import { mono } from "../../../src/data/sound/mono.ts";
import { readWav } from "../../../src/data/sound/wav.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { readSafetensors } from "../../../src/formats/safetensors.ts";
import { backends } from "../../helpers/backends.ts";
import { expectNear } from "../../helpers/close.ts";
import { realData } from "../../helpers/real-data.ts";

const bitsOf = (values: Float32Array) => Array.from(new Uint32Array(values.slice().buffer));
/** Two sines and a rough noise, the same at each call. */
const noisy = (count: number) => {
  let word = 1;
  return Float32Array.from({ length: count }, (_, at) => {
    word = (Math.imul(word, 1103515245) + 12345) & 0x7fffffff;
    return 0.5 * Math.sin(at / 3) + 0.2 * Math.sin(at / 11) + 0.1 * (word / 2 ** 30 - 1);
  });
};

/** The formulas one by one, in float64. */
function plainly(samples: Float32Array, N: number, hop: number, rate: number, M: number, C: number) {
  const K = 2 ** Math.ceil(Math.log2(N));
  const mels = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
  const corner = (at: number) => {
    const mel = mels(20) + ((mels(rate / 2) - mels(20)) * at) / (M + 1);
    return 700 * (10 ** (mel / 2595) - 1);
  };
  const [logMel, mfcc]: [number[], number[]] = [[], []];
  for (let start = 0; start + N <= samples.length; start += hop) {
    const power = Array.from({ length: K / 2 + 1 }, (_, k) => {
      let [re, im] = [0, 0];
      for (let n = 0; n < N; n++) {
        const x = (samples[start + n] as number) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / N));
        re += x * Math.cos((2 * Math.PI * k * n) / K);
        im -= x * Math.sin((2 * Math.PI * k * n) / K);
      }
      return re * re + im * im;
    });
    const row = Array.from({ length: M }, (_, m) => {
      const [left, middle, right] = [corner(m), corner(m + 1), corner(m + 2)];
      const energies = power.map((energy, k) => {
        const hertz = (k * rate) / K;
        if (hertz <= left || hertz >= right) return 0;
        return (
          energy * (hertz < middle ? (hertz - left) / (middle - left) : (right - hertz) / (right - middle))
        );
      });
      return Math.log(
        Math.max(
          1e-10,
          energies.reduce((sum, energy) => sum + energy),
        ),
      );
    });
    logMel.push(...row);
    for (let c = 0; c < C; c++) {
      const sum = row.reduce(
        (all, value, m) => all + value * Math.cos((Math.PI * c * (2 * m + 1)) / (2 * M)),
        0,
      );
      mfcc.push(Math.sqrt((c === 0 ? 1 : 2) / M) * sum);
    }
  }
  return { "log-mel": logMel, mfcc };
}

describe.each(backends.map((backend) => [backend === reference ? "reference" : "wasm", backend] as const))(
  "%s",
  (_name, backend) => {
    test("the numbers of the formulas", () => {
      const samples = noisy(700);
      const expected = plainly(samples, 200, 80, 8000, 30, 12);
      const given = { rate: 8000, mels: 30, backend } as const;
      const logMel = soundFeatures(given).of(samples);
      expect(logMel.steps).toBe(7);
      expectNear(logMel.values, expected["log-mel"], 1e-4);
      const mfcc = soundFeatures({ ...given, kind: "mfcc", coefficients: 12 }).of(samples);
      expectNear(mfcc.values, expected.mfcc, 1e-4);
    });

    test("the numbers of librosa", () => {
      const file = "test/fixtures/sound/librosa.safetensors";
      const { tensors } = readSafetensors(readFileSync(file), file);
      const numbers = (name: string) => Float32Array.from(tensors.get(name)?.data as Float32Array);
      for (const kind of ["log-mel", "mfcc"] as const) {
        const { steps, values } = soundFeatures({ rate: 8000, kind, backend }).of(numbers("in.samples"));
        expect(steps).toBe(18);
        expectNear(values, numbers(`out.${kind}`), 1e-4, kind);
      }
    });
  },
);

test.each<[string, Partial<SoundFeaturesOptions>]>([
  ["frames that overlap", {}],
  ["frames that leave samples out", { window: 0.016, hop: 0.05, mels: 20 }],
  ["MFCC", { kind: "mfcc" }],
])("in pieces of any size the same bits as at once: %s", (_name, more) => {
  const features = soundFeatures({ rate: 8000, ...more });
  const samples = noisy(6000);
  const whole = bitsOf(features.of(samples).values);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1500 }), { maxLength: 30 }), (sizes) => {
      const stream = features.stream();
      const bits: number[] = [];
      let at = 0;
      for (const size of [...sizes, samples.length]) {
        bits.push(...bitsOf(stream.push(samples.subarray(at, at + size))));
        at = Math.min(samples.length, at + size);
      }
      expect(bits).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});

test("sample by sample, and longer than what is computed at once", () => {
  const features = soundFeatures({ rate: 8000, window: 0.004, hop: 0.001, mels: 4 });
  const samples = noisy(2500);
  const { steps, values } = features.of(samples);
  expect([features.window, features.hop, features.size, steps]).toEqual([32, 8, 4, 309]);
  const stream = features.stream();
  const bits = Array.from(samples, (sample) => bitsOf(stream.push(Float32Array.of(sample)))).flat();
  expect(bits).toEqual(bitsOf(values));
});

test("fewer samples than a frame have none; silence is the floor", () => {
  const features = soundFeatures({ rate: 8000 });
  expect(features.of(new Float32Array(199))).toEqual({ steps: 0, values: new Float32Array(0) });
  const { steps, values } = features.of(new Float32Array(200));
  expect(steps).toBe(1);
  expect(values.every((value) => Math.abs(value - Math.log(1e-10)) < 1e-5)).toBe(true);
});

test("the loudest samples stay finite", () => {
  const { values } = soundFeatures({ rate: 8000 }).of(
    new Float32Array(400).map((_, at) => 2 ** 40 * (-1) ** at),
  );
  expect(values.every(Number.isFinite)).toBe(true);
});

test("after a sample that is none a stream goes on as before", () => {
  const features = soundFeatures({ rate: 8000 });
  const samples = noisy(400);
  const stream = features.stream();
  const first = stream.push(samples.subarray(0, 250));
  expect(() => stream.push(Float32Array.of(0, Number.NaN))).toThrow(
    new DataError(
      "features of sound: sample 251: NaN given, a finite number expected, -1 to 1 at full scale",
    ),
  );
  const rest = stream.push(samples.subarray(250));
  expect([...bitsOf(first), ...bitsOf(rest)]).toEqual(bitsOf(features.of(samples).values));
});

test("the same bits everywhere", () => {
  const { values } = soundFeatures({ rate: 8000, kind: "mfcc", coefficients: 3 }).of(
    Float32Array.from({ length: 200 }, (_, at) => ((at * 37) % 64) / 64 - 0.5),
  );
  expect(bitsOf(values).map((bits) => bits.toString(16))).toMatchInlineSnapshot(`
    [
      "40f84f61",
      "c0f1e553",
      "bf46ce8e",
    ]
  `);
});

test.each<[object, string]>([
  [{ rate: 0 }, "rate 0 given, a whole number of samples a second from 1 to 10000000 expected"],
  [{ kind: "mel" }, 'kind "mel" given, "log-mel" or "mfcc" expected'],
  [{ coefficients: 3 }, 'coefficients 3 given, none for kind "log-mel", which has mels, expected'],
  [{ mels: 0 }, "mels 0 given, a whole number from 1 to 512 expected"],
  [
    { kind: "mfcc", coefficients: 41 },
    "coefficients 41 given, a whole number from 1 to 40, the mels, expected",
  ],
  [{ lowest: 4000 }, "lowest 4000 given, a frequency in Hz from 0 to below 4000, half the rate, expected"],
  [
    { highest: 5000 },
    "highest 5000 given, a frequency in Hz above 20 and up to 4000, half the rate, expected",
  ],
  [{ window: "x" }, 'window "x" given, seconds of 2 to 4096 samples at 8000 Hz expected'],
  [{ hop: 0.00001 }, "hop 0.00001 given, seconds of 1 to 1073741824 samples at 8000 Hz expected"],
  [
    { mels: 128 },
    "mels 128 given: filter 4, from 63.1 to 85.6 Hz, has none of the frequencies, 31.25 Hz apart: fewer mels or a longer window expected",
  ],
])("options that are none: %j", (given, message) => {
  expect(() => soundFeatures({ rate: 8000, ...given })).toThrow(new UsageError(`soundFeatures: ${message}`));
});

test("what holds no samples", () => {
  expect(() => soundFeatures({ rate: 8000 }).of([0] as never)).toThrow(
    new UsageError("features of sound: an array of 1 given, a Float32Array of samples expected"),
  );
});

test("a recording of a digit", async (context) => {
  const bytes = readFileSync(realData("fsdd/recordings/0_george_0.wav", context));
  const sound = await readWav(new File([bytes], "0_george_0.wav"));
  const { steps, values } = soundFeatures({ rate: sound.rate, kind: "mfcc" }).of(mono(sound));
  expect(steps).toBe(28);
  expectNear(values, plainly(mono(sound), 200, 80, 8000, 40, 13).mfcc, 1e-3);
});
