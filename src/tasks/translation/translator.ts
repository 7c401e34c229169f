/** A trained translator as programs use it. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions, isPlain, printGiven } from "../../checks.ts";
import { alignmentDrawing } from "../../draw/charts/alignment-drawing.ts";
import type { Drawing } from "../../draw/charts/drawing.ts";
import { DataError, UsageError } from "../../errors.ts";
import { writeModel } from "../../formats/model.ts";
import { completeOptions, type OptionsOf, optionNames } from "../../options/table.ts";
import { inLine } from "../text-table.ts";
import { completePrediction, evaluationOptions, predictionOptions } from "./decoding-options.ts";
import { evaluatePairs } from "./evaluation.ts";
import { describeTranslator, type TranslatorRecord } from "./file.ts";
import type { TranslationModel } from "./model.ts";
import { type Form, TRANSLATE } from "./options.ts";
import type { Corpus } from "./pairs.ts";
import type { TranslationValidation } from "./training.ts";
import { type Translation, translateAll, translations } from "./translation.ts";

/** A text and its translation. */
export interface TranslationPair {
  readonly source: string;
  readonly target: string;
}

const { sourceColumn: _, ...translateTable } = predictionOptions;
const { sourceColumn: __, targetColumn: ___, ...evaluateTable } = evaluationOptions;

/** How texts are translated: see `docs/options.md`. */
export type TranslateOptions = OptionsOf<typeof translateTable>;
/** How a translator is measured. */
export type TranslatorEvaluationOptions = OptionsOf<typeof evaluateTable>;

/** How well a translator does. */
export interface TranslatorEvaluation extends Partial<TranslationValidation> {
  /** Pairs that are not empty. */
  readonly pairs: number;
  readonly perplexity?: number | undefined;
  /** From 0 to 100, with what has to be told beside it in `signatures`. */
  readonly bleu: number;
  readonly chrf: number;
  /** The part of the pairs whose translation is the target to the letter. */
  readonly exactMatch: number;
  /** Tokens of the sources that the training did not have. */
  readonly unknownTokens: number;
  /** Translations that came to no end; undefined for none, as the counts after it. */
  readonly unfinished?: number | undefined;
  readonly cut?: number | undefined;
  readonly empty?: number | undefined;
  readonly signatures: { readonly bleu: string; readonly chrf: string };
  /** What is wrong with a translator that does so, where something is. */
  readonly warning?: string | undefined;
}

/** A trained translator: `trainTranslator` makes one, `readTranslator` reads one. */
export interface Translator {
  /** What it is made of. */
  readonly form: Form;
  /** How well it did on what was held out; undefined where nothing was. */
  readonly validation: TranslationValidation | undefined;
  /** Throws DataError for what is no text. */
  translate(text: string, options?: TranslateOptions): Translation;
  /** Many at once, in order, which is faster; exactly one for each. */
  translateAll(texts: Iterable<string>, options?: TranslateOptions): Translation[];
  /** The same of texts that come one after the other: exactly one for each, in order. A `batch` of 1 has each answered before the next is asked for. */
  stream(
    texts: AsyncIterable<string> | Iterable<string>,
    options?: TranslateOptions,
  ): AsyncGenerator<Translation, void, undefined>;
  /** What was attended to while the translation of a text was written, to be drawn. Throws UsageError where nothing attends. */
  explain(text: string, options?: TranslateOptions): Drawing;
  /** Throws DataError for pairs that are none, and where there are none. */
  evaluate(
    pairs: Iterable<TranslationPair>,
    options?: TranslatorEvaluationOptions,
  ): Promise<TranslatorEvaluation>;
  /** The translator as the bytes of a file, which `readTranslator` and the command open. */
  toBytes(): Uint8Array;
}

/** Pairs that a program gives. Throws DataError, which counts them from 1. */
export function corpusOfPairs(where: string, given: Iterable<TranslationPair>): Corpus {
  const pairs = listOf(where, given, "pairs").map((pair, at) => {
    const isRecord = typeof pair === "object" && pair !== null && isPlain(pair);
    const { source, target } = (isRecord ? pair : {}) as Partial<TranslationPair>;
    if (typeof source === "string" && typeof target === "string") return { source, target, line: at + 1 };
    throw new DataError(
      `${where}: pair ${at + 1}: ${printGiven(pair)} given, { source, target } with two texts expected`,
    );
  });
  if (pairs.length > 0) return { name: where, pairs };
  throw new DataError(`${where}: no pairs given, one or more expected`);
}

function listOf(where: string, given: unknown, what: string): unknown[] {
  const isList =
    typeof given === "object" && given !== null && Symbol.iterator in given && typeof given !== "string";
  if (isList) return Array.from(given as Iterable<unknown>);
  throw new DataError(`${where}: ${printGiven(given)} given, a list of ${what} expected`);
}

function requireText(where: string, given: unknown): string {
  if (typeof given === "string") return given;
  throw new DataError(`${where}: ${printGiven(given)} given, a text expected`);
}

export function translatorOf(
  model: TranslationModel,
  record: TranslatorRecord,
  backend: BackendChoice | undefined,
): Translator {
  const complete = (where: string, options: TranslateOptions) => {
    checkOptions(where, options, optionNames(translateTable));
    return completePrediction(options);
  };
  const one = (where: string, text: string, options: TranslateOptions) =>
    translateAll(model, [requireText(where, text)], complete(where, options))[0] as Translation;
  return {
    form: model.form,
    validation: record.validation ?? undefined,
    translate: (text, options = {}) => one("translate", text, options),
    translateAll(texts, options = {}) {
      const given = listOf("translateAll", texts, "texts");
      return translateAll(
        model,
        given.map((text, at) => requireText(`translateAll: text ${at + 1}`, text)),
        complete("translateAll", options),
      );
    },
    stream: (texts, options = {}) => translations(model, textsOf(texts), complete("stream", options)),
    explain(text, options = {}) {
      const { text: title, alignment } = one("explain", text, options);
      if (alignment) return alignmentDrawing({ ...alignment, title: inLine(title) });
      throw new UsageError(
        model.form.attention === "none"
          ? "explain: a translator without attention attends to nothing"
          : "explain: an empty text given, one with words expected",
      );
    },
    async evaluate(pairs, options = {}) {
      checkOptions("evaluate", options, optionNames(evaluateTable));
      const completed = completeOptions(TRANSLATE, evaluationOptions, options);
      const { measures, details, warning } = await evaluatePairs(
        model,
        corpusOfPairs("evaluate", pairs),
        completed,
        { backend },
      );
      return { ...measures, ...details, ...(warning && { warning }) } as unknown as TranslatorEvaluation;
    },
    toBytes: () => writeModel(model.network, describeTranslator(model, record)),
  };
}

async function* textsOf(texts: AsyncIterable<string> | Iterable<string>) {
  if (typeof texts === "string")
    throw new DataError("stream: a text given, several that come one after the other expected");
  let count = 0;
  for await (const text of texts) yield requireText(`stream: text ${++count}`, text);
}
