// Training: it learns, the same seed gives the same bits, and it goes on from a checkpoint as if never stopped.
import { describe, expect, it } from "vitest";
import { DataError, FormatError, TrainingError, UsageError } from "../../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import {
  type LanguageModelEvent,
  type LanguageModelOptions,
  LanguageModelTraining,
  readLanguageModel,
  trainLanguageModel,
} from "../../../src/tasks/language-model/index.ts";
import { sentence, tiny } from "./texts.ts";

/** Trains to the end; the last model file, and what happened. */
async function train(text: string, options: LanguageModelOptions) {
  const events: LanguageModelEvent[] = [];
  const models: Uint8Array[] = [];
  const checkpoints: Uint8Array[] = [];
  const training = LanguageModelTraining.start(text, options);
  const end = await training.run({
    onEvent: (event) => events.push(event),
    onModel: (bytes) => models.push(bytes),
    onCheckpoint: (bytes) => checkpoints.push(bytes),
    checkpointEvery: 1e-9,
  });
  const losses = events.flatMap((event) => (event.event === "step" ? [event.loss] : []));
  return { training, end, events, losses, models, checkpoints, model: models.at(-1) as Uint8Array };
}

describe("learning", () => {
  it("a short text by heart", async () => {
    const { losses, end, training } = await train(sentence, { ...tiny, epochs: 14, learningRate: 0.03 });
    expect(end).toBe("finished");
    expect(losses[0]).toBeGreaterThan(3);
    expect(losses.at(-1)).toBeLessThan(0.4);
    expect(training.model.generate("the quick", { length: 35, temperature: 0 })).toBe(
      "the quick brown fox jumps over the lazy dog.",
    );
  });

  it.each(["words", "bytes", "subwords"] as const)("%s", async (tokens) => {
    const { losses, training } = await train(sentence, {
      ...tiny,
      tokens,
      epochs: 6,
      learningRate: 0.05,
      window: 5,
    });
    expect(training.model.vocabulary.kind).toBe(tokens);
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number));
  });

  it("through dropout too, which evaluation does not apply", async () => {
    const options = { ...tiny, layers: 2, epochs: 2, learningRate: 0.03 };
    const [with_, without] = [
      await train(sentence, { ...options, dropout: 0.4 }),
      await train(sentence, options),
    ];
    expect(with_.losses[0]).not.toBe(without.losses[0]);
    expect(with_.losses.at(-1)).toBeLessThan(with_.losses[0] as number);
    const [first, second] = [
      await with_.training.model.evaluate(sentence),
      await with_.training.model.evaluate(sentence),
    ];
    expect(first).toEqual(second);
  });

  it("the held-out end is scored after every epoch, and the best model is kept", async () => {
    const { events, models, training } = await train(sentence, {
      ...tiny,
      validation: 0.2,
      epochs: 3,
      learningRate: 0.02,
    });
    const validations = events.flatMap((event) => (event.event === "validation" ? [event] : []));
    expect(validations.map(({ epoch, step }) => [epoch, step])).toEqual(
      [1, 2, 3].map((epoch) => [epoch, epoch * training.windows]),
    );
    expect(models).toHaveLength(validations.filter(({ improved }) => improved).length);
    const { model, training: record } = readLanguageModel(models.at(-1) as Uint8Array, "m");
    const best = Math.min(...validations.map(({ nats }) => nats));
    expect(record?.validation?.nats).toBe(best);
    const held = sentence.slice(sentence.length * 0.8);
    expect((await model.evaluate(held, { batch: tiny.batch, window: tiny.window })).nats).toBeCloseTo(
      best,
      6,
    );
    const last = validations.at(-1) as (typeof validations)[0];
    expect(last.tokens).toBe(training.progress.tokens);
    expect(last.bitsPerCharacter).toBeCloseTo(last.nats / Math.LN2, 10);
  });
});

it("subwords come from what is trained on, and write any text that is held out", async () => {
  const text = `${sentence}ZEBRA 😀 zebra zebra zebra zebra`;
  const training = LanguageModelTraining.start(text, {
    ...tiny,
    tokens: "subwords",
    validation: 31,
    window: 5,
  });
  const { vocabulary } = training.model;
  expect(vocabulary.has(" quick")).toBe(true);
  expect(vocabulary.tokens.some((token) => token.length > 1 && "zebra".includes(token))).toBe(false);
  expect(training.tokens.training).toBe(20 * 11);
  expect(await training.model.evaluate("ZEBRA 😀")).toMatchObject({ tokens: "ZEBRA ".length + 4 - 1 });
});

