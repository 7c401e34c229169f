/** What a tagger is made of, and how it came about, in rows for people. */

import { madeRows } from "../record.ts";
import type { Rows } from "../task.ts";
import type { TaggerRecord } from "./file.ts";
import type { TaggerModel } from "./model.ts";
import { inLine } from "./tagging.ts";
import type { TaggerValidation } from "./training.ts";

export function describeRows({ form, words, tags }: TaggerModel, record: TaggerRecord) {
  const { cell, embedding, characters, hidden, layers, dropout, crf, longest } = form;
  const { data, validationData, settings, reading, vectors, epoch = 0, step = 0, validation } = record;
  const known = words.words.size.toLocaleString("en");
  const rows: Rows = [
    ["tags", tags.labels.map(inLine).join(", ")],
    ["scheme", tags.scheme ?? "a tag a word"],
    [
      "words",
      `${known}, each ${embedding} numbers${vectors ? `, ${vectors.words} from ${vectors.name}` : ""}`,
    ],
    [
      "characters",
      characters === 0 ? "none" : `${words.characters.size}, ${cell} of ${characters} units, both ways`,
    ],
    [
      cell,
      `${layers} ${layers === 1 ? "layer" : "layers"} of ${hidden} units, both ways, dropout ${dropout}`,
    ],
    ["told", crf === "yes" ? "as a chain (CRF)" : "one by one"],
    ["reads", `${longest} words at once`],
  ];
  const held = validationData?.name ?? `${Number((100 * settings.validation).toPrecision(12))} % held out`;
  return {
    form: rows,
    made: madeRows(
      {
        on: `${data.name}: ${data.rows} sentences, ${held}`,
        ...{ settings, epoch, step, validation: validation ? validationText(validation) : undefined },
      },
      ["validation"],
    ),
    json: {
      form,
      tags: tags.toJSON(),
      words: words.words.size,
      characters: words.characters.size,
      reading,
      training: record,
    },
  };
}

function validationText({ loss, accuracy, f1 }: TaggerValidation): string {
  const spans = f1 === undefined ? "" : `, F1 of spans ${f1.toFixed(4)}`;
  return `${loss.toFixed(4)} nats a word, ${(100 * accuracy).toFixed(2)} % of tags right${spans}`;
}
