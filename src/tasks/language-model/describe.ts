/** What a language model is made of, what it was trained on and how, and how well it did, in words. */

import { spelt } from "../../options/table.ts";
import { OPTIMIZER_NAMES } from "../../training/optimizer.ts";
import { createOptimizer } from "../../training/optimizers.ts";
import { perplexityText } from "../measures.ts";
import type { Rows } from "../task.ts";
import type { TrainingRecord } from "./file.ts";
import type { LanguageModel } from "./model.ts";

export function describeModelOf(
  { architecture, vocabulary }: LanguageModel,
  training: TrainingRecord | undefined,
) {
  const { cell, embedding, hidden, layers, dropout } = architecture;
  const { size, kind } = vocabulary;
  const form: Rows = [
    ["tokens", `${grouped(size)} ${kind}`],
    ["embedding", `${size} x ${embedding}`],
    [cell, `${layers} ${layers === 1 ? "layer" : "layers"} of ${hidden} units, dropout ${dropout}`],
    ["head", `${hidden} x ${size}`],
  ];
  const json = { architecture, tokens: kind, vocabulary: size };
  if (!training) return { form, made: [], json };
  return { form, made: trainingRows(training), json: { ...json, training, heldOut: heldOutOf(training) } };
}

const grouped = (count: number) => count.toLocaleString("en");

function trainingRows(training: TrainingRecord): Rows {
  const { text, settings, step, epoch, tokens, validation } = training;
  const on =
    text.heldOut === undefined ? "" : ` on ${text.heldOut}, ${grouped(settings.validation)} characters`;
  const found = validation
    ? `${validation.nats.toFixed(4)} nats per token, ${validation.bitsPerCharacter.toFixed(4)} bits per character, perplexity ${perplexityText(Math.exp(validation.nats))}${on}`
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
  const isKnown = OPTIMIZER_NAMES.some((name) => name === optimizer);
  const usual = isKnown ? createOptimizer(optimizer).settings : {};
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
  return value === true ? spelt(name) : `${spelt(name)} ${value}`;
}
