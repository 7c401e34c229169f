/**
 * The checker of the loops: what a legal lowered program is, for those who write passes over it. It looks at each statement
 * and at the order of them, not at what they compute.
 */

import { GraphError } from "../../errors.ts";
import {
  addDimensions,
  type Dimension,
  isPositive,
  multiplyDimensions,
  printShape,
  type Shape,
  sameShape,
  subtractDimensions,
} from "../../graph/dimension.ts";
import { readViews, writtenBuffers, writtenViews } from "./effects.ts";
import { isInArena } from "./memory.ts";
import {
  type BlocksStatement,
  type Buffer,
  isScalar,
  type LoopStatement,
  type LoweredProgram,
  type MapStatement,
  type Operand,
  type Simple,
  type Split,
  type Statement,
  type View,
} from "./program.ts";
import { splitAxis } from "./split.ts";

/** Throws GraphError, naming the statement and the problem, where a lowered program is not legal. */
export function checkLoops(program: LoweredProgram): void {
  const check = new LoopCheck(program);
  check.statements(program.setup, [], undefined);
  check.statements(program.statements, [], undefined);
  for (const view of program.results) check.isFilled("the program's result", view);
}

type Around = readonly LoopStatement[];

class LoopCheck {
  readonly #buffers: ReadonlySet<Buffer>;
  /** Those that the memory plan has a place for; undefined where there is no plan yet. */
  readonly #planned: ReadonlySet<Buffer> | undefined;
  /** Those in which something stands by now. */
  readonly #filled = new Set<Buffer>();

  constructor({ buffers, lifetimes }: LoweredProgram) {
    this.#buffers = new Set(buffers);
    this.#planned = lifetimes && new Set(lifetimes.map(({ buffer }) => buffer));
    for (const buffer of buffers)
      if (["variable", "input", "steady"].includes(buffer.kind)) this.#filled.add(buffer);
  }

  statements(list: readonly Statement[], around: Around, blocks: BlocksStatement | undefined): void {
    for (const statement of list) {
      if (statement.kind === "barrier") {
        if (around.some(({ alone }) => alone)) fail("barrier", "it stands in a loop of one thread");
      } else if (statement.kind === "loop") {
        if (around.some(({ loop }) => loop === statement.loop))
          fail(`loop ${statement.loop}`, "it stands within itself");
        this.statements(statement.body, [...around, statement], blocks);
      } else if (statement.kind === "blocks") {
        if (statement.split) checkSplit("blocks", statement, statement.split);
        this.statements(statement.body, around, statement);
      } else this.#simple(statement, around, blocks);
    }
  }

