// Six updates of each optimiser against PyTorch's, and what its settings refuse.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { compile, float32, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import {
  applyOptimizer,
  OPTIMIZER_NAMES,
  type Optimizer,
  type OptimizerSettings,
  optimizerState,
} from "../../src/training/optimizer.ts";
import { adam, adamw, createOptimizer, rmsprop, sgd } from "../../src/training/optimizers.ts";
import { relativeError } from "../helpers/close.ts";
import { settingsOf } from "../parity/optimizers.ts";
import { numbers, readCase } from "./fixtures.ts";

/** The parameter after each update with the given gradients. */
function run(optimizer: Optimizer, start: number[], gradients: number[][], rates: number[]): number[][] {
  const parameter = new Variable("p", [start.length]);
  parameter.value = start;
  const state = optimizerState(optimizer, [parameter]);
  const scalarTypes = Object.fromEntries(
    Object.keys(optimizer.scalars(1, 1)).map((name) => [name, float32()]),
  );
  const step = compile(
    ({ g, scalars }, update) => {
      applyOptimizer(optimizer, [parameter], [g], state, scalars as Record<string, Tensor>, update);
      return {};
    },
    { inputs: { g: float32(start.length), scalars: scalarTypes } },
  );
  return gradients.map((gradient, index) => {
    state.step += 1;
    const scalars = optimizer.scalars(state.step, rates[index] as number);
    step({ g: value(Float32Array.from(gradient), [gradient.length]), scalars });
    return Array.from(parameter.value);
  });
}

describe("against PyTorch", () => {
  const cases = readdirSync("test/fixtures/torch").filter((name) => name.startsWith("optimizer-"));
  it("has a case of each optimiser", () => {
    const covered = cases.map((name) => name.replace("optimizer-", "").split(/[.-]/)[0]);
    expect([...new Set(covered)].sort()).toEqual([...OPTIMIZER_NAMES].sort());
  });
  it.each(cases.map((name) => name.replace(".safetensors", "")))("%s", (name) => {
    const file = readCase(name);
    const defaults = JSON.parse(file.metadata.defaults as string) as Record<string, number>;
    const kind = name.replace("optimizer-", "").split("-")[0] as string;
    const optimizer = createOptimizer(kind, settingsOf(defaults));
    const gradients = [0, 1, 2, 3, 4, 5].map((k) => numbers(file, `in.grad${k}`));
    const found = run(optimizer, numbers(file, "in.p"), gradients, Array(6).fill(defaults.lr as number));
    found.forEach((parameter, k) => {
      expect(relativeError(parameter, numbers(file, `out.p${k}`))).toBeLessThan(1e-6);
    });
  });
});

describe("equations written out", () => {
  const start = [0.5, -1, 2];
  const gradients = [
    [0.1, -0.2, 0.3],
    [-0.3, 0.1, 0.2],
    [0.2, 0.2, -0.1],
  ];
  const rates = [0.1, 0.05, 0.2];

  /** The same update element by element in float64. */
  function expected(
    update: (p: number, g: number, k: number, rate: number, kept: number[]) => number,
  ): number[] {
    return start.map((first, element) => {
      const kept: number[] = [];
      return gradients.reduce(
        (p, gradient, k) => update(p, gradient[element] as number, k + 1, rates[k] as number, kept),
        first,
      );
    });
  }

  it("sgd: the first update takes the whole gradient, later ones are dampened", () => {
    const found = run(sgd({ momentum: 0.8, dampening: 0.5 }), start, gradients, rates).at(-1) as number[];
    const wanted = expected((p, g, k, rate, kept) => {
      kept[0] = k === 1 ? g : 0.8 * (kept[0] as number) + 0.5 * g;
      return p - rate * kept[0];
    });
    expect(relativeError(found, wanted)).toBeLessThan(1e-6);
  });

  it("rmsprop: centred, with momentum and decay", () => {
    const optimizer = rmsprop({ centered: true, momentum: 0.7, weightDecay: 0.1, alpha: 0.9 });
    const found = run(optimizer, start, gradients, rates).at(-1) as number[];
    const wanted = expected((p, raw, _, rate, kept) => {
      const [square = 0, mean = 0, buffer = 0] = kept;
      const g = raw + 0.1 * p;
      kept[0] = 0.9 * square + 0.1 * g * g;
      kept[1] = 0.9 * mean + 0.1 * g;
      kept[2] = 0.7 * buffer + g / (Math.sqrt(kept[0] - kept[1] ** 2) + 1e-8);
      return p - rate * kept[2];
    });
    expect(relativeError(found, wanted)).toBeLessThan(1e-6);
  });

  it("rmsprop: centred, of a gradient that never changes, whose variance rounding would take below 0", () => {
    const count = 5000;
    const updates = run(rmsprop({ centered: true }), [1], Array(count).fill([1.1]), Array(count).fill(0.001));
    expect(updates.findIndex(([w]) => !Number.isFinite(w))).toBe(-1);
  });

  it("adam adds decay to the gradient, adamw shrinks the weight by the rate of the moment", () => {
    for (const [name, make] of Object.entries({ adam, adamw })) {
      const found = run(make({ weightDecay: 0.1 }), start, gradients, rates).at(-1) as number[];
      const wanted = expected((p, raw, k, rate, kept) => {
        const g = name === "adam" ? raw + 0.1 * p : raw;
        const from = name === "adam" ? p : p * (1 - rate * 0.1);
        kept[0] = 0.9 * (kept[0] ?? 0) + 0.1 * g;
        kept[1] = 0.999 * (kept[1] ?? 0) + 0.001 * g * g;
        return from - (rate * kept[0]) / (1 - 0.9 ** k) / (Math.sqrt(kept[1] / (1 - 0.999 ** k)) + 1e-8);
      });
      expect(relativeError(found, wanted)).toBeLessThan(2e-6);
    }
  });
});

describe("settings", () => {
  it("are complete, so that an optimiser can be made again from them", () => {
    for (const name of OPTIMIZER_NAMES) {
      const optimizer = createOptimizer(name);
      expect(createOptimizer(name, optimizer.settings).settings).toEqual(optimizer.settings);
      expect(optimizer.name).toBe(name);
    }
  });

  it.each([
    ["nadam", {}, 'optimizer "nadam" is unknown: expected sgd, rmsprop, adagrad, adadelta, adam, adamw'],
    [
      "adam",
      { momentum: 0.9 },
      "adam: option momentum is unknown: beta1, beta2, epsilon, weightDecay expected",
    ],
    ["adam", { beta1: 1 }, "adam: beta1 1 given, a number from 0 to below 1 expected"],
    ["sgd", { momentum: Number.NaN }, "sgd: momentum NaN given, 0 or more expected"],
    ["sgd", { weightDecay: -1 }, "sgd: weightDecay -1 given, 0 or more expected"],
    ["sgd", { nesterov: 1 }, "sgd: nesterov 1 given, true or false expected"],
    ["rmsprop", { momentum: true }, "rmsprop: momentum true given, 0 or more expected"],
    [
      "sgd",
      { nesterov: true },
      "sgd: nesterov needs a momentum above 0 and dampening 0, momentum 0 and dampening 0 given",
    ],
  ])("%s %o is refused", (name, settings, message) => {
    expect(() => createOptimizer(name, settings as OptimizerSettings)).toThrow(new UsageError(message));
  });
});
