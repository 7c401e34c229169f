/**
 * Products that share a side become one. h . U_1, ..., h . U_4 become one product with the matrices side by side, of which
 * each takes its columns; a sum a_1 . U_1 + ... + a_4 . U_4 becomes one product of what is joined along the inner axis.
 */

import { bodyResults } from "../../graph/body.ts";
import { add, concat, einsum, slice } from "../../graph/build.ts";
import { addDimensions, type Dimension } from "../../graph/dimension.ts";
import { labelRoles, parseLabels } from "../../graph/einsum.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { openScan, type ResultPart } from "../../graph/open-scan.ts";
import { rebuild, stepOutput, topologicalOrder, withInputs } from "../../graph/traverse.ts";
import { rewriteScans } from "./scans.ts";

export function mergeProducts(results: readonly Node[]): Node[] {
  const within = rewriteScans(results, mergeProducts);
  const summed = mergeSums(within);
  return mergeColumns(joinOutputs(summed));
}

/** Whether copying a tensor beside others costs little against the products it stands in: its size does not grow with the data. */
function isSmall({ shape }: Node): boolean {
  return shape.every((size) => typeof size === "number");
}

type Side = 0 | 1;

/** The axis along which the operand on `side` can be joined to others: that of its only label of this role. */
function joinAxis(product: Node<"einsum">, side: Side, role: "rows" | "columns" | "inner") {
  const labels = parseLabels(product.attributes.labels);
  const list = labelRoles(labels)[role];
  const label = list[0];
  if (list.length !== 1 || label === undefined) return undefined;
  return { own: (side === 0 ? labels.a : labels.b).indexOf(label), result: labels.result.indexOf(label) };
}

/**
 * Groups of products over one operand whose other operands may be joined. Each could be one node: none of its products depends on another one, nor
 * by way of other groups.
 */
function sharedGroups(results: readonly Node[], fits: (other: Node) => boolean): Map<string, Group> {
  const groups = new Map<string, Group>();
  const taken = new Map<Node, Group>();
  for (const side of [1, 0] as const) {
    for (const candidate of topologicalOrder(results)) {
      if (!isOp(candidate, "einsum") || taken.has(candidate)) continue;
      const [shared, other] = [candidate.inputs[1 - side] as Node, candidate.inputs[side] as Node];
      if (!fits(other) || !joinAxis(candidate, side, roleOf(side))) continue;
      // What is large is only joined where it is parts of one tensor.
      const source = isSmall(other) ? "" : other.inputs[0]?.id;
      const key = `${side}|${shared.id}|${candidate.attributes.labels}|${source}`;
      const group = groups.get(key) ?? { side, products: [] };
      groups.set(key, { side, products: [...group.products, candidate] });
    }
    for (const [key, group] of groups) {
      const { products } = group;
      if (group.side !== side) continue;
      if (products.length < 2 || dependsOnItself(group, taken)) groups.delete(key);
      else for (const product of products) taken.set(product, group);
    }
  }
  return groups;
}

/** Whether a product of a group depends on another one, where every group that is taken is one node. */
function dependsOnItself({ products }: Group, taken: ReadonlyMap<Node, Group>): boolean {
  const own = new Set<Node>(products);
  const seen = new Set<Node>();
  const waiting = products.flatMap(({ inputs }) => inputs);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (own.has(node)) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    waiting.push(...node.inputs, ...(taken.get(node)?.products ?? []));
  }
  return false;
}

type Group = { readonly side: Side; readonly products: readonly Node<"einsum">[] };

const roleOf = (side: Side) => (side === 0 ? "rows" : "columns");

