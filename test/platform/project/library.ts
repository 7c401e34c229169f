/** A user's library, whose declarations TypeScript writes: it exports what it makes of everything that Rondo exports. */

import * as rondo from "rondo";
import {
  type Backend,
  type Cell,
  cell,
  clockwork,
  compile,
  concat,
  crossEntropy,
  deepen,
  embedding,
  explain,
  feedForward,
  float32,
  gradient,
  gru,
  highway,
  type InputType,
  initialize,
  int32,
  LanguageModelTraining,
  LengthBatches,
  linear,
  lstm,
  lstmWith,
  type MapTree,
  matrix,
  padTokens,
  parameters,
  recurrent,
  recurrentHighway,
  residual,
  type StateOf,
  scan,
  stack,
  stacked,
  stream,
  type Tensor,
  tanh,
  threadReport,
  trainingStep,
  trainLanguageModel,
  trainNgram,
  type Value,
  Variable,
  Vocabulary,
  value,
  vector,
  Windows,
  wasmBackend,
  withSkips,
  zeros,
} from "rondo";
import * as node from "rondo/node";

// Every function, class and constant as it is: their types are written out.
export const everything = { ...rondo, ...node };
export const initializers = { ...rondo.initializers };

// Cells
export const elman = cell(
  "elman",
  (input, hidden) => ({
    state: { h: hidden },
    weights: { W: matrix(hidden + input, hidden), b: vector(hidden) },
  }),
  ({ W, b }, { h }, x) => ({ h: tanh(concat(h, x).dot(W).add(b)) }),
);
export const deep = deepen(elman, { transition: feedForward([8]), output: feedForward([4]) });
export const peepholes = lstmWith({ peepholes: true });
export const skipping = withSkips(lstm, [2, 3]);
export const highways = recurrentHighway({ depth: 2 });
export const ofCell = { parts: elman.parts(3, 4), step: elman.step, output: deep.output };

// Models: what somebody exports first
export const model = initialize(
  {
    embed: embedding(20, 8),
    rnn: recurrent(gru, 8, 16, { layers: 2, direction: "both", dropout: 0.1 }),
    slow: clockwork(elman, 32, 8, { periods: [1, 2] }),
    body: stacked(residual(recurrent(lstm, 8, 8)), highway(recurrent(deep, 8, 8))),
    head: linear(8, 20),
    norm: rondo.layerNorm(8),
    batch: rondo.batchNorm(8),
    drop: rondo.dropout(0.5),
  },
  { seed: 1 },
);
export const weights = parameters(model);
export const [weight] = Object.values(weights);
export const shapes = { rnn: model.rnn.stateShapes("B"), body: model.body.stateShapes(1) };
export type State = StateOf<typeof model.rnn>;
export const apply = (tokens: Tensor) => model.rnn.apply(model.embed.apply(tokens));
export const stepOf = (x: Tensor, state: StateOf<typeof model.body>) => model.body.step(x, state);
export class Classifier {
  readonly rnn = recurrent(elman, 4, 8);
  readonly head = linear(8, 2);
  readonly scale = new Variable("scale", [1]);
  readonly logits = (x: Tensor) => this.head.apply(this.rnn.apply(x).output.at(0, -1)).mul(this.scale);
}

// Programs
export const double = compile((x) => x.mul(2), { inputs: float32("T", "B") });
export const anyShape = compile(({ x, y }: { x: Tensor; y: Tensor }) => ({
  sum: x.add(y),
  both: [x, y] as const,
}));
export const slopes = compile(({ x, y }) => gradient(crossEntropy(x, y), { x }), {
  inputs: { x: float32("B", 5), y: int32("B") },
});
export const doubled = double([[1, 2]]);
export const running = (x: Tensor) =>
  scan((sum: { a: Tensor }, now: Tensor) => [{ a: sum.a.add(now) }, { seen: now }] as const, {
    init: { a: zeros([1]) },
    inputs: x,
  });
