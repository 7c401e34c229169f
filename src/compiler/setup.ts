/**
 * What depends on variables alone that a program does not change is computed once, not at every call: weights packed for
 * the products' inner loop, joined or transposed. It is done again when somebody gives such a variable another value.
 */

import {
  type Buffer,
  isScalar,
  type LoweredProgram,
  type Simple,
  type Statement,
  simpleStatements,
  type View,
} from "./loops.ts";
import { readViews, writtenViews } from "./memory.ts";

/** The program with such statements in its setup, and the buffers that they fill kept from call to call. */
export function moveSetup(program: LoweredProgram, fixed: ReadonlySet<Buffer>): LoweredProgram {
  const writers = new Map<Buffer, Simple[]>();
  for (const statement of simpleStatements([...program.setup, ...program.statements])) {
    for (const buffer of held(writtenViews(statement)))
      writers.set(buffer, [...(writers.get(buffer) ?? []), statement]);
  }
  const lasting = new Set(fixed);
  const moved = new Set<Simple>(program.setup as Simple[]);
  const isFixed = (statement: Simple) => {
    if (!isSizeFree(statement)) return false;
    const isRead = held(readViews(statement)).every((buffer) => lasting.has(buffer));
    return (
      isRead &&
      held(writtenViews(statement)).every(
        ({ kind, size }) => kind === "temporary" && typeof size === "number",
      )
    );
  };
  for (let grown = true; grown; ) {
    grown = false;
    const candidates = new Set(
      program.statements.filter(
        (statement): statement is Simple =>
          statement.kind !== "loop" && statement.kind !== "barrier" && isFixed(statement),
      ),
    );
    for (const [buffer, list] of writers) {
      if (
        lasting.has(buffer) ||
        !list.every((statement) => candidates.has(statement) || moved.has(statement))
      )
        continue;
      lasting.add(buffer);
      grown = true;
    }
    for (const statement of candidates) {
      if (held(writtenViews(statement)).every((buffer) => lasting.has(buffer))) moved.add(statement);
    }
  }
  for (const buffer of lasting) if (!fixed.has(buffer)) buffer.kind = "lasting";
  const isMoved = (statement: Statement) => moved.has(statement as Simple);
  return {
    ...program,
    // What lowering put there reads variables alone; what is moved there may read that.
    setup: [...program.setup, ...program.statements.filter(isMoved)],
    statements: program.statements.filter((statement) => !isMoved(statement)),
  };
}

/** Whether a statement is the same for all sizes that a call may bring. */
function isSizeFree(statement: Simple): boolean {
  const views = [...readViews(statement), ...writtenViews(statement)];
  const dimensions = views.flatMap(({ offset, shape, strides }) => [offset.base, ...shape, ...strides]);
  if (statement.kind === "map") {
    for (const operand of [...statement.operands.values(), ...statement.writes.map(({ from }) => from)]) {
      if (!("op" in operand) && isScalar(operand) && typeof operand.scalar !== "number") return false;
    }
    dimensions.push(...statement.space);
  }
  return dimensions.every((dimension) => typeof dimension === "number");
}

function held(views: readonly View[]): Buffer[] {
  return views.flatMap(({ buffer }) => (buffer ? [buffer] : []));
}
