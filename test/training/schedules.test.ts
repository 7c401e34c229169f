// Learning rates over a training, against PyTorch's schedulers written out.
import { describe, expect, it } from "vitest";
import {
  constant,
  cosine,
  createSchedule,
  reduceOnPlateau,
  type Schedule,
  type ScheduleDescription,
  type ScheduleMemory,
  stepDecay,
  warmUp,
} from "../../src/training/schedules.ts";

const rates = (schedule: Schedule, positions: { step: number; epoch: number }[]) =>
  positions.map((position) => schedule.rate(position, {}));
const steps = (...list: number[]) => list.map((step) => ({ step, epoch: 0 }));
const epochs = (...list: number[]) => list.map((epoch) => ({ step: epoch * 10, epoch }));

it("constant", () => {
  expect(rates(constant(0.1), epochs(0, 1, 50))).toEqual([0.1, 0.1, 0.1]);
});

it("step: multiplied each so many epochs", () => {
  expect(rates(stepDecay(1, { every: 2, factor: 0.5 }), epochs(0, 1, 2, 3, 4, 9))).toEqual([
    1, 1, 0.5, 0.5, 0.25, 0.0625,
  ]);
});

it("cosine: from the rate to the minimum, and there it stays", () => {
  const found = rates(cosine(1, { steps: 4, minimum: 0.2 }), steps(0, 1, 2, 3, 4, 5));
  const expected = [1, 0.6 + 0.4 * Math.SQRT1_2, 0.6, 0.6 - 0.4 * Math.SQRT1_2, 0.2, 0.2];
  found.forEach((rate, index) => {
    expect(rate).toBeCloseTo(expected[index] as number, 12);
  });
});

it("warm-up: the first updates rise in equal parts, on top of any schedule", () => {
  expect(rates(warmUp(constant(1), 4), steps(0, 1, 2, 3, 4, 100))).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  const both = warmUp(cosine(1, { steps: 10 }), 2);
  expect(both.rate({ step: 0, epoch: 0 }, {})).toBeCloseTo(0.5, 12);
  expect(both.rate({ step: 5, epoch: 0 }, {})).toBeCloseTo(0.5, 12);
});

describe("reduce on plateau", () => {
  /** ReduceLROnPlateau(mode="min", threshold_mode="rel") as torch.optim.lr_scheduler has it, the rate after each loss. */
  function torch(
    losses: number[],
    settings: { factor: number; patience: number; minimum: number },
  ): number[] {
    let [rate, best, bad] = [1, Number.POSITIVE_INFINITY, 0];
    return losses.map((loss) => {
      if (loss < best * (1 - 1e-4)) [best, bad] = [loss, 0];
      else bad += 1;
      if (bad > settings.patience) [rate, bad] = [Math.max(rate * settings.factor, settings.minimum), 0];
      return rate;
    });
  }

  it.each([0, 1, 2])("patience %d, with its memory written down as JSON each time", (patience) => {
    const losses = [
      3, 2, 2.5, 2.4, 1.99999, 1.5, 1.6, 1.5, 1.4999999, 1.7, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3,
    ];
    const settings = { factor: 0.5, patience, minimum: 0.05 };
    const schedule = warmUp(reduceOnPlateau(1, settings), 1);
    let memory: ScheduleMemory = {};
    const found = losses.map((loss) => {
      memory = JSON.parse(JSON.stringify(schedule.observe(loss, memory))) as ScheduleMemory;
      return schedule.rate({ step: 100, epoch: 1 }, memory);
    });
    expect(found).toEqual(torch(losses, settings));
  });

  const ratesAfter = (losses: readonly number[]) => {
    const schedule = reduceOnPlateau(1, { factor: 0.5, patience: 0, threshold: 0.1 });
    let memory: ScheduleMemory = {};
    return losses.map((loss) => {
      memory = JSON.parse(JSON.stringify(schedule.observe(loss, memory))) as ScheduleMemory;
      return schedule.rate({ step: 100, epoch: 1 }, memory);
    });
  };

  it("losses below 0 improve by falling, and those that stay reduce the rate", () => {
    expect(ratesAfter([-1, -1, -1.05, -1.2, -1.2])).toEqual([1, 0.5, 0.25, 0.25, 0.125]);
    expect(ratesAfter([0.5, -0.5, 0])).toEqual([1, 1, 0.5]);
    expect(ratesAfter([0, 0, -1])).toEqual([1, 0.5, 0.5]);
  });

  it("a loss that is NaN is no improvement, not even as the first", () => {
    expect(ratesAfter([Number.NaN, 2, Number.NaN, 1])).toEqual([0.5, 0.5, 0.25, 0.25]);
  });

  it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])("a threshold of %d is refused", (threshold) => {
    expect(() => reduceOnPlateau(1, { threshold })).toThrow(/plateau threshold .*: expected a number from 0/);
  });
});

