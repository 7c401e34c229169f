/**
 * From the graph that a function was traced to, to the drawing that a textbook has of it: no layout, one box for
 * W x + U h + b, packed gates as gates.
 */

import { uniformValue } from "../graph/build.ts";
import { addDimensions, type Dimension } from "../graph/dimension.ts";
import { isKind, isOp, type Node } from "../graph/node.ts";
import { scanInputs, topologicalOrder } from "../graph/traverse.ts";
import { asPrinted, compositionOf } from "./compositions.ts";
import type { DiagramBuilder } from "./diagram.ts";
import { fixedText } from "./fixed.ts";
import { bare, gateOf, type Part, partOf, symbolOf, weightName } from "./names.ts";
import { type Sum, takeApart } from "./sums.ts";

/** Where a wire comes from: a vertex, and how equations write what it carries. */
export interface Source {
  readonly vertex: string;
  readonly symbol?: string | undefined;
}

type Size = Dimension | undefined;

/** What the drawing knows that the graph does not. */
export interface Frame {
  readonly diagram: DiagramBuilder;
  /** Where the values of these nodes enter the drawing. */
  readonly entries: ReadonlyMap<Node, Source>;
  partName(part: Part): string;
  /** The names of the state: a gate of the same name is written with a tilde. */
  readonly states: readonly string[];
  /** Draws a product of weights with one input as a layer of a network; undefined draws its equation. */
  layer?(
    weights: readonly Node[],
    sizes: readonly [from: Size, to: Size],
    input: () => string,
  ): string | undefined;
  /** Draws a layer along time that reads these vertices, and starts from the states that those have. */
  scan?(scan: Node<"scan">, inputs: readonly string[], states: readonly string[]): string;
  /** Is told which node a vertex shows. */
  drawn?(vertex: string, node: Node): void;
}

