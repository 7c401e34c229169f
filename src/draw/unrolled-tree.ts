/** A tree cell unrolled over a small tree: a box for each node, words below the leaves, the states of children led up to their parents. */

import type { Vertex } from "./diagram.ts";
import type { Point } from "./layout.ts";
import type { Label, Line, Picture, PlacedVertex } from "./picture.ts";
import { type Size, shapeSize } from "./shapes.ts";

const MARGIN = 24;
/** Between boxes, across and down, and how long the lines of words are. */
const [ACROSS, DOWN, STUB] = [26, 62, 26];
/** How far below its parent the state of a child turns, and how much further that of the next one to the middle does. */
const [TURN, APART] = [16, 9];

interface Placed {
  readonly id: string;
  readonly children: readonly Placed[];
  /** The middle of its box, and the upper edge. */
  readonly x: number;
  readonly y: number;
}

/** The same cell at every node of a tree over so many words, each node with up to `arity` children. */
export function unrolledTreePicture(
  title: string,
  { name, states, arity, words }: { name: string; states: readonly string[]; arity: number; words: number },
): Picture {
  // Of one child each, the word is the first of a chain.
  const shape = arity === 1 ? chain(words) : balanced(words, arity);
  const leaves = arity === 1 ? 1 : words;
  const box = (id: string): Vertex => ({ id, kind: "layer", text: [name, "W"] });
  const size = shapeSize(box(""));
  const top = MARGIN + shapeSize({ id: "", kind: "output", text: ["y"] }).height + STUB;
  const nodes: Placed[] = [];
  const root = place(shape, { nodes, left: MARGIN, top: top + heightOf(shape) * (size.height + DOWN), size });
  const vertices: PlacedVertex[] = [];
  const lines: Line[] = [];
  const labels: Label[] = [];
  const add = (vertex: Vertex, { x, y }: Point, { width, height } = shapeSize(vertex)) => {
    vertices.push({
      vertex,
      box: { x: x - width / 2, y, width, height },
      color: vertex.kind === "layer" ? 0 : undefined,
    });
  };
  let word = 0;
  for (const { id, x, y, children } of nodes) {
    add(box(id), { x, y }, size);
    for (const [at, child] of children.entries()) {
      const points = climb(child, { x, y: y + size.height }, { at, of: children.length, size });
      lines.push({ from: child.id, to: id, points, state: true });
      const text = states.map((state) => `${state}_{${at + 1}}`).join(", ");
      labels.push({ text, x: child.x + 7, y: child.y - 7, anchor: "start", small: true });
    }
    if (children.length > 0) continue;
    word += 1;
    const input: Vertex = { id: `x ${word}`, kind: "input", text: [`x_{${word}}`] };
    const below = { x, y: y + size.height + STUB };
    add(input, below);
    lines.push({ from: input.id, to: id, points: [below, { x, y: y + size.height }] });
  }
  const output: Vertex = { id: "y", kind: "output", text: ["y"] };
  add(output, { x: root.x, y: MARGIN });
  const end = { x: root.x, y: MARGIN + shapeSize(output).height };
  lines.push({ from: root.id, to: output.id, points: [{ x: root.x, y: root.y }, end] });
  return {
    title,
    width: 2 * MARGIN + leaves * size.width + (leaves - 1) * ACROSS,
    height: Math.max(...vertices.map(({ box: { y, height } }) => y + height)) + MARGIN,
    vertices,
    lines,
    labels,
  };
}

/** A node as its children. */
interface Shape {
  readonly children: readonly Shape[];
}

function balanced(words: number, arity: number): Shape {
  const parts = Math.min(arity, words);
  if (words === 1) return { children: [] };
  const at = (part: number) => Math.ceil((part * words) / parts);
  return { children: Array.from({ length: parts }, (_, part) => balanced(at(part + 1) - at(part), arity)) };
}

const chain = (nodes: number): Shape => ({ children: nodes === 1 ? [] : [chain(nodes - 1)] });

const heightOf = ({ children }: Shape): number =>
  Math.max(0, ...children.map((child) => heightOf(child) + 1));
const leavesOf = ({ children }: Shape): number =>
  children.length === 0 ? 1 : children.reduce((sum, child) => sum + leavesOf(child), 0);

interface Room {
  readonly nodes: Placed[];
  readonly left: number;
  /** Where the upper edges of boxes at height 0 are. */
  readonly top: number;
  readonly size: Size;
}

/** Leaves stand beside each other, every other node above the middle of its children, as high as its subtree. */
function place(shape: Shape, room: Room): Placed {
  const { nodes, size, top } = room;
  let { left } = room;
  const children = shape.children.map((child) => {
    const placed = place(child, { ...room, left });
    left += leavesOf(child) * (size.width + ACROSS);
    return placed;
  });
  const [first, last] = [children[0], children.at(-1)];
  const x = first && last ? (first.x + last.x) / 2 : left + size.width / 2;
  const y = top - heightOf(shape) * (size.height + DOWN);
  const placed = { id: `node ${nodes.length + 1}`, children, x, y };
  nodes.push(placed);
  return placed;
}

/** From a child up to its place at the lower edge of its parent; outer children turn higher, so that no lines cross. */
function climb(
  child: Placed,
  parent: Point,
  { at, of, size }: { at: number; of: number; size: Size },
): Point[] {
  const x = parent.x + ((at + 1) / (of + 1) - 0.5) * size.width;
  const start = { x: child.x, y: child.y };
  if (Math.abs(x - child.x) < 0.01) return [start, { x, y: parent.y }];
  const y = parent.y + TURN + APART * Math.min(at, of - 1 - at);
  return [start, { x: child.x, y }, { x, y }, { x, y: parent.y }];
}
