// The network of a classifier: what it reads of outputs over time, and what its scores are divided by.
import { expect, it } from "vitest";
import { concat, initialize, trainClassifier } from "../../../src/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { openClassifier } from "../../../src/tasks/classification/file.ts";
import { createNetwork, scoresOf } from "../../../src/tasks/classification/network.ts";
import { completeForm } from "../../../src/tasks/classification/options.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { rows } from "./rows.ts";

it("reads the last of each direction: backwards that is the first step, forwards the last of the row's own", () => {
  const form = completeForm({ read: "last", hidden: 3, dropout: 0 });
  const network = createNetwork(form, { size: 2 }, 4, "default");
  initialize(network, { seed: 1 });
  const program = compile(
    ({ x, lengths }) => {
      const { h } = network.rnn.apply(x, { lengths }).state as { h: typeof x };
      return [
        scoresOf(network, form, x, lengths),
        network.head.apply(concat(h.at(0, 0), h.at(0, 1))),
      ] as const;
    },
    { inputs: { x: float32("T", "B", 2), lengths: int32("B") } },
  );
  const x = Float32Array.from({ length: 5 * 2 * 2 }, (_, at) => Math.sin(at));
  const [found, expected] = program({ x: value(x, [5, 2, 2]), lengths: value(Int32Array.of(5, 3), [2]) });
  expect(found.data).toEqual(expected.data);
});

it("divides scores by the temperature that the held-out rows had, also out of a file", async () => {
  // Labels that are wrong now and then, so that nobody can be sure of them.
  const noisy = rows(200).map((row, at) =>
    at % 4 === 0 ? { ...row, label: ["sea", "wood", "town"][(at + 1) % 3] as string } : row,
  );
  const classifier = await trainClassifier(noisy, {
    hidden: 8,
    embedding: 8,
    epochs: 12,
    batch: 8,
    learningRate: 0.03,
    validation: 0.3,
  });
  const { model, record } = openClassifier(readTaskModel(classifier.toBytes(), "m"), undefined);
  expect(model.temperature).toBe(record.validation?.temperature);
  expect(Math.abs(model.temperature - 1)).toBeGreaterThan(0.01);
  const powers = Array.from(model.scores(["ship tree"]), (score) => Math.exp(score / model.temperature));
  const all = powers.reduce((sum, power) => sum + power);
  const told = Object.values(classifier.predict("ship tree").probabilities);
  for (const [at, power] of powers.entries()) expect(told[at]).toBeCloseTo(power / all, 10);
});
