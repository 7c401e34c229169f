/**
 * Where loop nests end: a function that takes many instructions, such as tanh, does not wait for another one in the same nest.
 * A core looks ahead to the next elements, and so works on several at once, as long as the chain of an element is short.
 */

import { isKind, type Node } from "../../graph/node.ts";
import { factsOf } from "../../graph/operations.ts";

/** Whether a node is elementwise work that takes many instructions. */
export function isDear(node: Node): boolean {
  return isKind(node, "elementwise") && factsOf(node.op).cost === "dear";
}

/** What stands late in its nest: dear functions, and what waits for one there. */
export class Cuts {
  readonly #isOn: boolean;
  readonly #late = new Set<Node>();

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** Whether `reader` may not be in the nest of its input. */
  divides(input: Node, reader: Node): boolean {
    return isDear(reader) && this.#late.has(input);
  }

  isLate(node: Node): boolean {
    return this.#late.has(node);
  }

  /** A node is in the nest of these inputs, among others. */
  placed(node: Node, together: readonly Node[]): void {
    if (this.#isOn && (isDear(node) || together.some((input) => this.#late.has(input)))) this.#late.add(node);
  }
}
