/** Whole training runs: embedding, recurrent layers, linear, cross-entropy, clipping and an optimiser over one stream. */

import type { Value } from "../../src/backends/backend.ts";
import { DataError } from "../../src/errors.ts";
import { cells, crossEntropy, embedding, linear, parameters } from "../../src/nn/index.ts";
import { float32, int32, value } from "../../src/program/compile.ts";
import { createOptimizer } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";
import { type Case, numberOf, sizeOf, type Tensors, tensorOf } from "./case.ts";
import { load } from "./evaluate.ts";
import type { Kind } from "./kind.ts";
import { recurrentOf } from "./modules.ts";
import { settingsOf } from "./optimizers.ts";

/** Cells by how many gates their weights hold. */
const byGates: Readonly<Record<number, typeof cells.rnn>> = { 1: cells.rnn, 3: cells.gru, 4: cells.lstm };

/** The tensors under a path, without it. */
function below(tensors: Tensors, path: string): Tensors {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(path));
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(path.length), tensor]));
}

/** The model with the weights that the run starts from; undefined for a cell that is not built. */
function modelOf({ parameters: start }: Case) {
  const own = below(start, "rnn.");
  const hidden = sizeOf(own, "weight_hh_l0", 1);
  const cell = byGates[sizeOf(own, "weight_hh_l0", 0) / hidden];
  if (!cell) return undefined;
  const layers = Object.keys(own).filter((name) => /^weight_hh_l\d+$/.test(name)).length;
  const [vocabulary, size] = [sizeOf(start, "embedding.weight", 0), sizeOf(start, "embedding.weight", 1)];
  const rnn = recurrentOf(cell, own, layers);
  const head = linear(rnn.outputSize, sizeOf(start, "head.weight", 0), { bias: "head.bias" in start });
  const model = { embedding: embedding(vocabulary, size), rnn, head };
  load(parameters(model), start);
  return model;
}

/** An optimiser and its learning rate, from a text such as "Adam lr=0.02". */
function optimizerOf(text: string) {
  const [name = "", ...words] = text.split(/\s+/);
  const { lr, ...settings } = Object.fromEntries(words.map((word) => word.split("=")));
  if (!Number.isFinite(Number(lr ?? Number.NaN))) {
    throw new DataError(`metadata optimizer: ${text || "nothing"} given, a name and lr=RATE expected`);
  }
  const numbers = Object.entries(settings).map(([key, setting]) => [key, Number(setting)]);
  return {
    optimizer: createOptimizer(name.toLowerCase(), settingsOf(Object.fromEntries(numbers))),
    rate: Number(lr),
  };
}

/** Rows `from` to `to` of a stream of tokens (length, B). */
function rows({ data, shape }: Value, from: number, to: number): Value {
  const batch = shape[1] ?? 1;
  return value(Int32Array.from(data.slice(from * batch, to * batch)), [to - from, batch]);
}

export const trainingRun: Kind = {
  name: "training run",
  tolerance: 1e-4,
  recognises: ({ inputs, parameters: start }) => Boolean(inputs.stream && start["embedding.weight"]),
  compute(given, backend) {
    const model = modelOf(given);
    if (!model) return { skip: "its recurrent cell is not built" };
    const { optimizer, rate } = optimizerOf(given.metadata.optimizer ?? "");
    const clipNorm = given.metadata.clip_norm === undefined ? undefined : numberOf(given, "clip_norm");
    const shapes = Object.entries(model.rnn.stateShapes("B"));
    const step = trainingStep({
      parameters: Object.values(parameters(model)),
      optimizer,
      inputs: {
        tokens: int32("T", "B"),
        targets: int32("T", "B"),
        state: Object.fromEntries(shapes.map(([name, shape]) => [name, float32(...shape)])),
      },
      loss({ tokens, targets, state: initial }) {
        const { output, state } = model.rnn.apply(model.embedding.apply(tokens), { state: initial });
        return { loss: crossEntropy(model.head.apply(output), targets), outputs: { state } };
      },
      clipNorm,
      backend,
    });

    const stream = tensorOf(given.inputs, "stream");
    const steps = sizeOf(given.outputs, "losses", 0);
    const window = Math.floor((sizeOf(given.inputs, "stream", 0) - 1) / steps);
    let state: Record<string, Value> = Object.fromEntries(
      Object.entries(model.rnn.stateShapes(sizeOf(given.inputs, "stream", 1))).map(([name, shape]) => [
        name,
        value(new Float32Array(shape.reduce((count, size) => count * size)), shape),
      ]),
    );
    const losses = new Float32Array(steps);
    const norms = new Float32Array(steps);
    for (let at = 0; at < steps; at++) {
      const tokens = rows(stream, at * window, (at + 1) * window);
      const targets = rows(stream, at * window + 1, (at + 1) * window + 1);
      const { loss, gradientNorm, outputs } = step.run({ tokens, targets, state }, rate);
      losses[at] = loss;
      norms[at] = gradientNorm;
      state = outputs.state;
    }
    const weights = Object.entries(parameters(model)).map(([path, variable]) => [
      `final.${path}`,
      value(variable.value, variable.dimensions),
    ]);
    const curves = { losses: value(losses, [steps]), norms: value(norms, [steps]) };
    return { outputs: { ...curves, ...Object.fromEntries(weights) }, gradients: {} };
  },
};
