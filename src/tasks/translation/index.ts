/** Translators: from a text to another one, of another length. */

export type { Form as TranslatorForm, TranslationOptions } from "./options.ts";
export {
  readTranslator,
  type TrainTranslatorOptions,
  trainTranslator,
} from "./train-translator.ts";
export type { TranslationValidation } from "./training.ts";
export type { Alignment, TranslatedText, Translation } from "./translation.ts";
export type {
  TranslateOptions,
  TranslationPair,
  Translator,
  TranslatorEvaluation,
  TranslatorEvaluationOptions,
} from "./translator.ts";
