/** Lowering of products: the labels of an einsum become the loops of a matrix product, and loops around it. */

import { ceilDivide, type Dimension, multiplyDimensions } from "../graph/dimension.ts";
import { labelRoles, parseLabels } from "../graph/einsum.ts";
import type { Node } from "../graph/node.ts";
import { copyStatement, type StatementContext } from "./block.ts";
import type { Buffer, ProductAxis, View } from "./loops.ts";
import { viewKey } from "./view.ts";

const unit: ProductAxis = { size: 1, a: 0, b: 0, c: 0 };

/** Columns of the panels in which a packed right-hand side stands. */
export const panelColumns = 8;

/** Elements of a packed right-hand side of `k` rows and `n` columns. */
export function packedSize(k: Dimension, n: Dimension): Dimension {
  return multiplyDimensions(multiplyDimensions(panelColumns, ceilDivide(n, panelColumns)), k);
}

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
  const packed = outer.length === 0 ? packOnce(context, b, k, n) : undefined;
  context.statements.push({ kind: "product", a, b, c: to, outer, m, n, k, accumulate, packed });
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

/** A text that is equal for right-hand sides that pack to the same. */
export function packKey(b: View, k: ProductAxis, n: ProductAxis): string {
  return `${viewKey(b)}|${k.size},${k.b}|${n.size},${n.b}`;
}

/** A right-hand side that no step of the loop changes is packed before it, once for all products with it. */
function packOnce(
  { lowering, loop }: StatementContext,
  b: View,
  k: ProductAxis,
  n: ProductAxis,
): Buffer | undefined {
  const isFixed =
    b.buffer && loop?.fixed.has(b.buffer) && !b.offset.counters.some((counter) => counter.loop === loop.loop);
  if (!isFixed || !loop) return undefined;
  const key = packKey(b, k, n);
  const known = loop.packed.get(key);
  if (known) return known;
  const packed = lowering.buffer(packedSize(k.size, n.size), `packed ${b.buffer?.label ?? ""}`);
  loop.packed.set(key, packed);
  loop.before.push({ kind: "pack", b, k, n, packed });
  return packed;
}
