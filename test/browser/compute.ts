/** What Node and the browser both compute: PyTorch's reference cases, and short trainings of language models. */

import type { Backend, Value } from "../../src/backends/backend.ts";
import { type LanguageModelOptions, trainLanguageModel, value, wasmBackend } from "../../src/index.ts";
import { readCase, type Tensors } from "../parity/case.ts";
import type { Computed } from "../parity/evaluate.ts";
import type { Skip } from "../parity/kind.ts";
import { kindOf } from "../parity/kinds.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { startWorkers } from "./threads.ts";

/** Gets a file's bytes by its path in the repository. */
type Read = (path: string) => Promise<Uint8Array>;

/** Trainings by name: 34 updates each, with a validation after every 17. */
export const trainings: Readonly<Record<string, LanguageModelOptions>> = {
  "train-lstm-layers2-dropout": { cell: "lstm", layers: 2, dropout: 0.2, hidden: 32, learningRate: 0.01 },
  "train-gru-sgd": { cell: "gru", optimizer: "sgd", hidden: 24 },
};
const size = { embedding: 16, batch: 4, window: 12, epochs: 2 };

export interface Request {
  /** A training, or a file of test/fixtures/torch without its ending. */
  readonly name: string;
  /** Threads to ask for. */
  readonly threads: number;
  /** Threads that then run. */
  readonly running: number;
  /** Whether to multiply and add at once. */
  readonly fused: boolean;
}

/** Compute on the WebAssembly backend. Rejects where not as many threads took part as should. */
export async function compute(
  { name, threads, running, fused }: Request,
  read: Read,
): Promise<Computed | Skip> {
  const tally = await startWorkers(threads);
  const computed = await computeOn(wasmBackend({ threads, fused, minimumWork: 0 }), name, read);
  if (!("skip" in computed) && tally.threads !== running) {
    throw new Error(`${tally.threads} threads ran, ${running} expected`);
  }
  return computed;
}

async function computeOn(backend: Backend, name: string, read: Read): Promise<Computed | Skip> {
  const training = trainings[name];
  if (training) return train({ ...training, ...size }, backend);
  const given = readCase(await read(`test/fixtures/torch/${name}.safetensors`), name);
  return kindOf(given).compute(given, backend);
}

/** Every loss, norm of the gradients and validation of a training, and the weights that it ends with. */
async function train(options: LanguageModelOptions, backend: Backend): Promise<Computed> {
  const curves: Record<"losses" | "norms" | "validations", number[]> = {
    losses: [],
    norms: [],
    validations: [],
  };
  const model = await trainLanguageModel(sentence, {
    ...options,
    backend,
    onEvent(event) {
      if (event.event === "validation") curves.validations.push(event.nats);
      else {
        curves.losses.push(event.loss);
        curves.norms.push(event.gradientNorm);
      }
    },
  });
  const weights = Object.entries(model.parameters).map(([name, variable]): [string, Value] => [
    name,
    value(variable.value, variable.dimensions),
  ]);
  const measured = Object.entries(curves).map(([name, curve]): [string, Value] => [
    name,
    value(Float64Array.from(curve), [curve.length]),
  ]);
  const outputs: Tensors = Object.fromEntries([...measured, ...weights]);
  return { outputs, gradients: {} };
}
