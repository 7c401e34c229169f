/** What the file of a translator says beside the weights, and back. */

import type { BackendChoice } from "../../backends/choice.ts";
import { isObject } from "../../formats/json.ts";
import { type Metadata, restoreWeights } from "../../formats/model.ts";
import { optionsOfJson } from "../../options/table.ts";
import { trainingOfJson } from "../../training/options.ts";
import { describeTask, requireTask, type TaskFile } from "../file.ts";
import { requireNumbers } from "../record.ts";
import { type PairsIdentity, pairsIdentityOfJson } from "./identity.ts";
import { TranslationModel } from "./model.ts";
import {
  completeForm,
  completeReading,
  completeSettings,
  type Form,
  type Reading,
  TRANSLATE,
  type TranslationSettings,
} from "./options.ts";
import { Sides } from "./prepare.ts";
import type { TranslationValidation } from "./training.ts";

/** How a translator came about, as it stands in its file. */
export interface TranslatorRecord {
  readonly data: PairsIdentity;
  /** The pairs of files of their own that were held out; null where they are a part of the others. */
  readonly validationData: PairsIdentity | null;
  readonly settings: TranslationSettings;
  /** Where pairs in one file have what. */
  readonly reading: Reading;
  readonly step?: number | undefined;
  readonly epoch?: number | undefined;
  readonly validation?: TranslationValidation | null | undefined;
}

export function describeTranslator({ form, sides }: TranslationModel, training: object): Metadata {
  return describeTask({ task: TRANSLATE, model: form, prepared: sides.toJSON(), training });
}

/** A model without values from what a file says. Throws FormatError. */
export function modelOf(file: TaskFile, backend: BackendChoice | undefined): TranslationModel {
  requireTask(file, TRANSLATE);
  const sides = Sides.fromJSON(file.json("prepared"), `${file.where}: prepared`);
  const form = optionsOfJson<Form>(`${file.where}: model`, file.json("model"), completeForm);
  return new TranslationModel({ form, sides }, { backend });
}

/** The model of a file with its weights, and how it came about. */
export function openTranslator(file: TaskFile, backend: BackendChoice | undefined) {
  const model = modelOf(file, backend);
  restoreWeights(file.tensors, model.network, file.where);
  return { model, record: recordOf(file) };
}

/** What a file says of the training. Throws FormatError where it is damaged. */
export function recordOf(file: TaskFile): TranslatorRecord {
  const { where } = file;
  const given = file.json("training");
  const { data, validationData, reading, settings, step = 0, epoch = 0, validation } = given;
  requireNumbers(where, { step, epoch });
  if (validation !== undefined && validation !== null) {
    const { loss, tokenAccuracy } = isObject(validation) ? validation : {};
    requireNumbers(where, { ...validation, loss, tokenAccuracy });
  }
  return {
    ...(given as unknown as TranslatorRecord),
    data: pairsIdentityOfJson(data, where),
    validationData:
      validationData === null ? null : pairsIdentityOfJson(validationData, where, "validationData"),
    reading: optionsOfJson<Reading>(`${where}: training: reading`, reading, completeReading),
    settings: trainingOfJson<TranslationSettings>(`${where}: training: settings`, settings, (found) =>
      completeSettings(found, 1, validationData !== null),
    ),
  };
}
