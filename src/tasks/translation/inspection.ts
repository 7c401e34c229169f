/** A translator looked into: how it reads a text, and what it looks at while it writes a translation. */

import { IGNORED_TARGET } from "../../data/windows.ts";
import { DataError } from "../../errors.ts";
import { completeOptions, pickOptions } from "../../options/table.ts";
import { value } from "../../program/compile.ts";
import { type InspectedExample, OWN, pickRow, rowOption, withTargets } from "../inspection.ts";
import { type GivenFiles, type GivenOptions, required, type Signature } from "../task.ts";
import { batchOf } from "./batches.ts";
import { evaluationOptions } from "./decoding-options.ts";
import type { TranslatorRecord } from "./file.ts";
import type { TranslationModel } from "./model.ts";
import { TRANSLATE } from "./options.ts";
import { evaluationFiles, evaluationPairs, readPairs, readSources } from "./pairs.ts";
import { updateOf } from "./training.ts";

const { sourceColumn, targetColumn } = evaluationOptions;
const columns = { sourceColumn, targetColumn };
const options = { row: rowOption("text"), ...columns };

export const inspectionSignature: Signature = {
  files: {
    ...evaluationFiles,
    input: {
      help: "texts, with their translations or without, in any form of the training's",
      required: true,
    },
  },
  options,
};

/** A text with its translation, which the decoder reads token by token, whatever it would write itself. Throws DataError for a text without tokens. */
export async function inspected(
  model: TranslationModel,
  { settings, reading: before }: TranslatorRecord,
  files: GivenFiles,
  given: GivenOptions,
): Promise<InspectedExample> {
  const completed = completeOptions(TRANSLATE, options, given);
  const { row } = completed;
  const asked = Object.entries(pickOptions(completed, columns)).filter(([, name]) => name !== undefined);
  const reading = { ...before, ...Object.fromEntries(asked) };
  const pairs = evaluationPairs(files);
  const { name } = "pairs" in pairs ? pairs.pairs : pairs.source;
  const pick = <Item>(items: AsyncIterable<Item> | Iterable<Item>) =>
    pickRow(items, row, { name, what: "texts" });
  const { source, target } = await withTargets(
    async () => pick((await readPairs(pairs, reading)).pairs),
    async () => ({
      source: await pick(readSources(required(files.input, "file of texts"), reading)),
      target: "",
    }),
  );
  const { sides, form } = model;
  const tokens = sides.source.encode(source).subarray(0, form.longest);
  if (tokens.length === 0) throw new DataError(`${name}: row ${row}: an empty text, one with words expected`);
  const told = sides.target.encode(target).subarray(0, form.longest);
  const isOwn = told.length === 0;
  const written = isOwn ? ownTranslation(model, tokens) : told;
  const read = sides.source.cut(source).slice(0, tokens.length);
  const writes = isOwn ? sides.target.texts(written) : sides.target.cut(target).slice(0, written.length);
  const { targets, ...others } = batchOf([{ source: tokens, target: written }]);
  const values = { ...others, targets, sampling: value([0], []) };
  const last = Int32Array.from(targets.data, (token, at) => (at === written.length ? token : IGNORED_TARGET));
  const { labelSmoothing } = settings;
  const smoothed = labelSmoothing === 0 ? "" : `, of labels smoothed by ${labelSmoothing}`;
  return {
    title: `text ${row} of ${name}: ${source}`,
    target: `nats a token${smoothed}, of the translation ${isOwn ? `, ${OWN}: ${sides.target.join(writes)}` : target}`,
    // The decoder reads what is right, as the picture is of one translation.
    ...updateOf(model, { ...settings, scheduledSampling: "none" }),
    values,
    // What attending twice costs is of all steps.
    ...(form.coverage === 0 && { last: { ...values, targets: value(last, targets.shape) } }),
    steps: [
      { path: "encoder", unit: "tokens that are read", names: read },
      { path: "", unit: "tokens that are written", names: [...writes, "<end>"], memory: read },
    ],
  };
}

/** What the model writes: the likeliest token at each step. */
function ownTranslation(model: TranslationModel, source: Int32Array): Int32Array {
  const [[found] = []] = model.search([source], {
    ...{ beam: 1, best: 1, lengthPenalty: 1, coveragePenalty: 0, unknown: true },
    limit: model.form.longest,
    prefix: new Int32Array(0),
  });
  return Int32Array.from(found?.tokens ?? []);
}
