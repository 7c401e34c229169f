/**
 * Lowering of a scan to a loop over time.
 *
 * A state whose values are wanted at every step stands in a buffer of T + 1 slots: the step reads one slot and writes the
 * next, and nothing is copied. Any other state has one slot, which is overwritten. An output that later steps read at a
 * distance d has d slots of zeros before its start, so that every read is a plain view.
 */

import { bodyResults } from "../../graph/body.ts";
import { addDimensions, type Dimension, sizeOf } from "../../graph/dimension.ts";
import type { Node } from "../../graph/node.ts";
import { bodyArguments, pastReads, scanInputs } from "../../graph/traverse.ts";
import { isScalar, type Operand, type Statement, type View } from "../loops/program.ts";
import { alongCounter, sliceAtCounter, sliceAxis, sliceFirst, wholeBuffer } from "../loops/view.ts";
import {
  type Block,
  type BlockResult,
  type BlockUpdate,
  copyStatement,
  type StatementContext,
} from "./block.ts";

/** Where the results of a scan stand when its loop has run. */
export interface ScanViews {
  result(index: number): View;
  /** Whether a result shares its memory with no other. */
  isAlone(index: number): boolean;
}

/** What the block around a scan knows of its inputs and results. */
export interface ScanSurroundings {
  /** Places that the block would like output sequences to have. */
  readonly wanted: ReadonlyMap<number, View>;
  /** Whether all who read a result can find it at a place. */
  canStand(index: number, at: View): boolean;
  /** Whether nobody else reads the memory in which an input stands. */
  dies(input: Node): boolean;
}

interface ScanContext extends StatementContext {
  lowerBlock(block: Block): Statement[];
}

/** Append the loop of a scan. */
export function lowerScan(
  { lowering, statements, lowerBlock }: ScanContext,
  scan: Node<"scan">,
  operand: (node: Node) => Operand,
  { wanted, canStand, dies }: ScanSurroundings,
): ScanViews {
  const { body, length, reverse } = scan.attributes;
  const inputs = scanInputs(scan);
  const parameters = bodyArguments(body);
  const loop = lowering.loops;
  lowering.loops += 1;
  const leaves = new Map<Node, Operand>();
  const dying = new Set<Node>();
  const results: BlockResult[] = [];
  const updates: BlockUpdate[] = [];
  const before: Statement[] = [];
  const reads = pastReads(bodyResults(body));
  const isHistory = (output: number) => reads.some(({ attributes }) => attributes.output === output);
  const slot = (sequence: View, shift: Dimension = 0) => sliceAtCounter(sequence, loop, shift);

  // Outputs, and states whose values at every step are outputs.
  const sequences: (View | undefined)[] = body.outputs.map(() => undefined);
  const finals: View[] = [];
  const alone = new Set<number>();
  body.states.forEach((type, index) => {
    const argument = parameters[index] as Node;
    const next = body.next[index] as Node;
    const isKept = (value: Node) => (output: Node, at: number) =>
      output === value && !isHistory(at) && sequences[at] === undefined;
    const init = operand(inputs.init[index] as Node);
    const kept = [argument, next].some((value) => body.outputs.some(isKept(value)));
    if (!kept) {
      const storage = lowering.tensor(type.shape, type.dtype, "state");
      before.push(copyStatement(init, storage));
      leaves.set(argument, storage);
      updates.push({ leaf: argument, storage, value: next });
      finals.push(storage);
      return;
    }
    const slots = [addDimensions(length, 1), ...type.shape];
    const all = wholeBuffer(lowering.buffer(sizeOf(slots), "states"), slots, type.dtype);
    const [early, late] = [sliceAxis(all, 0, 0, length), sliceAxis(all, 0, 1, length)];
    const [read, written] = reverse ? [late, early] : [early, late];
    before.push(copyStatement(init, sliceFirst(all, reverse ? length : 0)));
    leaves.set(argument, slot(read));
    results.push({ node: next, to: slot(written) });
    finals.push(sliceFirst(all, reverse ? 0 : length));
    body.outputs.forEach((output, at) => {
      if (isKept(argument)(output, at)) sequences[at] = read;
      else if (isKept(next)(output, at)) sequences[at] = written;
    });
  });
  const paddings = body.outputs.map((_, output) =>
    reads.reduce(
      (most, { attributes, inputs: index }) =>
        index.length === 0 && attributes.output === output ? Math.max(most, attributes.distance) : most,
      0,
    ),
  );
  body.outputs.forEach((output, at) => {
    if (sequences[at]) return;
    const index = body.next.length + at;
    const [padding, place] = [paddings[at] as number, wanted.get(index)];
    alone.add(index);
    if (place && padding === 0) sequences[at] = place;
    else if (isHistory(at)) {
      const padded = [addDimensions(length, padding), ...output.shape];
      const all = wholeBuffer(lowering.buffer(sizeOf(padded), "outputs"), padded, output.dtype);
      if (padding > 0) {
        const zeros = sliceAxis(all, 0, reverse ? length : 0, padding);
        before.push(copyStatement({ scalar: 0, dtype: output.dtype }, zeros));
      }
      sequences[at] = sliceAxis(all, 0, reverse ? 0 : padding, length);
    }
    const known = sequences[at];
    results.push({
      node: output,
      to: known
        ? slot(known)
        : {
            fits: (over) => canStand(index, alongCounter(over, loop, length)),
            settle(over) {
              const whole = over
                ? alongCounter(over, loop, length)
                : lowering.tensor([length, ...output.shape], output.dtype, "outputs");
              sequences[at] = whole;
              return slot(whole);
            },
          },
    });
  });

  // Arguments: slices of sequences, captures, inboxes; reads of the past at a distance.
  const first = body.states.length;
  inputs.sequences.forEach((sequence, index) => {
    const whole = operand(sequence);
    const parameter = parameters[first + index] as Node;
    leaves.set(parameter, isScalar(whole) ? whole : slot(whole));
    if (dies(sequence)) dying.add(parameter);
  });
  inputs.captures.forEach((capture, index) => {
    leaves.set(parameters[first + body.sequences.length + index] as Node, operand(capture));
  });
  const inboxes = body.inboxes.map(({ shape, dtype }, index) => {
    const inbox = lowering.tensor([length, ...shape], dtype, "inbox");
    before.push(copyStatement({ scalar: 0, dtype }, inbox));
    leaves.set(parameters[parameters.length - body.inboxes.length + index] as Node, slot(inbox));
    return inbox;
  });
  for (const read of reads.filter(({ inputs: index }) => index.length === 0)) {
    const { output, distance } = read.attributes;
    leaves.set(read, slot(sequences[output] as View, reverse ? distance : -distance));
  }

  const inside = lowerBlock({
    leaves,
    dying,
    results,
    updates,
    sends: body.sends.map(({ inbox, index, value }) => ({ inbox: inboxes[inbox] as View, index, value })),
    loop: {
      loop,
      reverse,
      length,
      history: new Map(sequences.flatMap((sequence, at) => (sequence ? [[at, sequence] as const] : []))),
    },
  });
  statements.push(...before, { kind: "loop", loop, count: length, reverse, body: inside });
  const all = [...finals, ...(sequences as View[])];
  return { result: (index) => all[index] as View, isAlone: (index) => alone.has(index) };
}
