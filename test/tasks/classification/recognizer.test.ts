// Labels of a sound that goes on: looks at the same frames as of the whole recording, and the rule for when to tell.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoundReader } from "../../../src/data/sound/reader.ts";
import { soundReading } from "../../../src/data/sound/reading.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import {
  Recognizer,
  type RecognizerOptions,
  type SoundLabeller,
} from "../../../src/tasks/classification/recognizer.ts";

const reader = new SoundReader(soundReading({ rate: 8000, mels: 4, window: 0.02, hop: 0.01 }));
const tone = Float32Array.from(
  { length: 9000 },
  (_, at) => 0.5 * Math.sin(at / 3) * Math.sin(at / 700) + (((at * 37) % 11) - 5) / 50,
);
const bitsOf = (values: Float32Array) => Array.from(new Uint32Array(values.slice().buffer)).join();

/** A labeller that remembers the frames that it is given. */
function listener() {
  const looks: string[] = [];
  const labeller: SoundLabeller = {
    labels: ["a", "b"],
    reader,
    probabilities(frames, steps) {
      expect(frames.length).toBe(steps * reader.size);
      looks.push(bitsOf(frames));
      return [0.5, 0.5];
    },
  };
  return { looks, labeller };
}

test.each<[RecognizerOptions, number, number]>([
  [{ window: 0.1, every: 0.03 }, 9, 3],
  [{ window: 0.05, every: 0.1 }, 4, 10],
  [{ window: 0.02, every: 0.01 }, 1, 1],
  [{ window: 0.0999, every: 0.001 }, 8, 1],
])("looks are at the frames of the whole recording, whatever the pieces: %j", (options, window, every) => {
  fc.assert(
    fc.property(
      fc.nat({ max: tone.length }),
      fc.array(fc.nat({ max: 3000 }), { maxLength: 8 }),
      fc.constantFrom(8000, 11025),
      (length, sizes, rate) => {
        const samples = tone.subarray(0, length);
        const { looks, labeller } = listener();
        const recognizer = new Recognizer(labeller, rate, options);
        let at = 0;
        for (const size of [...sizes, length]) {
          recognizer.push(samples.subarray(at, at + size));
          at = Math.min(length, at + size);
        }
        recognizer.end();
        const { steps, values } = reader.read({ samples, rate });
        const cut = (start: number, end: number) => values.slice(start * reader.size, end * reader.size);
        const expected: string[] = [];
        for (let start = 0; start + window <= steps; start += every) {
          expected.push(bitsOf(cut(start, start + window)));
        }
        // What is shorter than a window is looked at once; of nothing there is no look.
        if (expected.length === 0 && length > 0) expected.push(bitsOf(values));
        expect(looks).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

/** What is told where the looks, which are 0.01 s apart and at 0.02 s each, find the labels so likely. */
function told(labels: readonly string[], looks: readonly number[][], options: RecognizerOptions = {}) {
  let at = 0;
  const labeller = { labels, reader, probabilities: () => looks[at++] as number[] };
  const given = { window: 0.02, every: 0.01, smoothing: 1, mute: 0, ...options };
  const recognizer = new Recognizer(labeller, 8000, given);
  const detections = [...recognizer.push(new Float32Array(80 * (looks.length + 1))), ...recognizer.end()];
  expect(at).toBe(looks.length);
  return detections.map(({ time, label, probability }) => [
    Number(time.toFixed(6)),
    label,
    Number(probability.toFixed(6)),
  ]);
}

describe("when a label is told", () => {
  test("where it is the likeliest and reaches the threshold, at the end of the window", () => {
    const looks = [
      [0.1, 0.9],
      [0.79, 0.21],
      [0.8, 0.2],
    ];
    expect(told(["a", "b"], looks)).toEqual([
      [0.02, "b", 0.9],
      [0.04, "a", 0.8],
    ]);
    expect(told(["a", "b"], looks, { threshold: 0.79 }).length).toBe(3);
  });

  test("thresholds by label; each other label has the default", () => {
    const looks = [
      [0.6, 0.4],
      [0.4, 0.6],
      [0.15, 0.85],
    ];
    expect(told(["a", "b"], looks, { threshold: { a: 0.5 } })).toEqual([
      [0.02, "a", 0.6],
      [0.04, "b", 0.85],
    ]);
  });

  test("after a label nothing is told for a while, neither it nor another", () => {
    const looks = [
      [0.9, 0.1],
      [0.9, 0.1],
      [0.1, 0.9],
      [0.1, 0.9],
      [0.1, 0.9],
    ];
    expect(told(["a", "b"], looks, { mute: 0.03 })).toEqual([
      [0.02, "a", 0.9],
      [0.05, "b", 0.9],
    ]);
    // Default: as long as a window.
    expect(told(["a", "b"], looks, { mute: undefined }).map(([time]) => time)).toEqual([0.02, 0.04, 0.06]);
  });

  test("what counts is the mean of the last looks", () => {
    const looks = [
      [1, 0],
      [0.2, 0.8],
      [0, 1],
      [0, 1],
    ];
    expect(told(["a", "b"], looks, { smoothing: 2, threshold: 0 })).toEqual([
      [0.02, "a", 1],
      [0.03, "a", 0.6],
      [0.04, "b", 0.9],
      [0.05, "b", 1],
    ]);
  });

  test("labels of the background are never told, though they may be the likeliest", () => {
    const looks = [
      [0.9, 0.05, 0.05],
      [0.05, 0.9, 0.05],
      [0.05, 0.05, 0.9],
    ];
    const labels = ["a", "silence", "unknown"];
    expect(told(labels, looks).map(([, label]) => label)).toEqual(["a"]);
    expect(told(labels, looks, { background: ["a"] }).map(([, label]) => label)).toEqual([
      "silence",
      "unknown",
    ]);
    expect(told(labels, looks, { background: [] }).length).toBe(3);
  });

  test("a sound shorter than a window, at its end", () => {
    const labeller = { labels: ["a", "b"], reader, probabilities: () => [1, 0] };
    const recognizer = new Recognizer(labeller, 8000);
    expect(recognizer.push(new Float32Array(800))).toEqual([]);
    expect(recognizer.end()).toEqual([{ time: 0.1, label: "a", probability: 1 }]);
    expect(() => recognizer.push(new Float32Array(1))).toThrow(UsageError);
    expect(new Recognizer(labeller, 8000).end()).toEqual([]);
  });

  test("what is given is copied, so that a labeller may use its memory again", () => {
    const memory = new Float64Array(2);
    let look = 0;
    const labeller = {
      labels: ["a", "b"],
      reader,
      probabilities() {
        memory.set(look++ === 0 ? [1, 0] : [0, 1]);
        return memory;
      },
    };
    const recognizer = new Recognizer(labeller, 8000, { window: 0.02, every: 0.01, smoothing: 2, mute: 0 });
    const [first, second] = recognizer.push(new Float32Array(240));
    expect(first?.label).toBe("a");
    expect(second).toBeUndefined(); // 0.5 of each
  });
});

test("after a sample that is none it goes on as before", () => {
  const { looks, labeller } = listener();
  const recognizer = new Recognizer(labeller, 8000, { window: 0.02, every: 0.01 });
  expect(() => recognizer.push(Float32Array.of(Number.NaN))).toThrow(DataError);
  recognizer.push(tone.subarray(0, 160));
  expect(looks).toEqual([bitsOf(reader.read({ samples: tone.subarray(0, 160), rate: 8000 }).values)]);
});

test.each<[object, string]>([
  [{ window: 0.01 }, "window 0.01 given, seconds from 0.02, the length of a frame, expected"],
  [{ window: "1" }, 'window "1" given, seconds from 0.02, the length of a frame, expected'],
  [{ every: 0 }, "every 0 given, seconds above 0 expected"],
  [{ mute: -1 }, "mute -1 given, seconds from 0 expected"],
  [{ mute: Number.NaN }, "mute NaN given, seconds from 0 expected"],
  [{ smoothing: 0 }, "smoothing 0 given, a whole number of looks from 1 expected"],
  [{ threshold: 1.5 }, "threshold 1.5 given, a probability from 0 to 1 expected"],
  [{ threshold: null }, "threshold null given, a probability from 0 to 1 expected"],
  [{ threshold: { a: 2 } }, 'threshold of "a" 2 given, a probability from 0 to 1 expected'],
  [{ threshold: { yes: 0.5 } }, 'threshold: label "yes" is unknown: a, b expected'],
  [{ background: "a" }, 'background "a" given, a list of labels expected'],
  [{ background: ["c"] }, 'background: label "c" is unknown: a, b expected'],
  [{ treshold: 1 }, "option treshold is unknown: did you mean threshold?"],
])("options that do not fit: %j", (options, message) => {
  const { labeller } = listener();
  expect(() => new Recognizer(labeller, 8000, options)).toThrow(new UsageError(`Recognizer: ${message}`));
});

test.each<[number[], string]>([
  [[1], "1 numbers given, one of each label expected"],
  [[Number.NaN, 1], "NaN given, one of each label expected"],
])("probabilities that are none: %j", (given, message) => {
  const labeller = { labels: ["a", "b"], reader, probabilities: () => given };
  const recognizer = new Recognizer(labeller, 8000, { window: 0.02 });
  expect(() => recognizer.push(new Float32Array(800))).toThrow(
    new UsageError(`Recognizer: probabilities: ${message}`),
  );
});
