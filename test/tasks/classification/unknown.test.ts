// Words that are read as unknown now and then while a classifier is trained.
import { expect, it } from "vitest";
import { trainClassifier } from "../../../src/index.ts";
import { textInput } from "../../../src/tasks/classification/inputs/text.ts";
import { completeClassification } from "../../../src/tasks/classification/options.ts";
import { forgettingOf } from "../../../src/tasks/classification/unknown.ts";
import { rows } from "./rows.ts";

const words = "often ".repeat(999).trim().split(" ").concat("once");
const settingsOf = (unknown: number) => completeClassification({ unknown, seed: 4 }, 100).settings;
const reading = { ...settingsOf(1), input: "text" } as const;
const row = { line: 1, place: "line 1", labels: ["a"], content: words.join(" ") };
const input = textInput.prepare("rows", [row], reading);
const model = { input } as Parameters<typeof forgettingOf>[0];
const sequence = input.encode(row.content);

it("rare ones often, common ones seldom, as the batch says", () => {
  const forget = forgettingOf(model, [sequence], settingsOf(1));
  const forgotten = (batch: number) =>
    (forget([sequence], batch, 0)[0] as Int32Array).map((token) => Number(token === 0));
  const batches = Array.from({ length: 400 }, (_, batch) => forgotten(batch));
  const rare = batches.filter((one) => one.at(-1) === 1).length / 400;
  const common =
    batches.reduce((sum, one) => sum + one.slice(0, -1).reduce((a, b) => a + b), 0) / (400 * 999);
  expect(rare).toBeGreaterThan(0.4);
  expect(rare).toBeLessThan(0.6);
  expect(common).toBeGreaterThan(0.0005);
  expect(common).toBeLessThan(0.002);
  expect(forgotten(3)).toEqual(batches[3]);
  expect(forget([sequence], 3, 1)).not.toEqual(forget([sequence], 3, 0));
  expect(forgettingOf(model, [sequence], settingsOf(0))([sequence], 0, 0)).toEqual([sequence]);
});

it("and a training does so", async () => {
  const sizes = { hidden: 4, embedding: 4, epochs: 2, batch: 8 };
  const train = async (unknown: number) =>
    (await trainClassifier(rows(60), { ...sizes, unknown })).predict("ship wave").probability;
  expect(await train(5)).not.toBe(await train(0));
});
