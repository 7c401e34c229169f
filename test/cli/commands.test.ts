// The commands on real files: a run from start to end, what it leaves behind, and what the other commands make of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { LanguageModelTraining, readLanguageModel } from "../../src/tasks/language-model/index.ts";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { run } from "./cli.ts";

const small = "--hidden 8 --embedding 4 --batch 4 --window 12 --epochs 2 --seed 3".split(" ");

const lines = (file: string) =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("train", () => {
  it("leaves a model, a checkpoint and measurements", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    const result = await run("train", join(folder, "fox.txt"), ...small, "--out", out);
    expect(result).toMatchObject({ code: 0, error: "" });
    expect(result.out).toMatch(
      /^task language-model: no other task has --embedding and --window\nfox\.txt: 810 tokens to train on, 90 held out, 2 epochs\n/,
    );
    expect(result.out).toContain("epoch 2/2  validation");
    expect(result.out).toMatch(/done: .*model\.safetensors\n$/);
    expect(readdirSync(out).sort()).toEqual(["checkpoint.safetensors", "metrics.jsonl", "model.safetensors"]);

    const measured = lines(join(out, "metrics.jsonl"));
    const steps = measured.filter(({ event }) => event === "step");
    const validations = measured.filter(({ event }) => event === "validation");
    expect(Object.keys(steps[0] ?? {})).toEqual([
      ...["event", "step", "epoch", "tokens", "loss", "learningRate", "seconds"],
    ]);
    expect(Object.keys(validations[0] ?? {})).toEqual([
      ...["event", "step", "epoch", "tokens", "loss", "nats", "perplexity", "bitsPerCharacter"],
    ]);
    expect(validations.map(({ step, epoch, tokens }) => [step, epoch, tokens])).toEqual([
      [17, 1, 808],
      [34, 2, 1616],
    ]);
    expect(steps.at(-1)).toMatchObject({ step: 34, epoch: 2, tokens: 1616, learningRate: 0.002 });
  });

  it("is the library's training: the same options give the same bytes", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    const options =
      "--cell textbook-gru --optimizer rmsprop --momentum 0.5 --weight-decay 0.01 --learning-rate 0.01";
    const more =
      "--schedule plateau --decay-factor 0.5 --plateau-patience 0 --minimum-learning-rate 0.001 --warmup 4 --clip 0.5 --clip-value 0.3";
    const rest =
      "--tokens bytes --layers 2 --dropout 0.1 --initialize orthogonal --validation 0.2 --patience 5";
    const words = [options, more, rest].flatMap((text) => text.split(" "));
    const result = await run("train", join(folder, "fox.txt"), ...small, ...words, "--out", out);
    expect(result).toMatchObject({ code: 0, error: "" });
    let model: Uint8Array | undefined;
    await LanguageModelTraining.start(sentence, {
      ...{ hidden: 8, embedding: 4, batch: 4, window: 12, epochs: 2, seed: 3, name: "fox.txt" },
      ...{ cell: "textbook-gru", optimizer: "rmsprop", learningRate: 0.01 },
      optimizerSettings: { momentum: 0.5, weightDecay: 0.01 },
      schedule: { kind: "plateau", factor: 0.5, patience: 0, minimum: 0.001, warmUp: 4 },
      ...{ clip: 0.5, clipValue: 0.3, tokens: "bytes", layers: 2, dropout: 0.1, initialize: "orthogonal" },
      ...{ validation: 0.2, patience: 5 },
    }).run({
      onModel: (bytes) => {
        model = bytes;
      },
    });
    expect(new Uint8Array(readFileSync(join(out, "model.safetensors")))).toEqual(model);
  });

  it("prints JSON for machines: the lines of metrics.jsonl between a start and an end", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    const result = await run("train", join(folder, "fox.txt"), ...small, "--out", out, "--json");
    const printed = result.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(printed[0]).toEqual({
      event: "start",
      task: "language-model",
      guess: "no other task has --embedding and --window",
      run: out,
      step: 0,
      tokens: { training: 810, validation: 90 },
    });
    expect(printed.slice(1, -1)).toEqual(lines(join(out, "metrics.jsonl")));
    expect(printed.at(-1)).toEqual({ event: "end", reason: "finished", run: out, step: 34 });
  });

  it("names the folder after text and cell, and takes another name when there is a run", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const name of ["fox-gru", "fox-gru-2"]) {
        expect((await run("train", "fox.txt", ...small, "--cell", "gru", "--epochs", "1")).code).toBe(0);
        expect(existsSync(join("runs", name, "model.safetensors"))).toBe(true);
      }
    } finally {
      process.chdir(before);
    }
  });

  it("validation 0 trains on everything and keeps the model of each epoch", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    const result = await run("train", join(folder, "fox.txt"), ...small, "--validation", "0", "--out", out);
    expect(result.code).toBe(0);
    expect(result.out).toContain("900 tokens to train on, 0 held out");
    expect(result.out).not.toContain("validation");
    const { training } = readLanguageModel(readFileSync(join(out, "model.safetensors")), "m");
    expect(training).toMatchObject({ epoch: 2, validation: null });
    expect((await run("describe", out)).out).toMatch(/validation +none\n/);
  });

  it("validates on another text, and finds it again when going on", async () => {
    const [first, rest] = [sentence.slice(0, 700), sentence.slice(700)];
    const folder = temporaryFolder({ "fox.txt": first, "rest.txt": rest, "whole.txt": first + rest });
    const [apart, whole] = [join(folder, "apart"), join(folder, "whole")];
    const held = ["--validation-text", join(folder, "rest.txt")];
    await run("train", join(folder, "fox.txt"), ...small, ...held, "--epochs", "1", "--out", apart);
    const gone = await run("train", "--resume", apart, "--epochs", "2");
    expect(gone.code).toBe(0);
    const count = ["--validation", String(rest.length)];
    const result = await run("train", join(folder, "whole.txt"), ...small, ...count, "--out", whole);
    expect(result.out).toContain(`700 tokens to train on, ${rest.length} held out`);
    const [a, b] = [apart, whole].map(
      (path) => readSafetensors(readFileSync(join(path, "model.safetensors")), path).tensors,
    );
    expect(a).toEqual(b);
  });

  it("stops early when validation no longer improves", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    const words = [...small, "--learning-rate", "1e-30", "--epochs", "9", "--patience", "2", "--out", out];
    const result = await run("train", join(folder, "fox.txt"), ...words);
    expect(result.code).toBe(0);
    expect(result.out).toContain("stopped early, after 2 epochs without improvement");
    expect(lines(join(out, "metrics.jsonl")).at(-1)).toMatchObject({ event: "validation", epoch: 3 });
  });
});