  #simple(statement: Simple, around: Around, blocks: BlocksStatement | undefined): void {
    const written = writtenViews(statement);
    const where = `${statement.kind} to ${written.map(({ buffer }) => nameOf(buffer)).join(", ")}`;
    const read = readViews(statement);
    for (const view of [...read, ...written]) this.#place(where, view, around);
    for (const view of read) if (!readsEarlierSteps(statement, view, around)) this.isFilled(where, view);
    for (const { buffer } of written) if (buffer) this.#filled.add(buffer);
    if (statement.split) checkSplit(where, statement, statement.split);
    if (statement.kind === "map") checkMap(where, statement, blocks);
  }

  /** Something must stand where a view is read. */
  isFilled(where: string, { buffer }: View): void {
    if (buffer && !this.#filled.has(buffer))
      fail(where, `${nameOf(buffer)} is read, and never written before`);
  }

  /** A view must lie in a buffer of the program, and move with the loops around it alone. */
  #place(where: string, view: View, around: Around): void {
    const { buffer, offset } = view;
    if (!buffer) return;
    if (!this.#buffers.has(buffer)) fail(where, `${nameOf(buffer)} is no buffer of the program`);
    if (this.#planned && isInArena(buffer) && !this.#planned.has(buffer))
      fail(where, `${nameOf(buffer)} has no place in the memory plan`);
    const counts = offset.counters.map(({ loop, stride }) => {
      const count = around.find((other) => other.loop === loop)?.count;
      return {
        stride,
        size: count ?? fail(where, `${nameOf(buffer)} moves with loop ${loop}, which is not around`),
      };
    });
    // A buffer of blocks is indexed by rows of the block.
    if (buffer.block) return;
    const axes = view.shape.map((size, axis) => ({ size, stride: view.strides[axis] ?? 0 }));
    checkRange(where, buffer, offset.base, [...counts, ...axes]);
  }
}

/** Whether a view holds what earlier steps of a loop wrote, by index: the first step finds nothing, and asks for nothing. */
function readsEarlierSteps(statement: Simple, { buffer }: View, around: Around): boolean {
  if (statement.kind !== "gather" || !buffer || statement.table.buffer !== buffer) return false;
  const moving = [...statement.first.counters, ...statement.end.counters];
  return around.some(
    (loop) => moving.some((counter) => counter.loop === loop.loop) && writtenBuffers([loop]).has(buffer),
  );
}

interface Axis {
  readonly size: Dimension;
  readonly stride: Dimension;
}

/** No element may lie outside of its buffer, as far as this can be told of all sizes from 1 on. */
function checkRange(where: string, buffer: Buffer, base: Dimension, axes: readonly Axis[]): void {
  let [first, last] = [base, base];
  for (const { size, stride } of axes) {
    const reach = multiplyDimensions(subtractDimensions(size, 1), stride);
    if (isPositive(reach)) last = addDimensions(last, reach);
    else if (isPositive(multiplyDimensions(-1, reach))) first = addDimensions(first, reach);
  }
  if (isPositive(multiplyDimensions(-1, first)))
    fail(where, `element ${first} of ${nameOf(buffer)} is touched`);
  if (isPositive(subtractDimensions(addDimensions(last, 1), buffer.size)))
    fail(where, `element ${last} of ${nameOf(buffer)} of ${buffer.size} is touched`);
}

/** The axis of a split must be there, and not be summed over. */
function checkSplit(where: string, statement: Simple | BlocksStatement, { axis, grain }: Split): void {
  if (!(Number.isInteger(grain) && grain > 0)) fail(where, `it is split in lots of ${grain}`);
  const name = typeof axis === "object" ? `outer axis ${axis.outer}` : `axis ${axis}`;
  if (!hasAxis(statement, axis)) fail(where, `it is split along ${name}, which it lacks`);
  if (statement.kind === "map" && statement.reduced.includes(axis as number))
    fail(where, `it is split along ${name}, which it sums over`);
}

function hasAxis(statement: Simple | BlocksStatement, axis: Split["axis"]): boolean {
  switch (statement.kind) {
    case "blocks":
      return axis === "rows";
    case "pack":
      return axis === "n";
    case "product":
      return splitAxis(statement, axis) !== undefined;
    case "map":
      return statement.space[axis as number] !== undefined;
    default:
      return statement.index.shape[axis as number] !== undefined;
  }
}

/** Every node must find its inputs, and every view must have the shape of the nest. */
function checkMap(where: string, statement: MapStatement, blocks: BlocksStatement | undefined): void {
  const { space, reduced, nodes, operands, writes } = statement;
  const kept = space.filter((_, axis) => !reduced.includes(axis));
  const fits = (shape: Shape, expected: Shape) =>
    sameShape(blocks ? shape.slice(1) : shape, blocks ? expected.slice(1) : expected);
  const checkShape = (operand: Operand, expected: Shape) => {
    if (isScalar(operand) || fits(operand.shape, expected)) return;
    fail(where, `${nameOf(operand.buffer)} is ${printShape(operand.shape)} over ${printShape(expected)}`);
  };
  const done = new Set<object>();
  for (const node of nodes) {
    const missing = node.inputs.find((input) => !done.has(input) && !operands.has(input));
    if (missing) fail(where, `${node.op} ${node.id} reads ${missing.op} ${missing.id}, which is nowhere`);
    done.add(node);
  }
  for (const operand of operands.values()) checkShape(operand, space);
  for (const { from, to } of writes) {
    const isNode = "op" in from;
    if (isNode && !done.has(from)) fail(where, `${from.op} ${from.id} is written, and not computed`);
    if (!isNode) checkShape(from, space);
    checkShape(to, isNode && to.shape.length < space.length ? kept : space);
    if (to.dtype !== from.dtype) fail(where, `${from.dtype} goes to ${nameOf(to.buffer)} of ${to.dtype}`);
  }
}

function nameOf(buffer: Buffer | undefined): string {
  return buffer ? `${buffer.label}#${buffer.id}` : "positions";
}

function fail(where: string, problem: string): never {
  throw new GraphError(`${where}: ${problem}`);
}
