// Every function that Rondo exports and that takes options refuses one that does not exist, with its name.
import { describe, expect, test } from "vitest";
import type { Tensor } from "../src/index.ts";
import * as rondo from "../src/index.ts";

const { float32, lstm, linear, recurrent } = rondo;
const x = () => rondo.zeros(["T", "B", 2]);
const text = "abcabcabc ".repeat(20);
const characters = rondo.Vocabulary.build("characters", text);
const architecture = { cell: "rnn", embedding: 2, hidden: 3 } as const;
const model = () => new rondo.LanguageModel(characters, architecture).initialize(1);
const vectors = rondo.textSource("v.txt", "a 1 2\n");
const tagged = rondo.textSource("t.conll", "a O\n");
const training = (more: object = {}) =>
  rondo.LanguageModelTraining.start(text, { ...architecture, batch: 2, window: 4, validation: 0, ...more });
const weight = new rondo.Variable("w", []);
const head = linear(2, 1);
const trees = rondo.textSource("t.txt", "(1 a)");
const tree = { nodes: [{ token: "a", children: [] }] };
const decoding = { rows: 1, next: () => ({ logits: [0, 1] }) };
const needs = {
  model: { head },
  inputs: float32("B", 2),
  loss: (given: Tensor) => head.apply(given).mean(),
  batches: { count: 1, at: () => [[1, 2]] },
  epochs: 1,
};

const nothing = { states: {}, gates: {}, outputs: {}, attention: {}, gradients: {}, saturation: {} };
const inspection = { loss: 1, ...nothing, radius: {}, weights: {} };

const missing = (name = "") => new RegExp(`: option ${name} is missing: .* expected$`);

