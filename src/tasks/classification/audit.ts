/** What is found in rows with labels before anything is learnt. */

import { printGiven } from "../../checks.ts";
import { counted } from "../../data/text.ts";
import type { Told } from "../task.ts";
import { inputKinds } from "./inputs/index.ts";
import type { Reading, Row } from "./inputs/input.ts";
import type { ClassifierModel } from "./model.ts";
import { contentKey, countLabels, countShared, type LabelledRow, type Parts } from "./split.ts";

interface Audited {
  readonly rows: readonly LabelledRow[];
  /** The rows of a file of its own, where they are held out. */
  readonly heldOut?: readonly LabelledRow[] | undefined;
  readonly parts: Parts;
  readonly reading: Reading;
  readonly model: ClassifierModel;
}

/** Labels, lengths, what stands there twice, and what the model will not see as it stands. */
export function auditRows(name: string, { rows, heldOut, parts, reading, model }: Audited): Told {
  const kind = inputKinds[reading.input];
  const contents = kind.audit(rows, reading);
  const labels = countLabels(rows);
  const without = rows.filter((row) => row.labels.length === 0).length;
  const { again, contradicting } = equalRows(rows);
  const cut = cutRows(model, parts.training);
  const shared = heldOut ? countShared(parts.training, heldOut) : 0;
  const unknown = unknownShare(model, parts.validation);
  const rare = labels.filter(([, count]) => count < 5).length;
  const alike = alikeLabels(labels.map(([label]) => label));
  const groups = new Set(rows.flatMap(({ group }) => group ?? [])).size;
  const lines = [
    `${name}: ${counted(rows.length, "row")} of ${kind.plural}, ${counted(labels.length, "label")}${groups > 0 ? `, ${counted(groups, "group")}` : ""}`,
    ...contents.lines,
    ...(without > 0 ? [`${counted(without, "row")} without any label`] : []),
    ...(rare > 0 ? [`${counted(rare, "label")} with fewer than 5 rows`] : []),
    ...(alike[0]
      ? [
          `labels that differ in case or blanks alone: ${alike[0].map(printGiven).join(", ")}${alike.length > 1 ? `, and ${alike.length - 1} more such` : ""}`,
        ]
      : []),
    ...(again > 0
      ? [
          `${counted(again, "row")} equal to an earlier one, kept on its side of the split${contradicting > 0 ? `; ${contradicting} of them with another label` : ""}`,
        ]
      : []),
    ...(shared > 0
      ? [`${counted(shared, "held-out row")} equal to one that is trained on: the figures will be too good`]
      : []),
    ...(cut > 0
      ? [`${counted(cut, "row")} longer than ${model.form.longest} steps, cut there (--longest)`]
      : []),
    ...(unknown === undefined ? [] : [`${(100 * unknown).toFixed(1)} % of the held-out tokens are unknown`]),
  ];
  return {
    lines,
    json: {
      rows: rows.length,
      labels: Object.fromEntries(labels),
      ...contents.json,
      ...{ alike, without, equal: again, contradicting, shared, cut, unknownTokens: unknown ?? null },
    },
  };
}

/** Labels that may be meant as one: those that are equal but for case and blanks. */
function alikeLabels(labels: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const label of labels) {
    const key = label.normalize().trim().replace(/\s+/g, " ").toLowerCase();
    const group = groups.get(key);
    if (group) group.push(label);
    else groups.set(key, [label]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** Rows whose content an earlier one has, and those of them that have other labels than that. */
function equalRows(rows: readonly LabelledRow[]) {
  const known = new Map<string, string>();
  let [again, contradicting] = [0, 0];
  for (const { content, labels } of rows) {
    const [key, own] = [contentKey(content), [...labels].sort().join("\n")];
    const before = known.get(key);
    if (before === undefined) known.set(key, own);
    else {
      again += 1;
      if (before !== own) contradicting += 1;
    }
  }
  return { again, contradicting };
}

/** Rows of which the model does not read the end. */
function cutRows({ form, input }: ClassifierModel, rows: readonly Row[]): number {
  if (form.longest === 0) return 0;
  const width = "tokens" in input.reads ? 1 : input.reads.size;
  return rows.filter(({ content }) => input.encode(content).length > form.longest * width).length;
}

/** The share of tokens of rows that the vocabulary does not have; undefined where there are no tokens, or none can be unknown. */
function unknownShare({ input }: ClassifierModel, rows: readonly Row[]): number | undefined {
  const { unknownToken } = input;
  if (unknownToken === undefined || rows.length === 0) return undefined;
  let [unknown, all] = [0, 0];
  for (const { content } of rows) {
    for (const token of input.encode(content)) {
      all += 1;
      if (token === unknownToken) unknown += 1;
    }
  }
  return unknown / all;
}
