// Every function that Rondo exports and that takes options refuses one that does not exist, with its name.
import { describe, expect, test } from "vitest";
import * as rondo from "../src/index.ts";

const { float32, lstm, linear, recurrent, reference } = rondo;
const x = () => rondo.zeros(["T", "B", 2]);
const text = "abcabcabc ".repeat(20);
const characters = rondo.Vocabulary.build("characters", text);
const architecture = { cell: "rnn", embedding: 2, hidden: 3 } as const;
const model = () => new rondo.LanguageModel(characters, architecture).initialize(1);
const training = (more: object = {}) =>
  rondo.LanguageModelTraining.start(text, { ...architecture, batch: 2, window: 4, validation: 0, ...more });
const weight = new rondo.Variable("w", []);
const ownTraining = (more: object = {}) => {
  const model = { head: linear(2, 1) };
  return new rondo.Training({
    model,
    inputs: float32("B", 2),
    loss: (given) => model.head.apply(given).mean(),
    batches: { count: 1, at: () => [[1, 2]] },
    epochs: 1,
    ...more,
  });
};

/** A call of each function with options beside those that it needs. */
const withOptions: Readonly<Record<string, (more: object) => unknown>> = {
  Variable: (more) => new rondo.Variable("w", [1], more),
  LengthBatches: (more) => new rondo.LengthBatches([1, 2], { batch: 1, seed: 1, ...more }),
  Windows: (more) => new rondo.Windows(Int32Array.from([1, 2, 3]), { batch: 1, window: 1, ...more }),
  Vocabulary: (more) => rondo.Vocabulary.build("characters", text, more),
  LanguageModel: (more) => new rondo.LanguageModel(characters, { ...architecture, ...more }),
  "LanguageModel, options": (more) => new rondo.LanguageModel(characters, architecture, more),
  "LanguageModel.evaluate": (more) => model().evaluate(text, more),
  "LanguageModel.generate": (more) => model().generate("a", more),
  "LanguageModel.stream": (more) => model().stream(more),
  LanguageModelTraining: (more) => training(more),
  "LanguageModelTraining.resume": (more) =>
    rondo.LanguageModelTraining.resume(training().checkpoint(), text, more),
  "LanguageModelTraining.run": (more) => training().run(more),
  Training: (more) => ownTraining(more),
  "Training.run": (more) => ownTraining().run(more),
  "Tensor.sum": (more) => x().sum(0, more),
  "Tensor.max": (more) => x().max(0, more),
  "Tensor.mean": (more) => x().mean(0, more),
  "Tensor.min": (more) => x().min(0, more),
  "Tensor.argmax": (more) => x().argmax(0, more),
  "Tensor.argmin": (more) => x().argmin(0, more),
  "Tensor.variance": (more) => x().variance(0, more),
  "Tensor.logSumExp": (more) => x().logSumExp(0, more),
  "recurrent.apply": (more) => recurrent(lstm, 2, 3).apply(x(), more),
  "clockwork.apply": (more) => rondo.clockwork(rondo.rnn, 2, 4, { periods: [1, 2] }).apply(x(), more),
  "stacked.apply": (more) => rondo.stacked(recurrent(lstm, 2, 3)).apply(x(), more),
  "residual.apply": (more) => rondo.residual(recurrent(lstm, 2, 2)).apply(x(), more),
  "highway.apply": (more) => rondo.highway(recurrent(lstm, 2, 2)).apply(x(), more),
  "batchNorm.apply": (more) => rondo.batchNorm(2).apply(x(), more),
  adadelta: rondo.adadelta,
  adagrad: rondo.adagrad,
  adam: rondo.adam,
  adamw: rondo.adamw,
  rmsprop: rondo.rmsprop,
  sgd: rondo.sgd,
  createOptimizer: (more) => rondo.createOptimizer("adam", { ...more }),
  batchNorm: (more) => rondo.batchNorm(2, more),
  cell: (more) => rondo.cell("c", lstm.parts, lstm.step, more),
  matrix: (more) => rondo.matrix(1, 2, more),
  vector: (more) => rondo.vector(1, more),
  clockwork: (more) => rondo.clockwork(rondo.rnn, 2, 4, { periods: [1, 2], ...more }),
  compile: (more) => rondo.compile((t: unknown) => t, { inputs: float32("T"), ...more } as never),
  "compile without inputs": (more) => rondo.compile((t: unknown) => t, more),
  linearDecay: (more) => rondo.linearDecay(1, { steps: 2, ...more }),
  cumsum: (more) => rondo.cumsum(x(), 0, more),
  cosine: (more) => rondo.cosine(1, { steps: 2, ...more }),
  crossEntropy: (more) => rondo.crossEntropy(x(), rondo.zeros(["T", "B"], "int32"), more),
  deepen: (more) => rondo.deepen(lstm, { input: rondo.feedForward([2]), ...more }),
  draw: (more) => rondo.draw(lstm, more),
  embedding: (more) => rondo.embedding(2, 3, more),
  evaluationWindows: (more) =>
    rondo.evaluationWindows(Int32Array.from([1, 2]), { batch: 1, window: 1, ...more }),
  explain: (more) => rondo.explain({}, () => undefined, more),
  gelu: (more) => rondo.gelu(x(), more),
  highway: (more) => rondo.highway(recurrent(lstm, 2, 2), more),
  initialize: (more) => rondo.initialize(linear(1, 1), { seed: 1, ...more }),
  layerNorm: (more) => rondo.layerNorm(2, more),
  linear: (more) => linear(1, 2, more),
  lstmWith: (more) => rondo.lstmWith(more),
  binaryCrossEntropy: (more) => rondo.binaryCrossEntropy(x(), x(), more),
  huberLoss: (more) => rondo.huberLoss(x(), x(), more),
  meanAbsoluteError: (more) => rondo.meanAbsoluteError(x(), x(), more),
  meanSquaredError: (more) => rondo.meanSquaredError(x(), x(), more),
  padTokens: (more) => rondo.padTokens([[1]], more),
  readLanguageModel: (more) => rondo.readLanguageModel(rondo.writeLanguageModel(model()), "m", more),
  recurrent: (more) => recurrent(lstm, 2, 3, more),
  recurrentHighway: (more) => rondo.recurrentHighway(more),
  reduceOnPlateau: (more) => rondo.reduceOnPlateau(1, more),
  runTraining: (more) => rondo.runTraining(more as never),
  sampleToken: (more) => rondo.sampleToken([1], more, 0.5),
  scan: (more) => rondo.scan((h, v) => [h, v], { init: rondo.zeros(["B", 2]), inputs: x(), ...more }),
  stacked: (more) => rondo.stacked(recurrent(lstm, 2, 3), more),
  stepDecay: (more) => rondo.stepDecay(1, { every: 1, ...more }),
  stream: (more) =>
    rondo.stream((t, state) => [state, t], { inputs: float32(1), state: { h: [1] }, ...more }),
  trainLanguageModel: (more) => rondo.trainLanguageModel(text, { ...architecture, ...more }),
  trainNgram: (more) => rondo.trainNgram(Int32Array.of(0), { vocabulary: 2, ...more }),
  trainingStep: (more) =>
    rondo.trainingStep({
      parameters: [weight],
      optimizer: rondo.adam(),
      inputs: {},
      loss: () => ({ loss: weight, outputs: {} }),
      ...more,
    }),
  wasmBackend: (more) => rondo.wasmBackend(more),
};

