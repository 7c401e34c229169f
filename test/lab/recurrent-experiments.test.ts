// Experiments on recurrent networks in a small form: they run, say what they found, and their measures are what they should be.
import { expect, test } from "vitest";
import { above, below } from "../../src/lab/bounds.ts";
import { accuracyOf, classifier } from "../../src/lab/classifier.ts";
import { exposureBias } from "../../src/lab/exposure-bias/index.ts";
import { measure as measureExposure } from "../../src/lab/exposure-bias/measure.ts";
import { forgetGate } from "../../src/lab/forget-gate/index.ts";
import { runExperiment } from "../../src/lab/index.ts";
import { optimisers } from "../../src/lab/optimisers/index.ts";
import { networks, prototypesOf, updatesTo } from "../../src/lab/optimisers/trials.ts";
import { twoSines } from "../../src/lab/problems/sines.ts";
import { recallExperiment } from "../../src/lab/recall/index.ts";
import { wordVectors } from "../../src/lab/word-vectors/index.ts";
import { skipGram } from "../../src/lab/word-vectors/skip-gram.ts";
import { gru } from "../../src/nn/cells/gru.ts";
import { initialize } from "../../src/nn/index.ts";
import { recurrent } from "../../src/nn/layers/recurrent.ts";
import { float32, int32 } from "../../src/program/compile.ts";
import { adam } from "../../src/training/optimizers.ts";
import { floats, integers } from "../helpers/values.ts";

const context = { backend: undefined, signal: undefined, progress() {} };

test("bounds hold where there is something, and all of it is within", () => {
  expect(below("less", [0.1, 0.2], 0.3).holds).toBe(true);
  expect(below("less", [0.1, 0.3], 0.3)).toEqual({
    claim: "less",
    found: "0.10, 0.30 (below 0.3)",
    holds: false,
  });
  expect(below("less", [], 1).holds).toBe(false);
  expect(above("more", [0.4, null], 0.3).holds).toBe(false);
  expect(above("more", [0.4, 0.5], 0.3).holds).toBe(true);
});

test("the accuracy is the part of rows whose last output says the class", () => {
  const { model, logits } = classifier(recurrent(gru, 2, 3), 4);
  initialize(model, { seed: 1 });
  const inputs = { x: float32(5, "B", 2), y: int32("B") };
  const x = floats([5, 6, 2]);
  const parts = [0, 1, 2, 3].map((guess) =>
    accuracyOf(logits, inputs, { x, y: integers(Array(6).fill(guess)) }, context)(),
  );
  // Every row has one class, whichever it is.
  expect(parts.reduce((sum, part) => sum + part)).toBeCloseTo(1, 6);
});

test("recall: over a short delay it is learnt, and each delay has its checks", async () => {
  const settings = { delays: [2], hidden: 12, updates: 120, learningRate: 0.02 };
  const { tables, trials } = await runExperiment(recallExperiment, { settings, seeds: [1] });
  expect(trials.map(({ name }) => name).slice(0, 3)).toEqual([
    "delay 2, RNN",
    "delay 2, GRU",
    "delay 2, LSTM",
  ]);
  expect(tables[0]?.rows[0]?.slice(1)).toEqual(["1.00", "1.00", "1.00", "1.00", "1.00"]);
  const far = { delays: [20, 50], hidden: 2, updates: 1, batch: 2 };
  const { checks, notShown } = await runExperiment(recallExperiment, { settings: far, seeds: [1] });
  expect(checks).toHaveLength(4);
  expect(notShown[0]?.found).toContain("over 20 steps the LSTM has ");
});

test("exposure bias: what a network is told of its own outputs changes how it runs alone", async () => {
  const sizes = { hidden: 8, batch: 8, updates: 60, learningRate: 0.02, context: 4, horizon: 6, windows: 20 };
  const problem = { name: "sines", rows: twoSines };
  const of = (probability: number, through: boolean) =>
    measureExposure(problem, { name: "mode", probability: () => probability, through }, sizes, 1, context);
  const [forced, detached, through] = [await of(0, false), await of(1, false), await of(1, true)];
  expect(await of(0, true)).toEqual(forced);
  expect(new Set([forced.rms, detached.rms, through.rms]).size).toBe(3);
  expect(forced.byStep).toHaveLength(6);
  expect(forced.truth).toHaveLength(10);
  expect(Math.sqrt(forced.byStep.reduce((sum, one) => sum + one ** 2, 0) / 6)).toBeCloseTo(forced.rms, 6);
  expect(forced.oneStep).toBeLessThan(forced.rms);
  const settings = { hidden: 3, batch: 4, updates: 4, context: 3, horizon: 4, windows: 5 };
  const { tables, checks, figure, trials } = await runExperiment(exposureBias, { settings, seeds: [1, 2] });
  expect(trials).toHaveLength(20);
  expect(tables.map(({ rows }) => rows.length)).toEqual([5, 5]);
  expect(checks).toHaveLength(4);
  expect(figure.panels).toHaveLength(4);
});