/** One product for those that share an operand; each is then a slice of it. */
function mergeColumns(results: readonly Node[]): Node[] {
  const groups = [...sharedGroups(results, (other) => isSmall(other) || isOp(other, "slice")).values()];
  const groupOf = new Map<Node, Group>(
    groups.flatMap((group) => group.products.map((product) => [product, group])),
  );
  const done = new Map<Node, Node>();
  const build = (original: Node): Node => {
    const known = done.get(original);
    if (known) return known;
    const group = groupOf.get(original);
    const made =
      group && isOp(original, "einsum")
        ? merged(original, group)
        : withInputs(original, original.inputs.map(build));
    done.set(original, made);
    return made;
  };
  const merged = (original: Node<"einsum">, { side, products: unordered }: Group): Node => {
    const products = inOrder(unordered, side);
    const { own, result } = joinAxis(original, side, roleOf(side)) as { own: number; result: number };
    const operands = products.map((product) => build(product.inputs[side] as Node));
    const joined = concat(operands, own);
    // Neighbouring parts of one tensor join to a part of it; anything else that is large would be copied.
    if (isOp(joined, "concat") && !operands.every(isSmall))
      return withInputs(original, original.inputs.map(build));
    const shared = build(original.inputs[1 - side] as Node);
    const { labels } = original.attributes;
    const whole = side === 0 ? einsum(joined, shared, labels) : einsum(shared, joined, labels);
    const sizes = operands.map((operand) => operand.shape[own] as Dimension);
    const at = products.indexOf(original);
    return slice(whole, result, sizes.slice(0, at).reduce(addDimensions, 0), sizes[at] as Dimension);
  };
  return results.map(build);
}

/** Products whose operands are parts of one tensor, in the order of these parts; any others as they come. */
function inOrder(products: readonly Node<"einsum">[], side: Side): readonly Node<"einsum">[] {
  const startOf = (product: Node<"einsum">) => {
    const operand = product.inputs[side] as Node;
    return isOp(operand, "slice") && typeof operand.attributes.start === "number"
      ? operand.attributes.start
      : undefined;
  };
  if (products.some((product) => startOf(product) === undefined)) return products;
  return [...products].sort((a, b) => (startOf(a) as number) - (startOf(b) as number));
}

/** Sums of products with matrices become one product over the joined inner axis. */
function mergeSums(results: readonly Node[]): Node[] {
  const users = new Map<Node, Node[]>();
  for (const candidate of topologicalOrder(results)) {
    for (const input of candidate.inputs) users.set(input, [...(users.get(input) ?? []), candidate]);
  }
  const kept = new Set(results);
  const isOwn = (term: Node) => !kept.has(term) && users.get(term)?.length === 1;
  const addends = (sum: Node): Node[] =>
    sum.inputs.flatMap((term) => (isOp(term, "add") && isOwn(term) ? addends(term) : [term]));
  // The terms of a sum may hold sums themselves: what became of them is what is joined.
  const done = new Map<Node, Node>();
  const now = (term: Node) => done.get(term) as Node;
  const merge = (original: Node, inputs: readonly Node[]): Node => {
    const rebuilt = withInputs(original, inputs);
    const isRoot = isOp(original, "add") && !(isOwn(original) && users.get(original)?.[0]?.op === "add");
    if (!isRoot) return rebuilt;
    const terms = addends(original);
    const groups = new Map<string, Node<"einsum">[]>();
    for (const term of terms) {
      if (
        !isOp(term, "einsum") ||
        !isOwn(term) ||
        !isSmall(term.inputs[1] as Node) ||
        !joinAxis(term, 1, "inner")
      )
        continue;
      // What is joined on the left is written where it belongs when it is computed; anything else would be copied.
      if (term.inputs[0]?.inputs.length === 0) continue;
      groups.set(term.attributes.labels, [...(groups.get(term.attributes.labels) ?? []), term]);
    }
    const joined = [...groups.values()].filter((group) => group.length > 1);
    if (joined.length === 0) return rebuilt;
    const rest = terms.filter((term) => !joined.flat().includes(term as Node<"einsum">));
    const sums = joined.map((group) => {
      const [first] = group as [Node<"einsum">];
      const [left, right] = [joinAxis(first, 0, "inner")?.own ?? 0, joinAxis(first, 1, "inner")?.own ?? 0];
      const parts = (side: Side, axis: number) =>
        concat(
          group.map((product) => now(product.inputs[side] as Node)),
          axis,
        );
      return einsum(parts(0, left), parts(1, right), first.attributes.labels);
    });
    return [...rest.map(now), ...sums].reduce(add);
  };
  return rebuild(results, merge, done);
}

