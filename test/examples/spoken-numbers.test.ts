// Spoken numbers: digits joined to numbers, and a short training on tones in the place of digits.
import { dirname } from "node:path";
import { randomSource } from "rondo";
import { expect, it } from "vitest";
import { readNumbers, readSpoken, type Spoken, speak } from "../../examples/spoken-numbers.ts";
import { realData } from "../helpers/real-data.ts";

/** Recordings of tones of about 0.2 seconds, of a pitch for each digit, a little higher of the second speaker. */
function tones(digits: number, count: number, seed: number): Spoken[] {
  const random = randomSource(seed, "tones");
  return ["low", "high"].flatMap((speaker, voice) =>
    Array.from({ length: digits * count }, (_, at) => {
      const digit = at % digits;
      const hertz = (300 + 50 * voice) * 1.6 ** digit * (1 + 0.02 * random.normal());
      const samples = Float32Array.from(
        { length: 1300 + 600 * random.uniform() },
        (_, n) => 0.2 * Math.sin((2 * Math.PI * hertz * n) / 8000),
      );
      return { digit, speaker, samples };
    }),
  );
}

it("a number is of one speaker, and the same with the same seed", () => {
  const recordings = tones(3, 4, 1);
  const number = speak(recordings, 4, randomSource(5, "number"));
  expect(number.digits.length).toBe(4);
  // Four tones of at least 1300 samples, with pauses up to 1200: steps of 160 samples and 13 coefficients.
  expect(number.values.length % 13).toBe(0);
  expect(number.values.length / 13).toBeGreaterThan((4 * 1300) / 160 - 2);
  expect(number.values.length / 13).toBeLessThan((4 * 1900 + 5 * 1200) / 160);
  expect(speak(recordings, 4, randomSource(5, "number"))).toEqual(number);
  const oddly = recordings.map((one) => ({
    ...one,
    samples: new Float32Array(one.speaker === "low" ? 0 : 8000),
  }));
  const steps = Array.from({ length: 30 }, (_, at) => {
    return speak(oddly, 5, randomSource(at, "number")).values.length / 13;
  });
  // Pauses alone, or five times a second as well: never one speaker after the other.
  expect(steps.every((count) => count < 45 || count > 248)).toBe(true);
  expect(new Set(steps.map((count) => count < 45)).size).toBe(2);
});

it("a short training writes down numbers of tones that it did not hear", async () => {
  const options = { hidden: 32, batch: 16, batches: 60, epochs: 3, numbers: 64, learningRate: 0.01, beam: 4 };
  const { path, beam, samples } = await readNumbers(tones(3, 12, 1), tones(3, 4, 2), options);
  expect([path.sequences, path.units, samples.length]).toEqual([64, 16 * (2 + 3 + 4 + 5), 64]);
  expect(path.errorRate).toBeLessThan(0.2);
  expect(beam.errorRate).toBeLessThan(0.2);
  const right = samples.filter(({ said, read }) => said === read);
  expect(right.length).toBe(Math.round(path.exactMatch * 64));
  for (const { said, seconds } of right) expect(seconds.split(" ").length).toBe(said.length);
});

it("recordings of digits are parted as the data set has it", async (context) => {
  const { known, unseen } = await readSpoken(dirname(realData("fsdd/recordings/0_george_0.wav", context)));
  expect(unseen.length).toBe(300);
  expect(known.length).toBeGreaterThan(300);
  expect(new Set(unseen.map(({ digit, speaker }) => `${digit} ${speaker}`)).size).toBe(60);
});
