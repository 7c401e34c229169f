/**
 * Splitting work over threads. Each statement is split along one axis, or done by the first thread alone; threads meet at
 * barriers where one would read what another writes. Rows of a batch never meet inside a scan, so a loop over time whose
 * statements all split along the batch needs no barrier within. No sum is split, so results are the same bits for any
 * number of threads.
 */

import type { Dimension } from "../../graph/dimension.ts";
import { readBuffers, writtenBuffers } from "../loops/effects.ts";
import {
  type BlocksStatement,
  type Buffer,
  isSimple,
  type LoopStatement,
  type LoweredProgram,
  type MapStatement,
  type RowsStatement,
  type Simple,
  type Split,
  type Statement,
  simpleStatements,
} from "../loops/program.ts";
import { splitAlong, splitSize, staysInRows } from "../loops/split.ts";
import { rowGrain, type Target } from "../target.ts";

/** The program with splits and barriers. */
export function splitWork(program: LoweredProgram): LoweredProgram {
  return { ...program, statements: inPhases(program.statements, program.target) };
}

/** Each statement split for itself, with barriers between those that touch what another writes, and one at the end. */
function inPhases(statements: readonly Statement[], target: Target): Statement[] {
  const result: Statement[] = [];
  let phase: Statement[] = [];
  for (const statement of statements) {
    if (statement.kind === "barrier") continue;
    const split: Statement =
      statement.kind === "loop"
        ? splitLoop(statement, target)
        : { ...statement, split: topSplit(statement, target) };
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
  if (haveSameParts(a, b) && staysInRows([a, b])) return false;
  const [readByA, readByB] = [readBuffers([a]), readBuffers([b])];
  const [writtenByA, writtenByB] = [writtenBuffers([a]), writtenBuffers([b])];
  const meet = (left: ReadonlySet<Buffer>, right: ReadonlySet<Buffer>) =>
    [...left].some((buffer) => right.has(buffer));
  return meet(writtenByA, readByB) || meet(writtenByA, writtenByB) || meet(readByA, writtenByB);
}

/** Whether what one thread does of both is at the same positions. */
function haveSameParts(a: Statement, b: Statement): boolean {
  if (!isSimple(a) || !isSimple(b) || !a.split || !b.split) return false;
  // Panels are no rows of a view: what a pack shares with others is not seen by its views.
  if (a.kind === "pack" || b.kind === "pack") return false;
  const [size, other] = [splitSize(a, a.split.axis), splitSize(b, b.split.axis)];
  return size === other && a.split.grain === b.split.grain;
}

function isAlone(statement: Statement): boolean {
  return statement.kind === "loop"
    ? statement.alone === true
    : statement.kind === "barrier" || statement.split === undefined;
}

/** How a statement outside of all loops is split: along its largest outer axis that is not summed over. */
function topSplit(statement: Simple | BlocksStatement, target: Target): Split | undefined {
  const columns: Split = { axis: "n", grain: target.product.panelColumns };
  switch (statement.kind) {
    case "blocks":
      return { axis: "rows", grain: rowGrain(target) };
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
      return wide ? columns : { axis: "m", grain: rowGrain(target) };
    }
    case "pack":
      return columns;
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
function splitLoop(loop: LoopStatement, target: Target): LoopStatement {
  const sizes = new Set(
    simpleStatements([loop]).flatMap((inner) => (inner.kind === "map" ? inner.space.slice(0, 1) : [])),
  );
  for (const batch of sizes) {
    if (batch === 1) continue;
    const split = alongBatch(loop, batch, rowGrain(target));
    if (split && staysInRows([split])) return split;
  }
  const isOverChunks = loop.body.some(({ kind }) => kind === "loop");
  return isOverChunks
    ? { ...loop, body: inPhases(loop.body, target), alone: false }
    : { ...loop, alone: true };
}

function alongBatch(loop: LoopStatement, batch: Dimension, grain: number): LoopStatement | undefined {
  const body: Statement[] = [];
  for (const statement of loop.body) {
    if (statement.kind === "barrier" || statement.kind === "blocks") return undefined;
    if (statement.kind === "loop") {
      const inner = alongBatch(statement, batch, grain);
      if (!inner) return undefined;
      body.push(inner);
    } else {
      const split = splitAlong(statement, batch, grain);
      if (!split) return undefined;
      body.push({ ...statement, split });
    }
  }
  return { ...loop, body, alone: false };
}
