/**
 * Lowering of a scan to a loop over time.
 *
 * A state whose values are wanted at every step stands in a buffer of T + 1 slots: the step reads one slot and writes the
 * next, and nothing is copied. Any other state has one slot, which is overwritten. An output that later steps read at a
 * distance d has d slots of zeros before its start, so that every read is a plain view.
 */

import { type Body, bodyResults, splitArguments } from "../../graph/body.ts";
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
  type OpenPlace,
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
  context: ScanContext,
  scan: Node<"scan">,
  operand: (node: Node) => Operand,
  surroundings: ScanSurroundings,
): ScanViews {
  return new ScanLowering(context, scan, operand, surroundings).run();
}

class ScanLowering {
  readonly #context: ScanContext;
  readonly #scan: Node<"scan">;
  readonly #operand: (node: Node) => Operand;
  readonly #surroundings: ScanSurroundings;
  readonly #loop: number;
  /** What the steps read of the past. */
  readonly #reads: readonly Node<"past">[];
  /** What goes before the loop: first states, and zeros. */
  readonly #before: Statement[] = [];
  // What the block of a step is made of.
  readonly #leaves = new Map<Node, Operand>();
  readonly #dying = new Set<Node>();
  readonly #results: BlockResult[] = [];
  readonly #updates: BlockUpdate[] = [];
  // Where the results of the scan stand: final states, outputs of all steps, and those outputs that stand alone.
  readonly #finals: View[] = [];
  readonly #sequences: (View | undefined)[];
  readonly #alone = new Set<number>();

  constructor(
    context: ScanContext,
    scan: Node<"scan">,
    operand: (node: Node) => Operand,
    surroundings: ScanSurroundings,
  ) {
    this.#context = context;
    this.#scan = scan;
    this.#operand = operand;
    this.#surroundings = surroundings;
    this.#loop = context.lowering.loops;
    context.lowering.loops += 1;
    this.#reads = pastReads(bodyResults(this.#body));
    this.#sequences = this.#body.outputs.map(() => undefined);
  }

  run(): ScanViews {
    const { statements, lowerBlock } = this.#context;
    const { length, reverse } = this.#scan.attributes;
    const { states, sequences, captures, inboxes } = splitArguments(this.#body, bodyArguments(this.#body));
    states.forEach((argument, index) => {
      this.#placeState(argument, index);
    });
    this.#body.outputs.forEach((output, at) => {
      if (!this.#sequences[at]) this.#placeOutput(output, at);
    });
    this.#readInputs(sequences, captures);
    const received = inboxes.map((argument) => this.#receive(argument));
    this.#readPast();
    const body = lowerBlock(this.#block(received));
    statements.push(...this.#before, { kind: "loop", loop: this.#loop, count: length, reverse, body });
    const all = [...this.#finals, ...(this.#sequences as View[])];
    return { result: (index) => all[index] as View, isAlone: (index) => this.#alone.has(index) };
  }

  get #body(): Body {
    return this.#scan.attributes.body;
  }

  /** The part of a sequence that belongs to the step of the loop, or to one at a distance from it. */
  #slot(sequence: View, shift: Dimension = 0): View {
    return sliceAtCounter(sequence, this.#loop, shift);
  }

  /** Whether later steps read an output. */
  #isHistory(output: number): boolean {
    return this.#reads.some(({ attributes }) => attributes.output === output);
  }

  #placeState(argument: Node, index: number): void {
    const { lowering } = this.#context;
    const next = this.#body.next[index] as Node;
    const first = this.#operand(scanInputs(this.#scan).init[index] as Node);
    const early = this.#outputsOf(argument);
    const late = this.#outputsOf(next);
    if (early.length + late.length > 0) {
      this.#placeKeptState(argument, next, first);
      return;
    }
    const storage = lowering.tensor(argument.shape, argument.dtype, "state");
    this.#before.push(copyStatement(first, storage));
    this.#leaves.set(argument, storage);
    this.#updates.push({ leaf: argument, storage, value: next });
    this.#finals.push(storage);
  }

  /** The outputs without a place that are this value of the step, and nothing else. */
  #outputsOf(value: Node): number[] {
    return this.#body.outputs.flatMap((output, at) =>
      output === value && !this.#isHistory(at) && !this.#sequences[at] ? [at] : [],
    );
  }

