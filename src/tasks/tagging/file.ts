/** What the file of a tagger says beside the weights, and back. */

import type { BackendChoice } from "../../backends/choice.ts";
import { TAGGED_FORMS, type TaggedReading } from "../../data/tagged/reading.ts";
import { TAG_REPAIRS, type TagRepair } from "../../data/tagged/schemes.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { type Metadata, restoreWeights } from "../../formats/model.ts";
import { optionsOfJson } from "../../options/table.ts";
import { trainingOfJson } from "../../training/options.ts";
import { describeTask, requireTask, type TaskFile } from "../file.ts";
import { identityOfJson, type RowsIdentity, rowsForm } from "../identity.ts";
import { requireNumbers } from "../record.ts";
import { checkUsedVectors, type UsedVectors } from "../word-vectors.ts";
import { TaggerModel } from "./model.ts";
import { completeForm, completeSettings, type Form, type TaggerSettings } from "./options.ts";
import { Tags } from "./tags.ts";
import type { TaggerValidation } from "./training.ts";
import { Words } from "./words.ts";

export const TAG = "tag";

/** How a tagger came about, as it stands in its file. */
export interface TaggerRecord {
  readonly data: RowsIdentity;
  /** The file of sentences that were held out; null where they are a part of the others. */
  readonly validationData: RowsIdentity | null;
  readonly settings: TaggerSettings;
  /** How the file of the training was read; null for sentences in memory. */
  readonly reading: TaggedReading | null;
  readonly repair: TagRepair;
  /** Words that started with vectors of others, and their file; null for none. */
  readonly vectors: UsedVectors | null;
  readonly step?: number | undefined;
  readonly epoch?: number | undefined;
  readonly validation?: TaggerValidation | null | undefined;
}

export function describeTagger({ form, words, tags, commonest }: TaggerModel, training: object): Metadata {
  return describeTask({
    task: TAG,
    model: form,
    prepared: { ...words.toJSON(), tags: tags.toJSON(), commonest },
    training,
  });
}

/** A model without values from what a file says. Throws FormatError. */
export function modelOf(file: TaskFile, backend: BackendChoice | undefined): TaggerModel {
  requireTask(file, TAG);
  const where = `${file.where}: prepared`;
  const prepared = file.json("prepared");
  const { commonest } = prepared;
  const words = Words.fromJSON(prepared, where);
  const tags = Tags.fromJSON(prepared.tags, where);
  const isCommonest =
    Array.isArray(commonest) &&
    commonest.length === words.words.size &&
    commonest.every((tag) => Number.isInteger(tag) && tag >= 0 && tag < tags.size);
  if (!isCommonest) throw new FormatError(`${where}: commonest: the number of a tag for each word expected`);
  const form = optionsOfJson<Form>(`${file.where}: model`, file.json("model"), (given) =>
    completeForm(given),
  );
  return new TaggerModel({ form, words, tags, commonest }, { backend });
}

/** The model of a file with its weights, and how it came about. */
export function openTagger(file: TaskFile, backend: BackendChoice | undefined) {
  const model = modelOf(file, backend);
  restoreWeights(file.tensors, model.network, file.where);
  return { model, record: recordOf(file) };
}

/** What a file says of the training. Throws FormatError where it is damaged. */
export function recordOf(file: TaskFile): TaggerRecord {
  const { where } = file;
  const given = file.json("training");
  const { data, validationData, reading, repair, vectors, step = 0, epoch = 0, validation } = given;
  requireNumbers(where, { step, epoch });
  if (validation !== undefined && validation !== null) {
    const { loss, accuracy } = isObject(validation) ? validation : {};
    requireNumbers(where, { ...validation, loss, accuracy });
  }
  if (!TAG_REPAIRS.some((one) => one === repair)) {
    throw new FormatError(
      `${where}: training: repair ${JSON.stringify(repair)}, ${TAG_REPAIRS.join(", ")} expected`,
    );
  }
  checkUsedVectors(where, vectors);
  const settings = trainingOfJson<TaggerSettings>(
    `${where}: training: settings`,
    given.settings,
    (settings) => completeSettings(settings, 1, validationData !== null),
  );
  return {
    ...(given as unknown as TaggerRecord),
    data: identityOfJson<RowsIdentity>(data, where, rowsForm),
    validationData:
      validationData === null
        ? null
        : identityOfJson<RowsIdentity>(validationData, where, { ...rowsForm, part: "validationData" }),
    reading: readingOfJson(reading, where),
    settings,
  };
}

function readingOfJson(given: unknown, where: string): TaggedReading | null {
  if (given === null) return null;
  const { form, column } = isObject(given) ? given : {};
  const isForm = TAGGED_FORMS.some((one) => one === form);
  if (isForm && (column === undefined || ["string", "number"].includes(typeof column))) {
    return given as unknown as TaggedReading;
  }
  throw new FormatError(
    `${where}: training: reading: a form (${TAGGED_FORMS.join(", ")}) and a column expected`,
  );
}
