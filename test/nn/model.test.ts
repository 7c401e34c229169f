// A model's weights are named by their paths; a shared layer counts once.
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import {
  cell,
  countParameters,
  dropout,
  embedding,
  gru,
  initialize,
  layerNorm,
  linear,
  lstm,
  matrix,
  parameters,
  recurrent,
  rnn,
} from "../../src/nn/index.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import { Variable } from "../../src/trace/variable.ts";
import { adam } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

test("weights are named as PyTorch names them", () => {
  const model = {
    embedding: embedding(7, 4),
    drop: dropout(0.1),
    rnn: recurrent(gru, 4, 3, { layers: 2, direction: "both" }),
    blocks: [{ norm: layerNorm(6) }, { norm: layerNorm(6) }],
    head: linear(6, 7, { bias: false }),
  };
  const shapes = Object.entries(parameters(model)).map(
    ([name, { dimensions }]) => `${name} (${dimensions.join(", ")})`,
  );
  expect(shapes).toEqual([
    "embedding.weight (7, 4)",
    "rnn.weight_ih_l0 (9, 4)",
    "rnn.weight_hh_l0 (9, 3)",
    "rnn.bias_ih_l0 (9)",
    "rnn.bias_hh_l0 (9)",
    "rnn.weight_ih_l0_reverse (9, 4)",
    "rnn.weight_hh_l0_reverse (9, 3)",
    "rnn.bias_ih_l0_reverse (9)",
    "rnn.bias_hh_l0_reverse (9)",
    "rnn.weight_ih_l1 (9, 6)",
    "rnn.weight_hh_l1 (9, 3)",
    "rnn.bias_ih_l1 (9)",
    "rnn.bias_hh_l1 (9)",
    "rnn.weight_ih_l1_reverse (9, 6)",
    "rnn.weight_hh_l1_reverse (9, 3)",
    "rnn.bias_ih_l1_reverse (9)",
    "rnn.bias_hh_l1_reverse (9)",
    "blocks.0.norm.weight (6)",
    "blocks.0.norm.bias (6)",
    "blocks.1.norm.weight (6)",
    "blocks.1.norm.bias (6)",
    "head.weight (7, 6)",
  ]);
});

test("weights are counted by the textbook's formulas", () => {
  const [V, E, H] = [50, 16, 32];
  const model = { embed: embedding(V, E), rnn: recurrent(lstm, E, H, { layers: 2 }), head: linear(H, V) };
  expect(countParameters(model)).toBe(V * E + 4 * H * (E + H + 2) + 4 * H * (H + H + 2) + (H + 1) * V);
  expect(countParameters(recurrent(gru, E, H))).toBe(3 * H * (E + H + 2));
  expect(countParameters(recurrent(rnn, E, H))).toBe(H * (E + H + 2));
});

test("a shared layer has one name and one set of weights", () => {
  const shared = linear(3, 3);
  const model = { first: shared, second: { again: shared }, own: new Variable("scale", [3]) };
  expect(Object.keys(parameters(model))).toEqual(["first.weight", "first.bias", "own"]);
  expect(countParameters(model)).toBe(15);

  const tied = new Variable("table", [4, 2]);
  expect(Object.keys(parameters({ embed: { table: tied }, head: { table: tied } }))).toEqual(["embed.table"]);
});

test("initialize names the weights and gives them values that a program uses", () => {
  const model = initialize({ embed: embedding(5, 2), head: linear(2, 3) }, { seed: 4 });
  expect(model.head.weights.weight.name).toBe("head.weight");
  const run = compile(({ tokens }) => model.head.apply(model.embed.apply(tokens)), {
    inputs: { tokens: int32("B") },
  });
  const token = 3;
  const { data } = run({ tokens: [token] });
  const vector = model.embed.weights.weight.value.slice(2 * token, 2 * token + 2);
  const { weight, bias } = model.head.weights;
  for (let row = 0; row < 3; row++) {
    const sum = [0, 1].reduce(
      (total, column) => total + (weight.value[2 * row + column] as number) * (vector[column] as number),
      bias?.value[row] ?? Number.NaN,
    );
    expect(data[row]).toBeCloseTo(sum, 5);
  }
});

test("a weight without an initialiser keeps its value, and is refused without one", () => {
  const table = new Variable("table", [2]);
  expect(() => initialize({ table }, { seed: 1 })).toThrow(
    new UsageError("table has neither a value nor an initialiser"),
  );
  table.value = [1, 2];
  expect(initialize({ table }, { seed: 1 }).table.value).toEqual(Float32Array.of(1, 2));
});

test("initialize keeps values that are there, unless it is told to start again", () => {
  const body = initialize({ head: linear(2, 2) }, { seed: 1 });
  const trained = body.head.weights.weight;
  trained.value = [1, 2, 3, 4];
  const tuned = { body, extra: linear(2, 1, { weight: undefined }) };
  initialize(tuned, { seed: 1 });
  expect(trained.value).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(trained.name).toBe("body.head.weight");
  expect(tuned.extra.weights.weight.hasValue).toBe(true);
  const started = Array.from(tuned.extra.weights.weight.value);

  initialize(tuned, { seed: 1, restart: true });
  expect(trained.value).not.toEqual(Float32Array.of(1, 2, 3, 4));
  expect(Array.from(tuned.extra.weights.weight.value)).toEqual(started);
  const fresh = initialize({ body: { head: linear(2, 2) } }, { seed: 1 });
  expect(trained.value).toEqual(fresh.body.head.weights.weight.value);
});

