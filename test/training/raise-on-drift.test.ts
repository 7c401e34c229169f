// Rates that are raised where a stream's error rises: when, by how much, and for how long.
import { describe, expect, test } from "vitest";
import { randomSource } from "../../src/nn/random.ts";
import { raiseOnDrift } from "../../src/training/raise-on-drift.ts";
import { linearDecay, type ScheduleMemory, warmUp } from "../../src/training/schedules.ts";

const at = (step: number) => ({ step, epoch: 0 });

/** The rate before each of some errors, and how many drifts there were by then. */
function follow(schedule: ReturnType<typeof raiseOnDrift>, errors: readonly number[]) {
  let memory: ScheduleMemory = {};
  return errors.map((error, step) => {
    const rate = schedule.rate(at(step), memory);
    memory = JSON.parse(JSON.stringify(schedule.observe(error, memory)));
    return { rate, drifts: memory.drifts ?? 0 };
  });
}

function noise(mean: number, count: number, name: string) {
  const random = randomSource(3, name);
  return Array.from({ length: count }, () => mean + 0.1 * random.normal());
}

describe("raiseOnDrift", () => {
  test("a mean that rises is a drift: the rate jumps, and falls by half in each half-life", () => {
    const errors = [...noise(1, 200, "before"), ...noise(1.3, 300, "after")];
    const found = follow(raiseOnDrift(0.01, { factor: 5, halfLife: 20 }), errors);
    const first = found.findIndex(({ drifts }) => drifts === 1);
    expect(first).toBeGreaterThanOrEqual(203);
    expect(first).toBeLessThan(210);
    expect(found.at(-1)?.drifts).toBe(1);
    for (const { rate } of found.slice(0, first + 1)) expect(rate).toBe(0.01);
    for (const later of [0, 20, 40]) {
      expect(found[first + 1 + later]?.rate).toBeCloseTo(0.01 * (1 + 4 * 0.5 ** (later / 20)), 12);
    }
  });

  test("noise, a lone outlier, an error that falls and one that is constant are none", () => {
    const drifts = (errors: readonly number[]) => follow(raiseOnDrift(1), errors).at(-1)?.drifts;
    expect(drifts(noise(1, 5000, "long"))).toBe(0);
    expect(drifts([...noise(1, 100, "a"), 1000, ...noise(1, 100, "b")])).toBe(0);
    expect(drifts([...noise(1, 100, "a"), Number.NaN, ...noise(1, 100, "b")])).toBe(0);
    expect(drifts(Array.from(noise(0, 500, "c"), (one, step) => 2 * 0.99 ** step + one))).toBe(0);
    expect(drifts(new Array(100).fill(2))).toBe(0);
  });

  test("errors that stay beyond numbers are a drift", () => {
    const errors = [...noise(1, 100, "a"), ...new Array(5).fill(Number.POSITIVE_INFINITY)];
    expect(follow(raiseOnDrift(1), errors).at(-1)?.drifts).toBe(1);
  });

  test("an error whose square is beyond numbers is an outlier as one beyond numbers is", () => {
    const [before, after] = [noise(1, 100, "a"), [...noise(1, 100, "b"), ...noise(2, 20, "c")]];
    const infinite = follow(raiseOnDrift(1), [...before, Number.POSITIVE_INFINITY, ...after]);
    expect(infinite.at(-1)?.drifts).toBe(1);
    for (const large of [1e200, 1e308]) {
      expect(follow(raiseOnDrift(1), [...before, large, ...after])).toEqual(infinite);
    }
    expect(follow(raiseOnDrift(1), [1e200, ...before, ...after]).at(-1)?.drifts).toBe(1);
  });

  test("stands on another schedule, and within one", () => {
    const errors = [...noise(1, 100, "a"), ...noise(2, 10, "b")];
    const linear = linearDecay(1, { steps: 200 });
    const found = follow(raiseOnDrift(linear, { factor: 3, halfLife: 1 }), errors);
    const first = found.findIndex(({ drifts }) => drifts === 1);
    expect(found[first]?.rate).toBeCloseTo(1 - first / 200, 12);
    expect(found[first + 1]?.rate).toBeCloseTo(3 * (1 - (first + 1) / 200), 12);
    expect(follow(warmUp(raiseOnDrift(1), 4), errors)[0]?.rate).toBe(0.25);
  });

  test.each([
    [{ factor: 1 }, "factor 1 given, a number above 1 expected"],
    [{ halfLife: 0 }, "halfLife 0 given, a number above 0 expected"],
    [{ window: 1 }, "window 1 given, a number above 1 expected"],
    [{ threshold: Number.NaN }, "threshold NaN given, a number above 0 expected"],
    [{ slack: -1 }, "slack -1 given, a number from 0 expected"],
  ])("refuses %j", (settings, message) => {
    expect(() => raiseOnDrift(1, settings)).toThrow(`raiseOnDrift: ${message}`);
  });
});