/** Functions that need options: a call, and all that it needs. */
const needing: Readonly<Record<string, [call: (given: never) => unknown, needed: object]>> = {
  LengthBatches: [(given) => new rondo.LengthBatches([1, 2], given), { batch: 1, seed: 1 }],
  Windows: [(given) => new rondo.Windows(Int32Array.from([1, 2, 3]), given), { batch: 1, window: 1 }],
  RowBatches: [(given) => new rondo.RowBatches(2, given), { batch: 1 }],
  Scaler: [(given) => rondo.Scaler.fit("none", [[1]], given), { features: 1 }],
  SeriesWindows: [(given) => new rondo.SeriesWindows([[1, 2]], given), { features: 1, window: 1, batch: 1 }],
  evaluationWindows: [
    (given) => rondo.evaluationWindows(Int32Array.from([1, 2]), given),
    { batch: 1, window: 1 },
  ],
  additive: [(given) => rondo.additive(given), { units: 2 }],
  local: [(given) => rondo.local(rondo.general(), given), { width: 2 }],
  multiHead: [(given) => rondo.multiHead(given), { heads: 2 }],
  multiHeadAttention: [(given) => rondo.multiHeadAttention(4, given), { heads: 2 }],
  transformerBlock: [(given) => rondo.transformerBlock(4, given), { heads: 2 }],
  clockwork: [(given) => rondo.clockwork(rondo.rnn, 2, 4, given), { periods: [1, 2] }],
  cosine: [(given) => rondo.cosine(1, given), { steps: 2 }],
  linearDecay: [(given) => rondo.linearDecay(1, given), { steps: 2 }],
  stepDecay: [(given) => rondo.stepDecay(1, given), { every: 1 }],
  initialize: [(given) => rondo.initialize(linear(1, 1), given), { seed: 1 }],
  gradientTerms: [
    (given) => rondo.gradientTerms(((h: Tensor) => h.mul(weight)) as never, given),
    {
      init: rondo.value([1], []),
      inputs: rondo.value([1], [1]),
      weights: { weight },
      loss: (h: Tensor) => h.sum(),
    },
  ],
  scan: [
    (given) => rondo.scan((h: Tensor, v: Tensor) => [h, v], given),
    { init: rondo.zeros(["B", 2]), inputs: x() },
  ],
  scheduledSampling: [
    (given) => rondo.scheduledSampling((h: Tensor, v) => [h, v], given),
    { init: rondo.zeros(["B", 2]), inputs: x(), probability: 0 },
  ],
  linearSampling: [(given) => rondo.linearSampling(given), { updates: 2 }],
  exponentialSampling: [(given) => rondo.exponentialSampling(given), { k: 0.5 }],
  inverseSigmoidSampling: [(given) => rondo.inverseSigmoidSampling(given), { k: 2 }],
  stream: [
    (given: rondo.StreamOptions<unknown, unknown>) => rondo.stream((t, state) => [state, t], given),
    { inputs: float32(1), state: { h: [1] } },
  ],
  compileSteps: [
    (given: rondo.StepsOptions<unknown, unknown, unknown>) =>
      rondo.compileSteps((t, state) => [state, t] as never, given),
    { inputs: float32("B"), state: float32("B") },
  ],
  beamSearch: [
    (given) => rondo.beamSearch({ ...decoding, reorder: () => {} }, given),
    { beam: 1, start: 0, end: 1, limit: 1 },
  ],
  greedySearch: [(given) => rondo.greedySearch(decoding, given), { start: 0, end: 1, limit: 1 }],
  sampleSequences: [(given) => rondo.sampleSequences(decoding, given), { start: 0, end: 1, limit: 1 }],
  readSeries: [
    (given) => rondo.readSeries(rondo.textSource("t.csv", "sales\n1\n2\n"), given),
    { columns: { targets: ["sales"] } },
  ],
  TimeGrid: [
    (given) => new rondo.TimeGrid(given),
    { unit: "day", every: 1, anchor: 0, format: { pattern: "yyyy-MM-dd" } },
  ],
  treeArrays: [(given) => rondo.treeArrays([tree], given), { tokens: characters }],
  readWordVectors: [(given) => rondo.readWordVectors(vectors, given), { words: ["a"] }],
  soundFeatures: [(given) => rondo.soundFeatures(given), { rate: 8000 }],
  soundReading: [(given) => rondo.soundReading(given), { rate: 8000 }],
  trainNgram: [(given) => rondo.trainNgram(Int32Array.of(0), given), { vocabulary: 2 }],
  Training: [(given) => new rondo.Training(given), needs],
  Reservoir: [(given) => new rondo.Reservoir(given), { capacity: 1 }],
  Replay: [(given) => new rondo.Replay(given), { inputs: float32("B"), capacity: 1 }],
  ElasticWeights: [
    (given) => new rondo.ElasticWeights(given),
    { parameters: [weight], inputs: float32("B"), loss: () => weight, strength: 1 },
  ],
  runTraining: [
    (given) => rondo.runTraining(given),
    { task: { step: () => ({}) }, epochs: 1, batches: 1, schedule: rondo.constant(1) },
  ],
  inspect: [
    (given) => rondo.inspect(needs.model, given),
    { inputs: needs.inputs, values: [[1, 2]], loss: needs.loss },
  ],
  inspector: [(given) => rondo.inspector(needs.model, given), { inputs: needs.inputs, loss: needs.loss }],
  trainingStep: [
    (given) => rondo.trainingStep(given),
    {
      parameters: [weight],
      optimizer: rondo.adam(),
      inputs: {},
      loss: () => ({ loss: weight, outputs: {} }),
    },
  ],
};

