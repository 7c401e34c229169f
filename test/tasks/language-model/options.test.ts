// Defaults that follow from the text, and everything that is refused.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import {
  checkTokens,
  completeArchitecture,
  completeSettings,
  type LanguageModelOptions,
} from "../../../src/tasks/language-model/options.ts";

it("the defaults", () => {
  expect(completeArchitecture({})).toEqual({
    cell: "lstm",
    embedding: 64,
    hidden: 256,
    layers: 1,
    dropout: 0,
  });
  expect(completeSettings({}, { tokens: 1_000_000 })).toEqual({
    initialize: "default",
    batch: 32,
    window: 64,
    epochs: 6,
    optimizer: "adam",
    optimizerSettings: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    learningRate: 0.002,
    schedule: { kind: "constant", warmUp: 0 },
    clip: 1,
    clipLayer: 0,
    clipValue: 0,
    validation: 0.1,
    patience: 0,
    seed: 1,
  });
});

it.each([
  [10_000, 19, 100],
  [20_000, 32, 100],
  [100_000, 32, 21],
  [400_000, 32, 6],
  [1000, 1, 63],
  [100, 1, 100],
])("of %d tokens: batch %d, %d epochs", (tokens, batch, epochs) => {
  expect(completeSettings({}, { tokens })).toMatchObject({ batch, epochs });
});

it("what is given stands, and comes back the same from JSON", () => {
  const settings = completeSettings(
    {
      batch: 5,
      epochs: 2,
      optimizer: "sgd",
      optimizerSettings: { momentum: 0.9, nesterov: true },
      schedule: { kind: "cosine", minimum: 0.001, warmUp: 10 },
      clip: 0,
    },
    { tokens: 100 },
  );
  expect(settings).toMatchObject({ batch: 5, epochs: 2, learningRate: 1, clip: 0 });
  expect(settings.optimizerSettings).toEqual({ momentum: 0.9, dampening: 0, nesterov: true, weightDecay: 0 });
  expect(completeSettings(JSON.parse(JSON.stringify(settings)), { tokens: 1 })).toEqual(settings);
});

describe("refused", () => {
  const complete = (options: Omit<LanguageModelOptions, "cell"> & { cell?: string }) => () => {
    checkTokens(options);
    completeArchitecture(options);
    completeSettings(options, { tokens: 1000 });
  };
  it.each<[object, string]>([
    [{ cell: "lsmt" }, 'cell "lsmt" is unknown: expected rnn, rnn-relu, rnn-sigmoid, irnn, lstm'],
    [{ cell: 3 }, "cell 3 is unknown"],
    [{ hidden: 0 }, "hidden 0: expected a whole number from 1"],
    [{ hidden: -4 }, "hidden -4: expected a whole number from 1"],
    [{ hidden: Number.NaN }, "hidden NaN: expected a whole number from 1"],
    [{ hidden: 2.5 }, "hidden 2.5: expected a whole number from 1"],
    [{ embedding: 0 }, "embedding 0: expected a whole number from 1"],
    [{ layers: 0 }, "layers 0: expected a whole number from 1"],
    [{ layers: 101 }, "layers 101: expected a whole number from 1 to 100"],
    [{ dropout: 1 }, "dropout 1: expected a number from 0 to below 1"],
    [{ dropout: -0.1 }, "dropout -0.1: expected a number from 0 to below 1"],
    [{ batch: 0 }, "batch 0: expected a whole number from 1"],
    [{ window: Number.POSITIVE_INFINITY }, "window Infinity: expected a whole number from 1"],
    [{ epochs: 0 }, "epochs 0: expected a whole number from 1"],
    [{ initialize: "random" }, 'initialize "random" is unknown: expected default, orthogonal, glorot'],
    [{ optimizer: "nadam" }, 'optimizer "nadam" is unknown'],
    [{ optimizerSettings: { momentum: 0.9 } }, "adam: option momentum is unknown"],
    [{ learningRate: 0 }, "learning rate 0: expected a number above 0"],
    [{ learningRate: Number.NaN }, "learning rate NaN"],
    [{ schedule: { kind: "sawtooth" } }, 'schedule "sawtooth" is unknown'],
    [{ clip: -1 }, "clip -1: expected a number from 0"],
    [{ clipValue: Number.NaN }, "clip value NaN: expected a number from 0"],
    [{ validation: 1.5 }, "validation 1.5: expected a fraction from 0 to below 1, or a whole number"],
    [{ validation: -0.5 }, "validation -0.5"],
    [{ patience: -1 }, "patience -1: expected a whole number from 0"],
    [{ seed: -1 }, "seed -1: expected a whole number from 0 to 2^53 - 1"],
    [{ seed: 2 ** 53 }, "seed 9007199254740992"],
    [{ validation: 0, patience: 2 }, "patience needs a validation loss, but validation is 0"],
    [{ validation: 0, schedule: { kind: "plateau" } }, "schedule plateau needs a validation loss"],
    [{ tokens: "letters" }, 'tokens "letters" is unknown: expected characters, words, bytes, subwords'],
    [{ vocabulary: 100 }, "a vocabulary size applies to words and subwords, not to characters"],
  ])("%o", (options, message) => {
    expect(complete(options as object)).toThrow(UsageError);
    expect(complete(options as object)).toThrow(message);
  });
});