test.each([undefined, {}, { seed: 1.5 }, { seed: "1" }])("initialize with %j is refused", (options) => {
  const layer = linear(1, 1);
  expect(() => initialize(layer, options as never)).toThrow(
    /seed .*(given,|missing:) an integer from 0 to 2\^53 - 1 expected$/,
  );
  expect(layer.weights.weight.hasValue).toBe(false);
});

describe("a weight without a value", () => {
  const inputs = float32("T", "B", 3);
  test("is told by its name and its layer", () => {
    const run = compile((x) => linear(3, 2).apply(x), { inputs });
    expect(() => run([[[1, 2, 3]]])).toThrow(
      new UsageError(
        "weight of linear(3, 2) has no value yet: initialize(model, { seed: 1 }) expected first",
      ),
    );
    const rnn = recurrent(lstm, 3, 2);
    expect(() => compile((x) => rnn.apply(x).output, { inputs })([[[1, 2, 3]]])).toThrow(
      /^weight_ih_l0 of recurrent\(lstm\) has no value yet/,
    );
    expect(() => new Variable("own", [1]).value).toThrow(/^own has no value yet/);
  });
  test("is told by its path where its model is known", () => {
    const model = { encoder: { rnn: recurrent(gru, 3, 2) } };
    const step = trainingStep({
      parameters: Object.values(parameters(model)),
      optimizer: adam(),
      inputs: { x: inputs },
      loss: ({ x }) => ({ loss: model.encoder.rnn.apply(x).output.sum(), outputs: {} }),
    });
    expect(() => step.run({ x: [[[1, 2, 3]]] }, 0.1)).toThrow(
      /^encoder\.rnn\.weight_ih_l0 of recurrent\(gru\) has no value yet/,
    );
  });
  test("a part of a model does not take the name that the whole gave", () => {
    const model = { rnn: recurrent(gru, 3, 2) };
    parameters(model);
    parameters(model.rnn);
    expect(model.rnn.weights.weight_ih_l0?.name).toBe("rnn.weight_ih_l0");
  });
});

describe("names", () => {
  test.each(["enc.l", "", "__proto__"])("%j in a model", (name) => {
    const model = Object.fromEntries([
      [name, linear(2, 2)],
      ["enc", { l: linear(3, 3) }],
    ]);
    const message = `model: the name ${JSON.stringify(name)} given, one that is not empty and has no dot expected`;
    expect(() => parameters(model)).toThrow(new UsageError(message));
    expect(() => initialize({ inner: [model] }, { seed: 1 })).toThrow(/in inner\.0 given/);
    expect(() => countParameters(model)).toThrow(UsageError);
    expect(() =>
      recurrent(
        cell(
          "c",
          () => ({ state: { h: 1 }, weights: { [name]: matrix(1, 1) } }),
          (_, s) => s,
        ),
        1,
        1,
      ),
    ).toThrow(`cell c: the name ${JSON.stringify(name)} given`);
  });
});

describe("what a model is made of", () => {
  class Open {
    readonly layer = linear(2, 2);
    readonly self = this;
  }
  class Closed {
    readonly size = 2;
    readonly #layer = linear(2, 2);
    get layer() {
      return this.#layer;
    }
  }
  test("instances with layers in public fields are looked through, circles and all", () => {
    const open = new Open();
    expect(Object.keys(parameters({ open, again: [open] }))).toEqual([
      "open.layer.weight",
      "open.layer.bias",
    ]);
    expect(Object.keys(parameters(open))).toEqual(["layer.weight", "layer.bias"]);
  });
  test("those in which none can be seen are refused", () => {
    const model = { encoder: new Closed(), head: linear(2, 2) };
    expect(() => parameters(model)).toThrow(
      new UsageError(
        "model.encoder: a Closed given in which no layers can be seen, layers in public fields or in `weights` expected",
      ),
    );
    expect(() => parameters(new Closed())).toThrow("model: a Closed given");
  });
  test.each([
    ["a Map", new Map([["a", linear(1, 1)]])],
    ["a Set", new Set([linear(1, 1)])],
    ["a Promise", Promise.resolve(linear(1, 1))],
  ])("%s is refused", (what, part) => {
    expect(() => parameters({ rnn: linear(1, 1), parts: [part] })).toThrow(
      new UsageError(`${what} given at model.parts.0, a record or a list expected`),
    );
  });
  test("what cannot have layers is passed over", () => {
    const model = {
      head: linear(1, 1),
      rate: 0.1,
      name: "model",
      nothing: null,
      sizes: Int32Array.of(1),
      made: new Date(0),
      forward: () => linear(1, 1),
    };
    expect(Object.keys(parameters(model))).toEqual(["head.weight", "head.bias"]);
  });
  test("what is no object is refused", () => {
    expect(() => parameters("rnn" as never)).toThrow(
      new UsageError('model: "rnn" given, an object of layers expected'),
    );
    expect(() => initialize(undefined as never, { seed: 1 })).toThrow("model: undefined given");
  });
});

test("a model without weights is refused", () => {
  expect(() => parameters({ drop: dropout(0.5), nothing: {} })).toThrow(
    new UsageError("a model without weights given, an object of layers expected"),
  );
});
