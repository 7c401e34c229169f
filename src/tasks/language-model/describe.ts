/** What a language model is made of, what it was trained on and how, and how well it did, in words. */

import { perplexityText } from "../measures.ts";
import { madeRows } from "../record.ts";
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
  const heldOut =
    text.heldOut === undefined ? "" : ` on ${text.heldOut}, ${grouped(settings.validation)} characters`;
  const found = validation
    ? `${validation.nats.toFixed(4)} nats per token, ${validation.bitsPerCharacter.toFixed(4)} bits per character, perplexity ${perplexityText(Math.exp(validation.nats))}${heldOut}`
    : undefined;
  const on = trainedOn(training);
  return madeRows({ on, settings, epoch, step, seen: `${grouped(tokens)} tokens`, validation: found }, [
    "validation",
  ]);
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