test("the forget gate: gates are measured where there is an event and where there is none", async () => {
  const settings = { steps: 12, rate: 0.2, updates: 300, learningRate: 0.03, sequences: 50 };
  const { trials, figure } = await runExperiment(forgetGate, { settings, seeds: [1] });
  const [trial] = trials;
  const { forget, example, error } = (trial as NonNullable<typeof trial>).measured as {
    forget: { store: number; hold: number };
    example: Record<"event" | "target" | "output" | "forget", number[]>;
    error: number;
  };
  expect(error).toBeLessThan(0.2);
  expect(forget.store).toBeLessThan(forget.hold);
  expect(example.event[0]).toBe(1);
  for (const gate of example.forget) expect(gate > 0 && gate < 1).toBe(true);
  example.target.forEach((target, t) => {
    if (example.event[t] === 0) expect(target).toBe(example.target[t - 1]);
  });
  expect(figure.panels[0]?.rules).toHaveLength(example.event.filter((one) => one === 1).length);
});

test("optimisers: a training ends when it is right often enough, or never is", async () => {
  const ask = {
    ...{ problem: prototypesOf(1, "good"), network: networks.rnns(8, true), optimizer: adam() },
    ...{ learningRate: 0.02, every: 5, atMost: 60, batch: 16 },
  };
  const reached = await updatesTo({ ...ask, goal: 0.6 }, 1, context);
  expect(reached.updates).toBe(5 * reached.accuracies.length);
  expect(reached.accuracies.at(-1)).toBeGreaterThanOrEqual(0.6);
  const never = await updatesTo(
    { ...ask, network: networks.lstm(2, false), goal: 1, atMost: 10 },
    1,
    context,
  );
  expect([never.updates, never.accuracies.length]).toEqual([null, 2]);
});

test("optimisers: what was never reached says so", async () => {
  const settings = { hidden: 2, batch: 2, nearUpdates: 20, farUpdates: 20, recallGoal: 1, prototypeGoal: 1 };
  const { tables, checks, figure } = await runExperiment(optimisers, { settings, seeds: [1] });
  expect(tables.map(({ rows }) => rows.length)).toEqual([6, 11, 4]);
  expect(tables[1]?.rows[0]).toEqual(["SGD, rate 0.1", "never"]);
  expect(checks.find(({ claim }) => claim.startsWith("over 5 steps adaptive"))?.holds).toBe(false);
  expect(checks.find(({ claim }) => claim.startsWith("over 15 steps SGD"))?.found).toBe(
    "never in 7 trainings",
  );
  expect(figure.panels).toHaveLength(4);
});

test("the skip-gram: words with the same neighbours get vectors that point the same way", async () => {
  // Of each pair one word stands between 0 and 1: 2 and 3 between 0s, 4 and 5 between 1s.
  const text = Int32Array.from({ length: 3 * 400 }, (_, at) => {
    const row = Math.floor(at / 3);
    return at % 3 === 1 ? 2 + (row % 4) : Math.floor((row % 4) / 2);
  });
  const sizes = { vocabulary: 6, size: 4, window: 1, updates: 100, seed: 1 };
  const vectors = await skipGram(text, 3, sizes, context, [0, 1]);
  const of = (token: number) => vectors.slice(4 * token, 4 * token + 4);
  const cosine = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, one, at) => sum + one * (b[at] as number), 0) / (Math.hypot(...a) * Math.hypot(...b));
  expect(cosine(of(2), of(3))).toBeGreaterThan(0.8);
  expect(cosine(of(4), of(5))).toBeGreaterThan(0.8);
  expect(cosine(of(2), of(4))).toBeLessThan(0.3);
  expect(Math.hypot(...vectors)).toBeCloseTo(Math.sqrt(vectors.length), 4);
});

test("word vectors: an accuracy for each start and number of labels", async () => {
  const settings = { labelled: [20, 40], text: 100, vectorUpdates: 5, updates: 5, size: 4, hidden: 4 };
  const { tables, checks, trials } = await runExperiment(wordVectors, { settings, seeds: [2] });
  expect(tables[0]?.rows.map(([count]) => count)).toEqual(["20", "40"]);
  expect(trials[0]?.measured).toEqual({
    pretrained: [expect.any(Number), expect.any(Number)],
    random: [expect.any(Number), expect.any(Number)],
  });
  expect(checks).toHaveLength(2);
});
