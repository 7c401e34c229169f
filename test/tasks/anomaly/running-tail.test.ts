// The running distribution: probabilities of what is rare, from a window of what was seen.
import { describe, expect, it } from "vitest";
import { randomSource } from "../../../src/nn/random.ts";
import { fitTail, LEAST_SEEN, RunningTail, tailQuantile } from "../../../src/tasks/anomaly/running-tail.ts";

const random = (seed: number) => randomSource(seed, "tail");
const exponential = (source: { uniform(): number }) => -Math.log(1 - source.uniform());

describe("the tail of a distribution", () => {
  it("is extrapolated: exponential numbers are exceeded as often as they should be", () => {
    const source = random(1);
    const sorted = Float64Array.from({ length: 20_000 }, () => exponential(source)).sort();
    const tail = fitTail(sorted);
    expect(tail.count).toBe(1000);
    expect(tail.shape).toBeLessThan(0.1);
    for (const probability of [1e-3, 1e-4, 1e-5]) {
      const found = tailQuantile(tail, probability);
      expect(Math.abs(found + Math.log(probability))).toBeLessThan(0.15 * -Math.log(probability));
    }
  });

  it("is heavy where numbers are: Pareto numbers of shape 1/3", () => {
    const source = random(2);
    const sorted = Float64Array.from({ length: 20_000 }, () => (1 - source.uniform()) ** (-1 / 3)).sort();
    expect(fitTail(sorted).shape).toBeGreaterThan(0.25);
    expect(fitTail(sorted).shape).toBeLessThan(0.42);
  });
});

describe("a running distribution", () => {
  const filled = (capacity = 500, seed = 3) => {
    const [tail, source] = [new RunningTail(capacity), random(seed)];
    for (let at = 0; at < capacity; at++) tail.push(exponential(source));
    return { tail, source };
  };

  it("says nothing before it has seen enough", () => {
    const tail = new RunningTail(200);
    for (let at = 0; at < LEAST_SEEN; at++) {
      expect(tail.score(1)).toBeNaN();
      tail.push(at);
    }
    expect(tail.score(LEAST_SEEN)).toBeGreaterThan(1);
    expect(tail.score(-1)).toBe(0);
  });

  it("scores the higher, the larger a number is", () => {
    const { tail } = filled();
    let before = -1;
    for (let value = 0; value < 30; value += 0.01) {
      const score = tail.score(value);
      expect(score).toBeGreaterThanOrEqual(before);
      before = score;
    }
    expect(before).toBeGreaterThan(7);
  });

  it("forgets what is older than its capacity, as if it had never been", () => {
    const [long, short] = [new RunningTail(100), new RunningTail(100)];
    const source = random(4);
    const numbers = Array.from({ length: 350 }, () => source.uniform());
    for (const number of numbers) long.push(number);
    short.restore(long.save());
    expect(long.save()).toHaveLength(100);
    for (const value of [0.1, 0.5, 0.9, 2]) expect(short.score(value)).toBe(long.score(value));
    for (const number of numbers) {
      expect(short.score(number)).toBe(long.score(number));
      long.push(number);
      short.push(number);
    }
  });

  it("is not widened by an anomaly, but by many of them", () => {
    const { tail } = filled();
    const before = tail.score(12);
    tail.push(1e9);
    expect(tail.score(12)).toBeGreaterThan(0.7 * before);
    expect(tail.score(1e9)).toBeGreaterThan(7);
    let alarms = 0;
    for (let at = 0; at < 500; at++) {
      if (tail.score(100) > 3.3) alarms += 1;
      tail.push(100);
    }
    expect(alarms).toBeGreaterThan(3);
    expect(alarms).toBeLessThan(120);
    expect(tail.score(100)).toBeLessThan(1);
  });

  it("gives the stated rate of alarms on what is drawn from one distribution", () => {
    const { tail, source } = filled(2000);
    let alarms = 0;
    for (let at = 0; at < 40_000; at++) {
      const number = exponential(source);
      if (tail.score(number) > -Math.log10(20 / 10_000)) alarms += 1;
      tail.push(number);
    }
    expect(alarms).toBeGreaterThan(40);
    expect(alarms).toBeLessThan(160);
  });

  it("lives with numbers that are all equal", () => {
    const tail = new RunningTail(200);
    for (let at = 0; at < 200; at++) tail.push(5);
    expect(tail.score(5)).toBe(0);
    expect(tail.score(5.1)).toBeGreaterThan(3);
    expect(tail.score(1e300)).toBe(300);
  });
});
