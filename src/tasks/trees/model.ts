/** A classifier of trees: what it is made of, and how probable it finds each label of each node. */

import type { BackendChoice } from "../../backends/choice.ts";
import type { Tree } from "../../data/trees/tree.ts";
import type { Vocabulary } from "../../data/vocabulary.ts";
import type { Scheme } from "../../nn/index.ts";
import { compile } from "../../program/compile.ts";
import { batchesByLength } from "../batches.ts";
import { batchOf, type Example } from "./batches.ts";
import { createNetwork, type Given, inputTypesOf, type Network, scoresOf, toldOf } from "./network.ts";
import type { Form } from "./options.ts";
import { withKnownWords } from "./words.ts";

/** What a network says of a tree. */
export interface Told {
  /** The logarithms of the probabilities of the labels of each node: those of the first one, then of the next. */
  readonly logs: Float32Array;
  /** What stands for the whole tree. */
  readonly vector: Float32Array;
}

/** How often the training has each label, by number: at all nodes that are told, and at roots. */
export interface LabelCounts {
  readonly told: readonly number[];
  readonly root: readonly number[];
}

/** What a model is made of. */
export type TreeModelParts = Pick<TreeModel, "form" | "words" | "roles" | "labels" | "counts">;

export class TreeModel {
  readonly form: Form;
  readonly words: Vocabulary;
  /** The roles of nodes; undefined where they are not read. */
  readonly roles: Vocabulary | undefined;
  readonly labels: readonly string[];
  readonly counts: LabelCounts;
  readonly network: Network;
  readonly #backend: BackendChoice | undefined;
  #program: ReturnType<typeof compileTold> | undefined;

  constructor(
    { form, words, roles, labels, counts }: TreeModelParts,
    options: { readonly initialize?: Scheme | undefined; readonly backend?: BackendChoice | undefined } = {},
  ) {
    const { initialize = "default", backend } = options;
    this.form = form;
    this.words = words;
    this.roles = roles;
    this.labels = labels;
    this.counts = counts;
    this.network = createNetwork(
      form,
      { words: words.size, roles: roles?.size ?? 0, labels: labels.length },
      initialize,
    );
    this.#backend = backend;
  }

  /** A tree as this model reads it. */
  exampleOf(tree: Tree, numbers: Int32Array = new Int32Array(0)): Example {
    return { tree: withKnownWords(tree, this.words, this.roles), numbers };
  }

  /** What is said of trees, in order. */
  tell(trees: readonly Tree[]): Told[] {
    const found: Told[] = [];
    const rows = trees.map((tree, at) => ({ at, example: this.exampleOf(tree) }));
    for (const batch of batchesByLength(rows, ({ example }) => example.tree.nodes.length)) {
      const told = this.#tellBatch(batch.map(({ example }) => example));
      for (const [b, { at }] of batch.entries()) found[at] = told[b] as Told;
    }
    return found;
  }

  #tellBatch(examples: readonly Example[]): Told[] {
    this.#program ??= compileTold(this.network, this.form, this.#backend);
    const values = batchOf(examples, this);
    const { logs, root } = this.#program(givenTo(inputTypesOf(this.network), values));
    const [size, count, batch] = [root.shape[1] as number, this.labels.length, examples.length];
    return examples.map(({ tree: { nodes } }, b) => ({
      logs: Float32Array.from({ length: nodes.length * count }, (_, at) => {
        const node = Math.floor(at / count);
        return logs.data[(node * batch + b) * count + (at % count)] as number;
      }),
      vector: Float32Array.from(root.data.slice(b * size, (b + 1) * size)),
    }));
  }

  /** The scores of labels, for pictures. */
  scores(given: Given) {
    return scoresOf(this.network, { dropout: 0 }, given).scores;
  }
}

/** Those values that inputs of these names take. */
export function givenTo<Given>(
  types: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, Given>>,
): Record<string, Given> {
  return Object.fromEntries(Object.keys(types).map((name) => [name, values[name] as Given]));
}

function compileTold(network: Network, form: Form, backend: BackendChoice | undefined) {
  return compile((given) => toldOf(network, form, given as unknown as Given), {
    inputs: inputTypesOf(network),
    ...(backend && { backend }),
  });
}
