/** How well a translator does on pairs: what it would have written, beside what stands there. */

import type { BackendChoice } from "../../backends/choice.ts";
import { DataError } from "../../errors.ts";
import { breather } from "../../long-work.ts";
import { BleuCounts, ChrfCounts } from "../../training/measures/index.ts";
import type { Evaluation, Prediction } from "../task.ts";
import { alignedRows, inLine } from "../text-table.ts";
import { completePrediction, type EvaluationOptions } from "./decoding-options.ts";
import type { TranslationModel } from "./model.ts";
import type { Corpus, Pair } from "./pairs.ts";
import { examplesOf, isFilled } from "./prepare.ts";
import { UNKNOWN } from "./side.ts";
import { measureOf } from "./training.ts";
import { type Translation, translateAll } from "./translation.ts";

/** Examples that people are shown. */
const SHOWN = 3;

/** `told` is given each translation, with what it should be. Throws DataError where no pair says anything. */
export async function evaluatePairs(
  model: TranslationModel,
  { name, pairs }: Corpus,
  { sourceColumn: _, targetColumn: __, bleuTokens, ...search }: EvaluationOptions,
  {
    told,
    backend,
  }: {
    readonly told?: ((prediction: Prediction) => Promise<void>) | undefined;
    readonly backend?: BackendChoice | undefined;
  } = {},
): Promise<Evaluation> {
  const filled = pairs.filter(isFilled);
  if (filled.length === 0)
    throw new DataError(`${name}: every pair has an empty text, a source and a target expected`);
  const { source, target } = model.sides;
  const tokens = bleuTokens ?? (target.split === "spaces" ? "none" : "13a");
  const [bleu, chrf] = [new BleuCounts({ tokens }), new ChrfCounts()];
  const options = completePrediction(search);
  const breathe = breather();
  const shown: [Pair, Translation][] = [];
  let [exact, unfinished, cut] = [0, 0, 0];
  for (let start = 0; start < filled.length; start += options.batch) {
    await breathe();
    const batch = filled.slice(start, start + options.batch);
    const found = translateAll(
      model,
      batch.map((pair) => pair.source),
      options,
    );
    for (const [at, pair] of batch.entries()) {
      const translation = found[at] as Translation;
      const expected = target.join(target.cut(pair.target));
      bleu.add(translation.text, expected);
      chrf.add(translation.text, expected);
      if (translation.text === expected) exact += 1;
      if (!translation.ended) unfinished += 1;
      if (translation.cut) cut += 1;
      if (shown.length < SHOWN) shown.push([pair, translation]);
      await told?.({
        text: [pair.source, translation.text, expected].map(inLine).join("\t"),
        json: { line: pair.line, ...withoutAlignment(translation), expected },
      });
    }
  }
  const { examples } = examplesOf(model.sides, filled, model.form.longest);
  const scored = examples.length > 0 ? await measureOf(model, backend)(examples) : undefined;
  const report = bleu.report();
  const characters = chrf.report();
  const unknown = filled.reduce(
    (sum, pair) => sum + source.encode(pair.source).filter((token) => token === UNKNOWN).length,
    0,
  );
  const empty = pairs.length - filled.length;
  return {
    measures: {
      pairs: filled.length,
      ...(scored && { ...scored, perplexity: Math.exp(scored.loss) }),
      bleu: report.bleu,
      chrf: characters.chrf,
      exactMatch: exact / filled.length,
      unknownTokens: unknown,
      ...present({ unfinished, cut, empty }),
    },
    details: { signatures: { bleu: report.signature, chrf: characters.signature } },
    lines: [
      "",
      `BLEU|${report.signature}`,
      `chrF|${characters.signature}`,
      ...shown.flatMap(([pair, { text }]) => [
        "",
        ...alignedRows([
          ["source", inLine(pair.source)],
          ["written", inLine(text)],
          ["expected", inLine(pair.target)],
        ]),
      ]),
    ],
    ...(report.bleu === 0 &&
      exact === 0 && { warning: "nothing is translated right: more epochs or pairs may help" }),
  };
}

function withoutAlignment({ alignment: _, ...told }: Translation) {
  return told;
}

/** What there is. */
const present = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
