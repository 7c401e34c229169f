/** How well a classifier of trees does on trees with labels, beside the commonest label. */

import { DataError, UsageError } from "../../errors.ts";
import { classReport, confusionTable } from "../../training/measures/index.ts";
import { type LabelScores, labelLines } from "../label-table.ts";
import type { Evaluation, Prediction } from "../task.ts";
import { type Corpus, numbersOf, requireReadable } from "./corpus.ts";
import { FigureCounts, type LabelledTree, tellTrees } from "./measures.ts";
import type { Told, TreeModel } from "./model.ts";
import { argmax, predictionOf, toldTree } from "./prediction.ts";

export interface TreeEvaluationOptions {
  /** 2: also those roots whose labels stand above the middle against those below. */
  readonly classes?: number | undefined;
  /** Whether a tree is written in brackets where they can hold it. */
  readonly inBrackets?: boolean | undefined;
  /** Is given what the model makes of each tree, with the labels that it has. */
  readonly told?: ((prediction: Prediction) => Promise<void>) | undefined;
}

/** Throws DataError for labels that are not known, and trees that the model does not read. */
export async function evaluateTrees(
  model: TreeModel,
  corpus: Corpus,
  { classes, inBrackets = false, told }: TreeEvaluationOptions = {},
): Promise<Evaluation> {
  const { form, labels, counts } = model;
  const two = classes === 2 ? new TwoClasses(labels) : undefined;
  requireReadable(corpus, form);
  const numbers = numbersOf(corpus, model);
  const trees = corpus.trees.map((tree, at) => ({ tree, numbers: numbers[at] as Int32Array }));
  const [ours, baseline] = [new FigureCounts(model), new CommonestCounts(counts)];
  const [found, right]: [number[], number[]] = [[], []];
  for await (const { item, told: said } of tellTrees(model, trees)) {
    ours.add(item, said);
    baseline.add(item);
    two?.add(item, said);
    item.numbers.forEach((number, node) => {
      if (number < 0) return;
      right.push(number);
      found.push(argmax(said.logs.subarray(node * labels.length, (node + 1) * labels.length)));
    });
    await told?.(predictionOf(toldTree(model, item.tree, said), inBrackets, item.tree));
  }
  const scores = labelScores(found, right, labels);
  const figures = ours.figures();
  const usual = baseline.figures(figures.rootAccuracy !== undefined);
  return {
    measures: {
      trees: trees.length,
      labels: ours.labels,
      ...figures,
      ...two?.figures(corpus.name),
    },
    beside: { baseline: usual },
    details: { labelScores: Object.fromEntries(scores) },
    lines: labelLines(scores, form.labels === "root" ? "trees" : form.labels),
    ...(figures.accuracy <= usual.accuracy && {
      warning: "no better than the commonest label: more epochs or trees may help",
    }),
  };
}

/** By label, those that occur. */
function labelScores(
  found: readonly number[],
  right: readonly number[],
  labels: readonly string[],
): [string, LabelScores][] {
  const { classes } = classReport(confusionTable(found, right, labels.length));
  const occurring = new Set([...found, ...right]);
  return labels.flatMap((label, at): [string, LabelScores][] =>
    occurring.has(at) ? [[label, classes[at] as LabelScores]] : [],
  );
}

/** Counts what the commonest label of the training would get right: at roots that of roots. */
class CommonestCounts {
  readonly #told: number;
  readonly #root: number;
  readonly #counts = { labels: 0, right: 0, roots: 0, rootsRight: 0 };

  constructor({ told, root }: TreeModel["counts"]) {
    [this.#told, this.#root] = [argmax(told), argmax(root)];
  }

  add({ numbers }: LabelledTree): void {
    numbers.forEach((number, at) => {
      if (number < 0) return;
      this.#counts.labels += 1;
      if (number === this.#told) this.#counts.right += 1;
      if (at < numbers.length - 1) return;
      this.#counts.roots += 1;
      if (number === this.#root) this.#counts.rootsRight += 1;
    });
  }

  figures(withRoots: boolean) {
    const { labels, right, roots, rootsRight } = this.#counts;
    return { accuracy: right / labels, ...(withRoots && { rootAccuracy: rootsRight / roots }) };
  }
}

/** Roots whose labels stand above the middle one against those below it; by the probabilities of either side together. */
class TwoClasses {
  readonly #middle: number;
  readonly #labels: readonly string[];
  #roots = 0;
  #right = 0;

  /** Throws UsageError for labels that are not 0, 1, 2 and so on, with one in the middle. */
  constructor(labels: readonly string[]) {
    this.#labels = labels;
    this.#middle = (labels.length - 1) / 2;
    const isScale = labels.every((label, at) => label === String(at)) && Number.isInteger(this.#middle);
    if (isScale && labels.length >= 3) return;
    throw new UsageError(
      `classes 2: labels from 0 on expected, as many above the middle as below, as 0 to 4; this model's are ${labels.slice(0, 10).join(", ")}`,
    );
  }

  add({ numbers }: LabelledTree, { logs }: Told): void {
    const number = numbers.at(-1) as number;
    if (number < 0 || number === this.#middle) return;
    const own = Array.from(logs.subarray(logs.length - this.#labels.length), Math.exp);
    const sum = (some: readonly number[]) => some.reduce((all, one) => all + one, 0);
    const isAbove = sum(own.slice(this.#middle + 1)) > sum(own.slice(0, this.#middle));
    this.#roots += 1;
    if (isAbove === number > this.#middle) this.#right += 1;
  }

  figures(name: string) {
    if (this.#roots > 0) return { twoClassRoots: this.#roots, twoClassAccuracy: this.#right / this.#roots };
    throw new DataError(`${name}: no root with a label above or below the middle, which classes 2 counts`);
  }
}
