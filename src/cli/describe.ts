/** `rondo describe`: what a model is made of, what it was trained on and how, and how well it did. */

import { Command } from "commander";
import { countParameters } from "../nn/index.ts";
import type { TrainingRecord } from "../tasks/language-model/index.ts";
import { createOptimizer } from "../training/optimizers.ts";
import { jsonLine, path, perplexityOf } from "./options.ts";
import { readModel } from "./run-folder.ts";

export function describeCommand(): Command {
  return new Command("describe")
    .description("What a model is made of, what it was trained on, and how well it did.")
    .argument("<run>", "the folder of a run, or a model file", path)
    .option("--json", "print one line of JSON")
    .action((run: string, { json }: { json?: true }) => {
      const { model, training, where } = readModel(run);
      const { architecture, vocabulary } = model;
      const weights = Object.entries(model.parameters).map(([name, { dimensions, count }]) => ({
        name,
        shape: dimensions,
        count,
      }));
      const total = countParameters(model.network);
      const { size, kind } = vocabulary;
      if (json) {
        const of = { tokens: kind, vocabulary: size };
        const made = { file: where, architecture, ...of, parameters: total, weights, training };
        console.log(jsonLine(training ? { ...made, heldOut: heldOutOf(training) } : made));
        return;
      }
      const { cell, embedding, hidden, layers, dropout } = architecture;
      const rows: [string, string][] = [
        ["model", where],
        ["tokens", `${grouped(size)} ${kind}`],
        ["embedding", `${size} x ${embedding}`],
        [cell, `${layers} ${layers === 1 ? "layer" : "layers"} of ${hidden} units, dropout ${dropout}`],
        ["head", `${hidden} x ${size}`],
        ["parameters", grouped(total)],
        ...weights.map(({ name, shape, count }): [string, string] => [
          `  ${name}`,
          `(${shape.join(", ")})  ${grouped(count)}`,
        ]),
        ...(training ? trainingRows(training) : []),
      ];
      const width = Math.max(...rows.map(([name]) => name.length));
      for (const [name, text] of rows) console.log(`${name.padEnd(width)}  ${text}`);
    });
}

const grouped = (count: number) => count.toLocaleString("en");

function trainingRows(training: TrainingRecord): [string, string][] {
  const { text, settings, step, epoch, tokens, validation } = training;
  const on =
    text.heldOut === undefined ? "" : ` on ${text.heldOut}, ${grouped(settings.validation)} characters`;
  const found = validation
    ? `${validation.nats.toFixed(4)} nats per token, ${validation.bitsPerCharacter.toFixed(4)} bits per character, perplexity ${perplexityOf(validation.nats)}${on}`
    : "none";
  return [
    ["trained on", trainedOn(training)],
    [
      "for",
      `${epoch} of ${settings.epochs} ${settings.epochs === 1 ? "epoch" : "epochs"}, ${grouped(step)} updates, ${grouped(tokens)} tokens`,
    ],
    ["with", settingsText(settings)],
    ["validation", found],
  ];
}

/** What was held out of the texts, in the unit in which it was asked for; null for nothing. */
function heldOutOf({ text, settings: { validation } }: TrainingRecord) {
  if (validation === 0) return null;
  if (text.heldOut !== undefined) return { text: text.heldOut, characters: validation };
  return validation < 1 ? { fraction: validation } : { characters: validation };
}

function trainedOn({ text, settings: { validation } }: TrainingRecord): string {
  const { name, characters, heldOut } = text;
  if (heldOut !== undefined) return `${name}: all of ${grouped(characters - validation)} characters`;
  const end = validation < 1 ? `${Number((100 * validation).toPrecision(12))} %` : grouped(validation);
  return `${name}: ${validation === 0 ? "all" : `all but the last ${end}`} of ${grouped(characters)} characters`;
}

/** Every setting that is not off, nor what the optimiser always has, but for what `trained on` and `for` tell. */
function settingsText(settings: TrainingRecord["settings"]): string {
  const { optimizer, optimizerSettings, learningRate, schedule, batch, window, clip, seed } = settings;
  const { kind, warmUp = 0, ...decay } = schedule;
  const usual = createOptimizer(optimizer).settings;
  const own = Object.entries(optimizerSettings).filter(
    ([name, value]) => value !== usual[name] || (name === "weightDecay" && value !== 0),
  );
  const told = [
    "validation",
    "epochs",
    "optimizer",
    "optimizerSettings",
    "learningRate",
    "schedule",
    "batch",
    "window",
    "clip",
    "seed",
  ];
  const others = Object.entries(settings).filter(
    ([name, value]) => !told.includes(name) && value !== 0 && value !== "default",
  );
  return [
    optimizer,
    ...own.map(named),
    `learning rate ${learningRate} (${[kind, ...Object.entries(decay).map(named)].join(", ")})`,
    ...(warmUp === 0 ? [] : [`warm-up ${warmUp}`]),
    ...Object.entries({ batch, window, clip: clip === 0 ? "off" : clip }).map(named),
    ...others.map(named),
    `seed ${seed}`,
  ].join(", ");
}

function named([name, value]: [string, unknown]): string {
  return value === true ? words(name) : `${words(name)} ${value}`;
}

/** A setting's name as people write it: weightDecay is weight decay. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
