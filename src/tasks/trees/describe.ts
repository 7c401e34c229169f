/** What a classifier of trees is made of, and how it came about, in rows for people. */

import { madeRows } from "../record.ts";
import type { Rows } from "../task.ts";
import { inLine } from "../text-table.ts";
import type { TreeRecord } from "./file.ts";
import type { TreeFigures } from "./measures.ts";
import type { TreeModel } from "./model.ts";
import type { ToldNodes } from "./options.ts";

export const TOLD: Readonly<Record<ToldNodes, string>> = {
  nodes: "at all nodes",
  root: "at the root",
  leaves: "at leaves",
};

const WAYS = { up: "up", down: "down", both: "up, then down" } as const;

export function describeRows({ form, words, roles, labels }: TreeModel, record: TreeRecord) {
  const { cell, direction, labels: told, reads, embedding, hidden, dropout, sequence, largest } = form;
  const { data, validationData, settings, reading, vectors, epoch = 0, step = 0, validation } = record;
  const started = vectors ? ` (${vectors.words} from ${vectors.name})` : "";
  const use =
    form.roles === "weights" ? "each with weights of its own" : `each ${form.roleEmbedding} numbers`;
  const rows: Rows = [
    ["labels", `${labels.map(inLine).join(", ")}, ${TOLD[told]}`],
    [
      "words",
      `${words.size.toLocaleString("en")}, each ${embedding} numbers${started}, read at ${reads === "leaves" ? "leaves" : "all nodes"}`,
    ],
    ...(roles ? [["roles", `${roles.size}, ${use}`] as const] : []),
    ["sequence", sequence === "yes" ? `lstm of ${hidden} units, both ways` : "none"],
    [cell, `${hidden} units, ${WAYS[direction]}, dropout ${dropout}`],
    ["reads", `trees of ${largest.toLocaleString("en")} nodes at most`],
  ];
  const held = validationData?.name ?? `${Number((100 * settings.validation).toPrecision(12))} % held out`;
  return {
    form: rows,
    made: madeRows(
      {
        on: `${data.name}: ${data.rows} trees, ${held}`,
        ...{ settings, epoch, step, validation: validation ? validationText(validation) : undefined },
      },
      ["validation"],
    ),
    json: {
      form,
      labels,
      words: words.size,
      ...(roles && { roles: roles.tokens }),
      reading,
      training: record,
    },
  };
}

function validationText({ loss, accuracy, rootAccuracy }: TreeFigures): string {
  const roots = rootAccuracy === undefined ? "" : `, ${(100 * rootAccuracy).toFixed(2)} % at roots`;
  return `${loss.toFixed(4)} nats a label, ${(100 * accuracy).toFixed(2)} % of labels right${roots}`;
}
