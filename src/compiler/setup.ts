/**
 * What depends on variables alone that a program does not change is computed once, not at every call: weights packed for
 * the products' inner loop, joined or transposed. It is done again when somebody gives such a variable another value.
 */

import {
  type Buffer,
  isScalar,
  type LoweredProgram,
  type PackStatement,
  type Simple,
  type Statement,
  simpleStatements,
  type View,
} from "./loops.ts";
import { readViews, writtenViews } from "./memory.ts";
import { packedSize, packKey } from "./products.ts";

/** The program with such statements in its setup, and the buffers that they fill kept from call to call. */
export function moveSetup(program: LoweredProgram, fixed: ReadonlySet<Buffer>): LoweredProgram {
  const writers = new Map<Buffer, Simple[]>();
  for (const statement of simpleStatements(program.statements)) {
    for (const buffer of held(writtenViews(statement)))
      writers.set(buffer, [...(writers.get(buffer) ?? []), statement]);
  }
  const lasting = new Set(fixed);
  const moved = new Set<Statement>();
  const isFixed = (statement: Statement): statement is Simple => {
    if (statement.kind === "loop" || statement.kind === "barrier" || !isSizeFree(statement)) return false;
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
      if (held(writtenViews(statement as Simple)).every((buffer) => lasting.has(buffer)))
        moved.add(statement);
    }
  }
  for (const buffer of lasting) if (!fixed.has(buffer)) buffer.kind = "lasting";
  const rest = program.statements.filter((statement) => !moved.has(statement));
  const buffers = [...program.buffers];
  const [packs, statements] = packLasting(rest, lasting, buffers);
  return {
    ...program,
    buffers,
    setup: [...program.statements.filter((statement) => moved.has(statement)), ...packs],
    statements,
  };
}

/** Products whose right-hand side lasts read it packed: the packs, and the statements that use them. */
function packLasting(
  statements: readonly Statement[],
  lasting: ReadonlySet<Buffer>,
  buffers: Buffer[],
): [PackStatement[], Statement[]] {
  const packs = new Map<string, PackStatement>();
  const change = (statement: Statement): Statement => {
    if (statement.kind === "loop") return { ...statement, body: statement.body.map(change) };
    if (statement.kind !== "product" || statement.packed || statement.outer.length > 0) return statement;
    const { b, k, n } = statement;
    if (!b.buffer || !lasting.has(b.buffer) || typeof packedSize(k.size, n.size) !== "number")
      return statement;
    const key = packKey(b, k, n);
    let pack = packs.get(key);
    if (!pack) {
      const packed: Buffer = {
        id: buffers.length,
        size: packedSize(k.size, n.size),
        kind: "lasting",
        leaf: undefined,
        label: `packed ${b.buffer.label}`,
      };
      buffers.push(packed);
      pack = { kind: "pack", b, k, n, packed };
      packs.set(key, pack);
    }
    return { ...statement, packed: pack.packed };
  };
  const changed = statements.map(change);
  return [[...packs.values()], changed];
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