describe("going on with a finished run", () => {
  it("does nothing more, or adds epochs", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    await run("train", join(folder, "fox.txt"), ...small, "--out", out);
    const before = readFileSync(join(out, "metrics.jsonl"), "utf8");
    const again = await run("train", "--resume", out);
    expect(again).toMatchObject({ code: 0, error: "" });
    expect(again.out).toContain("going on at step 34");
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toBe(before);
    const more = await run("train", "--resume", out, "--epochs", "3");
    expect(more.out).toContain("epoch 3/3  validation");
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8").startsWith(before)).toBe(true);
    expect(lines(join(out, "metrics.jsonl")).at(-1)).toMatchObject({
      event: "validation",
      step: 51,
      epoch: 3,
    });
  });
});

describe("of a trained model", () => {
  let folder = "";
  let out = "";
  beforeAll(async () => {
    folder = makeFolder({ "fox.txt": sentence });
    out = join(folder, "run");
    await run("train", join(folder, "fox.txt"), ...small, "--out", out);
    return () => removeFolder(folder);
  });

  it("evaluate scores a text, from the run's folder or its model file alone", async () => {
    const text = join(folder, "fox.txt");
    const result = await run("evaluate", out, "--text", text, "--json");
    const { model } = readLanguageModel(readFileSync(join(out, "model.safetensors")), "m");
    expect(result.code).toBe(0);
    expect(JSON.parse(result.out)).toEqual(await model.evaluate(sentence, { batch: 4, window: 12 }));
    const single = await run("evaluate", out, "--text", text, "--batch", "1", "--json");
    expect(JSON.parse(single.out)).toEqual(await model.evaluate(sentence, { batch: 1, window: 12 }));
    expect((await run("evaluate", join(out, "model.safetensors"), "--text", text, "--json")).out).toBe(
      result.out,
    );
    expect((await run("evaluate", out, "--text", text)).out).toMatch(/perplexity +\d+\.\d+\n/);
  });

  it("generate writes what the library writes", async () => {
    const options = "--length 30 --temperature 0.8 --top-k 5 --top-p 0.9 --seed 7".split(" ");
    const result = await run("generate", out, "--prompt", "the ", ...options);
    const { model } = readLanguageModel(readFileSync(join(out, "model.safetensors")), "m");
    const expected = model.generate("the ", { length: 30, temperature: 0.8, topK: 5, topP: 0.9, seed: 7 });
    expect(result).toEqual({ code: 0, out: `${expected}\n`, error: "" });
    const json = await run("generate", out, "--prompt", "the ", ...options, "--json");
    expect(JSON.parse(json.out)).toEqual({ text: expected });
    expect((await run("generate", out)).out.length).toBeGreaterThan(400);
  });

  it("describe tells what there is to know", async () => {
    const { code, out: text } = await run("describe", out);
    expect(code).toBe(0);
    for (const part of [
      "29 characters",
      "1 layer of 8 units",
      "rnn.weight_ih_l0  (32, 4)  128",
      "head.bias         (29)  29",
      "fox.txt: all but the last 10 % of 900 characters",
      "2 epochs, 34 updates, 1,616 tokens",
      "adam, learning rate 0.002 (constant), batch 4, window 12, clip 1, seed 3",
      "nats per token",
    ]) {
      expect(text).toContain(part);
    }
    const json = JSON.parse((await run("describe", out, "--json")).out) as Record<string, unknown>;
    expect(json).toMatchObject({
      tokens: "characters",
      vocabulary: 29,
      architecture: { cell: "lstm", hidden: 8 },
    });
    const { model } = readLanguageModel(readFileSync(join(out, "model.safetensors")), "m");
    const count = Object.values(model.parameters).reduce((sum, variable) => sum + variable.count, 0);
    expect(json.parameters).toBe(count);
  });
});

