/** From trees to a training: what is learnt of the training part, and the network for it. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions, printGiven } from "../../checks.ts";
import { writeTreeJson } from "../../data/trees/objects.ts";
import { DataError } from "../../errors.ts";
import { randomSource } from "../../nn/random.ts";
import { completeOptions, optionNames, pickOptions } from "../../options/table.ts";
import { drawUnits, unitsOf } from "../held-out.ts";
import { type GivenVectors, requireVectorSize, startFrom } from "../word-vectors.ts";
import { type Corpus, labelsOf, numbersOf, requireReadable, suitedForm } from "./corpus.ts";
import type { TreeRecord } from "./file.ts";
import type { LabelledTree } from "./measures.ts";
import { type LabelCounts, TreeModel } from "./model.ts";
import { completeForm, completeSettings, type Form, readingOptions, treeOptions } from "./options.ts";
import { rolesOf } from "./roles.ts";
import type { TreeParts } from "./training.ts";
import { wordsOf } from "./words.ts";

/** A training that can begin. */
export interface Begun {
  readonly model: TreeModel;
  readonly parts: TreeParts;
  readonly record: TreeRecord;
}

/** What a training begins with beside its trees. */
export interface Beginning extends Pick<TreeRecord, "data" | "validationData" | "reading"> {
  readonly vectors?: GivenVectors | undefined;
  readonly backend?: BackendChoice | undefined;
}

/** Throws UsageError for options that are wrong whatever the data are, and gives how trees are read. */
export function checkTreeOptions(options: object, held: boolean) {
  checkOptions<object>("tree", options, optionNames(treeOptions));
  completeForm(options);
  completeSettings(options, 1, held);
  return completeOptions("tree", readingOptions, pickOptions(options, readingOptions));
}

/**
 * The trees to learn from and those that choose the best epoch; equal trees stand on one side. Throws DataError where there are too few,
 * and for trees that a network of this form does not read or whose labels are not known.
 */
export function partsOf(
  corpus: Corpus,
  held: Corpus | undefined,
  { labels, form }: { readonly labels: readonly string[]; readonly form: Form },
  { validation, seed }: { readonly validation: number; readonly seed: number },
): TreeParts {
  const labelled = (one: Corpus): LabelledTree[] => {
    requireReadable(one, form);
    const numbers = numbersOf(one, { labels, form });
    return one.trees.map((tree, at) => ({ tree, numbers: numbers[at] as Int32Array }));
  };
  const all = labelled(corpus);
  if (held) return { training: all, validation: labelled(held) };
  if (validation === 0) return { training: all, validation: [] };
  const units = unitsOf(corpus.trees, writeTreeJson);
  const most = Math.ceil(all.length * validation);
  const drawn = new Set(drawUnits(units, most, randomSource(seed, "held out")));
  if (drawn.size === 0) {
    throw new DataError(
      `${corpus.name}: no tree can be held out: more different trees expected, or a validation of 0`,
    );
  }
  return {
    training: all.filter((_, at) => !drawn.has(at)),
    validation: all.filter((_, at) => drawn.has(at)),
  };
}

/** Throws UsageError for options that contradict themselves or the data, DataError for data that are of no use. */
export async function beginTrees(
  corpus: Corpus,
  held: Corpus | undefined,
  options: object,
  { vectors, backend, ...found }: Beginning,
): Promise<Begun> {
  const isHeld = held !== undefined;
  const suited = suitedForm(corpus, completeForm(options).roles);
  const asked = completeForm(options, suited);
  const labels = labelsOf(corpus, asked.labels);
  if (labels.length < 2) {
    const what = { nodes: "nodes", root: "roots", leaves: "leaves" }[asked.labels];
    const given = labels.length === 0 ? "no label" : `the label ${printGiven(labels[0])} alone`;
    throw new DataError(`${corpus.name}: ${what} have ${given}, two labels or more expected`);
  }
  const parts = partsOf(corpus, held, { labels, form: asked }, completeSettings(options, 1, isHeld));
  const settings = completeSettings(options, parts.training.length, isHeld);
  const trees = parts.training.map(({ tree }) => tree);
  const words = wordsOf(trees, settings.vocabulary);
  const roles = asked.roles && rolesOf(corpus.name, trees, asked.roles);
  const starting = await vectors?.of(words.tokens);
  const form = completeForm(options, { ...suited, embedding: starting?.size });
  requireVectorSize(form.embedding, starting, vectors?.name);
  const model = new TreeModel(
    { form, labels, words, roles, counts: countsOf(parts.training, labels) },
    { initialize: settings.initialize, backend },
  );
  if (starting) {
    startFrom(model.network, starting, { seed: settings.seed, id: (word) => words.id(word) });
  }
  const used = starting && vectors ? { name: vectors.name, words: starting.vectors.size } : null;
  return { model, parts, record: { ...found, settings, vectors: used } };
}

function countsOf(trees: readonly LabelledTree[], labels: readonly string[]): LabelCounts {
  const [told, root] = [labels.map(() => 0), labels.map(() => 0)];
  for (const { numbers } of trees) {
    numbers.forEach((number, at) => {
      if (number < 0) return;
      told[number] = (told[number] as number) + 1;
      if (at === numbers.length - 1) root[number] = (root[number] as number) + 1;
    });
  }
  return { told, root };
}
