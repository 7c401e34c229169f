/** What a translator is made of, and how it came about, in rows for people. */

import { madeRows } from "../record.ts";
import type { Rows } from "../task.ts";
import type { TranslatorRecord } from "./file.ts";
import type { TranslationModel } from "./model.ts";
import { encoderOf, type Form } from "./options.ts";
import type { Side } from "./side.ts";
import type { TranslationValidation } from "./training.ts";

export function describeRows({ form, sides }: TranslationModel, record: TranslatorRecord) {
  const { encoder, decoder, embedding, hidden, layers, dropout } = form;
  const { data, validationData, settings, epoch = 0, step = 0, validation } = record;
  const { cell, bidirectional } = encoderOf(encoder);
  const depth = `${layers} ${layers === 1 ? "layer" : "layers"} of ${hidden} units`;
  const rows: Rows = [
    ...(sides.isShared
      ? ([["tokens", `${sideText(sides.source)} of both sides`]] as const)
      : ([
          ["source", sideText(sides.source)],
          ["target", sideText(sides.target)],
        ] as const)),
    ["vectors", `of ${embedding} numbers, dropout ${dropout}`],
    ["encoder", `${cell}, ${depth}${bidirectional ? ", both ways" : ""}`],
    ["attention", attentionText(form)],
    ["decoder", `${decoder}, ${depth}`],
    ["reads", `${form.longest} tokens at once`],
  ];
  const held = validationData?.name ?? `${Number((100 * settings.validation).toPrecision(12))} % held out`;
  return {
    form: rows,
    made: madeRows(
      {
        on: `${data.name}: ${data.rows.toLocaleString("en")} pairs, ${held}`,
        ...{ settings, epoch, step, validation: validation ? validationText(validation) : undefined },
      },
      [
        ...["validation", "sourceTokens", "targetTokens", "vocabulary", "leastCount", "sharedVocabulary"],
        ...(settings.scheduledSampling === "none" ? ["scheduledSampling", "samplingEnd"] : []),
      ],
    ),
    json: {
      form,
      tokens: { source: sides.source.size, target: sides.target.size, shared: sides.isShared },
      training: record,
    },
  };
}

const sideText = ({ size, tokens }: Side) => `${size.toLocaleString("en")} ${tokens}`;

function attentionText({ attention, attend, heads, local, reach, coverage, context }: Form): string {
  if (attention === "none") {
    return context === "start"
      ? "none: the last state is the decoder's first"
      : "none: the last state is the decoder's first, and read at every step";
  }
  return [
    `${attention}${attention === "multi-head" ? ` of ${heads} heads` : ""}`,
    attend === "before" ? "before each step" : "after each step, fed into the next",
    ...(local === "none" ? [] : [`${local}, ${reach} steps to both sides`]),
    ...(coverage === 0 ? [] : [`coverage loss ${coverage}`]),
  ].join(", ");
}

function validationText({ loss, tokenAccuracy }: TranslationValidation): string {
  return `${loss.toFixed(4)} nats a token, ${(100 * tokenAccuracy).toFixed(1)} % of tokens likeliest`;
}