describe("describe", () => {
  const cases: [string, string, string[], object | null][] = [
    [
      "a fraction that is no sum of halves",
      "--validation 0.07",
      ["all but the last 7 % of 900 characters"],
      { fraction: 0.07 },
    ],
    ["a count", "--validation 500", ["fox.txt: all but the last 500 of 900 characters"], { characters: 500 }],
    ["nothing", "--validation 0", ["fox.txt: all of 900 characters", "validation          none"], null],
    [
      "a text of its own",
      "--validation-text rest.txt",
      ["fox.txt: all of 900 characters", /perplexity [\d.]+ on rest\.txt, 1,350 characters/] as string[],
      { text: "rest.txt", characters: 1350 },
    ],
  ];
  it.each(cases)("held out: %s", async (_, words, parts, heldOut) => {
    const folder = temporaryFolder({ "fox.txt": sentence, "rest.txt": sentence + sentence.slice(0, 450) });
    const [before, options] = [
      process.cwd(),
      [...small, "--epochs", "1", ...words.split(" "), "--out", "run"],
    ];
    process.chdir(folder);
    try {
      expect(await run("train", "fox.txt", ...options)).toMatchObject({ code: 0, error: "" });
      const { out } = await run("describe", "run");
      for (const part of parts)
        expect(out).toMatch(typeof part === "string" ? part.replace(/[()]/g, ".") : part);
      expect(JSON.parse((await run("describe", "run", "--json")).out)).toMatchObject({ heldOut });
    } finally {
      process.chdir(before);
    }
  });

  it("tells every setting that is not off", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    const words = [
      "--optimizer adamw --warmup 7 --clip-value 0.25 --patience 3 --clip 0 --initialize orthogonal",
      "--schedule plateau --decay-factor 0.5 --plateau-patience 0 --learning-rate 0.01",
    ].flatMap((text) => text.split(" "));
    await run("train", join(folder, "fox.txt"), ...small, ...words, "--out", out);
    expect((await run("describe", out)).out).toContain(
      "adamw, weight decay 0.01, learning rate 0.01 (plateau, factor 0.5, minimum 0, patience 0), warm-up 7, batch 4, window 12, clip off, initialize orthogonal, clip value 0.25, patience 3, seed 3\n",
    );
    const other = "--optimizer sgd --momentum 0.9 --nesterov --weight-decay 0.001".split(" ");
    await run("train", join(folder, "fox.txt"), ...small, ...other, "--out", join(folder, "sgd"));
    expect((await run("describe", join(folder, "sgd"))).out).toContain(
      "sgd, momentum 0.9, nesterov, weight decay 0.001, learning rate 1 (constant), batch 4, window 12, clip 1, seed 3\n",
    );
  });
});

