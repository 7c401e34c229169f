/**
 * Views move towards what they are taken of. Slices go through elementwise work and products that are only ever read in
 * slices: the four gates of add(x . W, h . U) are computed from the gates' slices of both products, not cut from a stored
 * sum. Repetition goes through cheap elementwise work: a mask of rows is computed where the rows are, not stored before.
 */

import { again, broadcast, convert, einsum, elementwise, slice } from "../../graph/build.ts";
import { parseLabels } from "../../graph/einsum.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import { factsOf } from "../../graph/operations.ts";
import { rebuild, topologicalOrder, withInputs } from "../../graph/traverse.ts";
import { rewriteScans } from "./scans.ts";

export function sinkViews(results: readonly Node[]): Node[] {
  const within = rewriteScans(results, sinkViews);
  for (let current = within; ; ) {
    const next = sinkOnce(current);
    if (next.every((node, index) => node === current[index])) return next;
    current = next;
  }
}

function sinkOnce(results: readonly Node[]): Node[] {
  const users = new Map<Node, Node[]>();
  for (const candidate of topologicalOrder(results)) {
    for (const input of candidate.inputs) users.set(input, [...(users.get(input) ?? []), candidate]);
  }
  const kept = new Set(results);
  const onlySliced = (node: Node) =>
    !kept.has(node) && (users.get(node) ?? []).every(({ op }) => op === "slice");
  const isRepeated = (node: Node) =>
    !kept.has(node) &&
    isKind(node, "elementwise") &&
    factsOf(node.op).cost === "cheap" &&
    (users.get(node) ?? []).every(({ op }) => op === "broadcast");
  return rebuild(results, (original, inputs) => {
    const rebuilt = withInputs(original, inputs);
    const source = rebuilt.inputs[0];
    if (isOp(rebuilt, "broadcast") && source && isRepeated(original.inputs[0] as Node))
      return repeated(rebuilt, source);
    if (!isOp(rebuilt, "slice") || !source || !onlySliced(original.inputs[0] as Node)) return rebuilt;
    // One product for several slices of it is better than a product for each.
    if (isOp(source, "einsum") && users.get(original.inputs[0] as Node)?.length !== 1) return rebuilt;
    return sunk(rebuilt, source) ?? rebuilt;
  });
}

/** Elementwise work on repeated inputs, for repeated elementwise work. */
function repeated({ shape, attributes }: Node<"broadcast">, source: Node): Node {
  if (!isKind(source, "elementwise")) return broadcast(source, shape, attributes.axes);
  return again(
    source,
    source.inputs.map((input) => broadcast(input, shape, attributes.axes)),
  );
}

/** The slice taken of the source's inputs instead; undefined where the source must be computed whole. */
export function sunk(
  { attributes: { axis, start, size }, shape }: Node<"slice">,
  source: Node,
): Node | undefined {
  const cut = (input: Node, at: number) => slice(input, at, start, size);
  if (isOp(source, "convert")) return convert(cut(source.inputs[0] as Node, axis), source.attributes.dtype);
  if (isKind(source, "elementwise")) {
    return elementwise(source.op as "add", ...source.inputs.map((input) => cut(input, axis)));
  }
  if (isOp(source, "broadcast")) {
    const input = source.inputs[0] as Node;
    const at = source.attributes.axes.indexOf(axis);
    return broadcast(at < 0 ? input : cut(input, at), shape, source.attributes.axes);
  }
  if (!isOp(source, "einsum")) return undefined;
  const labels = parseLabels(source.attributes.labels);
  const label = labels.result[axis] as string;
  const [a, b] = source.inputs as [Node, Node];
  const [left, right] = [labels.a.indexOf(label), labels.b.indexOf(label)];
  return einsum(left < 0 ? a : cut(a, left), right < 0 ? b : cut(b, right), source.attributes.labels);
}
