/** A text with its translation: what programs get, and what is written. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Prediction } from "../task.ts";
import { inLine } from "../text-table.ts";
import type { PredictionOptions } from "./decoding-options.ts";
import type { Hypothesis, Search, TranslationModel } from "./model.ts";
import { UNKNOWN } from "./side.ts";

/** What was attended to while a text was written. */
export interface Alignment {
  /** The tokens that were read, as they are written in the source. */
  readonly source: readonly string[];
  /** The tokens that were written, and the end where it was. */
  readonly target: readonly string[];
  /** A row for each token of the target: what each of the source counted for, together 1; less where predictive local attention looks between them. */
  readonly weights: readonly (readonly number[])[];
}

/** One text that a source was translated to. */
export interface TranslatedText {
  readonly text: string;
  readonly tokens: readonly string[];
  /** The logarithm of its probability, in nats. */
  readonly logProbability: number;
  /** By which it was chosen; undefined for what was drawn. */
  readonly score?: number | undefined;
  /** Whether it came to an end before the limit. */
  readonly ended: boolean;
  /** Undefined where the model attends to nothing. */
  readonly alignment?: Alignment | undefined;
}

export interface Translation extends TranslatedText {
  readonly source: string;
  /** Whether only the first tokens of the source were read. */
  readonly cut: boolean;
  /** The best texts that were found, the best first, where several were asked for. */
  readonly best?: readonly TranslatedText[] | undefined;
}

/** Sources are sorted by length within so many batches. */
const TOGETHER = 8;

/** Translations as they come, exactly one for each text, in order. An empty text has an empty one. */
export async function* translations(
  model: TranslationModel,
  sources: AsyncIterable<string> | Iterable<string>,
  options: PredictionOptions,
): AsyncGenerator<Translation, void, undefined> {
  const together = options.batch === 1 ? 1 : TOGETHER * options.batch;
  let waiting: string[] = [];
  let first = 0;
  for await (const source of sources) {
    waiting.push(source);
    if (waiting.length < together) continue;
    yield* translateAll(model, waiting, options, first);
    first += waiting.length;
    waiting = [];
  }
  yield* translateAll(model, waiting, options, first);
}

/** The same of texts that are there; `first` is the number of the first one, of which draws depend. */
export function translateAll(
  model: TranslationModel,
  sources: readonly string[],
  options: PredictionOptions,
  first = 0,
): Translation[] {
  const { longest } = model.form;
  const { source: side } = model.sides;
  const rows = sources.map((source, row) => {
    const all = side.encode(source);
    return { row, source, tokens: all.slice(0, longest), cut: all.length > longest };
  });
  const found: Translation[] = rows.map(({ source }) => nothing(source));
  const filled = rows.filter(({ tokens }) => tokens.length > 0);
  filled.sort((a, b) => a.tokens.length - b.tokens.length || a.row - b.row);
  const search = searchOf(model, options);
  const prefix = model.sides.target.cut(options.prefix);
  for (let start = 0; start < filled.length; start += options.batch) {
    const batch = filled.slice(start, start + options.batch);
    const numbers = Int32Array.from(batch, ({ row }) => first + row);
    const texts = model.search(
      batch.map(({ tokens }) => tokens),
      { ...search, ...(search.sampling && { sampling: { ...search.sampling, numbers } }) },
    );
    for (const [at, { row, source, tokens, cut }] of batch.entries()) {
      const read = side.cut(source).slice(0, tokens.length);
      const best = (texts[at] ?? []).map((one) =>
        textOf(model, { unknown: options.unknown, read, prefix }, one),
      );
      const [text] = best;
      if (!text) continue;
      found[row] = { source, ...text, cut, ...(options.best > 1 && { best }) };
    }
  }
  return found;
}

const nothing = (source: string): Translation => ({
  ...{ source, text: "", tokens: [], logProbability: 0, ended: true, cut: false },
});

function searchOf({ form, sides }: TranslationModel, options: PredictionOptions): Search {
  const { beam, best, lengthPenalty, coveragePenalty, temperature, topK, topP, seed } = options;
  const { limit = form.longest } = options;
  const prefix = sides.target.encode(options.prefix);
  if (prefix.length > limit) {
    throw new UsageError(
      `prefix ${printGiven(options.prefix)} has ${prefix.length} tokens, at most ${limit} expected, the limit`,
    );
  }
  return {
    ...{ beam, best, lengthPenalty, coveragePenalty, limit, prefix },
    ...(temperature !== undefined && {
      sampling: { temperature, topK, topP, seed, numbers: new Int32Array(0) },
    }),
    // Without attention nobody knows which word it stands for, and where every text has tokens it stands for none.
    unknown: !sides.target.knowsAll && (form.attention !== "none" || options.unknown === "keep"),
  };
}

/** `read` and `prefix` are tokens as they are written. */
function textOf(
  { sides }: TranslationModel,
  {
    read,
    prefix,
    unknown,
  }: { read: readonly string[]; prefix: readonly string[] } & Pick<PredictionOptions, "unknown">,
  { tokens, logProbability, score, ended, attention }: Hypothesis,
): TranslatedText {
  const rowOf = (step: number) => {
    const [, steps] = attention?.shape ?? [0, 0];
    return Array.from(attention?.data.subarray(step * steps, (step + 1) * steps) ?? []);
  };
  const written = Array.from(tokens, (token, step) => {
    const known = sides.target.vocabulary.token(token);
    if (step < prefix.length) return prefix[step] as string;
    if (token !== UNKNOWN || unknown === "keep" || !attention) return known;
    const weights = rowOf(step);
    return read[weights.indexOf(Math.max(...weights))]?.trim() ?? known;
  });
  const target = ended ? [...written, "<end>"] : written;
  return {
    text: sides.target.join(written),
    tokens: written,
    logProbability,
    ...(score !== undefined && { score }),
    ended,
    ...(attention && { alignment: { source: read, target, weights: target.map((_, step) => rowOf(step)) } }),
  };
}

/** A line of text; as JSON all of it but the alignment. */
export function predictionOf({ alignment: _, ...told }: Translation): Prediction {
  const best = told.best?.map(({ alignment: __, ...one }) => one);
  return { text: inLine(told.text), json: { ...told, ...(best && { best }) } };
}
