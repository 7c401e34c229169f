// Recordings of any rate to features: files, samples and streams in the same way, and what is too short.
import fc from "fast-check";
import { expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { soundFeatures } from "../../../src/data/sound/features.ts";
import { SoundReader } from "../../../src/data/sound/reader.ts";
import { soundReading, soundReadingOfJson } from "../../../src/data/sound/reading.ts";
import { readRecording } from "../../../src/data/sound/recording.ts";
import { resample } from "../../../src/data/sound/resample.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";

const tone = (count: number) =>
  Float32Array.from({ length: count }, (_, at) => 0.5 * Math.sin(at / 3) + (((at * 37) % 11) - 5) / 50);
const bitsOf = (values: Float32Array) => Array.from(new Uint32Array(values.slice().buffer));
const silence = Math.log(1e-10);

test("a reading has every default, and comes back from JSON", () => {
  const logMel = soundReading({ rate: 16000 });
  expect(logMel).toEqual({
    ...{ rate: 16000, kind: "log-mel", window: 0.025, hop: 0.01, mels: 40, lowest: 20, highest: 8000 },
  });
  const mfcc = soundReading({ rate: 8000, kind: "mfcc", mels: 10, highest: 3000 });
  expect(mfcc).toEqual({
    ...{ rate: 8000, kind: "mfcc", window: 0.025, hop: 0.01, mels: 10, coefficients: 10 },
    ...{ lowest: 20, highest: 3000 },
  });
  for (const reading of [logMel, mfcc]) {
    expect(soundReadingOfJson(JSON.parse(JSON.stringify(reading)), "m")).toEqual(reading);
  }
});

test.each<[unknown, string]>([
  [undefined, "the reading of sound: option rate is missing: one expected"],
  [[], "the reading of sound: options an array of 0 given, an object expected"],
  [{ rate: 8000 }, "the reading of sound: option kind is missing: one expected"],
  [
    { ...soundReading({ rate: 8000 }), mels: 0 },
    "the reading of sound: mels 0 given, a whole number from 1 to 512 expected",
  ],
  [
    { ...soundReading({ rate: 8000 }), melz: 1 },
    "the reading of sound: option melz is unknown: did you mean mels?",
  ],
])("what is no reading in JSON: %#", (json, message) => {
  expect(() => soundReadingOfJson(json, "model.safetensors")).toThrow(
    new FormatError(`model.safetensors: ${message}`),
  );
});

test("the features of the samples at the reading's rate", () => {
  const reading = soundReading({ rate: 8000, kind: "mfcc" });
  const reader = new SoundReader(reading);
  expect([reader.size, reader.window, reader.hop]).toEqual([13, 200, 80]);
  const samples = tone(5000);
  expect(reader.read({ samples, rate: 16000 })).toEqual(
    soundFeatures({ rate: 8000, kind: "mfcc" }).of(resample(samples, 16000, 8000)),
  );
  const slow = new SoundReader(reading, { backend: reference });
  expect(slow.read({ samples, rate: 8000 }).steps).toBe(61);
});

test("a recording shorter than a frame is one frame, filled up with silence", () => {
  const reader = new SoundReader(soundReading({ rate: 8000 }));
  const filled = new Float32Array(200);
  filled.set(tone(30));
  expect(reader.read({ samples: tone(30), rate: 8000 })).toEqual(
    reader.read({ samples: filled, rate: 8000 }),
  );
  const empty = reader.read({ samples: new Float32Array(0), rate: 44100 });
  expect(empty.steps).toBe(1);
  expect(empty.values.every((value) => Math.abs(value - silence) < 1e-5)).toBe(true);
});

test.each([8000, 11025, 16000])(
  "a stream at %i Hz has the bits of the whole, whatever the pieces",
  (rate) => {
    const reader = new SoundReader(soundReading({ rate: 8000, mels: 20 }));
    const samples = tone(3000);
    fc.assert(
      fc.property(
        fc.nat({ max: 3000 }),
        fc.array(fc.nat({ max: 900 }), { maxLength: 10 }),
        (length, sizes) => {
          const given = samples.subarray(0, length);
          const stream = reader.stream(rate);
          const bits: number[] = [];
          let at = 0;
          for (const size of [...sizes, length]) {
            bits.push(...bitsOf(stream.push(given.subarray(at, at + size))));
            at = Math.min(length, at + size);
          }
          bits.push(...bitsOf(stream.end()));
          expect(bits).toEqual(bitsOf(reader.read({ samples: given, rate }).values));
        },
      ),
      { numRuns: 30 },
    );
  },
);

test("a file is mixed down, and keeps its name in errors", async () => {
  const header = [0x46464952, 40, 0x45564157, 0x20746d66, 16, 0x20001, 8000, 32000, 0x100004, 0x61746164, 4];
  const stereo = [Int32Array.from(header), Int16Array.of(8192, -16384)];
  const recording = await readRecording(new File(stereo, "a.wav"));
  expect(recording).toEqual({ samples: Float32Array.of(-0.125), rate: 8000 });
  await expect(readRecording(new File(["ID3"], "a.mp3"))).rejects.toThrow(/^a\.mp3: no "RIFF"/);
  const none = new File([Int32Array.from(header.with(-1, 0))], "none.wav");
  await expect(readRecording(none)).rejects.toThrow(
    new DataError("none.wav: a recording without samples given, one or more expected"),
  );
  expect((await readRecording(none, { allowEmpty: true })).samples.length).toBe(0);
});

test("what is no recording", () => {
  const reader = new SoundReader(soundReading({ rate: 8000 }));
  expect(() => reader.read(undefined as never, "row 3")).toThrow(
    new DataError("row 3: undefined given, { samples, rate } expected"),
  );
  expect(() => reader.read({ samples: [0.5], rate: 8000 } as never)).toThrow(
    new UsageError("recording: an array of 1 given, a Float32Array of samples expected"),
  );
  expect(() => reader.read({ samples: Float32Array.of(0, Number.NaN), rate: 8000 }, "row 3")).toThrow(
    new DataError("row 3: sample 1: NaN given, a finite number expected, -1 to 1 at full scale"),
  );
  expect(() => reader.read({ samples: tone(3), rate: 0.5 })).toThrow(
    new UsageError(
      "recording: rate 0.5 given, a whole number of samples a second from 1 to 10000000 expected",
    ),
  );
  expect(() => new SoundReader(soundReading({ rate: 8000, mels: 128 }))).toThrow(/fewer mels/);
  expect(() => reader.stream(0)).toThrow(UsageError);
});
