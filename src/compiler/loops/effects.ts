/** What statements read and write: the views, and the buffers under them. */

import { isKind } from "../../graph/node.ts";
import {
  type Buffer,
  isScalar,
  isTrailing,
  type Operand,
  type Simple,
  type Statement,
  simpleStatements,
  type View,
} from "./program.ts";
import { wholeBuffer } from "./view.ts";

const viewsOf = (operand: Operand): View[] => (isScalar(operand) || !operand.buffer ? [] : [operand]);
const wholeView = (buffer: Buffer): View => wholeBuffer(buffer, [buffer.size], "float32");

export function readViews(statement: Simple): View[] {
  switch (statement.kind) {
    case "map": {
      const copied = statement.writes.flatMap(({ from }) => ("op" in from ? [] : viewsOf(from)));
      const isAdded = !isTrailing(statement.reduced, statement.space.length);
      const accumulated = statement.writes.flatMap(({ from, to }) =>
        isAdded && "op" in from && isKind(from, "reduction") ? [to] : [],
      );
      return [...[...statement.operands.values()].flatMap(viewsOf), ...copied, ...accumulated];
    }
    case "product": {
      const right = statement.packed ? wholeView(statement.packed) : statement.b;
      return [statement.a, right, ...(statement.accumulate ? [statement.c] : [])];
    }
    case "pack":
      return [statement.b];
    case "gather":
      return [statement.table, statement.index];
    case "scatter":
      return [statement.table, statement.index, statement.rows];
  }
}

export function writtenViews(statement: Simple): View[] {
  switch (statement.kind) {
    case "map":
      return statement.writes.flatMap(({ to, wide }) => (wide ? [to, wide] : [to]));
    case "product":
      return [statement.c];
    case "pack":
      return [wholeView(statement.packed)];
    case "gather":
      return [statement.rows];
    case "scatter":
      return statement.wide ? [statement.table, wholeView(statement.wide)] : [statement.table];
  }
}

const held = (views: readonly View[]) => new Set(views.flatMap(({ buffer }) => (buffer ? [buffer] : [])));

/** The buffers that some of the statements read. */
export function readBuffers(statements: readonly Statement[]): Set<Buffer> {
  return held(simpleStatements(statements).flatMap(readViews));
}

/** The buffers that some of the statements write. */
export function writtenBuffers(statements: readonly Statement[]): Set<Buffer> {
  return held(simpleStatements(statements).flatMap(writtenViews));
}