/** A concatenation of just these parts, in whatever order, that a step makes anyway. */
function joinedAlready(scan: Node<"scan">, parts: readonly Node[], axis: number): Node<"concat"> | undefined {
  return topologicalOrder(bodyResults(scan.attributes.body)).find(
    (candidate): candidate is Node<"concat"> =>
      isOp(candidate, "concat") &&
      candidate.attributes.axis === axis &&
      candidate.inputs.length === parts.length &&
      parts.every((part) => candidate.inputs.includes(part)),
  );
}

/** What scans shall put out joined, because products over one operand read its parts. */
function joinsOf(results: readonly Node[]): Map<Node, Node<"concat">[]> {
  const joins = new Map<Node, Node<"concat">[]>();
  for (const { side, products } of sharedGroups(
    results,
    (other) => stepOutput(other) !== undefined,
  ).values()) {
    const operands = products.map((product) => product.inputs[side] as Node);
    const axis = joinAxis(products[0] as Node<"einsum">, side, roleOf(side))?.own ?? 0;
    // Time is the first axis of the sequence, and no axis of the step's output.
    if (axis === 0 || new Set(operands).size !== operands.length) continue;
    const scan = operands[0]?.inputs[0] as Node<"scan">;
    const parts = operands.map((operand) => stepOutput(operand) as Node);
    const joined = joinedAlready(scan, parts, axis - 1) ?? concat(parts, axis - 1);
    if (isOp(joined, "concat")) joins.set(scan, [...(joins.get(scan) ?? []), joined]);
  }
  return joins;
}

/** Scans put out joined what stands apart in products over one operand; all who read a part read it there. */
function joinOutputs(results: readonly Node[]): Node[] {
  const joins = joinsOf(results);
  if (joins.size === 0) return [...results];
  const done = new Map<Node, Node>();
  /** What stands for the results of the scans that put out more now. */
  const replacements = new Map<Node, (output: Node<"output">) => Node>();
  const replace = (original: Node, inputs: readonly Node[]): Node => {
    if (isOp(original, "scan") && joins.has(original)) {
      const open = openScan(original);
      open.give((source) => done.get(source) as Node);
      const parts = open.results;
      const joined = (joins.get(original) ?? []).map((join) => {
        const output = open.outputs.find(({ value }) => value === join) ?? open.addOutput(join);
        return { join, output };
      });
      const { scan, result } = open.close();
      replacements.set(original, (read) => {
        const part = stepOutput(read);
        const found = part && joined.find(({ join }) => join.inputs.includes(part));
        return found
          ? partOfJoined(result(found.output), found.join, part)
          : result(parts[read.attributes.index] as ResultPart);
      });
      return scan;
    }
    const replacement = isOp(original, "output") ? replacements.get(original.inputs[0] as Node) : undefined;
    return replacement ? replacement(original as Node<"output">) : withInputs(original, inputs);
  };
  return rebuild(results, replace, done);
}

/** The part of a joined sequence that its steps put out as `part` of `join`. */
function partOfJoined(sequence: Node, join: Node<"concat">, part: Node): Node {
  const { axis } = join.attributes;
  const sizes = join.inputs.map(({ shape }) => shape[axis] as Dimension);
  const at = join.inputs.indexOf(part);
  return slice(sequence, axis + 1, sizes.slice(0, at).reduce(addDimensions, 0), sizes[at] as Dimension);
}
