/** What a model's own objects say about its graph: which layer a weight belongs to, and what it is called. */

import type { Cell } from "../nn/cell.ts";
import { isLayer } from "../nn/layers/layer.ts";
import { isSequenceLayer, type SequenceLayer } from "../nn/layers/sequence-layer.ts";
import { MEMORY_STEPS } from "../nn/memory.ts";
import { weightsOf } from "../nn/model.ts";
import type { Recursive } from "../nn/trees/recursive.ts";
import type { ChildSumCell, TreeCell } from "../nn/trees/tree-cell.ts";
import type { Variable } from "../trace/variable.ts";

/** The layer that has a weight itself, not through another layer. */
export interface Owner {
  /** Where it stands in the model, such as "head"; empty for a layer that is the model. */
  readonly path: string;
  /** A layer along time. */
  readonly sequence: SequenceLayer | undefined;
}

/** The owner of every weight of a model. */
export function owners(model: object): Map<Variable, Owner> {
  return new Map(
    weightsOf(model).flatMap(({ variable, owner }): [Variable, Owner][] =>
      owner
        ? [[variable, { path: owner.path, sequence: isSequenceLayer(owner.layer) ? owner.layer : undefined }]]
        : [],
    ),
  );
}

export function isCell(value: unknown): value is Cell<string, string> {
  return typeof value === "object" && value !== null && "parts" in value && "step" in value;
}

/** A cell over trees, with children in order or with sums over them. */
export function isTreeCell(
  value: unknown,
): value is TreeCell<string, string> | ChildSumCell<string, string, string> {
  return typeof value === "object" && value !== null && "parts" in value && "compose" in value;
}

/** A layer over trees. */
export function isTreeLayer(value: unknown): value is Recursive {
  return isLayer(value) && "treeTypes" in value;
}

/** The name of the cell of a layer: recurrent(lstm) runs lstm. */
export function cellName({ name }: SequenceLayer): string {
  return /\(([^()]*)\)$/.exec(name)?.[1] ?? name;
}

/** The names of the parts of a layer's state. */
export function stateNames(layer: SequenceLayer | undefined): string[] {
  const parts = layer?.stateShapes("B", MEMORY_STEPS);
  const isRecord = typeof parts === "object" && parts !== null && !Array.isArray(parts);
  return isRecord ? Object.keys(parts).filter((name) => name !== "past") : [];
}