describe("from a description", () => {
  const of = (description: ScheduleDescription) =>
    createSchedule(description, { learningRate: 1, steps: 100 });

  it("each kind, its settings and warm-up are passed on", () => {
    const at = { step: 50, epoch: 3 };
    expect(of({ kind: "constant" }).rate(at, {})).toBe(1);
    expect(of({ kind: "step" }).rate(at, {})).toBeCloseTo(1e-3, 15);
    expect(of({ kind: "step", every: 3, factor: 0.5 }).rate(at, {})).toBe(0.5);
    expect(of({ kind: "step", hold: 4, factor: 0.5 }).rate({ step: 0, epoch: 4 }, {})).toBe(1);
    expect(of({ kind: "step", hold: 4, factor: 0.5 }).rate({ step: 0, epoch: 6 }, {})).toBe(0.25);
    expect(of({ kind: "cosine", minimum: 0.5 }).rate(at, {})).toBeCloseTo(0.75, 12);
    const memory = { best: 1, waited: 0, reductions: 2 };
    expect(of({ kind: "plateau", factor: 0.5 }).rate(at, memory)).toBe(0.25);
    expect(of({ kind: "plateau", factor: 0.5, minimum: 0.4 }).rate(at, memory)).toBe(0.4);
    expect(of({ kind: "plateau", patience: 0 }).observe(2, { best: 1 })).toMatchObject({ reductions: 1 });
    expect(of({ kind: "constant", warmUp: 100 }).rate(at, {})).toBeCloseTo(0.51, 12);
  });

  it.each<[object, string]>([
    [
      { kind: "exponential" },
      'schedule "exponential" is unknown: expected constant, step, linear, cosine, plateau',
    ],
    [{ kind: "constant", factor: 0.5 }, "schedule constant has no setting factor"],
    [{ kind: "cosine", every: 2 }, "schedule cosine has no setting every"],
    [{ kind: "step", hold: -1 }, "decay hold -1: expected a whole number from 0"],
    [{ kind: "step", every: 0 }, "decay every 0: expected a whole number from 1"],
    [{ kind: "step", factor: 0 }, "decay factor 0: expected a number above 0"],
    [{ kind: "plateau", factor: 1 }, "decay factor 1: expected a number above 0 and below 1"],
    [{ kind: "plateau", patience: -1 }, "plateau patience -1: expected a whole number from 0"],
    [
      { kind: "cosine", minimum: 2 },
      "minimum learning rate 2: expected a number from 0 to the learning rate, 1",
    ],
    [{ kind: "constant", warmUp: 0.5 }, "warm-up 0.5: expected a whole number from 1"],
  ])("%o is refused", (description, message) => {
    expect(() => of(description as ScheduleDescription)).toThrow(message);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    "a learning rate of %d is refused",
    (learningRate) => {
      for (const kind of ["constant", "step", "cosine", "plateau"] as const) {
        expect(() => createSchedule({ kind }, { learningRate, steps: 1 })).toThrow(
          `learning rate ${learningRate}`,
        );
      }
    },
  );
});
