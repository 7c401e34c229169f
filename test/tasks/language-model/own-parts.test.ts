// A cell and an optimiser of one's own in a language model: trained, written, read back and gone on with.
import { expect, it } from "vitest";
import { FormatError, UsageError } from "../../../src/errors.ts";
import { cell, concat, lstmWith, matrix, type Optimizer, tanh } from "../../../src/index.ts";
import {
  LanguageModelTraining,
  readLanguageModel,
  trainLanguageModel,
} from "../../../src/tasks/language-model/index.ts";
import { sentence, tiny } from "./texts.ts";

const options = { ...tiny, epochs: 2, learningRate: 0.02 };

/** Elman's network with its state kept half: nobody else's. */
const halved = cell(
  "halved",
  (input, hidden) => ({ state: { h: hidden }, weights: { W: matrix(hidden + input, hidden) } }),
  ({ W }, { h }, x) => ({ h: h.add(tanh(concat(h, x).dot(W))).mul(0.5) }),
);

const plain: Optimizer = {
  name: "plain",
  settings: { strength: 2 },
  slots: { count: 0 },
  scalars: (_, rate) => ({ rate: 2 * rate }),
  update: (parameter, gradient, { count }, { rate }) => ({
    parameter: parameter.sub(gradient.mul(rate as typeof parameter)),
    slots: { count: (count as typeof parameter).add(1) },
  }),
};

async function run(training: LanguageModelTraining) {
  const checkpoints: Uint8Array[] = [];
  let model: Uint8Array = new Uint8Array();
  const losses: number[] = [];
  await training.run({
    onEvent: (event) => event.event === "step" && losses.push(event.loss),
    onCheckpoint: (bytes) => checkpoints.push(bytes),
    onModel: (bytes) => {
      model = bytes;
    },
  });
  return { losses, checkpoints, model };
}

it("any cell: a variant of Rondo's, and one of one's own", async () => {
  for (const own of [lstmWith({ peepholes: true, forgetBias: 1 }), halved]) {
    const model = await trainLanguageModel(sentence, { ...options, cell: own });
    expect(model.architecture.cell).toBe(own.name);
    expect(model.generate("the", { length: 5 })).toHaveLength(8);
  }
});

it("a file names the cell, and whoever reads it gives the cell again", async () => {
  const { model: bytes, losses } = await run(
    LanguageModelTraining.start(sentence, { ...options, cell: halved }),
  );
  expect(losses.at(-1)).toBeLessThan(losses[0] as number);
  expect(() => readLanguageModel(bytes, "m")).toThrow(FormatError);
  expect(() => readLanguageModel(bytes, "m")).toThrow('m: model: cell "halved" is unknown: expected rnn,');
  expect(() => readLanguageModel(bytes, "m", { cell: lstmWith({ coupled: true, peepholes: true }) })).toThrow(
    "which was given",
  );
  const { model } = readLanguageModel(bytes, "m", { cell: halved });
  expect(Object.keys(model.parameters)).toContain("rnn.W_l0");
  expect((await model.evaluate(sentence)).nats).toBeLessThan(3);
});

it("cell and optimiser of one's own go on from a checkpoint to the same bits", async () => {
  const start = { ...options, cell: halved, optimizer: plain };
  const whole = await run(LanguageModelTraining.start(sentence, start));
  const checkpoint = whole.checkpoints[0] as Uint8Array;
  const own = { cell: halved, optimizer: plain };
  const rest = await run(LanguageModelTraining.resume(checkpoint, sentence, own));
  expect(rest.losses).toEqual(whole.losses.slice(whole.losses.length / 2));
  expect(rest.model).toEqual(whole.model);
  expect(() => LanguageModelTraining.resume(checkpoint, sentence, { cell: halved })).toThrow(
    'optimizer "plain" is unknown',
  );
});

it("refuses what is no cell, one that has the name of another, and an optimiser without a rate", () => {
  const impostor = cell("lstm", halved.parts, halved.step);
  const starting = (more: object) => () => LanguageModelTraining.start(sentence, { ...tiny, ...more });
  expect(starting({ cell: impostor })).toThrow(UsageError);
  expect(starting({ cell: impostor })).toThrow("a cell of your own has the name of one of Rondo's");
  expect(starting({ cell: {} })).toThrow("cell: an object given, a cell such as lstm expected");
  expect(starting({ optimizer: plain })).toThrow("learning rate: none given, which the optimizer plain");
  expect(starting({ optimizer: {} })).toThrow(UsageError);
});
