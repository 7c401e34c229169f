/**
 * What depends on variables alone that a program does not change is computed once, not at every call, such as weights
 * joined or transposed. It is done again when somebody gives such a variable another value.
 */

import { readBuffers, readViews, writtenBuffers, writtenViews } from "../loops/effects.ts";
import {
  type Buffer,
  isScalar,
  isSimple,
  type LoweredProgram,
  type Simple,
  type Statement,
  simpleStatements,
} from "../loops/program.ts";

/** The program with such statements in its setup, and the buffers that they fill kept from call to call. */
export function computeOnce(program: LoweredProgram): LoweredProgram {
  const { fixed } = program;
  const writers = new Map<Buffer, Simple[]>();
  for (const statement of simpleStatements(program.statements)) {
    for (const buffer of [...writtenBuffers([statement])])
      writers.set(buffer, [...(writers.get(buffer) ?? []), statement]);
  }
  const lasting = new Set(fixed);
  const moved = new Set<Statement>();
  const isFixed = (statement: Statement): statement is Simple => {
    if (!isSimple(statement) || !isSizeFree(statement)) return false;
    // What it adds to must last as well, which its writers decide.
    const written = writtenBuffers([statement]);
    const isRead = [...readBuffers([statement])].every(
      (buffer) => lasting.has(buffer) || written.has(buffer),
    );
    return isRead && [...written].every(({ kind, size }) => kind === "temporary" && typeof size === "number");
  };
  for (let grown = true; grown; ) {
    grown = false;
    const candidates = new Set<Statement>(program.statements.filter(isFixed));
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
      if ([...writtenBuffers([statement])].every((buffer) => lasting.has(buffer))) moved.add(statement);
    }
  }
  for (const buffer of lasting) if (!fixed.has(buffer)) buffer.kind = "lasting";
  return {
    ...program,
    setup: program.statements.filter((statement) => moved.has(statement)),
    statements: program.statements.filter((statement) => !moved.has(statement)),
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
