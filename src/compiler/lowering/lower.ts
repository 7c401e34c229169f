/** Lowering: from the graph of a program to statements over buffers. Its neighbours lower blocks, products and scans. */

import { sizeOf } from "../../graph/dimension.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { topologicalOrder } from "../../graph/traverse.ts";
import type { Buffer, LoweredProgram, Operand, View } from "../loops/program.ts";
import { wholeBuffer } from "../loops/view.ts";
import type { Target } from "../target.ts";
import { type BlockUpdate, Lowering, type LoweringOptions } from "./block.ts";
import { lowerBlock } from "./lower-block.ts";

/** What is lowered: a program, as backends get it. */
export interface LoweredFrom {
  readonly inputs: readonly Node<"input">[];
  readonly steady?: readonly Node<"input">[];
  readonly results: readonly Node[];
  readonly updates: readonly (readonly [Node<"variable">, Node])[];
}

/** Lower a whole program. */
export function lower(program: LoweredFrom, target: Target, options: LoweringOptions): LoweredProgram {
  const lowering = new Lowering(options);
  const leaves = new Map<Node, Operand>();
  const holder = (leaf: Node, kind: "variable" | "input" | "steady", label: string) => {
    const view = wholeBuffer(lowering.buffer(sizeOf(leaf.shape), label, kind, leaf), leaf.shape, leaf.dtype);
    leaves.set(leaf, view);
    return view;
  };
  const steady = new Set<Node>(program.steady);
  for (const input of program.inputs)
    holder(input, steady.has(input) ? "steady" : "input", input.attributes.name);
  for (const leaf of topologicalOrder([...program.results, ...program.updates.map(([, value]) => value)]))
    if (isOp(leaf, "variable")) holder(leaf, "variable", leaf.attributes.variable.name);
  const updated = new Set<Node>(program.updates.map(([leaf]) => leaf));
  const fixed = new Set<Buffer>();
  for (const buffer of lowering.buffers) {
    if (buffer.kind === "variable" && buffer.leaf && !updated.has(buffer.leaf)) fixed.add(buffer);
  }
  const updates = program.updates.map(([leaf, value]): BlockUpdate => {
    const storage =
      (leaves.get(leaf) as View | undefined) ?? holder(leaf, "variable", leaf.attributes.variable.name);
    return { leaf, storage, value };
  });
  const unique = [...new Set(program.results)];
  const places = new Map(
    unique.map((node) => [
      node,
      wholeBuffer(lowering.buffer(sizeOf(node.shape), node.op, "result"), node.shape, node.dtype),
    ]),
  );
  const statements = lowerBlock(lowering, {
    leaves,
    dying: new Set(),
    results: unique.map((node) => ({ node, to: places.get(node) as View })),
    updates,
    sends: [],
    loop: undefined,
  });
  return {
    target,
    buffers: lowering.buffers,
    fixed,
    lifetimes: undefined,
    setup: [],
    statements,
    results: program.results.map((node) => places.get(node) as View),
  };
}
