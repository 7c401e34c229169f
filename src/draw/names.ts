/** How weights, gates and operations are written in a drawing. */

import { isOp, type Node } from "../graph/node.ts";
import { factsOf } from "../graph/operations.ts";

/** The node without what changes only what a reader need not see: its layout, its dtype. */
export function bare(node: Node): Node {
  const [source] = node.inputs;
  return source && factsOf(node.op).symbol === undefined ? bare(source) : node;
}

/** What stands in the box of an operation with one operand, or in the circle of one with several. */
export function symbolOf({ op }: Node): string {
  return factsOf(op).symbol ?? op;
}

/** A part of something cut in equal parts, or the elements from `start` to `end` where the parts are not equal. */
export interface Part {
  readonly start: number;
  readonly size: number;
  readonly whole: number;
}

/** The part that a slice of the last axis takes. */
export function partOf(slice: Node<"slice">): Part | undefined {
  const { axis, start, size } = slice.attributes;
  const source = slice.inputs[0] as Node;
  const whole = source.shape[axis];
  const isLast = axis === source.shape.length - 1;
  return isLast && typeof start === "number" && typeof size === "number" && typeof whole === "number"
    ? { start, size, whole }
    : undefined;
}

/** The order of the gates in the rows of PyTorch's weights, by the first states of the cell and the number of gates. */
const gateOrders: Record<string, string> = { "h,c 4": "ifgo", "h,c 3": "fgo", "h 3": "rzn", "h 2": "zn" };

/** How the parts of a cell's weights are called: by PyTorch's order of gates where weights have PyTorch's names, else by number. */
export function partNames(states: readonly string[], weights: readonly string[]): (part: Part) => string {
  const own = states[1] === "c" ? "h,c" : states[0];
  const isPytorch = weights.some((name) => /^weight_(ih|hh)$/.test(localName(name)));
  return ({ start, size, whole }) => {
    if (whole % size !== 0 || start % size !== 0) return `${start}:${start + size}`;
    const order = isPytorch ? gateOrders[`${own} ${whole / size}`] : undefined;
    return order?.[start / size] ?? String(start / size + 1);
  };
}

/** A weight's name without its path in the model, and without the layer's number and direction. */
function localName(name: string): string {
  return (name.split(".").at(-1) ?? name).replace(/_l\d+(_reverse)?$/, "");
}

/**
 * A weight's name as textbooks print it: weight_ih is W_ih, bias_hh b_hh, W_f and Wf are W with the subscript f, and the weights of
 * a mechanism of attention, such as attention_v, v_a.
 */
export function weightSymbol(name: string, part?: string): string {
  const local = localName(name)
    .replace(/^(\w+)_(weight|bias)$/, "$2_$1")
    .replace(/^attention_(?:score_)?([A-Za-z])$/, "$1_a")
    .replace(/^attention_([A-Za-z]_\w+)$/, "$1");
  const [, letter, subscript] = /^(weight|bias|gain|peephole|[A-Za-z])_?(\w*)$/.exec(local) ?? [];
  const isSymbol = letter !== undefined && subscript !== undefined;
  const isWord = isSymbol && letter.length === 1 && !/^[A-Z]/.test(letter) && !local.includes("_");
  if (!isSymbol || (isWord && subscript.length > 0)) return part ? `${local}_{${part}}` : local;
  const symbol = { weight: "W", bias: "b", gain: "γ", peephole: "p" }[letter] ?? letter;
  // PyTorch's own equations write W_if for the rows i, f, ... of W_ih.
  const joined =
    part && /^(ih|hh)$/.test(subscript) && /^[a-z]$/.test(part)
      ? `${subscript[0]}${part}`
      : [subscript, part].filter((text) => text).join(",");
  return joined ? `${symbol}_{${joined}}` : symbol;
}

/** The gate that a weight belongs to by its name: W_f and Wf belong to f. */
export function gateOf(name: string): string | undefined {
  return /^[A-Z]_?([a-z])$/.exec(localName(name))?.[1];
}

/** The name of a leaf of the graph that stands for a weight. */
export function weightName(leaf: Node): string | undefined {
  if (isOp(leaf, "variable")) return leaf.attributes.variable.name;
  if (isOp(leaf, "input")) return leaf.attributes.name;
  return undefined;
}
