/**
 * From the graph that a function was traced to, to the drawing that a textbook has of it: no layout, one box for
 * W x + U h + b, packed gates as gates.
 */

import { uniformValue } from "../graph/build.ts";
import { addDimensions, type Dimension } from "../graph/dimension.ts";
import { isKind, isOp, type Node } from "../graph/node.ts";
import { scanInputs, topologicalOrder } from "../graph/traverse.ts";
import { asPrinted, type Composition, compositionOf } from "./compositions.ts";
import type { DiagramBuilder, Vertex } from "./diagram.ts";
import { fixedText } from "./fixed.ts";
import { bare, gateOf, type Part, partOf, symbolOf, weightName } from "./names.ts";
import { type Sum, takeApart } from "./sums.ts";

/** Where a wire comes from: a vertex, and how equations write what it carries. */
export interface Source {
  readonly vertex: string;
  readonly symbol?: string | undefined;
}

type Size = Dimension | undefined;
type NewVertex = Omit<Vertex, "id">;

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
  return new Drawing(results, frame).wireOf;
}

class Drawing {
  readonly #frame: Frame;
  readonly #isFixed: (node: Node) => boolean;
  readonly #isShared: (node: Node) => boolean;
  readonly #results: ReadonlySet<Node>;
  readonly #sources = new Map<Node, Source>();
  /** The gates that vertices compute, before their nonlinearity. */
  readonly #gates = new Map<string, string>();

  constructor(results: readonly Node[], frame: Frame) {
    this.#frame = frame;
    this.#isFixed = fixedness(frame.entries);
    this.#isShared = sharing(results);
    this.#results = new Set(results.map(bare));
  }

  /** The vertex that a node comes from. */
  readonly wireOf = (node: Node): string => this.#sourceOf(node).vertex;

