import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { batchNorm, embedding, linear, lstm, recurrent, summary } from "../../src/nn/index.ts";
import { Variable } from "../../src/trace/variable.ts";

test("a model's weights are a table, each once, with the total and what of it is trained", () => {
  const embed = embedding(1000, 8);
  const model = {
    embed,
    rnn: recurrent(lstm, 8, 4),
    norm: batchNorm(4),
    head: linear(8, 1000, { weight: embed.weights.weight }),
    own: { scale: new Variable("scale", []) },
  };
  expect(`\n${summary(model)}\n`).toMatchInlineSnapshot(`
    "
    weight             layer               shape      numbers  trained
    embed.weight       embedding(1000, 8)  (1000, 8)    8,000  yes
    rnn.weight_ih_l0   recurrent(lstm)     (16, 8)        128  yes
    rnn.weight_hh_l0   recurrent(lstm)     (16, 4)         64  yes
    rnn.bias_ih_l0     recurrent(lstm)     (16)            16  yes
    rnn.bias_hh_l0     recurrent(lstm)     (16)            16  yes
    norm.weight        batchNorm(4)        (4)              4  yes
    norm.bias          batchNorm(4)        (4)              4  yes
    norm.running_mean  batchNorm(4)        (4)              4  no
    norm.running_var   batchNorm(4)        (4)              4  no
    head.bias          linear(8, 1000)     (1000)       1,000  yes
    own.scale                              ()               1  yes
    total                                               9,241  9,233
    "
  `);
});

test("what has no weights is no model", () => {
  expect(() => summary({})).toThrow(UsageError);
  expect(() => summary(3 as never)).toThrow(UsageError);
});
