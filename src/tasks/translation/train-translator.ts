/** Training and reading translators from programs. */

import { type BackendChoice, backendOf } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import { optionNames } from "../../options/table.ts";
import type { RunOptions } from "../../training/training.ts";
import { givenModel, trainedModel } from "../in-programs.ts";
import { beginTranslator } from "./begin.ts";
import { openTranslator } from "./file.ts";
import { identifyPairs } from "./identity.ts";
import { checkTranslationOptions, ownOptions, type TranslationOptions } from "./options.ts";
import { trainingOf } from "./training.ts";
import { corpusOfPairs, type TranslationPair, type Translator, translatorOf } from "./translator.ts";

export interface TrainTranslatorOptions extends TranslationOptions, Pick<RunOptions, "onEvent" | "signal"> {
  /** Pairs that choose the best epoch, instead of a part of those to train on. */
  readonly validationPairs?: Iterable<TranslationPair> | undefined;
  readonly backend?: BackendChoice | undefined;
}

/**
 * A translator of texts, from pairs of a text and what it shall become: the one that did best on held-out pairs.
 *
 *     const translator = await trainTranslator(pairs); // [{ source: "good morning", target: "guten Morgen" }, ...]
 *     console.log(translator.translate("good evening").text);
 *
 * Hands the thread back now and then. Throws UsageError for options that do not exist or fit, DataError for pairs that are none, or are
 * too few, TrainingError where the training diverges.
 */
export async function trainTranslator(
  pairs: Iterable<TranslationPair>,
  options: TrainTranslatorOptions = {},
): Promise<Translator> {
  const where = "trainTranslator";
  checkOptions<object>(where, options, {
    ...optionNames(ownOptions),
    ...{ validationPairs: true, onEvent: true, signal: true, backend: true },
  });
  const { onEvent, signal, backend, validationPairs, ...given } = options;
  if (backend !== undefined) backendOf(where, backend);
  const reading = checkTranslationOptions(given, validationPairs !== undefined);
  const corpus = corpusOfPairs("pairs", pairs);
  const held = validationPairs && corpusOfPairs("validationPairs", validationPairs);
  const { model, parts, record } = beginTranslator(corpus, held, given, {
    data: identifyPairs(corpus),
    validationData: held ? identifyPairs(held) : null,
    ...{ reading, backend },
  });
  const training = trainingOf(model, parts, record, backend);
  const best = await trainedModel(where, "translator", training, { onEvent, signal });
  const found = openTranslator(best, backend);
  return translatorOf(found.model, found.record, backend);
}

/**
 * A translator from the bytes of a model file, such as `model.safetensors` of a run. `name` is for messages. Throws FormatError for any
 * other file.
 */
export function readTranslator(
  bytes: Uint8Array,
  name = "translator",
  options: { readonly backend?: BackendChoice | undefined } = {},
): Translator {
  const file = givenModel("readTranslator", bytes, name, options, { backend: true });
  const { backend } = options;
  const { model, record } = openTranslator(file, backend);
  return translatorOf(model, record, backend);
}
