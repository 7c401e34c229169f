/** How large each kind of vertex is, and where wires meet it. */

import type { Vertex } from "./diagram.ts";
import type { Box } from "./layout.ts";
import { measure } from "./text.ts";

export const FONT_SIZE = 15;
export const SMALL_SIZE = 12.5;
export const LINE = 19;
/** Room for a name above the shape. */
export const NAME_HEIGHT = 15;

export type Side = "W" | "E" | "N" | "S";
/** ELK's names for sides. */
export const sideNames = { W: "WEST", E: "EAST", N: "NORTH", S: "SOUTH" } as const;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of what is drawn, without the name above it. */
export function shapeSize({ kind, text }: Vertex): Size {
  const widest = Math.max(0, ...text.map((line) => measure(line, FONT_SIZE)));
  switch (kind) {
    case "product":
      return { width: Math.ceil(widest) + 20, height: LINE * text.length + 13 };
    case "function":
      return { width: Math.max(40, Math.ceil(widest) + 16), height: LINE * text.length + 13 };
    case "layer":
      return { width: Math.max(132, Math.ceil(widest) + 28), height: LINE * text.length + 20 };
    case "operation": {
      const size = Math.max(26, Math.ceil(widest) + 10);
      return { width: size, height: size };
    }
    case "join":
      return { width: 8, height: 8 };
    default:
      return { width: Math.ceil(widest) + 8, height: LINE };
  }
}

/** The size of a vertex with its name. */
export function vertexSize(vertex: Vertex): Size {
  const { width, height } = shapeSize(vertex);
  return { width, height: height + nameHeight(vertex) };
}

export function nameHeight({ name }: Vertex): number {
  return name === undefined ? 0 : NAME_HEIGHT;
}

/** The shape within the place of a vertex: what is below its name. */
export function shapeBox(vertex: Vertex, { x, y, width, height }: Box): Box {
  const above = nameHeight(vertex);
  return { x, y: y + above, width, height: height - above };
}

/** Where wires meet a vertex on each side: the middle of its shape. */
export function meetingPoint(vertex: Vertex, side: Side): { x: number; y: number } {
  const { width, height } = shapeSize(vertex);
  const above = nameHeight(vertex);
  return {
    x: { W: 0, E: width, N: width / 2, S: width / 2 }[side],
    y: { W: above + height / 2, E: above + height / 2, N: 0, S: above + height }[side],
  };
}