describe("help", () => {
  it("is shown when asked for, and without words", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, error: "" });
    const help = await run("train", "--help");
    expect(help).toMatchObject({ code: 0, error: "" });
    expect(help.out).toContain("--learning-rate");
    expect((await run("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("explain", () => {
  it("shows what a model's programs become, as text and as JSON", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const out = join(folder, "run");
    await run("train", join(folder, "fox.txt"), ...small, "--out", out);
    const training = await run("explain", out);
    expect(training.code).toBe(0);
    expect(training.out).toContain("from the last:");
    const stream = JSON.parse((await run("explain", out, "--program", "stream", "--json")).out);
    // 4 gates of 8 units from 4 inputs and 8 states, and a head; a multiplication and an addition each.
    const vocabulary = new Set(sentence).size;
    expect(stream.arithmetic.products).toBe(2 * (4 * 8 * (4 + 8) + 8 * vocabulary));
    const cell = JSON.parse((await run("explain", "lstm", "--program", "stream", "--json")).out);
    expect(cell.arithmetic.products).toBe(2 * 4 * 128 * (64 + 128));
    const options = "--input 3 --hidden 5 --layers 2 --direction both --batch 7 --window 9".split(" ");
    const around = JSON.parse((await run("explain", "gru", ...options, "--json")).out);
    const shapes = around.arithmetic.each.map(({ product }: { product: string }) => product);
    // The inputs of the second layer are the outputs of two directions, and each has three gates of 5.
    expect(shapes).toContain("(B*T x 10) . (10 x 30)");
    expect(around.graph).toContain("{weight_ih_l1_reverse}: (15, 10)");
    expect((await run("explain", "gru", "--view", "cell")).code).toBe(2);
    expect(await run("explain", out, "--batch", "0")).toMatchObject({
      code: 2,
      error: "rondo: batch 0: expected a whole number from 1\n",
    });
  });
});

describe("--threads", () => {
  it("changes no bit of a model", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const models = [];
    for (const threads of ["1", "3"]) {
      const out = join(folder, threads);
      await run("train", join(folder, "fox.txt"), ...small, "--threads", threads, "--out", out);
      models.push(readFileSync(join(out, "model.safetensors")));
    }
    expect(models[0]?.equals(models[1] as Buffer)).toBe(true);
    const wrong = await run("train", join(folder, "fox.txt"), "--threads", "0");
    expect(wrong).toMatchObject({
      code: 2,
      error: "rondo: threads 0: expected a whole number from 1 to 64\n",
    });
  });
});
