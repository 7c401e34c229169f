/** What a traced function expects of the numbers in its inputs, beyond shapes: whoever is given the numbers checks them. */

import { addDimensions, type Dimension, sizeOf, subtractDimensions } from "../graph/dimension.ts";
import { isKind, isOp, type Node } from "../graph/node.ts";
import type { OfKind, Operation } from "../graph/operations.ts";
import { currentTrace } from "./current.ts";
import type { Tensor } from "./tensor.ts";

/** Positions along an axis; those that the axis does not have count for nothing. */
export interface Range {
  readonly start: Dimension;
  readonly size: Dimension;
}

/** A part of a tensor: the positions along each axis; undefined for all. */
type Part = readonly (Range | undefined)[];

/** Every element of a part of an input is from `least` to `most`, or is `except`. */
export interface Expectation {
  /** An input of the function; while a step is traced also an argument of it. */
  readonly input: Node;
  readonly part: Part;
  readonly least: Dimension;
  readonly most: Dimension;
  /** A number outside of the limits that is fine too, such as the target that a loss ignores. */
  readonly except: number | undefined;
}

/**
 * The elements of the tensor that come from inputs of the function that is being traced have to be from `least` to `most`,
 * or `except`. Elements come from an input if the tensor is the input, or if layout operations made it from one (reshape,
 * transpose, broadcast, flip, slice, pad, concat). In a step of a scan the slices of such a sequence do too, and such first
 * states. If an input is cut, only the elements that are left are looked at.
 *
 * What a function computes is not looked at, whether by arithmetic or by `where`. So these are not: the sequences and states of
 * a scan with lengths, the states of a scan with a checkpoint, and a slice along an axis that a reshape made from other axes.
 */
export function expectWithin({ node }: Tensor, least: Dimension, most: Dimension, except?: number): void {
  const part = node.shape.map(() => undefined);
  expectOf(node, part, { least, most, except });
}

/**
 * At the end of a step: what it expects of its arguments holds for what they stand for, sequences at every step, or initial
 * states.
 */
export function expectOfScan(sequences: ReadonlyMap<Node, Node>, init: ReadonlyMap<Node, Node>): void {
  const trace = currentTrace();
  for (const expectation of trace?.expectations.splice(0) ?? []) {
    const { input, part, ...limits } = expectation;
    const [sequence, state] = [sequences.get(input), init.get(input)];
    if (sequence) expectOf(sequence, [undefined, ...part], limits);
    else if (state) expectOf(state, part, limits);
    else trace?.expectations.push(expectation);
  }
}

/** Looks from a part of a node down to the inputs that its elements come from. */
function expectOf(node: Node, part: Part, limits: Omit<Expectation, "input" | "part">): void {
  if (isOp(node, "input") || isOp(node, "argument")) {
    const expectation: Expectation = { input: node, part, ...limits };
    const known = currentTrace()?.expectations;
    const key = JSON.stringify({ part, ...limits });
    const isKnown = known?.some(({ input, ...rest }) => input === node && JSON.stringify(rest) === key);
    if (!isKnown) known?.push(expectation);
    return;
  }
  partsOf(node, part).forEach((below, index) => {
    if (below) expectOf(node.inputs[index] as Node, below, limits);
  });
}

/** The parts of a node's inputs that get to a part of it; undefined where that cannot be told. */
function partsOf(node: Node, part: Part): readonly (Part | undefined)[] {
  if (!isKind(node, "view") && !isKind(node, "assembly")) return [];
  return (partRules[node.op] as PartRule<Operation>)(node, part);
}

type PartRule<Op extends Operation> = (node: Node<Op>, part: Part) => readonly (Part | undefined)[];

const partRules: { readonly [Op in OfKind<"view" | "assembly">]: PartRule<Op> } = {
  reshape(node, part) {
    // An axis of the same size and stride is the same axis.
    const source = node.inputs[0] as Node;
    const below: (Range | undefined)[] = source.shape.map(() => undefined);
    const fits = part.every((range, at) => {
      if (!range) return true;
      const axis = source.shape.findIndex(
        (size, other) => size === node.shape[at] && strideAt(source, other) === strideAt(node, at),
      );
      below[axis] = range;
      return axis >= 0;
    });
    return [fits ? below : undefined];
  },
  transpose: ({ attributes: { permutation } }, part) => [
    permutation.map((_, axis) => part[permutation.indexOf(axis)]),
  ],
  broadcast: ({ attributes: { axes } }, part) => [axes.map((axis) => part[axis])],
  slice: ({ attributes: { axis, start, size } }, part) => [
    along(part, axis, (range) => (range ? moved(range, start) : { start, size })),
  ],
  flip({ shape, attributes: { axis } }, part) {
    const fromEnd = ({ start, size }: Range) =>
      subtractDimensions(shape[axis] as Dimension, addDimensions(start, size));
    return [along(part, axis, (range) => range && { ...range, start: fromEnd(range) })];
  },
  pad: ({ attributes: { axis, before } }, part) => [
    along(part, axis, (range) => range && moved(range, subtractDimensions(0, before))),
  ],
  concat({ inputs, attributes: { axis } }, part) {
    let offset: Dimension = 0;
    return inputs.map(({ shape }) => {
      const before = subtractDimensions(0, offset);
      offset = addDimensions(offset, shape[axis] as Dimension);
      return along(part, axis, (range) => range && moved(range, before));
    });
  },
};

const along = (part: Part, axis: number, change: (range: Range | undefined) => Range | undefined): Part =>
  part.map((range, at) => (at === axis ? change(range) : range));
const moved = (range: Range, by: Dimension): Range => ({ ...range, start: addDimensions(range.start, by) });
const strideAt = ({ shape }: Node, axis: number) => sizeOf(shape.slice(axis + 1));
