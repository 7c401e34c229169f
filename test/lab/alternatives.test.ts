// The GRU, the TCN and the Transformer of the lab: their sizes and their reach, and what trials show together.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { alternatives } from "../../src/lab/alternatives/index.ts";
import { modelOf, networkNames, readouts } from "../../src/lab/alternatives/models.ts";
import type { MeasuredTrial, Measurement } from "../../src/lab/experiment.ts";
import { countParameters, initialize } from "../../src/nn/index.ts";
import { completeOptions } from "../../src/options/table.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { floats } from "../helpers/values.ts";

describe.each(networkNames)("the %s", (name) => {
  test("has 63 to 68 thousand weights, and sees what came before alone", () => {
    expect(countParameters(modelOf(name, 8, 4, { hidden: 144, channels: 64 })) / 1000).toBeCloseTo(65.5, -1);
    const model = initialize(modelOf(name, 2, 3, { hidden: 4, channels: 4 }), { seed: 1 });
    const run = compile((x: Tensor) => readouts(model, x), {
      inputs: float32("T", "B", 2),
      backend: reference,
    });
    const x = floats([9, 2, 2], 1);
    const changed = { ...x, data: Float32Array.from(x.data) };
    changed.data.fill(1, 6 * 4);
    const [before, after] = [x, changed].map((given) => run(given));
    expect(before?.shape).toEqual([9, 2, 3]);
    expect(after?.data.slice(0, 36)).toEqual(before?.data.slice(0, 36));
    expect(after?.data.slice(36)).not.toEqual(before?.data.slice(36));
  });
});

test("trials measure shares, errors and costs; attention's memory grows faster", async () => {
  const settings = completeOptions("alternatives", alternatives.options, {
    ...{ hidden: 4, channels: 4, batch: 2, tests: 4, delay: 3, parityLength: 2, sineLength: 4 },
    ...{ recallUpdates: 2, parityUpdates: 2, sineUpdates: 2, lengths: [64, 128] },
  });
  const all = alternatives.trials(settings, 1);
  expect(all).toHaveLength(4 * networkNames.length);
  const names = ["recall, TCN", "parity, GRU", "sine, Transformer", "cost, GRU", "cost, Transformer"];
  const measured: MeasuredTrial<Measurement>[] = [];
  for (const { name, run } of all.filter(({ name }) => names.includes(name))) {
    const context = { backend: undefined, signal: undefined, progress() {} };
    measured.push({ name, seed: 1, seconds: 1, measured: await run(context) });
  }
  const { tables, checks, figure } = alternatives.conclude(measured, settings);
  for (const { rows } of tables) expect(rows.map(([name]) => name)).toEqual(networkNames);
  const of = (name: string) => tables[0]?.rows.find(([own]) => own === name);
  expect(of("TCN")?.[2]).toMatch(/^[01]\.\d\d$/);
  expect(of("GRU")?.slice(3, 5).join()).toMatch(/^[01]\.\d\d,[01]\.\d\d$/);
  expect(of("Transformer")?.[5]).toMatch(/^\d\.\d\d\d$/);
  const memory = (name: string) =>
    checks.find(({ claim }) => claim === `memory of an update from 64 to 128 steps: ${name}`)?.holds;
  // What was not measured was not seen.
  expect(networkNames.map(memory)).toEqual([true, false, true]);
  expect(figure.panels.map(({ lines }) => lines?.length)).toEqual([1, 1, 3, 3]);
  expect(figure.panels[0]?.lines?.[0]?.y).toHaveLength(8);
}, 120_000);

test("of some trials alone it says what they show", () => {
  const trial = (name: string, seed: number, accuracy: number) => ({
    name,
    seed,
    seconds: 1,
    measured: { accuracy, weights: 5 },
  });
  const { checks, tables } = alternatives.conclude(
    [trial("recall, GRU", 1, 0.2), trial("recall, GRU", 2, 0.5), trial("recall, TCN", 1, 1)],
    { delay: 100, parityLength: 16, lengths: [64, 128] },
  );
  const held = Object.fromEntries(checks.map(({ claim, holds }) => [claim, holds]));
  expect(held["recall after 100 steps: the GRU has not learnt it"]).toBe(false);
  expect(held["recall after 100 steps: the TCN has"]).toBe(true);
  expect(held["recall after 100 steps: the Transformer has"]).toBe(false);
  expect(tables[0]?.rows[0]).toEqual(["GRU", "5", "0.20, 0.50", "", "", ""]);
});
