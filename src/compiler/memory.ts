/**
 * The memory plan: which buffers are alive at which statements, and, once sizes are known, where each stands. Buffers
 * that are never alive together share memory.
 */

import { type Bindings, evaluateDimension } from "../graph/dimension.ts";
import { kinds } from "../graph/operations.ts";
import {
  type Buffer,
  isScalar,
  isTrailing,
  type Lifetime,
  type LoopStatement,
  type LoweredProgram,
  type Operand,
  type Simple,
  type Statement,
  simpleStatements,
  type View,
} from "./loops.ts";
import { wholeBuffer } from "./view.ts";

/** Alignment of buffers and the room behind each, in bytes: vector loads may reach past the last element. */
const alignment = 64;

/** The program with the lifetimes of its buffers. */
export function shareMemory(program: LoweredProgram): LoweredProgram {
  return { ...program, lifetimes: lifetimesOf(program) };
}

const isInArena = ({ kind }: Buffer) => kind !== "variable" && kind !== "lasting";

/**
 * Lifetimes of all buffers that the statements touch. In a program with barriers, everything between two of them happens
 * at the same time, and so does everything in blocks.
 */
function lifetimesOf({ buffers, statements }: LoweredProgram): Lifetime[] {
  const from = new Map<Buffer, number>();
  const to = new Map<Buffer, number>();
  const hasBarriers = statements.some(({ kind }) => kind === "barrier");
  let time = 0;
  const touch = (buffer: Buffer | undefined, first: number, last: number) => {
    if (!buffer) return;
    from.set(buffer, Math.min(from.get(buffer) ?? first, first));
    to.set(buffer, Math.max(to.get(buffer) ?? last, last));
  };
  /** Returns the buffers touched, with the span of statements within. */
  const visit = (list: readonly Statement[]): Set<Buffer> => {
    const touched = new Set<Buffer>();
    for (const statement of list) {
      const first = time;
      if (!hasBarriers || statement.kind === "barrier") time += 1;
      if (statement.kind === "barrier") continue;
      if (statement.kind === "loop") {
        const inside = visit(statement.body);
        // The next statement runs later, unless only a barrier makes it wait.
        const last = hasBarriers ? time : time - 1;
        // What is also touched outside of the loop, or carries from step to step, lives through the whole loop.
        for (const buffer of inside) {
          touched.add(buffer);
          if (isCarried(buffer, statement)) touch(buffer, first, last);
        }
        for (const buffer of inside) loopSpans.push({ buffer, first, last });
      } else {
        for (const buffer of [...readBuffers([statement]), ...writtenBuffers([statement])]) {
          touch(buffer, first, first);
          touched.add(buffer);
        }
      }
    }
    return touched;
  };
  const loopSpans: { buffer: Buffer; first: number; last: number }[] = [];
  visit(statements);
  // A buffer that is touched both inside and outside of a loop is needed for all of the loop.
  for (let changed = true; changed; ) {
    changed = false;
    for (const { buffer, first, last } of loopSpans) {
      const [start, end] = [from.get(buffer) as number, to.get(buffer) as number];
      const outside = start < first || end > last;
      if (outside && (start > first || end < last)) {
        touch(buffer, first, last);
        changed = true;
      }
    }
  }
  const end = hasBarriers ? time : time - 1;
  for (const buffer of buffers) {
    if (buffer.kind === "input") touch(buffer, -1, to.get(buffer) ?? -1);
    if (buffer.kind === "result") touch(buffer, from.get(buffer) ?? end, end);
  }
  return buffers
    .filter((buffer) => from.has(buffer) && isInArena(buffer))
    .map((buffer) => ({ buffer, from: from.get(buffer) as number, to: to.get(buffer) as number }));
}

/**
 * Whether a buffer carries something from step to step: its first use in the body is a read, or the steps use different
 * places in it.
 */
function isCarried(buffer: Buffer, { loop, body }: LoopStatement): boolean {
  const uses = simpleStatements(body).flatMap((statement) => [
    ...readViews(statement).map((view) => ({ view, reads: true })),
    ...writtenViews(statement).map((view) => ({ view, reads: false })),
  ]);
  const own = uses.filter(({ view }) => view.buffer === buffer);
  const moves = own.some(({ view }) => view.offset.counters.some((counter) => counter.loop === loop));
  return moves || own[0]?.reads === true;
}

const viewsOf = (operand: Operand): View[] => (isScalar(operand) || !operand.buffer ? [] : [operand]);
const wholeView = (buffer: Buffer): View => wholeBuffer(buffer, [buffer.size], "float32");

export function readViews(statement: Simple): View[] {
  switch (statement.kind) {
    case "map": {
      const copied = statement.writes.flatMap(({ from }) => ("op" in from ? [] : viewsOf(from)));
      const isAdded = !isTrailing(statement.reduced, statement.space.length);
      const accumulated = statement.writes.flatMap(({ from, to }) =>
        isAdded && "op" in from && kinds[from.op] === "reduction" ? [to] : [],
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

/** The buffers in the arena, each with its lifetime: the whole program where memory is not shared. */
export function livesOf({ lifetimes, buffers }: LoweredProgram): readonly Lifetime[] {
  return lifetimes ?? buffers.filter(isInArena).map((buffer) => ({ buffer, from: 0, to: 0 }));
}

/** Addresses of all buffers of the arena, in bytes from its start, and the arena's size. */
export function placeBuffers(
  program: LoweredProgram,
  bindings: Bindings,
): { addresses: Map<Buffer, number>; bytes: number } {
  const sized = livesOf(program).map((life) => {
    const bytes = 4 * evaluateDimension(life.buffer.size, bindings);
    return { life, bytes: Math.ceil((bytes + 16) / alignment) * alignment };
  });
  // Those first that take most room for longest, each at the lowest address where no other of the same time stands.
  const extent = ({ life, bytes }: (typeof sized)[number]) => bytes * (life.to - life.from + 1);
  sized.sort(
    (a, b) => extent(b) - extent(a) || a.life.from - b.life.from || a.life.buffer.id - b.life.buffer.id,
  );
  const placed: { life: Lifetime; start: number; end: number }[] = [];
  const addresses = new Map<Buffer, number>();
  let whole = 0;
  for (const { life, bytes } of sized) {
    const inTheWay = placed
      .filter((other) => other.life.from <= life.to && life.from <= other.life.to)
      .sort((a, b) => a.start - b.start);
    let start = 0;
    for (const other of inTheWay) {
      if (start + bytes <= other.start) break;
      start = Math.max(start, other.end);
    }
    placed.push({ life, start, end: start + bytes });
    addresses.set(life.buffer, start);
    whole = Math.max(whole, start + bytes);
  }
  return { addresses, bytes: whole };
}
