/** What is found in pairs before anything is learnt: lengths, what is known of them, what is left out, and what stands there twice. */

import { counted } from "../../data/text.ts";
import type { Told } from "../task.ts";
import type { Corpus } from "./pairs.ts";
import type { TranslationParts } from "./parts.ts";
import type { Example, Sides } from "./prepare.ts";
import { type Side, UNKNOWN } from "./side.ts";

interface Audited {
  readonly corpus: Corpus;
  /** The pairs of files of their own, where they are held out. */
  readonly held?: Corpus | undefined;
  readonly sides: Sides;
  readonly parts: TranslationParts;
  readonly longest: number;
}

export function auditPairs({ corpus, held, sides, parts, longest }: Audited): Told {
  const { training, validation, empty, tooLong } = parts;
  const source = sideFigures(sides.source, parts, (example) => example.source);
  const target = sideFigures(sides.target, parts, (example) => example.target);
  const ratio = target.tokens / source.tokens;
  const { again, otherwise } = repetitions(training);
  const { pairs, sources } = shared(training, validation);
  const left = tooLong.training + tooLong.validation;
  const lines = [
    ...[corpus, ...(held ? [held] : [])].map((one) => `${one.name}: ${counted(one.pairs.length, "pair")}`),
    `sources: ${sideText(sides.source, source)}`,
    `targets: ${sideText(sides.target, target)}; ${ratio.toFixed(2)} tokens for one of the source`,
    ...(empty > 0 ? [`${counted(empty, "pair")} with an empty text left out`] : []),
    ...(left > 0
      ? [
          `${counted(left, "pair")} of more than ${longest} tokens on a side left out (--longest)${tooLong.validation > 0 ? `, ${tooLong.validation} of them held out` : ""}`,
        ]
      : []),
    ...(again > 0 ? [`${counted(again, "pair")} to train on equal to an earlier one`] : []),
    ...(otherwise > 0 ? [`${counted(otherwise, "source")} with several translations`] : []),
    ...(sources > 0
      ? [
          `${counted(sources, "held-out source")} to train on too${pairs > 0 ? `, ${pairs} of them with the same translation: the figures will be too good` : ""}`,
        ]
      : []),
  ];
  return {
    lines,
    json: {
      pairs: { training: training.length, validation: validation.length },
      ...{ source, target, ratio, empty, tooLong, repeated: again, severalTranslations: otherwise },
      ...{ sharedSources: sources, sharedPairs: pairs },
    },
  };
}

interface SideFigures {
  readonly tokens: number;
  /** Of a text in the mean. */
  readonly mean: number;
  readonly longest: number;
  readonly vocabulary: number;
  /** The share of tokens that are not known: of those to train on, and of those held out. */
  readonly unknown: number;
  readonly unknownHeldOut: number | null;
}

function sideFigures(
  { size }: Side,
  { training, validation }: TranslationParts,
  textOf: (example: Example) => Int32Array,
): SideFigures {
  const [own, held] = [countsOf(training.map(textOf)), countsOf(validation.map(textOf))];
  const tokens = own.tokens + held.tokens;
  return {
    tokens,
    mean: tokens / (training.length + validation.length),
    longest: Math.max(own.longest, held.longest),
    vocabulary: size,
    unknown: own.unknown / own.tokens,
    unknownHeldOut: held.tokens === 0 ? null : held.unknown / held.tokens,
  };
}

function countsOf(texts: readonly Int32Array[]) {
  let [tokens, longest, unknown] = [0, 0, 0];
  for (const text of texts) {
    tokens += text.length;
    longest = Math.max(longest, text.length);
    for (const token of text) if (token === UNKNOWN) unknown += 1;
  }
  return { tokens, longest, unknown };
}

const HOW = { spaces: " cut at blanks", punctuation: " cut as in prose" };

function sideText(
  { tokens, split, knowsAll }: Side,
  { mean, longest, vocabulary, unknown, unknownHeldOut }: SideFigures,
): string {
  const share = (part: number) => `${(100 * part).toFixed(1)} %`;
  const held = unknownHeldOut === null ? "" : ` and ${share(unknownHeldOut)} of those held out`;
  const not = knowsAll ? "" : `, ${share(unknown)} are not${held}`;
  return `${tokens}${split ? HOW[split] : ""}, ${mean.toFixed(1)} of a text in the mean, ${longest} at most; ${vocabulary} known${not}`;
}

const sourceOf = ({ pair }: Example) => pair.source.trim();
const pairOf = ({ pair }: Example) => JSON.stringify([pair.source.trim(), pair.target.trim()]);

/** Pairs that an earlier one is equal to, and sources that have several different targets. */
function repetitions(examples: readonly Example[]) {
  const pairs = new Set(examples.map(pairOf));
  const distinct = new Set<string>();
  const several = new Set<string>();
  for (const pair of pairs) {
    const [source] = JSON.parse(pair) as [string];
    if (distinct.has(source)) several.add(source);
    distinct.add(source);
  }
  return { again: examples.length - pairs.size, otherwise: several.size };
}

/** Held-out pairs and held-out sources that are trained on too. */
function shared(training: readonly Example[], validation: readonly Example[]) {
  const [pairs, sources] = [new Set(training.map(pairOf)), new Set(training.map(sourceOf))];
  return {
    pairs: validation.filter((example) => pairs.has(pairOf(example))).length,
    sources: validation.filter((example) => sources.has(sourceOf(example))).length,
  };
}