/** What takes none. */
const withoutOptions = new Set([
  "readModel",
  "writeModel",
  "readCheckpoint",
  "restoreCheckpoint",
  "saveCheckpoint",
  "startOfTraining",
  "stateTypes",
  "zeroState",
  ...["RondoError", "DataError", "FormatError", "GraphError", "ShapeError", "TrainingError", "UsageError"],
  ...[
    "InputType",
    "Tensor",
    "abs",
    "activationPenalty",
    "addDimensions",
    "multiplyDimensions",
    "subtractDimensions",
    "ceil",
    "checkTensors",
    "clipByGlobalNorm",
    "clipByValue",
    "clamp",
    "concat",
    "elu",
    "leakyRelu",
    "oneHot",
    "softplus",
    "summary",
    "topK",
  ],
  ...[
    "constant",
    "cos",
    "countParameters",
    "decodeText",
    "dropout",
    "einsum",
    "exp",
    "feedForward",
    "float32",
    "floor",
  ],
  ...[
    "foldKey",
    "full",
    "globalNorm",
    "gradient",
    "int32",
    "isWithin",
    "join",
    "l2Penalty",
    "lerp",
    "log",
    "logSoftmax",
  ],
  ...[
    "padVectors",
    "parameters",
    "pow",
    "printExplanation",
    "printGraph",
    "randomSource",
    "randomUniform",
    "range",
  ],
  ...[
    "readSafetensors",
    "relu",
    "residual",
    "round",
    "scalar",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "splitForValidation",
    "sqrt",
  ],
  ...[
    "stack",
    "tanh",
    "temporalActivationPenalty",
    "threadReport",
    "value",
    "warmUp",
    "where",
    "withKey",
    "withSkips",
    "withinLengths",
  ],
  ...["writeLanguageModel", "writeSafetensors", "zeros", "zerosLike"],
]);

test("every exported function is known to take options or none", () => {
  const exported = Object.entries(rondo).filter(([, what]) => typeof what === "function");
  const unknown = exported.map(([name]) => name).filter((name) => !withoutOptions.has(name));
  expect(unknown.filter((name) => !(name in withOptions))).toEqual([]);
});

describe.each(Object.entries(withOptions))("%s", (_name, call) => {
  const run = async (more: object) => call(more);
  test("refuses an option that does not exist", async () => {
    await expect(run({ nonsense: 1 })).rejects.toThrow(rondo.UsageError);
    await expect(run({ nonsense: 1 })).rejects.toThrow(/^\S.*: option nonsense is unknown: .* expected$/);
  });
});

test("a slip is told with the name that was meant", () => {
  expect(() => recurrent(lstm, 2, 3, { layer: 2 } as never)).toThrow(
    new rondo.UsageError("recurrent(lstm): option layer is unknown: did you mean layers?"),
  );
  expect(() => training({ hiden: 3 })).toThrow(
    "language model: option hiden is unknown: did you mean hidden?",
  );
  expect(() => rondo.wasmBackend({ treads: 2 } as never)).toThrow(
    new rondo.UsageError("wasmBackend: option treads is unknown: did you mean threads?"),
  );
  expect(() => recurrent(lstm, 2, 3).apply(x(), { lenghts: x() } as never)).toThrow(
    new rondo.UsageError("recurrent(lstm): option lenghts is unknown: did you mean lengths?"),
  );
});

test("what is no backend is refused wherever one is taken", () => {
  const message = /: backend "wasm" given, wasm, wasmBackend\(...\) or reference expected$/;
  const backend = "wasm" as never;
  expect(() => rondo.compile((t) => t, { inputs: float32("T"), backend })).toThrow(message);
  expect(() => rondo.stream((t, s) => [s, t], { inputs: float32(1), state: [1], backend })).toThrow(message);
  expect(rondo.compile((t) => t.mul(2), { inputs: float32("T"), backend: reference })([1]).data[0]).toBe(2);
});
