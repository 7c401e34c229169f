/** Lowering of products: the labels of an einsum become the loops of a matrix product, and loops around it. */

import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { labelRoles, parseLabels } from "../../graph/einsum.ts";
import type { Node } from "../../graph/node.ts";
import type { ProductAxis, View } from "../loops/program.ts";
import { copyStatement, type StatementContext } from "./block.ts";

const unit: ProductAxis = { size: 1, a: 0, b: 0, c: 0 };

/** Append the statements that compute a product of two views into a third. */
export function lowerProduct(
  context: StatementContext,
  product: Node<"einsum">,
  [left, right]: readonly [View, View],
  to: View,
): void {
  const labels = parseLabels(product.attributes.labels);
  // The operand that holds the result's last axis is the right-hand side: its columns are written in a row.
  const swap =
    !labels.b.includes(labels.result.at(-1) ?? "") && labels.a.includes(labels.result.at(-1) ?? "");
  const sides = swap ? { a: labels.b, b: labels.a, result: labels.result } : labels;
  const [a, b] = swap ? [right, left] : [left, right];
  const roles = labelRoles(sides);
  const stride = (view: View, axes: string, label: string): Dimension =>
    view.strides[axes.indexOf(label)] ?? 0;
  const axis = (label: string): ProductAxis => ({
    size: (a.shape[sides.a.indexOf(label)] ?? b.shape[sides.b.indexOf(label)]) as Dimension,
    a: stride(a, sides.a, label),
    b: stride(b, sides.b, label),
    c: stride(to, sides.result, label),
  });
  const [m, rowsAround] = collapse(roles.rows.map(axis));
  const [n, columnsAround] = collapse(roles.columns.map(axis));
  const [k, sumsAround] = collapse(roles.inner.map(axis));
  const outer = [
    ...roles.batch.map(axis).filter(({ size }) => size !== 1),
    ...rowsAround,
    ...columnsAround,
    ...sumsAround,
  ];
  const accumulate = sumsAround.length > 0;
  if (accumulate) context.statements.push(copyStatement({ scalar: 0, dtype: "float32" }, to));
  context.statements.push({ kind: "product", a, b, c: to, outer, m, n, k, accumulate, packed: undefined });
}

/** Axes as one axis, as far as no operand has gaps between them, and the loops that are left around it. */
function collapse(axes: readonly ProductAxis[]): [ProductAxis, ProductAxis[]] {
  const list = axes.filter(({ size }) => size !== 1);
  let inner = list.pop() ?? unit;
  while (list.length > 0) {
    const next = list.at(-1) as ProductAxis;
    const fits = (["a", "b", "c"] as const).every(
      (side) => next[side] === multiplyDimensions(inner[side], inner.size),
    );
    if (!fits) break;
    inner = { ...inner, size: multiplyDimensions(inner.size, next.size) };
    list.pop();
  }
  return [inner, list];
}
