/** From pairs to a training: what is learnt of the training part, and the network for it. */

import type { BackendChoice } from "../../backends/choice.ts";
import type { TranslatorRecord } from "./file.ts";
import { TranslationModel } from "./model.ts";
import { completeForm, completeSettings, type Reading } from "./options.ts";
import type { Corpus } from "./pairs.ts";
import { partsOf, type TranslationParts } from "./parts.ts";

/** A training that can begin. */
export interface Begun {
  readonly model: TranslationModel;
  readonly parts: TranslationParts;
  readonly record: TranslatorRecord;
}

/** What a training begins with beside its pairs. */
export interface Beginning extends Pick<TranslatorRecord, "data" | "validationData"> {
  readonly reading: Reading;
  readonly backend?: BackendChoice | undefined;
}

/** Throws UsageError for options that contradict themselves or the data, DataError for data that are of no use. */
export function beginTranslator(
  corpus: Corpus,
  held: Corpus | undefined,
  options: object,
  { backend, ...found }: Beginning,
): Begun {
  const form = completeForm(options);
  const isHeld = held !== undefined;
  const before = completeSettings(options, 1, isHeld);
  const { sides, parts } = partsOf(corpus, held, { ...before, longest: form.longest });
  const settings = completeSettings(options, parts.training.length, isHeld);
  const model = new TranslationModel({ form, sides }, { initialize: settings.initialize, backend });
  return { model, parts, record: { ...found, settings } };
}
