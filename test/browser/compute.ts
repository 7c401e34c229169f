/** What Node and the browser both compute: PyTorch's reference cases, and short trainings. */

import type { Backend, Value } from "../../src/backends/backend.ts";
import {
  type Classification,
  type Classifier,
  type LanguageModelOptions,
  readClassifier,
  readDetector,
  readForecaster,
  readTagger,
  resample,
  soundFeatures,
  type Tagging,
  trainClassifier,
  trainDetector,
  trainForecast,
  trainLanguageModel,
  trainTagger,
  value,
  wasmBackend,
} from "../../src/index.ts";
import { readCase, type Tensors } from "../parity/case.ts";
import type { Computed } from "../parity/evaluate.ts";
import type { Skip } from "../parity/kind.ts";
import { kindOf } from "../parity/kinds.ts";
import { rows } from "../tasks/classification/rows.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { startWorkers } from "./threads.ts";

/** Gets a file's bytes by its path in the repository. */
type Read = (path: string) => Promise<Uint8Array>;

/** Trainings of language models by name: 34 updates each, with a validation after every 17. */
const languageModels: Readonly<Record<string, LanguageModelOptions>> = {
  "train-lstm-layers2-dropout": { cell: "lstm", layers: 2, dropout: 0.2, hidden: 32, learningRate: 0.01 },
  "train-gru-sgd": { cell: "gru", optimizer: "sgd", hidden: 24 },
};
const size = { embedding: 16, batch: 4, window: 12, epochs: 2 };

/** What is trained, or heard, by name. */
export const trainings: Readonly<Record<string, (backend: Backend) => Promise<Computed>>> = {
  ...Object.fromEntries(
    Object.entries(languageModels).map(([name, options]) => [
      name,
      (backend: Backend) => train({ ...options, ...size }, backend),
    ]),
  ),
  forecaster: trainedForecast,
  detector: trainedDetector,
  classifier: trainedClassifiers,
  tagger: trainedTaggers,
  sound: heard,
};

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
  if (training) return training(backend);
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

/** Days of two shops, in a row of which something is missing. */
const days = ["north", "south"].flatMap((shop) =>
  Array.from({ length: 80 }, (_, t) => ({
    day: new Date(Date.UTC(2024, 0, 1 + t)),
    shop,
    open: t % 7 === 6 ? "no" : "yes",
    sold:
      t % 11 === 5
        ? null
        : Math.round(30 + 10 * Math.sin((2 * Math.PI * t) / 7) + (shop === "north" ? t / 4 : 0)),
  })),
);

/** What a forecaster says of the last part of two series, written as a file and read again. */
async function trainedForecast(backend: Backend): Promise<Computed> {
  const columns = { target: ["sold"], time: "day", series: "shop", past: ["open"] };
  const sizes = { horizon: 4, context: 12, hidden: 8, epochs: 2, batch: 8 };
  const model = await trainForecast(days, { ...columns, ...sizes, backend });
  const found = readForecaster(model.toBytes(), "forecaster", { backend }).forecast(days);
  const outputs = found.flatMap(({ series, values, quantiles }) => [
    [`${series} values`, vector(values)] as const,
    ...Object.entries(quantiles).map(([share, level]) => [`${series} ${share}`, vector(level)] as const),
  ]);
  return { outputs: Object.fromEntries(outputs), gradients: {} };
}

/** What a detector says of a series with a jump, written as a file and read again. */
async function trainedDetector(backend: Backend): Promise<Computed> {
  const normal = Array.from({ length: 300 }, (_, t) => Math.sin(t / 5) + 0.1 * Math.sin(t * t));
  const model = await trainDetector(normal, { hidden: 8, epochs: 2, backend });
  const found = readDetector(model.toBytes(), "detector", { backend }).detect([
    ...normal.slice(0, 60),
    9,
    ...normal.slice(61, 90),
  ]);
  // A score is a logarithm, whose last bits are each engine's own.
  const seen = Array.from(found.score, (score) => (Number.isNaN(score) ? -1 : Math.round(1e9 * score)));
  return { outputs: { score: vector(seen), alarm: vector(found.alarm.map(Number)) }, gradients: {} };
}

