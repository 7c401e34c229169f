/** How much arithmetic a program does: multiply-adds of products, and elements that other statements visit. */

import { type Bindings, evaluateDimension, sizeOf } from "../graph/dimension.ts";
import type { Statement } from "./loops.ts";

export function workOf(statements: readonly Statement[], bindings: Bindings): number {
  return statements.reduce((sum, statement) => sum + workOfOne(statement, bindings), 0);
}

function workOfOne(statement: Statement, bindings: Bindings): number {
  switch (statement.kind) {
    case "map":
      return evaluateDimension(sizeOf(statement.space), bindings);
    case "product": {
      const { m, n, k, outer } = statement;
      return evaluateDimension(sizeOf([m, n, k, ...outer].map(({ size }) => size)), bindings);
    }
    case "pack":
      return evaluateDimension(statement.packed.size, bindings);
    case "gather":
    case "scatter":
      return evaluateDimension(sizeOf(statement.rows.shape), bindings);
    case "loop":
      return evaluateDimension(statement.count, bindings) * workOf(statement.body, bindings);
    case "barrier":
      return 0;
  }
}
