// Series of the lab: Mackey and Glass, two sines, values held between events, sentences with moods.
import { expect, it } from "vitest";
import { holding } from "../../../src/lab/problems/holding.ts";
import { mackeyGlass, windowsOf } from "../../../src/lab/problems/mackey-glass.ts";
import { SENTENCE_TOKENS, sentences, tokensOf } from "../../../src/lab/problems/moods.ts";
import { twoSines } from "../../../src/lab/problems/sines.ts";
import { randomSource } from "../../../src/nn/random.ts";

it("Mackey-Glass is the delay equation by Euler's method, scaled", () => {
  const points = 3000;
  const found = mackeyGlass(randomSource(1, "glass"), points);
  // The equation written out once more, from the same history, with a list that holds 17 units of the past.
  const random = randomSource(1, "glass");
  const past = Array.from({ length: 171 }, () => 1.2 + 0.2 * (random.uniform() - 0.5));
  let x = past.at(-1) as number;
  for (let step = 1; step <= (200 + 20) * 10; step++) {
    const old = past[past.length - 171] as number;
    x += 0.1 * ((0.2 * old) / (1 + old ** 10) - 0.1 * x);
    past.push(x);
    const unit = step / 10 - 200;
    if (unit >= 0 && unit < 20 && step % 10 === 0) expect(found[unit]).toBeCloseTo((x - 0.93) / 0.23, 6);
  }
  const mean = found.reduce((sum, one) => sum + one, 0) / points;
  const deviation = Math.sqrt(found.reduce((sum, one) => sum + (one - mean) ** 2, 0) / points);
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(Math.abs(deviation - 1)).toBeLessThan(0.1);
  const { data, shape } = windowsOf(found, randomSource(2, "windows"), { steps: 5, batch: 40 });
  expect(shape).toEqual([5, 40, 1]);
  for (let row = 0; row < 40; row++) {
    const start = found.findIndex((one) => Math.fround(one) === data[row]);
    for (let t = 0; t < 5; t++) expect(data[t * 40 + row]).toBe(Math.fround(found[start + t] as number));
  }
});

it("two sines keep to their frequencies, whatever their phases", () => {
  const [steps, batch] = [30, 6];
  const { data, shape } = twoSines(randomSource(1, "sines"), { steps, batch });
  expect(shape).toEqual([steps, batch, 1]);
  // What has two frequencies w and v is undone by (E^2 - 2 cos w E + 1)(E^2 - 2 cos v E + 1), E one step on.
  const [p, q] = [2 * Math.cos(0.3), 2 * Math.cos(0.6 * Math.SQRT2)];
  for (let row = 0; row < batch; row++) {
    const at = (t: number) => data[t * batch + row] as number;
    for (let t = 0; t < steps - 4; t++) {
      const left = at(t + 4) - (p + q) * at(t + 3) + (2 + p * q) * at(t + 2) - (p + q) * at(t + 1) + at(t);
      expect(left).toBeCloseTo(0, 5);
    }
  }
  expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(1.2);
  expect(new Set(data.slice(0, batch)).size).toBe(batch);
});

it("events bring values that hold until the next one", () => {
  const [steps, batch, rate] = [50, 100, 0.05];
  const { x, y } = holding(randomSource(1, "events"), { length: steps, batch, probability: rate });
  let count = 0;
  for (let row = 0; row < batch; row++) {
    let held = Number.NaN;
    for (let t = 0; t < steps; t++) {
      const at = t * batch + row;
      const [v, s] = [x.data[2 * at] as number, x.data[2 * at + 1]];
      expect(Math.abs(v)).toBeLessThanOrEqual(1);
      if (t === 0) expect(s).toBe(1);
      if (s === 1) held = v;
      else expect(s).toBe(0);
      count += Number(s);
      expect(y.data[at]).toBe(held);
    }
  }
  // 4,900 draws: within four standard deviations.
  expect(Math.abs(count - batch - 4900 * rate)).toBeLessThan(4 * Math.sqrt(4900 * rate * (1 - rate)));
});

it("sentences have the mood of their second clause, most words of a clause its mood", () => {
  const lexicon = { moods: 30, neutral: 10 };
  const { tokens, labels } = sentences(randomSource(1, "moods"), 500, lexicon);
  expect(tokens.length).toBe(500 * SENTENCE_TOKENS);
  expect(Math.max(...tokens)).toBeLessThan(tokensOf(lexicon));
  let stray = 0;
  for (const [row, label] of labels.entries()) {
    const sentence = Array.from(tokens.slice(row * SENTENCE_TOKENS, (row + 1) * SENTENCE_TOKENS));
    const [first, joint, second] = [sentence.slice(0, 4), sentence[4], sentence.slice(5)];
    const before = joint === 0 ? label : 1 - label;
    for (const [clause, mood] of [
      [first, before],
      [second, label],
    ] as const) {
      expect(clause[0]).toBe(2);
      expect((clause[1] as number) - 3).toBeLessThan(lexicon.neutral);
      for (const word of clause.slice(2)) {
        stray += Number(Math.floor((word - 3 - lexicon.neutral) / lexicon.moods) !== mood);
      }
    }
  }
  // One word in ten of 2,000.
  expect(Math.abs(stray - 200)).toBeLessThan(60);
});