/** What classifiers of texts and of series say, written as files and read again: of all at once, one by one, and what decided. */
async function trainedClassifiers(backend: Backend): Promise<Computed> {
  const sizes = { hidden: 8, embedding: 8, epochs: 2, batch: 8, validation: 0.4, backend };
  const walks = Array.from({ length: 60 }, (_, at) => ({
    x: Array.from({ length: 3 + (at % 4) }, (_, step) => (at % 2 ? step : (at * step) % 5)),
    label: at % 2 ? "up" : "about",
  }));
  const texts = await told(await trainClassifier(rows(60), sizes), rows(6, 2), backend);
  const series = await told(
    await trainClassifier(walks, { ...sizes, columns: ["x"], read: "attention", layers: 2 }),
    walks.slice(0, 6),
    backend,
  );
  const named = (of: string, values: Record<string, Value>) =>
    Object.entries(values).map(([name, one]) => [`${of} ${name}`, one]);
  return {
    outputs: Object.fromEntries([...named("texts", texts), ...named("series", series)]),
    gradients: {},
  };
}

async function told(trained: Classifier, asked: readonly object[], backend: Backend) {
  const classifier = readClassifier(trained.toBytes(), "classifier", { backend });
  // A probability is an exponential, whose last bits are each engine's own.
  const seen = ({ probabilities }: Classification) =>
    Object.values(probabilities).map((probability) => Math.round(1e9 * probability));
  const streamed: number[] = [];
  for await (const one of classifier.stream(asked)) streamed.push(...seen(one));
  const [label = ""] = classifier.labels;
  const shares = asked.flatMap((one) => classifier.explain(one, label).steps.map(({ share }) => share));
  return {
    probabilities: vector(classifier.predict(asked).flatMap(seen)),
    streamed: vector(streamed),
    shares: vector(shares),
  };
}

/** What taggers of words and of spans say, written as files and read again: of texts, and of tokens one after the other. */
async function trainedTaggers(backend: Backend): Promise<Computed> {
  const sizes = { hidden: 8, embedding: 8, characters: 4, epochs: 2, batch: 4, validation: 0.3, backend };
  const names = ["Ann", "Bob Ray", "Cleo", "Dan Lee"];
  const spans = Array.from({ length: 24 }, (_, at) => {
    const name = names[at % 4] as string;
    const text = `${at % 3 ? "Today " : ""}${name} sings ${at} songs.`;
    const start = text.indexOf(name);
    return { text, spans: [{ start, end: start + name.length, label: "singer" }] };
  });
  const tags = Array.from({ length: 24 }, (_, at) => ({
    tokens: ["one", "two", "three"].slice(at % 3).concat(`x${at}`),
    tags: ["A", "B", "A"].slice(at % 3).concat("C"),
  }));
  const asked = ["Ann and Bob Ray sing.", "", "Dan Lee \u{1F3B5} Zoe"];
  const outputs: Record<string, Value> = {};
  for (const [of, sentences] of [
    ["spans", spans],
    ["words", tags],
  ] as const) {
    const trained = await trainTagger(sentences, sizes);
    const tagger = readTagger(trained.toBytes(), "tagger", { backend });
    const seen = ({ tokens }: Tagging) =>
      // A confidence is an exponential, whose last bits are each engine's own.
      tokens.flatMap(({ tag, confidence, start }) => [
        ...Array.from(tag, (character) => character.charCodeAt(0)),
        ...[start, Math.round(1e6 * confidence)],
      ]);
    const streamed: number[] = [];
    for await (const one of tagger.stream([["one", "Zoe"], "Ann sings"], { together: 1 }))
      streamed.push(...seen(one));
    outputs[`${of} tagged`] = vector(tagger.tagAll(asked).flatMap(seen));
    outputs[`${of} streamed`] = vector(streamed);
  }
  return { outputs, gradients: {} };
}

/** Features of a rough tone at another rate, whole and in pieces. */
async function heard(backend: Backend): Promise<Computed> {
  // No function whose last bits are an engine's own: a triangle wave and a noise.
  const samples = Float32Array.from({ length: 8000 }, (_, n) => {
    const triangle = Math.abs((n % 37) / 18.5 - 1) - 0.5;
    return triangle + (((n * n) % 101) / 101 - 0.5) / 4;
  });
  const given = resample(samples, 11025, 16000);
  const outputs: Record<string, Value> = { resampled: vector([...given]) };
  for (const kind of ["log-mel", "mfcc"] as const) {
    const features = soundFeatures({ rate: 16000, kind, backend });
    const live = features.stream();
    outputs[kind] = vector([...features.of(given).values]);
    outputs[`${kind} in pieces`] = vector(
      [0, 1000, 5000].flatMap((from, at, all) => [...live.push(given.subarray(from, all[at + 1]))]),
    );
  }
  return { outputs, gradients: {} };
}

function vector(numbers: readonly number[]): Value {
  return value(Float64Array.from(numbers), [numbers.length]);
}
