/** How well labels are told: of all nodes that are, and of roots. */

import type { Tree } from "../../data/trees/tree.ts";
import { breather, type StopSignal } from "../../long-work.ts";
import type { Told, TreeModel } from "./model.ts";
import { argmax } from "./prediction.ts";

/** A tree with the numbers of its labels, -1 for none. */
export interface LabelledTree {
  readonly tree: Tree;
  readonly numbers: Int32Array;
}

/** Figures of labels that trees have. */
export interface TreeFigures {
  /** Nats a label. */
  readonly loss: number;
  /** The part of the labels that is told right. */
  readonly accuracy: number;
  /** The same of roots, where they are told beside other nodes. */
  readonly rootAccuracy?: number | undefined;
}

/** Counts what was told of trees, one after the other. */
export class FigureCounts {
  readonly #model: TreeModel;
  #labels = 0;
  #right = 0;
  #loss = 0;
  #roots = 0;
  #rootsRight = 0;

  constructor(model: TreeModel) {
    this.#model = model;
  }

  add({ numbers }: LabelledTree, { logs }: Pick<Told, "logs">): void {
    const { labels } = this.#model;
    numbers.forEach((number, node) => {
      if (number < 0) return;
      const own = logs.subarray(node * labels.length, (node + 1) * labels.length);
      const isRight = argmax(own) === number;
      this.#labels += 1;
      this.#loss -= own[number] as number;
      if (isRight) this.#right += 1;
      if (node < numbers.length - 1) return;
      this.#roots += 1;
      if (isRight) this.#rootsRight += 1;
    });
  }

  get labels(): number {
    return this.#labels;
  }

  figures(): TreeFigures {
    const beside = this.#model.form.labels === "nodes" && this.#roots > 0;
    return {
      loss: this.#loss / this.#labels,
      accuracy: this.#right / this.#labels,
      ...(beside && { rootAccuracy: this.#rootsRight / this.#roots }),
    };
  }
}

/** Trees that are told between two looks at the signal. */
const TOGETHER = 256;

/** What a model says of trees, in order; ends early once the signal is aborted. Hands the thread back now and then. */
export async function* tellTrees<Item extends { readonly tree: Tree }>(
  model: TreeModel,
  items: readonly Item[],
  signal?: StopSignal | undefined,
): AsyncGenerator<{ readonly item: Item; readonly told: Told }, void, undefined> {
  const breathe = breather();
  for (let start = 0; start < items.length; start += TOGETHER) {
    await breathe();
    if (signal?.aborted) return;
    const some = items.slice(start, start + TOGETHER);
    for (const [at, told] of model.tell(some.map(({ tree }) => tree)).entries()) {
      yield { item: some[at] as Item, told };
    }
  }
}
