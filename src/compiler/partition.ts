/**
 * Splitting work over threads. Each statement is split along one axis, or done by the first thread alone; threads meet at
 * barriers where one would read what another writes. Rows of a batch never meet inside a scan, so a loop over time whose
 * statements all split along the batch needs no barrier within. No sum is split, so results are the same bits for any
 * number of threads.
 */

import type { Dimension } from "../graph/dimension.ts";
import {
  type Buffer,
  type LoopStatement,
  type LoweredProgram,
  type MapStatement,
  type RowsStatement,
  type Simple,
  type Split,
  type Statement,
  simpleStatements,
  type View,
} from "./loops.ts";
import { readViews, writtenViews } from "./memory.ts";

/** Rows that a thread takes together, so that register tiles stay whole. */
const rowGrain = 4;
const panelGrain = 8;

/** The program with splits and barriers. */
export function partition(program: LoweredProgram): LoweredProgram {
  return { ...program, statements: inPhases(program.statements) };
}

/** Each statement split for itself, with barriers between those that touch what another writes, and one at the end. */
function inPhases(statements: readonly Statement[]): Statement[] {
  const result: Statement[] = [];
  let phase: Statement[] = [];
  for (const statement of statements) {
    if (statement.kind === "barrier") continue;
    const split: Statement =
      statement.kind === "loop" ? splitLoop(statement) : { ...statement, split: topSplit(statement) };
    if (phase.some((other) => conflict(other, split))) {
      result.push({ kind: "barrier" });
      phase = [];
    }
    result.push(split);
    phase.push(split);
  }
  return [...result, { kind: "barrier" }];
}

/** Whether two statements may not run at the same time: one writes what the other touches, in another thread. */
function conflict(a: Statement, b: Statement): boolean {
  if (isAlone(a) && isAlone(b)) return false;
  const [readByA, writtenByA] = buffersOf(a);
  const [readByB, writtenByB] = buffersOf(b);
  const meet = (left: ReadonlySet<Buffer>, right: ReadonlySet<Buffer>) =>
    [...left].some((buffer) => right.has(buffer));
  return meet(writtenByA, readByB) || meet(writtenByA, writtenByB) || meet(readByA, writtenByB);
}

function isAlone(statement: Statement): boolean {
  return statement.kind === "loop"
    ? statement.alone === true
    : statement.kind === "barrier" || statement.split === undefined;
}

function buffersOf(statement: Statement): [ReadonlySet<Buffer>, ReadonlySet<Buffer>] {
  const held = (views: readonly View[]) => views.flatMap(({ buffer }) => (buffer ? [buffer] : []));
  const simple = simpleStatements([statement]);
  return [
    new Set(simple.flatMap((inner) => held(readViews(inner)))),
    new Set(simple.flatMap((inner) => held(writtenViews(inner)))),
  ];
}

/** How a statement outside of all loops is split: along its largest outer axis that is not summed over. */
function topSplit(statement: Simple): Split | undefined {
  switch (statement.kind) {
    case "map":
      return mapSplit(statement);
    case "product": {
      const { m, n, outer } = statement;
      if (outer.length > 0) {
        const axis = outer.findIndex(({ c }) => c !== 0);
        return axis < 0 ? undefined : { axis: { outer: axis }, grain: 1 };
      }
      // The other side is laid out for the inner loop by every thread: split the larger one.
      const wide = typeof n.size === "number" && typeof m.size === "number" && n.size > m.size;
      return wide ? { axis: "n", grain: panelGrain } : { axis: "m", grain: rowGrain };
    }
    case "pack":
      return { axis: "n", grain: panelGrain };
    case "gather":
      return rowsSplit(statement);
    case "scatter":
      return undefined;
  }
}

function mapSplit({ space, reduced, writes }: MapStatement): Split | undefined {
  const isCopyOfOne = space.every((size) => size === 1);
  const axis = space.findIndex((size, at) => size !== 1 && !reduced.includes(at));
  return axis < 0 || isCopyOfOne || writes.length === 0 ? undefined : { axis, grain: 1 };
}

function rowsSplit({ index }: RowsStatement): Split | undefined {
  const axis = index.shape.findIndex((size) => size !== 1);
  return axis < 0 ? undefined : { axis, grain: 1 };
}