describe("the same seed gives the same bits", () => {
  const options = { ...tiny, epochs: 1, dropout: 0.2, layers: 2 };
  it("and another one others", async () => {
    const [a, b, c] = [
      await train(sentence, { ...options, seed: 5 }),
      await train(sentence, { ...options, seed: 5 }),
      await train(sentence, { ...options, seed: 6 }),
    ];
    expect(a.model).toEqual(b.model);
    expect(a.losses).toEqual(b.losses);
    expect(c.losses[0]).not.toBe(a.losses[0]);
  });
});

describe("going on from a checkpoint", () => {
  it.each<LanguageModelOptions>([
    { optimizer: "adam", dropout: 0.2 },
    {
      cell: "lstm",
      optimizer: "sgd",
      optimizerSettings: { momentum: 0.9, dampening: 0.1 },
      schedule: { kind: "plateau", factor: 0.5, patience: 0, warmUp: 5 },
      validation: 0.2,
    },
    { optimizer: "adadelta", schedule: { kind: "cosine" }, clipValue: 0.01, clip: 0 },
    { tokens: "subwords", vocabulary: 260, validation: 0.2 },
  ])("%o: the rest of the training is the same, bit for bit", async (options) => {
    const whole = await train(sentence.slice(0, 600), {
      ...tiny,
      epochs: 2,
      window: 16,
      layers: 2,
      ...options,
    });
    const { checkpoints } = whole;
    const some = [0, 1, Math.floor(checkpoints.length / 2), checkpoints.length - 2, checkpoints.length - 1];
    for (const at of some) {
      const rest = LanguageModelTraining.resume(checkpoints[at] as Uint8Array, sentence.slice(0, 600));
      let model: Uint8Array | undefined;
      const losses: number[] = [];
      await rest.run({
        onModel: (bytes) => {
          model = bytes;
        },
        onEvent: (event) => event.event === "step" && losses.push(event.loss),
      });
      expect(losses).toEqual(whole.losses.slice(whole.losses.length - losses.length));
      if (losses.length > 0) expect(model).toEqual(whole.model);
      const end = readSafetensors(whole.checkpoints.at(-1) as Uint8Array, "whole");
      expect(readSafetensors(rest.checkpoint(), "rest").tensors).toEqual(end.tensors);
    }
  });

  it("stopped in the middle, even before the first step", async () => {
    const text = sentence.slice(0, 600);
    const options = { ...tiny, epochs: 2 };
    const whole = await train(text, options);
    const stop = new AbortController();
    const training = LanguageModelTraining.start(text, options);
    let bytes = training.checkpoint();
    for (const steps of [0, 3, 1, 9, 1]) {
      const part = LanguageModelTraining.resume(bytes, text);
      const stopPart = new AbortController();
      let done = 0;
      if (steps === 0) stopPart.abort();
      const end = await part.run({
        signal: stopPart.signal,
        onEvent: () => {
          done += 1;
          if (done === steps) stopPart.abort();
        },
        onCheckpoint: (given) => {
          bytes = given;
        },
      });
      expect(end).toBe("interrupted");
    }
    const rest = LanguageModelTraining.resume(bytes, text);
    expect(rest.progress.step).toBe(14);
    await rest.run({ signal: stop.signal });
    const end = readSafetensors(whole.checkpoints.at(-1) as Uint8Array, "whole");
    expect(readSafetensors(rest.checkpoint(), "rest").tensors).toEqual(end.tensors);
  });

  it("more epochs can be added", async () => {
    const text = sentence.slice(0, 600);
    const [short, long] = [
      await train(text, { ...tiny, epochs: 1 }),
      await train(text, { ...tiny, epochs: 2 }),
    ];
    const rest = LanguageModelTraining.resume(short.checkpoints.at(-1) as Uint8Array, text, { epochs: 2 });
    await rest.run();
    const end = readSafetensors(long.checkpoints.at(-1) as Uint8Array, "long");
    expect(readSafetensors(rest.checkpoint(), "rest").tensors).toEqual(end.tensors);
    const refused = () =>
      LanguageModelTraining.resume(short.checkpoints.at(-1) as Uint8Array, text, { epochs: -1 });
    expect(refused).toThrow("epochs -1: expected a whole number from 1");
  });

  it("refuses another text, a damaged record, and a progress that does not add up", () => {
    const bytes = LanguageModelTraining.start(sentence, { ...tiny, name: "fox.txt" }).checkpoint();
    const changed = (change: Record<string, string>) => {
      const file = readSafetensors(bytes, "c");
      return writeSafetensors({ tensors: file.tensors, metadata: { ...file.metadata, ...change } });
    };
    const resume =
      (given: Uint8Array, text = sentence) =>
      () =>
        LanguageModelTraining.resume(given, text, { where: "run/c", name: "other.txt" });
    expect(resume(bytes)).not.toThrow();
    const other = `${sentence.slice(0, -2)}!\n`;
    expect(resume(bytes, other)).toThrow(DataError);
    expect(resume(bytes, other)).toThrow(
      "other.txt (900 characters) is not the text that run/c was trained on (fox.txt, 900 characters)",
    );
    const metadata = readSafetensors(bytes, "c").metadata;
    const training = JSON.parse(metadata.training as string) as { settings: object };
    const progress = JSON.parse(metadata.progress as string) as object;
    const cases: [Record<string, string>, string][] = [
      [{ training: "{}" }, "training: sources undefined, expected a list of strings"],
      [{ training: JSON.stringify({ ...training, text: null }) }, "training: text null, expected a name"],
      [{ training: JSON.stringify({ ...training, settings: {} }) }, "settings: initialize is missing"],
      [
        { training: JSON.stringify({ ...training, settings: { ...training.settings, batch: -1 } }) },
        "settings: batch -1: expected a whole number from 1",
      ],
      [{ progress: JSON.stringify({ ...progress, step: 3 }) }, "step 3 in epoch 0 with 0 of 19 batches done"],
      [{ progress: JSON.stringify({ ...progress, step: 99, batch: 99 }) }, "with 99 of 19 batches done"],
      [{ prepared: "{}" }, "vocabulary"],
      [{ model: '{"cell":"lstm"}' }, "model: embedding is missing"],
    ];
    for (const [change, message] of cases) {
      expect(resume(changed(change))).toThrow(FormatError);
      expect(resume(changed(change))).toThrow(message);
      expect(resume(changed(change))).toThrow(/^run\/c: [^\n]*$/);
    }
  });
});