  /** A state in T + 1 slots, which outputs share: a step reads one and writes the next. */
  #placeKeptState(argument: Node, next: Node, first: Operand): void {
    const { lowering } = this.#context;
    const { length, reverse } = this.#scan.attributes;
    const slots = [addDimensions(length, 1), ...argument.shape];
    const all = wholeBuffer(lowering.buffer(sizeOf(slots), "states"), slots, argument.dtype);
    const [early, late] = [sliceAxis(all, 0, 0, length), sliceAxis(all, 0, 1, length)];
    const [read, written] = reverse ? [late, early] : [early, late];
    this.#before.push(copyStatement(first, sliceFirst(all, reverse ? length : 0)));
    this.#leaves.set(argument, this.#slot(read));
    this.#results.push({ node: next, to: this.#slot(written) });
    this.#finals.push(sliceFirst(all, reverse ? 0 : length));
    for (const at of this.#outputsOf(argument)) this.#sequences[at] = read;
    for (const at of this.#outputsOf(next)) this.#sequences[at] = written;
  }

  /** An output with a sequence of its own: where the block around wants it, after zeros for the past, or anywhere. */
  #placeOutput(output: Node, at: number): void {
    const index = this.#body.next.length + at;
    const padding = this.#reads.reduce(
      (most, { inputs, attributes }) =>
        inputs.length === 0 && attributes.output === at ? Math.max(most, attributes.distance) : most,
      0,
    );
    this.#alone.add(index);
    if (padding === 0) this.#sequences[at] = this.#surroundings.wanted.get(index);
    if (this.#isHistory(at)) this.#sequences[at] ??= this.#padded(output, padding);
    const known = this.#sequences[at];
    this.#results.push({ node: output, to: known ? this.#slot(known) : this.#openPlace(output, at, index) });
  }

  /** A sequence with steps of zeros before its start. */
  #padded({ shape, dtype }: Node, padding: number): View {
    const { lowering } = this.#context;
    const { length, reverse } = this.#scan.attributes;
    const slots = [addDimensions(length, padding), ...shape];
    const all = wholeBuffer(lowering.buffer(sizeOf(slots), "outputs"), slots, dtype);
    if (padding > 0) {
      const zeros = sliceAxis(all, 0, reverse ? length : 0, padding);
      this.#before.push(copyStatement({ scalar: 0, dtype }, zeros));
    }
    return sliceAxis(all, 0, reverse ? 0 : padding, length);
  }

  #openPlace({ shape, dtype }: Node, at: number, index: number): OpenPlace {
    const { length } = this.#scan.attributes;
    const whole = (over: View) => alongCounter(over, this.#loop, length);
    return {
      fits: (over) => this.#surroundings.canStand(index, whole(over)),
      settle: (over) => {
        const sequence = over
          ? whole(over)
          : this.#context.lowering.tensor([length, ...shape], dtype, "outputs");
        this.#sequences[at] = sequence;
        return this.#slot(sequence);
      },
    };
  }

  #readInputs(slices: readonly Node[], captures: readonly Node[]): void {
    const inputs = scanInputs(this.#scan);
    slices.forEach((argument, index) => {
      const sequence = inputs.sequences[index] as Node;
      const whole = this.#operand(sequence);
      this.#leaves.set(argument, isScalar(whole) ? whole : this.#slot(whole));
      if (this.#surroundings.dies(sequence)) this.#dying.add(argument);
    });
    captures.forEach((argument, index) => {
      this.#leaves.set(argument, this.#operand(inputs.captures[index] as Node));
    });
  }

  /** The inboxes of all steps, of which a step reads its own. */
  #receive(argument: Node): View {
    const { shape, dtype } = argument;
    const inbox = this.#context.lowering.tensor([this.#scan.attributes.length, ...shape], dtype, "inbox");
    this.#before.push(copyStatement({ scalar: 0, dtype }, inbox));
    this.#leaves.set(argument, this.#slot(inbox));
    return inbox;
  }

  /** Reads of the past at a distance are views; those by index are statements of the step. */
  #readPast(): void {
    for (const read of this.#reads.filter(({ inputs }) => inputs.length === 0)) {
      const { output, distance } = read.attributes;
      const shift = this.#scan.attributes.reverse ? distance : -distance;
      this.#leaves.set(read, this.#slot(this.#sequences[output] as View, shift));
    }
  }

  #block(inboxes: readonly View[]): Block {
    const { length, reverse } = this.#scan.attributes;
    const history = new Map(this.#sequences.flatMap((view, at) => (view ? [[at, view] as const] : [])));
    return {
      leaves: this.#leaves,
      dying: this.#dying,
      results: this.#results,
      updates: this.#updates,
      sends: this.#body.sends.map(({ inbox, index, value }) => ({
        inbox: inboxes[inbox] as View,
        index,
        value,
      })),
      loop: { loop: this.#loop, reverse, length, history },
    };
  }
}