/** A function that draws what a node is computed from, and returns the vertex it comes from. */
export function drawer(results: readonly Node[], frame: Frame): (node: Node) => string {
  const { diagram, entries } = frame;
  const isFixed = fixedness(entries);
  const isShared = sharing(results);
  const isWhole = (node: Node) => isShared(node) || compositionOf(node, isFixed) !== undefined;
  const sources = new Map<Node, Source>();
  const gates = new Map<string, string>();
  const isResult = new Set(results.map(bare));

  const sourceOf = (given: Node): Source => {
    const node = bare(given);
    const known = entries.get(node) ?? sources.get(node);
    if (known) return known;
    const source = draw(bare(asPrinted(node)));
    frame.drawn?.(source.vertex, node);
    return remember(node, source);
  };
  const remember = (node: Node, source: Source): Source => {
    sources.set(node, source);
    return source;
  };
  const wireOf = (node: Node) => sourceOf(node).vertex;
  const wireText = (node: Node) => sourceOf(node).symbol ?? "·";

  const draw = (node: Node): Source => {
    if (isFixed(node)) return { vertex: diagram.add({ kind: "value", text: [fixedText(node, frame)] }) };
    if (isOp(node, "output") && frame.scan) {
      const scan = node.inputs[0] as Node<"scan">;
      const known = sources.get(scan);
      if (known) return known;
      const { init, sequences, captures } = scanInputs(scan);
      const wiresOf = (read: readonly Node[]) => read.filter((input) => !isFixed(input)).map(wireOf);
      const vertex = frame.scan(scan, wiresOf([...sequences, ...captures]), wiresOf(init));
      return remember(scan, { vertex });
    }
    const composition = compositionOf(node, isFixed);
    if (composition) {
      const weights = composition.weights.map((weight) => fixedText(weight, frame));
      const text = weights.length > 0 ? [composition.text, weights.join(", ")] : [composition.text];
      return { vertex: diagram.add({ kind: "function", text }, [wireOf(composition.input)]) };
    }
    if (isOp(node, "add") || isOp(node, "einsum") || isOp(node, "slice")) return drawSum(node);
    if (isOp(node, "concat")) {
      const parts = node.inputs.filter((part) => uniformValue(bare(part)) !== 0).map(sourceOf);
      if (parts.length === 1) return { vertex: parts[0]?.vertex as string };
      const symbol = parts.every((part) => part.symbol)
        ? `[${parts.map((part) => part.symbol).join(", ")}]`
        : undefined;
      const vertices = parts.map(({ vertex }) => vertex);
      return { vertex: diagram.add({ kind: "join", text: [], title: symbol }, vertices), symbol };
    }
    return drawOperation(node);
  };

  const drawSum = (node: Node): Source => {
    const sum = takeApart(node, { isFixed, isWhole });
    const { products, biases, rest } = sum;
    const added = rest.filter((term) => term !== node);
    if (products.length > 0) {
      const box = drawProducts(node, sum);
      return { vertex: added.length > 0 ? drawPlus([box, ...added.map(wireOf)]) : box };
    }
    if (added.length > 0) {
      const vertex = added.length > 1 ? drawPlus(added.map(wireOf)) : wireOf(added[0] as Node);
      if (biases.length === 0) return { vertex };
      const text = `+ ${biases.map(({ weight, part }) => fixedText(weight, frame, part)).join(" + ")}`;
      return { vertex: diagram.add({ kind: "function", text: [text] }, [vertex]) };
    }
    if (isOp(node, "slice")) {
      const part = partOf(node);
      const from = wireOf(node.inputs[0] as Node);
      if (!part) return { vertex: diagram.add({ kind: "function", text: [sliceText(node)] }, [from]) };
      const name = frame.partName(part);
      return { vertex: diagram.add({ kind: "join", text: [], name }, [from]) };
    }
    const [a, b] = node.inputs.map(wireOf) as [string, string];
    return { vertex: diagram.add({ kind: "operation", text: ["·"], title: "matrix product" }, [a, b]) };
  };

  const drawPlus = (vertices: readonly string[]): string => {
    const vertex = diagram.add({ kind: "operation", text: ["+"] }, vertices);
    const found = new Set(vertices.flatMap((from) => gates.get(from) ?? []));
    const [gate] = found;
    if (gate !== undefined && found.size === 1) gates.set(vertex, gate);
    return vertex;
  };

  const drawProducts = (node: Node, { products, biases }: Sum): string => {
    const operandsOf = (input: Node) => (isOp(input, "concat") ? input.inputs : [input]);
    const inputs = [...new Set(products.flatMap(({ input }) => operandsOf(input)))].map(wireOf);
    const [first] = products;
    const weights = [...products, ...biases].map(({ weight }) => weight);
    const sizes = [first?.input.shape.at(-1), node.shape.at(-1)] as const;
    const layer = first && products.length === 1 && frame.layer?.(weights, sizes, () => wireOf(first.input));
    if (layer) return layer;
    const terms = products.map(({ weight, input, part }) => {
      const symbols = operandsOf(input).map(wireText);
      const operand = symbols.length > 1 ? `[${symbols.join(", ")}]` : symbols[0];
      return `${fixedText(weight, frame, part)} ${operand}`;
    });
    const shifts = biases.map(({ weight, part }) => fixedText(weight, frame, part));
    const lines = products.length > 1 ? [terms, shifts] : [[...terms, ...shifts]];
    const text = lines
      .filter((line) => line.length > 0)
      .map((line, index) => (index > 0 ? "+ " : "") + line.join(" + "));
    const vertex = diagram.add({ kind: "product", text }, inputs);
    const gate = gateName(products, frame);
    if (gate !== undefined) gates.set(vertex, gate);
    return vertex;
  };

  const drawOperation = (node: Node): Source => {
    const symbol = symbolOf(node);
    const moving = node.inputs.filter((input) => !isFixed(input));
    const vertices = moving.map(wireOf);
    if (isOp(node, "gather") && moving.length === 1) {
      const [table, indices] = node.inputs as [Node, Node];
      const layer = frame.layer?.([bare(table)], [table.shape[0], table.shape[1]], () => wireOf(indices));
      if (layer) return { vertex: layer };
    }
    if (isOp(node, "gather") && isFixed(node.inputs[1] as Node)) {
      const text = `at ${fixedText(node.inputs[1] as Node, frame)}`;
      return { vertex: diagram.add({ kind: "function", text: [text] }, vertices) };
    }
    if (moving.length > 1) {
      const vertex = diagram.add({ kind: "operation", text: [symbol] }, vertices);
      const factors = node.inputs.map((input) => sourceOf(input).symbol);
      const isShort = isOp(node, "multiply") && factors.every((factor) => factor && !/[⊙ ]/.test(factor));
      return { vertex, symbol: isShort ? factors.join(" ⊙ ") : undefined };
    }
    const text = node.inputs.map((input) => (isFixed(input) ? fixedText(input, frame) : undefined));
    const [left, right] = text;
    const isInfix = isKind(node, "elementwise") && node.inputs.length === 2;
    const label = isInfix
      ? left !== undefined && !isOp(node, "multiply")
        ? `${left} ${symbol}`
        : `${symbol} ${left ?? right}`
      : symbol;
    const [from] = vertices;
    const gate = isInfix || from === undefined || isResult.has(node) ? undefined : gates.get(from);
    return { vertex: diagram.add({ kind: "function", text: [label], name: gate }, vertices), symbol: gate };
  };

  return wireOf;
}

/** An element, or a range of them, of an axis that is not the last. */
function sliceText({ attributes: { start, size } }: Node<"slice">): string {
  return size === 1 ? `at ${start}` : `${start}:${addDimensions(start, size)}`;
}

/** Whether a node comes from weights and numbers alone. */
function fixedness(entries: ReadonlyMap<Node, Source>): (node: Node) => boolean {
  const known = new Map<Node, boolean>();
  const isFixed = (node: Node): boolean => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const fixed = !entries.has(node) && node.inputs.every(isFixed);
    known.set(node, fixed);
    return fixed;
  };
  return isFixed;
}

/** Whether a node is used in several places, other than as packed parts. */
function sharing(results: readonly Node[]): (node: Node) => boolean {
  const users = new Map<Node, Node[]>();
  for (const user of topologicalOrder(results)) {
    if (bare(user) !== user) continue;
    for (const input of new Set(user.inputs.map(bare))) users.set(input, [...(users.get(input) ?? []), user]);
  }
  const isResult = new Set(results.map(bare));
  return (node) => {
    const found = users.get(node) ?? [];
    return found.length + (isResult.has(node) ? 1 : 0) > 1 && found.some((user) => !isOp(user, "slice"));
  };
}

/** The gate that products are for: the part they take, or the letter that all their weights share. */
function gateName(products: Sum["products"], frame: Frame): string | undefined {
  const names = products.map(({ weight, part }) =>
    part ? frame.partName(part) : gateOf(weightName(weight) ?? ""),
  );
  const [name] = names;
  if (name === undefined || names.some((other) => other !== name)) return undefined;
  return frame.states.includes(name) ? `${name}\u0303` : name;
}
