/** Lowering: from the graph of a program to statements over buffers. Its neighbours lower blocks, products and scans. */

import { sizeOf } from "../graph/dimension.ts";
import { isOp, type Node } from "../graph/node.ts";
import { type BlockUpdate, Lowering } from "./block.ts";
import type { Buffer, LoweredProgram, Operand, View } from "./loops.ts";
import { lowerBlock } from "./lower-block.ts";
import { schedule } from "./schedule.ts";
import { moveSetup } from "./setup.ts";
import { wholeBuffer } from "./view.ts";

/** Lower a whole program. */
export function lower(program: {
  readonly inputs: readonly Node<"input">[];
  readonly results: readonly Node[];
  readonly updates: readonly (readonly [Node<"variable">, Node])[];
}): LoweredProgram {
  const lowering = new Lowering();
  const leaves = new Map<Node, Operand>();
  const holder = (leaf: Node, kind: "variable" | "input", label: string) => {
    const view = wholeBuffer(lowering.buffer(sizeOf(leaf.shape), label, kind, leaf), leaf.shape, leaf.dtype);
    leaves.set(leaf, view);
    return view;
  };
  for (const input of program.inputs) holder(input, "input", input.attributes.name);
  const plan = schedule([...program.results, ...program.updates.map(([, value]) => value)]);
  for (const leaf of plan.order)
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
    results: unique.map((node) => ({ node, to: places.get(node) as View })),
    updates,
    sends: [],
    loop: undefined,
  });
  const lowered = {
    buffers: lowering.buffers,
    setup: [],
    statements,
    results: program.results.map((node) => places.get(node) as View),
    loops: lowering.loops,
  };
  return moveSetup(lowered, fixed);
}
