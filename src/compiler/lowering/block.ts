/** What lowering works on: the buffers made so far, and a block of nodes with where its values come from and go. */

import { type Dimension, type Shape, sizeOf } from "../../graph/dimension.ts";
import type { Node } from "../../graph/node.ts";
import type { DType } from "../../graph/operations.ts";
import type { Buffer, Operand, Statement, View } from "../loops/program.ts";
import { wholeBuffer } from "../loops/view.ts";
import type { Fusion } from "./schedule.ts";

/** The passes that lowering itself does, and whether it is to. */
export interface LoweringOptions extends Fusion {
  /** What a step computes may stand over what it reads for the last time. */
  readonly reuseSlots: boolean;
}

/** What a program keeps while it is lowered. */
export class Lowering {
  readonly options: LoweringOptions;
  readonly buffers: Buffer[] = [];
  loops = 0;

  constructor(options: LoweringOptions) {
    this.options = options;
  }

  buffer(size: Dimension, label: string, kind: Buffer["kind"] = "temporary", leaf?: Node): Buffer {
    const made: Buffer = { id: this.buffers.length, size, kind, leaf, label };
    this.buffers.push(made);
    return made;
  }

  tensor(shape: Shape, dtype: DType, label: string): View {
    return wholeBuffer(this.buffer(sizeOf(shape), label), shape, dtype);
  }

  /** Room for float64 numbers, each of two elements. */
  wide(shape: Shape): View {
    const { strides, ...view } = this.tensor([...shape, 2], "float32", "wide");
    return { ...view, shape, strides: strides.slice(0, -1) };
  }
}

/** A place that takes a new value at the end of a block, while the block reads the old one through `leaf`. */
export interface BlockUpdate {
  readonly leaf: Node;
  readonly storage: View;
  readonly value: Node;
}

/** Where a result will stand that may stand anywhere. */
export interface OpenPlace {
  /** Whether all who read it later can find it there. */
  fits(place: View): boolean;
  /** Decides, for a place or for memory of its own, and returns the place. */
  settle(place: View | undefined): View;
}

export interface BlockResult {
  readonly node: Node;
  readonly to: View | OpenPlace;
}

/** The loop around a block: what its reads of the past refer to. */
export interface EnclosingLoop {
  readonly loop: number;
  readonly reverse: boolean;
  readonly length: Dimension;
  /** Whole output sequences by number, for reads by index. */
  readonly history: ReadonlyMap<number, View>;
}

export interface Block {
  /** Where leaves stand: variables and inputs, or a body's arguments and past. */
  readonly leaves: ReadonlyMap<Node, Operand>;
  /** Leaves that stand in memory which nobody else reads, now or later. */
  readonly dying: ReadonlySet<Node>;
  readonly results: readonly BlockResult[];
  readonly updates: readonly BlockUpdate[];
  /** What a step adds to the inboxes of other steps, before its states take their new values. */
  readonly sends: readonly { readonly inbox: View; readonly index: Node; readonly value: Node }[];
  readonly loop: EnclosingLoop | undefined;
}

/** Where the statements of a node go, and what is around them. */
export interface StatementContext {
  readonly lowering: Lowering;
  readonly statements: Statement[];
  readonly loop: EnclosingLoop | undefined;
}

/** A statement that copies an operand to a view of the same shape. */
export function copyStatement(from: Operand, to: View): Statement {
  return {
    kind: "map",
    space: to.shape,
    reduced: [],
    nodes: [],
    operands: new Map(),
    writes: [{ from, to }],
  };
}
