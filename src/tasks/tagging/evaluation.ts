/** How well a tagger does on sentences with tags, beside the commonest tag of each word. */

import type { BackendChoice } from "../../backends/choice.ts";
import { DataError } from "../../errors.ts";
import { classReport, confusionTable } from "../../training/measures/index.ts";
import { type LabelScores, labelLines } from "../label-table.ts";
import type { Evaluation, Prediction } from "../task.ts";
import { inLine } from "../text-table.ts";
import type { Corpus } from "./corpus.ts";
import { commonestTags, FigureCounts, tellExamples } from "./measures.ts";
import type { TaggerModel } from "./model.ts";
import { meanLossOf, piecesOf } from "./training.ts";

/** `told` is given what the model makes of each sentence, with the tags that it has. Throws DataError where there is no word. */
export async function evaluateCorpus(
  model: TaggerModel,
  { name, scheme, examples, counts }: Corpus,
  {
    told,
    backend,
  }: {
    readonly told?: (prediction: Prediction) => Promise<void>;
    readonly backend?: BackendChoice | undefined;
  } = {},
): Promise<Evaluation> {
  if (examples.length === 0)
    throw new DataError(`${name}: no words with tags, one sentence or more expected`);
  const [ours, baseline] = [new FigureCounts(scheme), new FigureCounts(scheme)];
  const isUnknown = (word: string) => !model.words.knows(word);
  const unknownTags = new Map<string, number>();
  const pairs: [string, string][] = [];
  let words = 0;
  for await (const { example, tags, confidence } of tellExamples(model, examples, scheme)) {
    words += example.words.length;
    ours.add(example, tags, isUnknown);
    baseline.add(example, commonestTags(model, example, scheme), isUnknown);
    for (const [at, number] of model.tags.numbersOf(example.tags, scheme).entries()) {
      const tag = example.given[at] as string;
      if (number < 0) unknownTags.set(tag, (unknownTags.get(tag) ?? 0) + 1);
      pairs.push([tag, tags[at] as string]);
    }
    if (!told) continue;
    const { text, tokens } = example.sentence;
    await told({
      text: example.words
        .map(
          (word, at) =>
            `${[word, example.given[at], tags[at]].map((one) => inLine(one as string)).join("\t")}\n`,
        )
        .join(""),
      json: {
        text,
        tokens: tokens.map((token, at) => ({
          ...token,
          tag: tags[at],
          confidence: confidence[at],
          expected: example.given[at],
        })),
      },
    });
  }
  const pieces = piecesOf(model, examples, scheme);
  const loss = pieces.length > 0 ? await meanLossOf(model, backend)(pieces) : undefined;
  const labels = scheme === undefined ? tagScores(pairs) : spanScores(ours);
  const sum = (tags: ReadonlyMap<string, number>) => [...tags.values()].reduce((all, one) => all + one, 0);
  const { broken, misaligned, leftOut, empty } = counts;
  const [figures, usual] = [ours.figures(), baseline.figures()];
  const isUseless = figures.accuracy <= usual.accuracy && (figures.f1 ?? 0) <= (usual.f1 ?? 0);
  return {
    measures: {
      sentences: examples.length,
      words,
      ...(loss !== undefined && { loss }),
      ...figures,
      unknownWords: ours.unknown,
      unknownTags: sum(unknownTags),
      ...present({ broken, misaligned, leftOut, empty }),
    },
    beside: { baseline: { ...usual } },
    details: { labels: Object.fromEntries(labels), unknownTagCounts: Object.fromEntries(unknownTags) },
    lines: labelLines(labels, scheme === undefined ? "words" : "spans"),
    ...(isUseless && {
      warning: "no better than the commonest tag of each word: more epochs or sentences may help",
    }),
  };
}

/** What there is. */
const present = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** Of pairs of the tag that is right and the one that was told. */
function tagScores(pairs: readonly (readonly [string, string])[]): [string, LabelScores][] {
  const tags = [...new Set(pairs.flat())].sort();
  const numbers = new Map(tags.map((tag, number) => [tag, number]));
  const of = (side: 0 | 1) => pairs.map((pair) => numbers.get(pair[side]) as number);
  const { classes } = classReport(confusionTable(of(1), of(0), tags.length));
  return tags.map((tag, at) => [tag, classes[at] as LabelScores]);
}

function spanScores(counts: FigureCounts): [string, LabelScores][] {
  return counts
    .report()
    .labels.map(({ label, targets, precision, recall, f1 }) => [label, { targets, precision, recall, f1 }]);
}
