/** One step of a network laid out from below to above: the column that unrolling repeats. */

import { type Diagram, isTerminal, type Vertex, type Wire } from "./diagram.ts";
import {
  type Box,
  cornersOf,
  type ElkExtendedEdge,
  type ElkNode,
  type LayoutOptions,
  type Point,
  runElk,
} from "./layout.ts";
import { meetingPoint, type Side, sideNames, vertexSize } from "./shapes.ts";

export interface Column {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly lines: readonly { readonly wire: Wire; readonly points: Point[]; readonly junctions: Point[] }[];
}

export interface ColumnOptions {
  /** Room to the left and the right of every layer along time. */
  readonly beside: number;
  /** Whether layers along time stand one above the other, so that lines from column to column meet no box. */
  readonly apart: boolean;
}

const columnOptions: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "UP",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
  "elk.spacing.nodeNode": "24",
  "elk.spacing.edgeNode": "18",
  "elk.layered.spacing.nodeNodeBetweenLayers": "34",
  "elk.layered.spacing.edgeNodeBetweenLayers": "14",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
};

export async function layoutColumn(diagram: Diagram, { beside, apart }: ColumnOptions): Promise<Column> {
  const { vertices, wires } = diagram;
  const depths = depthsOf(diagram);
  const marginOf = ({ loop }: Vertex) => (loop ? beside : 0);
  const sideOf = (wire: Wire): Side => {
    if (wire.state) return "W";
    const target = vertices.find(({ id }) => id === wire.to);
    if (target?.kind !== "operation") return "S";
    const inputs = wires.filter(({ to }) => to === wire.to);
    const main = inputs.reduce((best, one) =>
      (depths.get(one.from) ?? 0) > (depths.get(best.from) ?? 0) ? one : best,
    );
    return wire === main ? "S" : "W";
  };
  const children = vertices.map((vertex): ElkNode => {
    const sides = new Set<Side>(["N", ...wires.filter(({ to }) => to === vertex.id).map(sideOf)]);
    const { width, height } = vertexSize(vertex);
    return {
      id: vertex.id,
      width: width + 2 * marginOf(vertex),
      height,
      layoutOptions: {
        "elk.portConstraints": "FIXED_POS",
        ...(apart && { "elk.partitioning.partition": String(partitionOf(vertex, diagram)) }),
        ...(vertex.kind === "output" && { "elk.layered.layering.layerConstraint": "LAST" }),
      },
      ports: [...sides].map((side) => {
        const { x, y } = meetingPoint(vertex, side);
        return {
          id: `${vertex.id}.${side}`,
          width: 0,
          height: 0,
          x: side === "W" ? 0 : x + marginOf(vertex),
          y,
          layoutOptions: { "elk.port.side": sideNames[side] },
        };
      }),
    };
  });
  const edges = wires.map((wire, index): ElkExtendedEdge => {
    const deepest = (depths.get(wire.to) ?? 0) - (depths.get(wire.from) ?? 0) === 1;
    return {
      id: `wire ${index}`,
      sources: [`${wire.from}.N`],
      targets: [`${wire.to}.${sideOf(wire)}`],
      layoutOptions: { "elk.layered.priority.straightness": deepest ? "10" : "1" },
    };
  });
  const layoutOptions = { ...columnOptions, "elk.partitioning.activate": String(apart) };
  const placed = await runElk({ id: "column", layoutOptions, children, edges });
  const boxes = new Map<string, Box>();
  for (const vertex of vertices) {
    const { x = 0, y = 0 } = placed.children?.find(({ id }) => id === vertex.id) ?? {};
    boxes.set(vertex.id, { x: x + marginOf(vertex), y, ...vertexSize(vertex) });
  }
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    boxes,
    lines: (placed.edges ?? []).map((edge, index) => {
      const wire = wires[index] as Wire;
      const [points, target] = [cornersOf(edge), boxes.get(wire.to)];
      const end = points.at(-1);
      // Within the room beside a layer, a wire that enters from there goes straight on.
      if (wire.state && target && end && end.x < target.x) points.push({ x: target.x, y: end.y });
      return { wire, points, junctions: edge.junctionPoints ?? [] };
    }),
  };
}

/** The number of wires on the longest way from an input to each vertex. */
function depthsOf({ vertices, wires }: Diagram): Map<string, number> {
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const inputs = wires.filter(({ to }) => to === id);
    const depth = 1 + Math.max(-1, ...inputs.map(({ from }) => depthOf(from)));
    depths.set(id, depth);
    return depth;
  };
  for (const { id } of vertices) depthOf(id);
  return depths;
}

/** Layers along time have odd numbers, each its own; everything else stands between those that it reads and all later ones. */
function partitionOf(vertex: Vertex, { vertices, wires }: Diagram): number {
  const order = vertices.filter(({ loop }) => loop).map(({ id }) => id);
  if (vertex.loop) return 2 * order.indexOf(vertex.id) + 1;
  if (vertex.kind === "output") return 2 * order.length;
  const before = (id: string): number =>
    Math.max(order.indexOf(id), ...wires.filter(({ to }) => to === id).map(({ from }) => before(from)));
  return isTerminal(vertex) ? 0 : 2 * (before(vertex.id) + 1);
}
