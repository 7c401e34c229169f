/** A drawing before it is laid out: what stands in it, and what is wired to what. Texts are in the markup of text.ts. */

/**
 * - `product`: weights times what enters, with biases; `function`: one operand, such as tanh; `operation`: several, such as +;
 * - `join`: wires that run on together; `value`: a weight that stands alone; `layer`: a layer along time, or of a network;
 * - the others are where wires enter and leave the drawing.
 */
export type VertexKind = "product" | "function" | "operation" | "join" | "value" | "layer" | TerminalKind;
export type TerminalKind = "input" | "output" | "state" | "next" | "past";

export interface Vertex {
  readonly id: string;
  readonly kind: VertexKind;
  /** What is written in it, line by line. */
  readonly text: readonly string[];
  /** What it is called, such as the gate f; written above it. */
  readonly name?: string | undefined;
  /** Shown when somebody points at it. */
  readonly title?: string | undefined;
  /** For a layer along time: the state that it carries, and how. */
  readonly loop?: Loop | undefined;
  /** For a terminal that belongs to a part of the state: its number. */
  readonly part?: number | undefined;
}

export interface Loop {
  readonly states: readonly string[];
  readonly reverse: boolean;
  /** The distances that steps reach back, ascending: 1, and those of connections that skip steps. */
  readonly distances: readonly number[];
  /** The number of its weights: layers that share theirs have the same. */
  readonly weights: number;
}

export interface Wire {
  readonly from: string;
  readonly to: string;
  /** Whether it brings a layer along time the state before its first step. */
  readonly state?: boolean | undefined;
}

export interface Diagram {
  readonly vertices: readonly Vertex[];
  readonly wires: readonly Wire[];
}

const terminals: ReadonlySet<VertexKind> = new Set<TerminalKind>([
  "input",
  "output",
  "state",
  "next",
  "past",
]);

export function isTerminal({ kind }: Vertex): boolean {
  return terminals.has(kind);
}

/** Vertices and wires as they are found. A wire stands once, however often it is asked for. */
export class DiagramBuilder implements Diagram {
  readonly #vertices = new Map<string, Vertex>();
  readonly #wires = new Map<string, Wire>();

  get vertices(): readonly Vertex[] {
    return [...this.#vertices.values()];
  }

  get wires(): readonly Wire[] {
    return [...this.#wires.values()];
  }

  vertex(id: string): Vertex {
    const found = this.#vertices.get(id);
    if (!found) throw new Error(`no vertex ${id} was drawn`);
    return found;
  }

  /** Returns the vertex's id. */
  add(vertex: Omit<Vertex, "id">, inputs: readonly string[] = [], id = `v${this.#vertices.size}`): string {
    this.#vertices.set(id, { ...vertex, id });
    for (const input of inputs) this.wire(input, id);
    return id;
  }

  wire(from: string, to: string, state = false): void {
    this.#wires.set(`${from} ${to}`, { from, to, state });
  }
}