export const stacks = (x: Tensor) => stack([x, x]).transpose([1, 0, 2]);
export const live = stream((x, before: StateOf<typeof model.rnn>) => [before, x.mul(2)] as const, {
  inputs: float32(1, 8),
  state: model.rnn.stateShapes(1),
  rows: 1,
});
export const saved = live.save();
export const [explanation] = explain({ T: 4, B: 2 }, (backend) =>
  compile((x) => x.exp(), { inputs: float32("T", "B"), backend }),
);
export const backend = wasmBackend({ threads: 2, without: ["fuseLoops"] });
export const compiled = backend.compile({ inputs: [], results: [], updates: [] });
export const report = threadReport();
export const withBackend = <Inputs>(inputs: Inputs, own: Backend) => ({ inputs, own });

// Training
export const optimizers = [
  rondo.adam({ beta1: 0.8 }),
  rondo.sgd({ momentum: 0.9 }),
  rondo.createOptimizer("adamw"),
];
export const schedule = rondo.warmUp(rondo.reduceOnPlateau(0.1, { patience: 2 }), 10);
export const training = trainingStep({
  parameters: Object.values(weights),
  optimizer: rondo.adam(),
  inputs: { x: float32("T", "B", 8), y: float32("T", "B", 8) },
  loss: ({ x, y }) => ({ loss: rondo.meanSquaredError(x, y), outputs: { x, all: [x, y] } }),
});
export const { state } = training;
export const update = (x: Value) => training.run({ x, y: x }, 0.1);
export const loop = (
  task: rondo.TrainingTask<{ loss: number; nats: number }>,
  progress: rondo.TrainingProgress,
) => rondo.runTraining({ task, progress, epochs: 1, batches: 1, schedule, patience: 0, checkpointEvery: 1 });
export const onEvent = (event: rondo.TrainingEvent<{ loss: number; nats: number }>) => ({ ...event });

// Data and files
export const vocabulary = Vocabulary.build("words", "a text");
export const windows = new Windows(vocabulary.encode("a text"), { batch: 1, window: 2 }).at(0);
export const batches = new LengthBatches([3, 1, 2], { batch: 2, seed: 1 });
export const order = new rondo.RowBatches(10, { batch: 4, seed: 1 });
export const picked = rondo.pickRows(value([1, 2, 3], [3]), order.at(0, 1));
export const labels = rondo.Vocabulary.fromTokens([["noun", "verb"]], { order: "sorted" });
export const scaler = rondo.Scaler.fit("standard", [[1, 2, 3]], { features: 1 });
export const plainWindows = new rondo.SeriesWindows([[1, 2, 3]], { features: 1, window: 1, batch: 1 });
export const maskedWindows = new rondo.SeriesWindows([scaler.transform([1, 2, 3])], {
  features: 1,
  window: 1,
  horizon: 1,
  batch: 1,
  missing: "mask",
});
export const targetMask: Value = maskedWindows.at(0).targetMask;
export const lines = (source: rondo.Source) => rondo.sourceLines(source);
export const rows = async () => {
  const found = [];
  for await (const { number, value: row } of rondo.jsonLines(node.fileSource("rows.jsonl"))) {
    found.push({ number, row });
  }
  return found;
};
export const padded = padTokens([[1], [2, 3]]);
export const halves = rondo.splitForValidation(Int32Array.of(1, 2, 3), 0.3);
export const file = rondo.readSafetensors(
  rondo.writeSafetensors({ tensors: new Map(), metadata: {} }),
  "file",
);
export const grams = trainNgram(Int32Array.of(0, 1), { vocabulary: 2 });
export const ones = value(new Float32Array(2).fill(1), [2]);

// Language models
export const trained = (text: string) => trainLanguageModel(text, { cell: "gru", onEvent });
export const session = (text: string) => LanguageModelTraining.start(text, { hidden: 8 });
export const written = async (text: string) => {
  const found = await trained(text);
  const { model: read, training: record } = rondo.readLanguageModel(rondo.writeLanguageModel(found), "model");
  return {
    read,
    record,
    network: read.network,
    evaluation: await read.evaluate(text),
    parts: read.parameters,
  };
};

// Types within a user's own
export interface Plugin<Inputs> {
  readonly cell: Cell<string, string>;
  readonly run: (values: MapTree<Inputs, InputType, rondo.ValueLike>) => rondo.Explanation["memory"];
}
export const kinds = [...rondo.TOKEN_KINDS, ...rondo.OPTIMIZER_NAMES, ...rondo.schemes, ...rondo.directions];