/** A call of each function with options beside those that it needs. */
const withOptions: Readonly<Record<string, (more: object) => unknown>> = {
  ...Object.fromEntries(
    Object.entries(needing).map(([name, [call, needed]]) => [
      name,
      (more: object) => call({ ...needed, ...more } as never),
    ]),
  ),
  Variable: (more) => new rondo.Variable("w", [1], more),
  Vocabulary: (more) => rondo.Vocabulary.build("characters", text, more),
  "Vocabulary.fromTokens": (more) => rondo.Vocabulary.fromTokens(["a"], more),
  LanguageModel: (more) => new rondo.LanguageModel(characters, { ...architecture, ...more }),
  "LanguageModel, options": (more) => new rondo.LanguageModel(characters, architecture, more),
  "LanguageModel.evaluate": (more) => model().evaluate(text, more),
  "LanguageModel.generate": (more) => model().generate("a", more),
  "LanguageModel.write": (more) => model().write("a", more),
  "LanguageModel.stream": (more) => model().stream(more),
  LanguageModelTraining: (more) => training(more),
  "LanguageModelTraining.resume": (more) =>
    rondo.LanguageModelTraining.resume(training().checkpoint(), text, more),
  "LanguageModelTraining.run": (more) => training().run(more),
  "Training.run": (more) => new rondo.Training(needs).run(more),
  "Tensor.sum": (more) => x().sum(0, more),
  "Tensor.max": (more) => x().max(0, more),
  "Tensor.mean": (more) => x().mean(0, more),
  "Tensor.min": (more) => x().min(0, more),
  "Tensor.argmax": (more) => x().argmax(0, more),
  "Tensor.argmin": (more) => x().argmin(0, more),
  "Tensor.variance": (more) => x().variance(0, more),
  "Tensor.logSumExp": (more) => x().logSumExp(0, more),
  "recurrent.apply": (more) => recurrent(lstm, 2, 3).apply(x(), more),
  "recurrent.step": (more) =>
    recurrent(lstm, 2, 3).step(x().at(0, 0), recurrent(lstm, 2, 3).apply(x()).state, more),
  "clockwork.apply": (more) => rondo.clockwork(rondo.rnn, 2, 4, { periods: [1, 2] }).apply(x(), more),
  "stacked.apply": (more) => rondo.stacked(recurrent(lstm, 2, 3)).apply(x(), more),
  residual: (more) => rondo.residual(recurrent(lstm, 2, 2), more),
  "residual.apply": (more) => rondo.residual(recurrent(lstm, 2, 2)).apply(x(), more),
  "highway.apply": (more) => rondo.highway(recurrent(lstm, 2, 2)).apply(x(), more),
  "batchNorm.apply": (more) => rondo.batchNorm(2).apply(x(), more),
  "reversibleInstanceNorm.apply": (more) => rondo.reversibleInstanceNorm(2).apply(x(), more),
  "reversibleInstanceNorm.restore": (more) =>
    rondo
      .reversibleInstanceNorm(2)
      .restore(x(), { center: rondo.zeros(["B", 2]), scale: rondo.zeros(["B", 2]) }, more),
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
  compile: (more) => rondo.compile((t: unknown) => t, { inputs: float32("T"), ...more } as never),
  "compile without inputs": (more) => rondo.compile((t: unknown) => t, more),
  cumsum: (more) => rondo.cumsum(x(), 0, more),
  crossEntropy: (more) => rondo.crossEntropy(x(), rondo.zeros(["T", "B"], "int32"), more),
  ctcBeamSearch: (more) => rondo.ctcBeamSearch([[1]], more),
  ctcBestPath: (more) => rondo.ctcBestPath([[1]], more),
  ctcLoss: (more) => rondo.ctcLoss(x(), rondo.zeros(["S", "B"], "int32"), more),
  deepen: (more) => rondo.deepen(lstm, { input: rondo.feedForward([2]), ...more }),
  draw: (more) => rondo.draw(lstm, more),
  inspectionPage: (more) => rondo.inspectionPage(inspection, more),
  embedding: (more) => rondo.embedding(2, 3, more),
  explain: (more) => rondo.explain({}, () => undefined, more),
  generateTokens: (more) => rondo.generateTokens(() => [0], [0], more),
  gelu: (more) => rondo.gelu(x(), more),
  highway: (more) => rondo.highway(recurrent(lstm, 2, 2), more),
  dot: (more) => rondo.dot(more),
  mechanism: (more) =>
    rondo.mechanism(
      "m",
      () => ({}),
      (_, query) => query,
      more,
    ),
  withAttention: (more) => rondo.withAttention(lstm, rondo.general(), more),
  "additive location": (more) => rondo.additive({ units: 2, location: { filters: 1, width: 3, ...more } }),
  "multiHeadAttention.apply": (more) => rondo.multiHeadAttention(2, { heads: 1 }).apply(x(), x(), x(), more),
  "transformerBlock.apply": (more) => rondo.transformerBlock(2, { heads: 1 }).apply(x(), more),
  "sinusoidalPositions.apply": (more) => rondo.sinusoidalPositions(2).apply(x(), more),
  "sinusoidalPositions.step": (more) =>
    rondo.sinusoidalPositions(2).step(x().at(0, 0), { position: rondo.zeros([1, "B", 1]) }, more),
  temporalBlock: (more) => rondo.temporalBlock(2, 2, 3, more),
  "temporalBlock.apply": (more) => rondo.temporalBlock(2, 2, 3).apply(x(), more),
  convolution: (more) => rondo.convolution(2, 2, 3, more),
  "convolution.apply": (more) => rondo.convolution(2, 2, 3).apply(x(), more),
  "convolution.step": (more) =>
    rondo.convolution(2, 2, 2).step(x().at(0, 0), { past: rondo.zeros([1, "B", 2]) }, more),
  convolution2d: (more) => rondo.convolution2d(2, 2, 3, more),
  maxPooling: (more) => rondo.maxPooling(x(), 2, more),
  meanPooling: (more) => rondo.meanPooling(x(), 2, more),
  maxPooling2d: (more) => rondo.maxPooling2d(x(), 2, more),
  meanPooling2d: (more) => rondo.meanPooling2d(x(), 2, more),
  multilayerPerceptron: (more) => rondo.multilayerPerceptron(2, [2], more),
  attentionPooling: (more) => rondo.attentionPooling(2, more),
  bridge: (more) => rondo.bridge(recurrent(lstm, 2, 2), recurrent(lstm, 2, 3), more),
  tokenDecoder: (more) => rondo.tokenDecoder(3, recurrent(lstm, 2, 2), more),
  layerNorm: (more) => rondo.layerNorm(2, more),
  linear: (more) => linear(1, 2, more),
  linearChainCrf: (more) => rondo.linearChainCrf(2, more),
  lstmWith: (more) => rondo.lstmWith(more),
  binaryCrossEntropy: (more) => rondo.binaryCrossEntropy(x(), x(), more),
  gaussianLikelihood: (more) => rondo.gaussianLikelihood(x(), x(), x(), more),
  negativeBinomialLikelihood: (more) => rondo.negativeBinomialLikelihood(x(), x(), x(), more),
  quantileLoss: (more) => rondo.quantileLoss(x(), rondo.zeros(["T", "B"]), [0.1, 0.9], more),
  huberLoss: (more) => rondo.huberLoss(x(), x(), more),
  meanAbsoluteError: (more) => rondo.meanAbsoluteError(x(), x(), more),
  meanSquaredError: (more) => rondo.meanSquaredError(x(), x(), more),
  Recognizer: (more) => {
    const reader = new rondo.SoundReader(rondo.soundReading({ rate: 8000 }));
    return new rondo.Recognizer({ labels: ["a"], reader, probabilities: () => [1] }, 8000, more);
  },
  SoundReader: (more) => new rondo.SoundReader(rondo.soundReading({ rate: 8000 }), more),
  readRecording: (more) => rondo.readRecording(rondo.textSource("a.wav", "RIFF"), more),
  readWav: (more) => rondo.readWav(rondo.textSource("a.wav", "RIFF"), more),
  openCsv: (more) => rondo.openCsv(rondo.textSource("t.csv", "a,b\n"), more),
  padTokens: (more) => rondo.padTokens([[1]], more),
  readLanguageModel: (more) => rondo.readLanguageModel(rondo.writeLanguageModel(model()), "m", more),
  recurrent: (more) => recurrent(lstm, 2, 3, more),
  recursive: (more) => rondo.recursive(rondo.treeLstm, 2, 3, more),
  "recursive.apply": (more) =>
    rondo
      .recursive(rondo.treeLstm, 2, 3)
      .apply(
        x(),
        { lengths: rondo.zeros(["B"], "int32"), children: rondo.zeros([2, "T", "B"], "int32") },
        more,
      ),
  treeCell: (more) => rondo.treeCell("c", rondo.treeRnn.parts, rondo.treeRnn.compose, more),
  childSumCell: (more) => {
    const { parts, message, compose } = rondo.childSumTreeLstm;
    return rondo.childSumCell("c", parts, { message, compose }, more);
  },
  mlstm: (more) => rondo.mlstm(more),
  recurrentHighway: (more) => rondo.recurrentHighway(more),
  raiseOnDrift: (more) => rondo.raiseOnDrift(1, more),
  reduceOnPlateau: (more) => rondo.reduceOnPlateau(1, more),
  reversibleInstanceNorm: (more) => rondo.reversibleInstanceNorm(2, more),
  readTagged: (more) => rondo.readTagged(tagged, more),
  readTrees: (more) => rondo.readTrees(trees, more),
  treeOfObject: (more) => rondo.treeOfObject({ token: "a" }, more),
  findTaggedReading: (more) => rondo.findTaggedReading(tagged, more),
  readSeriesAs: (more) => {
    const { reading } = rondo.seriesOfData([1, 2]);
    return rondo.readSeriesAs(rondo.textSource("t.csv", "value\n1\n"), reading, more);
  },
  seriesOfData: (more) => rondo.seriesOfData([1, 2], more),
  sampleToken: (more) => rondo.sampleToken([1], more, 0.5),
  stacked: (more) => rondo.stacked(recurrent(lstm, 2, 3), more),
  trainLanguageModel: (more) => rondo.trainLanguageModel(text, { ...architecture, ...more }),
  trainForecast: (more) => rondo.trainForecast([1, 2, 3], { horizon: 1, ...more }),
  readForecaster: (more) => rondo.readForecaster(new Uint8Array(0), "f", more),
  trainDetector: (more) => rondo.trainDetector([1, 2, 3], more),
  readDetector: (more) => rondo.readDetector(new Uint8Array(0), "d", more),
  trainClassifier: (more) => rondo.trainClassifier([], more),
  readClassifier: (more) => rondo.readClassifier(new Uint8Array(0), "c", more),
  trainTagger: (more) => rondo.trainTagger([], more),
  trainTranslator: (more) => rondo.trainTranslator([], more),
  readTranslator: (more) => rondo.readTranslator(new Uint8Array(0), "t", more),
  trainTreeClassifier: (more) => rondo.trainTreeClassifier([], more),
  readTreeClassifier: (more) => rondo.readTreeClassifier(new Uint8Array(0), "t", more),
  readTagger: (more) => rondo.readTagger(new Uint8Array(0), "t", more),
  backendReport: (more) => rondo.backendReport(more),
  autoBackend: (more) => rondo.autoBackend(more),
  wasmBackend: (more) => rondo.wasmBackend(more),
};

