/** How much arithmetic a program does: multiply-adds of products, and elements that other statements visit. */

import { type Bindings, type Dimension, evaluateDimension, sizeOf } from "../../graph/dimension.ts";
import { type BlocksStatement, type Simple, type Statement, simpleStatements } from "./program.ts";
import { splitSize } from "./split.ts";

export interface Work {
  readonly total: number;
  /** The part of it that more than one thread can take a share of. */
  readonly shared: number;
}

export function workOf(statements: readonly Statement[], bindings: Bindings): Work {
  let [total, shared] = [0, 0];
  for (const statement of statements) {
    if (statement.kind === "barrier") continue;
    if (statement.kind === "loop") {
      const steps = evaluateDimension(statement.count, bindings);
      const inside = workOf(statement.body, bindings);
      total += steps * inside.total;
      shared += statement.alone ? 0 : steps * inside.shared;
      continue;
    }
    const own = simpleStatements([statement]).reduce(
      (sum, inner) => sum + evaluateDimension(elementsOf(inner), bindings),
      0,
    );
    total += own;
    shared += isShared(statement, bindings) ? own : 0;
  }
  return { total, shared };
}

function elementsOf(statement: Simple): Dimension {
  switch (statement.kind) {
    case "map":
      return sizeOf(statement.space);
    case "product":
      return sizeOf([statement.m, statement.n, statement.k, ...statement.outer].map(({ size }) => size));
    case "pack":
      return statement.packed.size;
    default:
      return sizeOf(statement.rows.shape);
  }
}

/** Whether a statement's split axis falls into more than one lot. */
function isShared(statement: Simple | BlocksStatement, bindings: Bindings): boolean {
  if (!statement.split) return false;
  const { axis, grain } = statement.split;
  return evaluateDimension(splitSize(statement, axis), bindings) > grain;
}
