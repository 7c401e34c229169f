/** On which side wires enter: the line of a state runs straight through, and what joins it comes from where it stands. */

import type { Diagram, Vertex, Wire } from "./diagram.ts";
import type { Side } from "./shapes.ts";

export interface Sides {
  /** The side on which a wire enters its vertex. */
  sideOf(wire: Wire): Side;
  /** Whether a wire leads from a part of the state to its next value by the shortest way. */
  isOnLine(wire: Wire): boolean;
  /** Whether a wire carries the state itself: along such a way up to the first weights, and from the last on. */
  isStateLine(wire: Wire): boolean;
}

/** For drawings that are read from left to right, the first state at the bottom. */
export function sidesOf({ vertices, wires }: Diagram): Sides {
  const byId = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const into = new Map<string, Wire[]>();
  for (const wire of wires) into.set(wire.to, [...(into.get(wire.to) ?? []), wire]);

  const lines = new Map<string, number>();
  const onLine = new Set<Wire>();
  const carried = new Set<Wire>();
  for (const { id, kind, part = 0 } of vertices) {
    if (kind !== "next") continue;
    const isStart = (vertex: Vertex) => vertex.kind === "state" && vertex.part === part;
    const path = shortestPath(id, into, (from) => isStart(byId.get(from) as Vertex));
    const isCarried = ({ to }: Wire) => ["operation", "next"].includes(byId.get(to)?.kind ?? "");
    const cut = path.findIndex((wire) => !isCarried(wire));
    path.forEach((wire, index) => {
      onLine.add(wire);
      if (cut === -1 || index <= cut || path.slice(index).every(isCarried)) carried.add(wire);
    });
    for (const wire of path) {
      if (!lines.has(wire.to)) lines.set(wire.to, part);
    }
  }

  const levels = new Map<string, number>();
  const levelOf = (id: string): number => {
    const vertex = byId.get(id) as Vertex;
    const known = levels.get(id) ?? lines.get(id) ?? (vertex.kind === "state" ? vertex.part : undefined);
    if (known !== undefined) return known;
    const level = Math.max(-1, ...(into.get(id) ?? []).map(({ from }) => levelOf(from)));
    levels.set(id, level);
    return level;
  };

  const mainOf = (id: string): Wire | undefined => {
    const found = into.get(id) ?? [];
    const isInput = ({ from }: Wire) => byId.get(from)?.kind === "input";
    return found.find((wire) => onLine.has(wire)) ?? found.find((wire) => !isInput(wire)) ?? found[0];
  };
  return {
    isOnLine: (wire) => onLine.has(wire),
    isStateLine: (wire) => carried.has(wire),
    sideOf(wire) {
      const main = mainOf(wire.to);
      if (!main || wire === main) return "W";
      const here = lines.get(wire.to) ?? levelOf(main.from);
      return levelOf(wire.from) > here ? "N" : "S";
    },
  };
}

/** The wires of the shortest way back from a vertex to a start; none where there is no way. */
function shortestPath(
  end: string,
  into: ReadonlyMap<string, readonly Wire[]>,
  isStart: (id: string) => boolean,
): Wire[] {
  const towardsEnd = new Map<string, Wire | undefined>([[end, undefined]]);
  for (const id of towardsEnd.keys()) {
    if (isStart(id)) {
      const path: Wire[] = [];
      for (let wire = towardsEnd.get(id); wire; wire = towardsEnd.get(wire.to)) path.push(wire);
      return path;
    }
    for (const wire of into.get(id) ?? []) {
      if (!towardsEnd.has(wire.from)) towardsEnd.set(wire.from, wire);
    }
  }
  return [];
}
