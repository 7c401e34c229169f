/** Which buffers are alive at which statements: buffers that are never alive together share memory. */

import { readBuffers, readViews, writtenBuffers, writtenViews } from "../loops/effects.ts";
import { isInArena } from "../loops/memory.ts";
import {
  type Buffer,
  type Lifetime,
  type LoopStatement,
  type LoweredProgram,
  type Statement,
  simpleStatements,
} from "../loops/program.ts";

/** The program with the lifetimes of its buffers. */
export function shareMemory(program: LoweredProgram): LoweredProgram {
  return { ...program, lifetimes: lifetimesOf(program) };
}

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
    if (buffer.kind === "steady") touch(buffer, -1, end);
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