/** What takes none. */
const withoutOptions = new Set([
  ...[
    "drawGaussian",
    "drawNegativeBinomial",
    "gaussianQuantile",
    "negativeBinomialQuantile",
    "sampleQuantiles",
  ],
  "drawClasses",
  ...["lastValue", "seasonalNaive", "calendarFeatures", "calendarNames"],
  ...["seriesOfDataAs", "seriesReadingOfJson", "seriesRows"],
  ...["mono", "resample", "resampleStream", "soundReadingOfJson", "wavPieces"],
  ...["mono", "readWav", "resample"],
  ...["convertTags", "findScheme", "legalTags", "repairTags", "tagFaults", "tagsOfSpans"],
  ...["conllevalSpans", "spansOf", "splitTag", "tokenize"],
  "readModel",
  "writeModel",
  "readCheckpoint",
  "restoreCheckpoint",
  "saveCheckpoint",
  "startOfTraining",
  "startState",
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
    "clipByLayerNorm",
    "clipByValue",
    "clamp",
    "concat",
    "eigenvalues",
    "elu",
    "leakyRelu",
    "logSigmoid",
    "oneHot",
    "orderedQuantiles",
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
    "spectralRadius",
    "feedForward",
    "float32",
    "floor",
  ],
  ...[
    "foldKey",
    "folderOf",
    "full",
    "globalNorm",
    "gradient",
    "int32",
    "isWithin",
    "join",
    "jsonLines",
    "l2Penalty",
    "lerp",
    "log",
    "matrices",
    "logSoftmax",
  ],
  ...[
    "padVectors",
    "parameters",
    "pickRows",
    "pow",
    "printExplanation",
    "printGraph",
    "randomSource",
    "randomUniform",
    "range",
  ],
  ...[
    "readSafetensors",
    "readSourceText",
    "relu",
    "scalar",
    "sigmoid",
    "softmax",
    "sourceLines",
    "round",
    "sign",
    "sin",
    "sinusoidalPositions",
    "splitForValidation",
    "sqrt",
  ],
  ...[
    "stack",
    "tanh",
    "temporalActivationPenalty",
    "textSource",
    "threadReport",
    "value",
    "warmUp",
    "where",
    "withKey",
    "withSkips",
    "withinLengths",
  ],
  ...["atPositions", "lastOverTime", "maxOverTime", "meanOverTime"],
  ...["attend", "attention", "coverageLoss", "general"],
  ...["treeTokens", "writeBracketed", "writeTreeJson"],
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

/** Those of tasks are read from a table of their own. */
const ofTasks = /LanguageModel|createOptimizer/;
test.each(Object.entries(withOptions).filter(([name]) => !ofTasks.test(name)))(
  "%s refuses options that are no object with an error of its own",
  async (_name, call) => {
    for (const given of [null, 3, "x", () => 1]) {
      const error = await Promise.resolve()
        .then(() => call(given as never))
        .then(
          () => undefined,
          (reason) => reason,
        );
      if (error !== undefined) expect(error).toBeInstanceOf(rondo.RondoError);
    }
  },
);

describe.each(Object.entries(needing))("%s", (_name, [call, needed]) => {
  const run = (given: unknown) => async () => call(given as never);
  test("says which options it needs", async () => {
    const [first] = Object.keys(needed);
    for (const none of [undefined, {}]) await expect(run(none)).rejects.toThrow(missing(first));
    for (const name of Object.keys(needed)) {
      await expect(run({ ...needed, [name]: undefined })).rejects.toThrow(missing(name));
    }
  });
  test.each([null, 3, "x", [1], () => 1].map((given) => [given]))("refuses %o as options", async (given) => {
    await expect(run(given)).rejects.toThrow(rondo.UsageError);
    await expect(run(given)).rejects.toThrow(/: options .* given, an object expected$/);
  });
  test.each(Object.keys(needed))("refuses what %s cannot be", async (name) => {
    for (const given of [null, Number.NaN, "x"]) {
      const refused = expect(run({ ...needed, [name]: given }), `${given}`).rejects;
      await refused.toThrow(rondo.RondoError);
    }
  });
});

test.each<[given: unknown, call: (given: never) => unknown, message: string]>([
  [
    undefined,
    (given) => rondo.deepen(lstm, given),
    "deepen(lstm): no network given, input, transition or output expected",
  ],
  [
    null,
    (zoneout) => recurrent(lstm, 2, 3, { zoneout }),
    "recurrent(lstm): zoneout null given, a number or { h: number, c: number } expected",
  ],
  [
    "x",
    (variationalDropout) => recurrent(lstm, 2, 3, { variationalDropout }),
    'recurrent(lstm): variationalDropout "x" given, a number or { input: number, state: number } expected',
  ],
  [
    1,
    (output) => rondo.cell("c", lstm.parts, lstm.step, { output }),
    "cell c: output 1 given, a function expected",
  ],
  [
    true,
    (update) => rondo.batchNorm(2).apply(x(), { update }),
    "batchNorm: update true given, the `update` of a compiled function expected",
  ],
  [7, (title) => rondo.draw(lstm, { title }), "draw: title 7 given, a text expected"],
  [
    "fuseLoops",
    (without) => rondo.wasmBackend({ without }),
    'without "fuseLoops": expected a list of the names of passes',
  ],
  [
    Number.NaN,
    (minimumWork) => rondo.wasmBackend({ minimumWork }),
    "minimumWork NaN: expected a number from 0",
  ],
  [
    "1",
    (clipNorm) => withOptions.trainingStep?.({ clipNorm }),
    'trainingStep: clipNorm "1" given, a number above 0 expected',
  ],
  [
    0,
    (clipValue) => withOptions.trainingStep?.({ clipValue }),
    "trainingStep: clipValue 0 given, a number above 0 expected",
  ],
  [
    -1,
    (clipLayerNorm) => withOptions.trainingStep?.({ clipLayerNorm }),
    "trainingStep: clipLayerNorm -1 given, a number above 0 expected",
  ],
  [null, (build) => rondo.explain({ T: 1 }, build), "explain: null given, a function that compiles expected"],
  [
    null,
    (weights) => rondo.l2Penalty(weights),
    "l2Penalty: null given, weights such as parameters(model) expected",
  ],
])("%j where something else belongs: %#", async (given, call, message) => {
  await expect(async () => call(given as never)).rejects.toThrow(new rondo.UsageError(message));
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

test("what is no backend is refused wherever one is taken", async () => {
  const message =
    /: backend "wsam" given, auto, native, wasm, reference, or what wasmBackend or nativeBackend gives, expected$/;
  const backend = "wsam" as never;
  const inputs = { inputs: float32("T"), backend };
  const numbers = Array.from({ length: 40 }, (_, at) => at % 5);
  const taking: Readonly<Record<string, () => unknown>> = {
    compile: () => rondo.compile((t) => t, inputs),
    stream: () => rondo.stream((t, s) => [s, t], { ...inputs, inputs: float32(1), state: [1] }),
    compileSteps: () => rondo.compileSteps((t, s) => [s, t] as never, { ...inputs, state: float32("B") }),
    trainLanguageModel: () =>
      rondo.trainLanguageModel(text, { ...architecture, batch: 2, window: 4, epochs: 1, backend }),
    trainForecast: () => rondo.trainForecast(numbers, { horizon: 1, epochs: 1, backend }),
    // A model says so when it first computes.
    readLanguageModel: () =>
      rondo.readLanguageModel(rondo.writeLanguageModel(model()), "m", { backend }).model.evaluate("abcabc"),
  };
  for (const [name, take] of Object.entries(taking))
    await expect((async () => take())(), name).rejects.toThrow(message);
});
