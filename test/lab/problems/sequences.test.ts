// Parity, noisy sines, tags that the next marker decides: what their sequences hold.
import { describe, expect, it, test } from "vitest";
import { MARKER_SYMBOLS, nextMarker } from "../../../src/lab/problems/next-marker.ts";
import { noisySine } from "../../../src/lab/problems/noisy-sine.ts";
import { parity } from "../../../src/lab/problems/parity.ts";
import { randomSource } from "../../../src/nn/random.ts";

const source = (seed = 1) => randomSource(seed, "test");

test("parity: whether the bits so far are odd in number, at every step", () => {
  const [steps, batch] = [30, 20];
  const { x, y } = parity(source(), { steps, batch });
  expect([x.shape, y.shape]).toEqual([
    [steps, batch, 1],
    [steps, batch],
  ]);
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    for (let t = 0; t < steps; t++) {
      const bit = x.data[t * batch + b] as number;
      expect([0, 1]).toContain(bit);
      sum += bit;
      expect(y.data[t * batch + b]).toBe(sum % 2);
    }
  }
  const ones = Array.from<number>(x.data).reduce((sum, bit) => sum + bit, 0);
  expect(Math.abs(ones - 300)).toBeLessThan(50);
});

describe("a noisy sine", () => {
  const [steps, batch] = [50, 40];

  it("has the answer of a sine: y_(t+1) + y_(t-1) = 2 cos(w) y_t, with w from 0.1 to 0.5", () => {
    const { y } = noisySine(source(), { steps, batch });
    for (let b = 0; b < batch; b++) {
      const at = (t: number) => y.data[t * batch + b] as number;
      const steep = Array.from({ length: steps - 2 }, (_, t) => t + 1).filter((t) => Math.abs(at(t)) > 0.5);
      for (const t of steep) {
        const w = Math.acos((at(t + 1) + at(t - 1)) / (2 * at(t)));
        expect(w).toBeGreaterThan(0.0999);
        expect(w).toBeLessThan(0.5001);
      }
    }
  });

  it("reads the value before the answer, with noise of the size that is given", () => {
    for (const [noise, given] of [
      [0.1, undefined],
      [0.4, 0.4],
    ] as const) {
      const { x, y } = noisySine(source(), { steps, batch, noise: given });
      const errors = Array.from({ length: (steps - 1) * batch }, (_, at) => {
        return (x.data[at + batch] as number) - (y.data[at] as number);
      });
      const size = Math.sqrt(errors.reduce((sum, one) => sum + one * one, 0) / errors.length);
      expect(size / noise).toBeGreaterThan(0.93);
      expect(size / noise).toBeLessThan(1.07);
    }
  });
});

test("tags: each is the kind of the next marker, and the last step has one", () => {
  const [steps, batch] = [20, 50];
  const { x, y } = nextMarker(source(), { steps, batch });
  let markers = 0;
  for (let b = 0; b < batch; b++) {
    const symbols = Array.from({ length: steps }, (_, t) => {
      const row = Array.from(
        x.data.slice((t * batch + b) * MARKER_SYMBOLS, (t * batch + b + 1) * MARKER_SYMBOLS),
      );
      expect(row.filter((one) => one !== 0)).toEqual([1]);
      return row.indexOf(1);
    });
    markers += symbols.filter((symbol) => symbol >= 4).length;
    for (let t = 0; t < steps; t++) {
      const next = symbols.slice(t).find((symbol) => symbol >= 4) as number;
      expect(y.data[t * batch + b]).toBe(next - 4);
    }
  }
  // 50 last ones, and a fifth of 950 others: within four standard deviations.
  expect(Math.abs(markers - 240)).toBeLessThan(50);
});

test("all are the same for the same source, and others for another", () => {
  for (const problem of [parity, noisySine, nextMarker]) {
    const of = (seed: number) => problem(source(seed), { steps: 5, batch: 3 });
    expect(of(1)).toEqual(of(1));
    expect(of(1).x.data).not.toEqual(of(2).x.data);
  }
});
