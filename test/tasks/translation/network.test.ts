// Networks of every form: they learn, come back from their files, and translate the same to the bit in any batch.
import { describe, expect, it } from "vitest";
import { cells } from "../../../src/nn/index.ts";
import {
  readTranslator,
  type TrainTranslatorOptions,
  trainTranslator,
} from "../../../src/tasks/translation/index.ts";
import { reversed } from "./sentences.ts";

const small = { embedding: 3, hidden: 4, batch: 5, epochs: 1, leastCount: 1, validation: 0 };
const pairs = reversed(10);
const texts = [...reversed(22, 9, 12).map(({ source }) => source), "", "none of it", "one"];

async function check(form: TrainTranslatorOptions) {
  const made = await trainTranslator(pairs, { ...small, ...form });
  const bytes = made.toBytes();
  const again = readTranslator(bytes);
  expect(again.toBytes()).toEqual(bytes);
  const one = again.translateAll(texts, { beam: 2, batch: 1, limit: 6 });
  // More rows and steps than before, then fewer.
  for (const batch of [32, 4]) expect(made.translateAll(texts, { beam: 2, batch, limit: 6 })).toEqual(one);
  for (const { source, logProbability, alignment, tokens } of one) {
    if (source === "") continue;
    expect(logProbability).toBeLessThan(0);
    expect(tokens.length).toBeLessThanOrEqual(6);
    if (form.attention === "none") expect(alignment).toBeUndefined();
    else expect(alignment?.weights.length).toBe(alignment?.target.length);
    for (const row of alignment?.weights ?? []) {
      const sum = row.reduce((total, weight) => total + weight, 0);
      expect(row.length).toBe(source.split(" ").length);
      expect(sum).toBeLessThan(1.00001);
      if (form.local !== "predictive") expect(sum).toBeGreaterThan(0.99999);
    }
  }
}

const attentions = ["none", "dot", "general", "additive", "location", "multi-head"] as const;
/** Every mechanism with every other option at least once, layers in turn. */
const forms = attentions.flatMap((attention, at): TrainTranslatorOptions[] => {
  const layers = 1 + (at % 3);
  if (attention === "none") {
    return [
      { attention, layers: 2, context: "start" },
      { attention, layers: 2, context: "every-step" },
      { attention, layers: 1, context: "every-step", encoder: "gru" },
    ];
  }
  const base = { attention, ...(attention === "dot" && { encoder: "lstm" as const }) };
  if (attention === "multi-head") return [{ ...base, heads: 2, attend: "after", layers: 3, coverage: 1 }];
  return [
    { ...base, attend: "after", layers, coverage: 0.5 },
    { ...base, attend: "before", layers: 1 + ((at + 1) % 3), local: "monotonic", reach: 2, coverage: 1 },
    { ...base, attend: "after", layers: 1 + ((at + 2) % 3), local: "predictive", reach: 1 },
  ];
});

describe("a network", () => {
  it.each(forms)("of %j", check);

  it.each(Object.keys(cells) as (keyof typeof cells)[])("of %s in encoder and decoder", async (cell) => {
    await check({ encoder: `bidirectional-${cell}`, decoder: cell });
  });

  it.each(["lstm", "lstm-peephole", "recurrent-highway", "mgu"] as const)(
    "of %s, whose last output is read at every step",
    async (encoder) => {
      await check({ encoder, decoder: "gru", attention: "none", context: "every-step", layers: 2 });
    },
  );

  it.each(["linear", "inverse-sigmoid"] as const)(
    "that reads what it wrote, %s",
    async (scheduledSampling) => {
      await check({ scheduledSampling, samplingEnd: 0.2, layers: 2, dropout: 0.2, coverage: 1 });
    },
  );
});
