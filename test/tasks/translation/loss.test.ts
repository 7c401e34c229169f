// What a training of a translator makes small: smoothed targets, attending twice, and reading what is right at first.
import { expect, it } from "vitest";
import { crossEntropy, initialize } from "../../../src/nn/index.ts";
import { compile, value } from "../../../src/program/compile.ts";
import { batchOf } from "../../../src/tasks/translation/batches.ts";
import { beginTranslator } from "../../../src/tasks/translation/begin.ts";
import { identifyPairs } from "../../../src/tasks/translation/identity.ts";
import { read, trainingLossOf, updateTypes } from "../../../src/tasks/translation/network.ts";
import { completeReading } from "../../../src/tasks/translation/options.ts";
import { trainingOf } from "../../../src/tasks/translation/training.ts";

const pairs = Array.from({ length: 16 }, (_, at) => ({
  source: `a b ${at % 4}`,
  target: `${at % 4} b a a`,
  line: at + 1,
}));
const corpus = { name: "pairs", pairs };
const begin = (more: object) =>
  beginTranslator(
    corpus,
    undefined,
    {
      ...{ embedding: 4, hidden: 5, dropout: 0, epochs: 2, batch: 4, leastCount: 1, validation: 0 },
      ...more,
    },
    { data: identifyPairs(corpus), validationData: null, reading: completeReading({}) },
  );

it("is the cross-entropy of smoothed targets, and what attending twice costs by its weight", () => {
  const { model, parts, record } = begin({ coverage: 2, labelSmoothing: 0.4 });
  const { network, form } = model;
  initialize(network, { seed: 3 });
  const run = compile(
    (given) => {
      const found = trainingLossOf(network, form, record.settings, given) as Exclude<
        ReturnType<typeof trainingLossOf>,
        { readonly node: unknown }
      >;
      const { logits } = network.decoder.apply(given.inputs, read(network, form, given));
      return { ...found, smoothed: crossEntropy(logits, given.targets, { labelSmoothing: 0.4 }) };
    },
    { inputs: updateTypes },
  );
  const { loss, measures, smoothed } = run({
    ...batchOf(parts.training.slice(0, 4)),
    sampling: value([0], []),
  });
  const of = ({ data }: { readonly data: ArrayLike<number> }) => data[0] as number;
  expect(of(measures.coverage)).toBeGreaterThan(0.01);
  expect(of(measures.nats)).toBeCloseTo(of(smoothed), 6);
  expect(of(loss)).toBeCloseTo(of(smoothed) + 2 * of(measures.coverage), 5);
});

it("reads what is right at the first update of scheduled sampling, and less and less of it", async () => {
  const losses = async (more: object) => {
    const { model, parts, record } = begin({ labelSmoothing: 0, ...more });
    const found: number[] = [];
    await trainingOf(model, parts, record, undefined).run({
      onEvent: (event) => {
        if (event.event === "step") found.push(event.loss);
      },
    });
    return found;
  };
  const [right, drawn] = [await losses({}), await losses({ scheduledSampling: "linear", samplingEnd: 0.01 })];
  expect(drawn[0]).toBeCloseTo(right[0] as number, 4);
  expect(drawn.at(-1)).not.toBeCloseTo(right.at(-1) as number, 4);
});