it("ends with advice when the loss is no longer a number, and the last checkpoint stays good", async () => {
  const training = LanguageModelTraining.start(sentence, { ...tiny, epochs: 3, learningRate: 1e39, clip: 0 });
  const checkpoints = [training.checkpoint()];
  const run = training.run({ onCheckpoint: (bytes) => checkpoints.push(bytes) });
  await expect(run).rejects.toThrow(TrainingError);
  await expect(run).rejects.toThrow(
    /at step \d+: training diverged; try a lower learning rate or stronger clipping/,
  );
  expect(() => LanguageModelTraining.resume(checkpoints.at(-1) as Uint8Array, sentence)).not.toThrow();
});

describe("texts and options that cannot be used", () => {
  it.each([new Uint8Array(3), 5, null, undefined, ["a"]])("%o is no text", (text) => {
    expect(() => LanguageModelTraining.start(text as never)).toThrow(UsageError);
    expect(() => LanguageModelTraining.start(text as never)).toThrow(/^text: .* given, a string expected$/);
  });
  it.each<[string, object, new (message: string) => Error, string]>([
    ["", {}, DataError, "too few to hold a fraction"],
    ["abcdefgh", {}, DataError, "one window of 64 steps needs 65"],
    ["a".repeat(5000), {}, DataError, "one distinct token (characters)"],
    [sentence, { batch: 100, window: 30 }, DataError, "expected a batch of at most 26"],
    [sentence, { tokens: "words", vocabulary: 2 }, UsageError, "vocabulary size 2"],
    [
      sentence,
      { tokens: "subwords", vocabulary: 256 },
      UsageError,
      "vocabulary size 256: expected a whole number from 257",
    ],
    [sentence, { hidden: 0 }, UsageError, "hidden 0"],
    ["abcdefgh", { window: 4, validation: 0.1 }, DataError, "text: 1 token held out for validation"],
    ["abcdefgh", { window: 4, validation: 1, heldOut: "b" }, DataError, "b: 1 token to validate on"],
    ["abcd", { window: 4, validation: 1, heldOut: "b" }, DataError, "text: the text has 3 tokens"],
  ])("%.12j %o", (text, options, kind, message) => {
    expect(() => LanguageModelTraining.start(text, options)).toThrow(kind);
    expect(() => LanguageModelTraining.start(text, options)).toThrow(message);
  });
});

it("trainLanguageModel gives the best model", async () => {
  const events: LanguageModelEvent[] = [];
  const model = await trainLanguageModel(sentence, {
    ...tiny,
    validation: 0.2,
    epochs: 2,
    onEvent: (event) => events.push(event),
  });
  const nats = events.flatMap((event) => (event.event === "validation" ? [event.nats] : []));
  const held = sentence.slice(sentence.length * 0.8);
  expect((await model.evaluate(held, { batch: tiny.batch, window: tiny.window })).nats).toBeCloseTo(
    Math.min(...nats),
    6,
  );
});
