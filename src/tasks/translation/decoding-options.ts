/** The options of translating: how a trained translator looks for the best text, and how that is measured. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { choice, real, text, whole } from "../../options/kinds.ts";
import { samplingOptions, temperatureFacts } from "../../options/sampling.ts";
import { type CompletedOptions, completeOptions, option, spelt } from "../../options/table.ts";
import { TRANSLATE } from "./options.ts";

const asBefore = { argument: "column", usually: "as in training" };
const sourceColumn = option(text(), {
  ...asBefore,
  help: "tables and JSON Lines: the column or key of the texts to translate",
});

const searchOptions = {
  beam: option(whole({ from: 1 }), {
    default: 5,
    argument: "count",
    help: "how many beginnings of a translation are gone on with at each step; 1 always takes the likeliest token",
  }),
  lengthPenalty: option(real({ from: 0, remark: ", which is none" }), {
    default: 1,
    argument: "power",
    help: "how much longer translations are favoured, which are always less probable (Wu et al. 2016)",
  }),
  coveragePenalty: option(real({ from: 0, remark: ", which is none" }), {
    default: 0,
    argument: "weight",
    help: "how much it counts where parts of the source were not attended to (Wu et al. 2016)",
  }),
  limit: option(whole({ from: 1 }), {
    argument: "tokens",
    help: "of a translation at most",
    usually: "as --longest in training",
  }),
  batch: option(whole({ from: 1 }), {
    default: 32,
    argument: "texts",
    help: "texts that are translated side by side",
  }),
};

export const BLEU_TOKENS = ["none", "13a", "char"] as const;

/** How a translator is measured. */
export const evaluationOptions = {
  sourceColumn,
  targetColumn: option(text(), {
    ...asBefore,
    help: "tables and JSON Lines: the column or key of their translations",
  }),
  ...searchOptions,
  bleuTokens: option(choice(BLEU_TOKENS), {
    argument: "kind",
    help: "how texts are cut for BLEU: at blanks alone, as sacreBLEU's 13a does, or into characters",
    usually: "none where the targets of the training were cut into tokens before, else 13a",
  }),
};

/** How texts are translated. */
export const predictionOptions = {
  sourceColumn,
  ...searchOptions,
  best: option(whole({ from: 1 }), {
    default: 1,
    argument: "count",
    help: "JSON: how many translations of a text are told, of those that the beam found",
  }),
  prefix: option(text(), { default: "", argument: "text", help: "what each translation begins with" }),
  unknown: option(choice(["copy", "keep"]), {
    default: "copy",
    argument: "what",
    help: "an unknown token of a translation is the word of the source that was attended to most, or stays as it is",
  }),
  temperature: option(temperatureFacts.kind, {
    help: `draw translations at random: ${temperatureFacts.help}`,
    usually: "none: the best translations are looked for",
  }),
  ...samplingOptions,
};

export type EvaluationOptions = Readonly<CompletedOptions<typeof evaluationOptions>>;
export type PredictionOptions = Readonly<CompletedOptions<typeof predictionOptions>>;

/** The options of translating. Throws UsageError for what is out of range, or has no meaning beside another option. */
export function completePrediction(given: Readonly<Record<string, unknown>>): PredictionOptions {
  const completed = completeOptions(TRANSLATE, predictionOptions, given);
  const { temperature, beam, best } = completed;
  const [ofOthers, reason] =
    temperature === undefined
      ? [["topK", "topP", "seed"], "of drawing at random, which a temperature asks for"]
      : [
          ["beam", "lengthPenalty", "coveragePenalty", "best"],
          "of looking for the best, not of drawing at random",
        ];
  const stray = ofOthers.find((name) => given[name] !== undefined);
  if (stray !== undefined) throw new UsageError(`${spelt(stray)} ${printGiven(given[stray])}: ${reason}`);
  if (best <= beam) return completed;
  throw new UsageError(`best ${best}: the beam finds ${beam}, a wider beam expected`);
}
