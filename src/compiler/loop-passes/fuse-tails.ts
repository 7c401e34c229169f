/**
 * Tails of products: a product and the loop nests that go on with its rows take turns, some rows at a time. The nests find
 * the rows in the cache, and what nobody else reads takes the room of these rows only. No row meets another, so the order
 * in which rows are done changes no bit.
 */

import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { readBuffers, writtenBuffers } from "../loops/effects.ts";
import {
  type BlocksStatement,
  type Buffer,
  isScalar,
  type LoweredProgram,
  type MapStatement,
  type Operand,
  type ProductStatement,
  type Statement,
  type View,
} from "../loops/program.ts";
import { firstRow, splitAlong, staysInRows } from "../loops/split.ts";
import { elementBytes, rowGrain, type Target } from "../target.ts";

/**
 * The most elements of all right-hand sides, which every block reads anew: half of the L2 cache, to stay there. With
 * 2 million of them blocks were 4 % slower than the whole, with up to these as fast within 2.3 %.
 */
function mostElements({ cache }: Target): number {
  return cache.level2 / 2 / elementBytes;
}

/**
 * The program with products and their tails in blocks. Steps of a loop are left as they are: what a step computes is in the
 * cache at its end, and blocks of 8 or 16 rows made LSTMs and GRUs no faster (bench/README.md).
 */
export function fuseTails(program: LoweredProgram, threads: number): LoweredProgram {
  const statements: Statement[] = [];
  const shrunk = new Map<Buffer, Buffer>();
  for (let at = 0; at < program.statements.length; ) {
    const rest = program.statements.slice(at);
    const blocks = withTail(rest, program.target);
    const count = blocks?.body.length ?? 1;
    const others = [...program.statements.slice(0, at), ...rest.slice(count)];
    statements.push(blocks ? shrink(blocks, others, threads, shrunk) : (rest[0] as Statement));
    at += count;
  }
  return { ...program, buffers: program.buffers.map((buffer) => shrunk.get(buffer) ?? buffer), statements };
}

type Rows = MapStatement | ProductStatement;
interface RowBlocks extends BlocksStatement {
  readonly body: readonly Rows[];
}

/** The product at the start of a list with as many statements as go on with its rows; undefined where none does. */
function withTail(statements: readonly Statement[], target: Target): RowBlocks | undefined {
  const [product] = statements;
  if (product?.kind !== "product") return undefined;
  const rows = product.m.size;
  const blockRows = target.tailRows;
  if (typeof rows === "number" && rows <= blockRows) return undefined;
  const body: Rows[] = [];
  let elements = 0;
  for (const statement of statements) {
    const next = alongRows(statement, rows, rowGrain(target));
    const written = writtenBuffers(body);
    if (!next || !staysInRows([...body, next])) break;
    elements += rightElements(next);
    const goesOn = body.length === 0 || [...readBuffers([next])].some((buffer) => written.has(buffer));
    if (!goesOn || elements > mostElements(target)) break;
    body.push(next);
  }
  return body.length > 1 ? { kind: "blocks", rows, size: blockRows, body } : undefined;
}

/** Elements of a product's right-hand side; too many where their number is not known yet. */
function rightElements(statement: Rows): number {
  if (statement.kind === "map") return 0;
  const elements = multiplyDimensions(statement.k.size, statement.n.size);
  return typeof elements === "number" ? elements : Number.POSITIVE_INFINITY;
}

/** A statement split along rows that are the first axis of all its views; undefined where it cannot be. */
function alongRows(statement: Statement, rows: Dimension, grain: number): Rows | undefined {
  if (statement.kind === "map") {
    const joined = joinAxes(statement, rows);
    return joined && { ...joined, split: splitAlong(joined, rows, grain) };
  }
  if (statement.kind !== "product" || statement.m.size !== rows || statement.outer.length > 0)
    return undefined;
  const { a, c, m, n, k } = statement;
  return {
    ...statement,
    a: { ...a, shape: [rows, k.size], strides: [m.a, k.a] },
    c: { ...c, shape: [rows, n.size], strides: [m.c, n.c] },
    split: splitAlong(statement, rows, grain),
  };
}

/** The same nest with its first axes as one of `size`; undefined where it sums over them or some view has gaps there. */
function joinAxes(nest: MapStatement, size: Dimension): MapStatement | undefined {
  const { space, reduced } = nest;
  let [count, product]: [number, Dimension] = [0, 1];
  while (count < space.length && product !== size) {
    product = multiplyDimensions(product, space[count] as Dimension);
    count += 1;
  }
  if (product !== size || reduced.some((axis) => axis < count)) return undefined;
  const kept = space.flatMap((own, axis) => (axis < count && own !== 1 ? [axis] : []));
  let hasGaps = false;
  const joined = withViews(nest, (view) => {
    hasGaps ||= kept.slice(1).some((axis, before) => {
      const inner = multiplyDimensions(view.strides[axis] as Dimension, space[axis] as Dimension);
      return view.strides[kept[before] as number] !== inner;
    });
    const stride = view.strides[kept.at(-1) ?? 0] as Dimension;
    return {
      ...view,
      shape: [size, ...view.shape.slice(count)],
      strides: [stride, ...view.strides.slice(count)],
    };
  });
  const axes = reduced.map((axis) => axis - count + 1);
  return hasGaps ? undefined : { ...joined, space: [size, ...space.slice(count)], reduced: axes };
}

/** A statement with other views; the right-hand side of a product, which has no rows, stays. */
function withViews<S extends Rows>(statement: S, change: (view: View) => View): S {
  if (statement.kind === "product") return { ...statement, a: change(statement.a), c: change(statement.c) };
  const changed = (operand: Operand) => (isScalar(operand) ? operand : change(operand));
  return {
    ...statement,
    operands: new Map([...statement.operands].map(([node, operand]) => [node, changed(operand)])),
    writes: statement.writes.map(({ from, to, wide }) => ({
      from: "op" in from ? from : changed(from),
      to: change(to),
      wide: wide && change(wide),
    })),
  };
}

/** Blocks whose own buffers, which no other statement touches, hold the rows of one block for each thread. */
function shrink(
  blocks: RowBlocks,
  others: readonly Statement[],
  threads: number,
  shrunk: Map<Buffer, Buffer>,
): RowBlocks {
  const elsewhere = new Set([...readBuffers(others), ...writtenBuffers(others)]);
  const written = writtenBuffers(blocks.body);
  const isOwn = (buffer: Buffer, { offset, strides }: View): boolean =>
    buffer.kind === "temporary" &&
    written.has(buffer) &&
    !elsewhere.has(buffer) &&
    firstRow(offset, blocks.rows, strides[0] as Dimension) === 0;
  const small = (view: View): View => {
    const { buffer, strides, shape } = view;
    if (!buffer || !isOwn(buffer, view)) return view;
    const size = multiplyDimensions(threads * blocks.size, strides[0] as Dimension);
    const made = shrunk.get(buffer) ?? { ...buffer, size, block: blocks.size };
    shrunk.set(buffer, made);
    return { ...view, buffer: made, shape: [blocks.size, ...shape.slice(1)] };
  };
  return { ...blocks, body: blocks.body.map((statement) => withViews(statement, small)) };
}