/**
 * A loop split along the batch, if all of its statements can be. A loop over chunks of steps is long within: its threads
 * meet at every step. Any other loop is done by the first thread alone.
 */
function splitLoop(loop: LoopStatement): LoopStatement {
  const sizes = new Set(
    simpleStatements([loop]).flatMap((inner) => (inner.kind === "map" ? inner.space.slice(0, 1) : [])),
  );
  for (const batch of sizes) {
    if (batch === 1) continue;
    const split = alongBatch(loop, batch);
    if (split && staysInRows(split)) return split;
  }
  const isOverChunks = loop.body.some(({ kind }) => kind === "loop");
  return isOverChunks ? { ...loop, body: inPhases(loop.body), alone: false } : { ...loop, alone: true };
}

function alongBatch(loop: LoopStatement, batch: Dimension): LoopStatement | undefined {
  const body: Statement[] = [];
  for (const statement of loop.body) {
    if (statement.kind === "barrier") return undefined;
    if (statement.kind === "loop") {
      const inner = alongBatch(statement, batch);
      if (!inner) return undefined;
      body.push(inner);
    } else {
      const split = batchSplit(statement, batch);
      if (!split) return undefined;
      body.push({ ...statement, split });
    }
  }
  return { ...loop, body, alone: false };
}

function batchSplit(statement: Simple, batch: Dimension): Split | undefined {
  switch (statement.kind) {
    case "map": {
      const axis = statement.space.indexOf(batch);
      return axis < 0 || statement.reduced.includes(axis) ? undefined : { axis, grain: rowGrain };
    }
    case "product": {
      const outer = statement.outer.findIndex(({ size, c }) => size === batch && c !== 0);
      if (outer >= 0) return { axis: { outer }, grain: rowGrain };
      return statement.m.size === batch ? { axis: "m", grain: rowGrain } : undefined;
    }
    case "pack":
      return undefined;
    default: {
      const axis = statement.index.shape.indexOf(batch);
      return axis < 0 ? undefined : { axis, grain: rowGrain };
    }
  }
}

/**
 * Whether each thread touches only its own rows of what the loop writes: along the batch, all accesses to such a buffer
 * must go by the same stride.
 */
function staysInRows(loop: LoopStatement): boolean {
  const simple = simpleStatements([loop]);
  const written = new Set(simple.flatMap((inner) => writtenViews(inner).map(({ buffer }) => buffer)));
  const strides = new Map<Buffer, Dimension>();
  return simple.every((inner) =>
    accesses(inner).every(({ view, stride }) => {
      if (!view.buffer || !written.has(view.buffer)) return true;
      const known = strides.get(view.buffer) ?? stride;
      strides.set(view.buffer, known);
      return stride !== 0 && known === stride;
    }),
  );
}

/** The views that a statement touches, with their strides along its split axis. */
function accesses(statement: Simple): { view: View; stride: Dimension }[] {
  const { split } = statement;
  if (!split) return [];
  if (statement.kind === "product") {
    const { a, b, c, m, n, outer } = statement;
    const axis =
      split.axis === "m" ? m : split.axis === "n" ? n : outer[(split.axis as { outer: number }).outer];
    return [
      { view: a, stride: axis?.a ?? 0 },
      { view: b, stride: axis?.b ?? 0 },
      { view: c, stride: axis?.c ?? 0 },
    ];
  }
  if (statement.kind === "pack") return [];
  const axis = split.axis as number;
  const along = (view: View) => ({ view, stride: view.strides[axis] ?? 0 });
  if (statement.kind !== "map") return [statement.table, statement.index, statement.rows].map(along);
  const { reduced, writes, space } = statement;
  return [
    ...readViews(statement)
      .filter((view) => view.shape.length === space.length)
      .map(along),
    ...writes.map(({ to, from }) => {
      const isReduction = "op" in from && reduced.length > 0 && to.shape.length < space.length;
      const position = isReduction ? axis - reduced.filter((other) => other < axis).length : axis;
      return { view: to, stride: to.strides[position] ?? 0 };
    }),
  ];
}