  readonly #sourceOf = (given: Node): Source => {
    const node = bare(given);
    const known = this.#frame.entries.get(node) ?? this.#sources.get(node);
    if (known) return known;
    const source = this.#draw(bare(asPrinted(node)));
    this.#frame.drawn?.(source.vertex, node);
    this.#sources.set(node, source);
    return source;
  };

  #add(vertex: NewVertex, inputs: readonly string[] = []): string {
    return this.#frame.diagram.add(vertex, inputs);
  }

  #fixedText(node: Node, part?: Part): string {
    return fixedText(node, this.#frame, part);
  }

  #draw(node: Node): Source {
    if (this.#isFixed(node)) return { vertex: this.#add({ kind: "value", text: [this.#fixedText(node)] }) };
    if (isOp(node, "output") && this.#frame.scan) return this.#drawScan(node.inputs[0] as Node<"scan">);
    const composition = compositionOf(node, this.#isFixed);
    if (composition) return this.#drawComposition(composition);
    if (isOp(node, "add") || isOp(node, "einsum") || isOp(node, "slice")) return this.#drawSum(node);
    if (isOp(node, "concat")) return this.#drawJoin(node);
    return isOp(node, "gather") ? this.#drawGather(node) : this.#drawOperation(node);
  }

  #drawScan(scan: Node<"scan">): Source {
    const known = this.#sources.get(scan);
    if (known) return known;
    const { init, sequences, captures } = scanInputs(scan);
    const wiresOf = (read: readonly Node[]) => read.filter((input) => !this.#isFixed(input)).map(this.wireOf);
    const inputs = wiresOf([...sequences, ...captures]);
    const vertex = this.#frame.scan?.(scan, inputs, wiresOf(init)) as string;
    this.#sources.set(scan, { vertex });
    return { vertex };
  }

  #drawComposition({ text, input, weights }: Composition): Source {
    const names = weights.map((weight) => this.#fixedText(weight));
    const lines = names.length > 0 ? [text, names.join(", ")] : [text];
    return { vertex: this.#add({ kind: "function", text: lines }, [this.wireOf(input)]) };
  }

  #drawJoin(node: Node<"concat">): Source {
    const parts = node.inputs.filter((part) => uniformValue(bare(part)) !== 0).map(this.#sourceOf);
    if (parts.length === 1) return { vertex: parts[0]?.vertex as string };
    const symbol = parts.every((part) => part.symbol)
      ? `[${parts.map((part) => part.symbol).join(", ")}]`
      : undefined;
    const vertices = parts.map(({ vertex }) => vertex);
    return { vertex: this.#add({ kind: "join", text: [], title: symbol }, vertices), symbol };
  }

  /** What may be a sum: products with weights in one box, then what else is added. */
  #drawSum(node: Node): Source {
    const isWhole = (term: Node) => this.#isShared(term) || compositionOf(term, this.#isFixed) !== undefined;
    const sum = takeApart(node, { isFixed: this.#isFixed, isWhole });
    const { products, biases, rest } = sum;
    const added = rest.filter((term) => term !== node);
    if (products.length > 0) {
      const box = this.#drawProducts(node, sum);
      return { vertex: added.length > 0 ? this.#drawPlus([box, ...added.map(this.wireOf)]) : box };
    }
    if (added.length > 0) {
      const vertex =
        added.length > 1 ? this.#drawPlus(added.map(this.wireOf)) : this.wireOf(added[0] as Node);
      if (biases.length === 0) return { vertex };
      const text = `+ ${biases.map(({ weight, part }) => this.#fixedText(weight, part)).join(" + ")}`;
      return { vertex: this.#add({ kind: "function", text: [text] }, [vertex]) };
    }
    if (isOp(node, "slice")) return this.#drawSlice(node);
    const operands = node.inputs.map(this.wireOf);
    return { vertex: this.#add({ kind: "operation", text: ["·"], title: "matrix product" }, operands) };
  }

  #drawSlice(node: Node<"slice">): Source {
    const part = partOf(node);
    const from = this.wireOf(node.inputs[0] as Node);
    const vertex: NewVertex = part
      ? { kind: "join", text: [], name: this.#frame.partName(part) }
      : { kind: "function", text: [sliceText(node)] };
    return { vertex: this.#add(vertex, [from]) };
  }

  #drawPlus(vertices: readonly string[]): string {
    const vertex = this.#add({ kind: "operation", text: ["+"] }, vertices);
    const found = new Set(vertices.flatMap((from) => this.#gates.get(from) ?? []));
    const [gate] = found;
    if (gate !== undefined && found.size === 1) this.#gates.set(vertex, gate);
    return vertex;
  }

  /** The box W x + U h + b. */
  #drawProducts(node: Node, { products, biases }: Sum): string {
    const inputs = [...new Set(products.flatMap(({ input }) => operandsOf(input)))].map(this.wireOf);
    const [first] = products;
    const weights = [...products, ...biases].map(({ weight }) => weight);
    const sizes = [first?.input.shape.at(-1), node.shape.at(-1)] as const;
    const layer =
      first && products.length === 1 && this.#frame.layer?.(weights, sizes, () => this.wireOf(first.input));
    if (layer) return layer;
    const terms = products.map(({ weight, input, part }) => {
      const symbols = operandsOf(input).map((operand) => this.#sourceOf(operand).symbol ?? "·");
      const operand = symbols.length > 1 ? `[${symbols.join(", ")}]` : symbols[0];
      return `${this.#fixedText(weight, part)} ${operand}`;
    });
    const shifts = biases.map(({ weight, part }) => this.#fixedText(weight, part));
    const lines = products.length > 1 ? [terms, shifts] : [[...terms, ...shifts]];
    const text = lines
      .filter((line) => line.length > 0)
      .map((line, index) => (index > 0 ? "+ " : "") + line.join(" + "));
    const vertex = this.#add({ kind: "product", text }, inputs);
    const gate = gateName(products, this.#frame);
    if (gate !== undefined) this.#gates.set(vertex, gate);
    return vertex;
  }

  /** Rows of a table as a layer of a network; rows that are always the same by their numbers. */
  #drawGather(node: Node<"gather">): Source {
    const [table, indices] = node.inputs as [Node, Node];
    const vertices = this.#moving(node).map(this.wireOf);
    const layer =
      vertices.length === 1 &&
      this.#frame.layer?.([bare(table)], [table.shape[0], table.shape[1]], () => this.wireOf(indices));
    if (layer) return { vertex: layer };
    if (!this.#isFixed(indices)) return this.#drawOperation(node);
    const text = `at ${this.#fixedText(indices)}`;
    return { vertex: this.#add({ kind: "function", text: [text] }, vertices) };
  }

  /** The operands that do not come from weights and numbers alone. */
  #moving(node: Node): readonly Node[] {
    return node.inputs.filter((input) => !this.#isFixed(input));
  }

  #drawOperation(node: Node): Source {
    const symbol = symbolOf(node);
    const vertices = this.#moving(node).map(this.wireOf);
    if (vertices.length < 2) return this.#drawFunction(node, symbol, vertices);
    const vertex = this.#add({ kind: "operation", text: [symbol] }, vertices);
    if (!isOp(node, "multiply")) return { vertex };
    const factors = node.inputs.map((input) => this.#sourceOf(input).symbol);
    const isShort = factors.every((factor) => factor && !/[⊙ ]/.test(factor));
    return { vertex, symbol: isShort ? factors.join(" ⊙ ") : undefined };
  }

  /** A function of one operand, such as tanh or 1 -; after a sum for a gate it is that gate. */
  #drawFunction(node: Node, symbol: string, vertices: readonly string[]): Source {
    const text = node.inputs.map((input) => (this.#isFixed(input) ? this.#fixedText(input) : undefined));
    const [left, right] = text;
    const isInfix = isKind(node, "elementwise") && node.inputs.length === 2;
    const label = isInfix
      ? left !== undefined && !isOp(node, "multiply")
        ? `${left} ${symbol}`
        : `${symbol} ${left ?? right}`
      : symbol;
    const [from] = vertices;
    const isGate = !isInfix && from !== undefined && !this.#results.has(node);
    const gate = isGate ? this.#gates.get(from) : undefined;
    return { vertex: this.#add({ kind: "function", text: [label], name: gate }, vertices), symbol: gate };
  }
}

/** What a product multiplies: the parts of a concatenation one by one. */
function operandsOf(input: Node): readonly Node[] {
  return isOp(input, "concat") ? input.inputs : [input];
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
