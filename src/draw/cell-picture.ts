/** A cell laid out: states run from left to right through its frame, x and a memory enter from below, what it shows leaves above. */

import { type Diagram, isTerminal, type Vertex, type VertexKind, type Wire } from "./diagram.ts";
import {
  type Box,
  cornersOf,
  type ElkExtendedEdge,
  type ElkNode,
  type ElkPort,
  type LayoutOptions,
  type Point,
  runElk,
} from "./layout.ts";
import type { Label, Line, Picture } from "./picture.ts";
import { FONT_SIZE, meetingPoint, type Side, sideNames, vertexSize } from "./shapes.ts";
import { type Sides, sidesOf } from "./sides.ts";
import { measure } from "./text.ts";

const MARGIN = 16;
/** How far wires run outside of the frame. */
const STUB = 30;
/** How far within the frame x turns in, and what the cell shows turns out. */
const TURN = 14;
/** How far inputs stand apart. The first one turns in lowest, and last. */
const APART = 26;

/** Terminals clockwise from the upper left corner; all wires enter on the left and leave on the right, until they turn. */
const terminalOrder: readonly VertexKind[] = ["output", "next", "input", "past", "state"];
const leaves: readonly VertexKind[] = ["output", "next"];

const cellOptions: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.portConstraints": "FIXED_ORDER",
  "elk.spacing.nodeNode": "14",
  "elk.spacing.edgeNode": "14",
  "elk.spacing.edgeEdge": "12",
  "elk.spacing.portPort": "26",
  "elk.layered.spacing.nodeNodeBetweenLayers": "30",
  "elk.layered.spacing.edgeNodeBetweenLayers": "14",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "12",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.layering.strategy": "LONGEST_PATH_SOURCE",
};

export async function cellPicture(title: string, diagram: Diagram): Promise<Picture> {
  const sides = sidesOf(diagram);
  const inner = diagram.vertices.filter((vertex) => !isTerminal(vertex));
  const terminals = diagram.vertices.filter(isTerminal).sort((a, b) => clockwise(a) - clockwise(b));
  // What the cell shows is mostly a part of the next state: then it parts from that line at last.
  const shown = diagram.wires.find(({ to }) => kindOf(diagram, to) === "output");
  const parent = diagram.wires.find(({ from, to }) => from === shown?.from && kindOf(diagram, to) === "next");
  const wires = diagram.wires.filter((wire) => !parent || wire !== shown);
  const cell: ElkNode = {
    id: "cell",
    layoutOptions: {
      ...cellOptions,
      "elk.padding": `[top=26,left=${28 + APART * Math.max(0, inputsOf(diagram).length - 1)},bottom=26,right=28]`,
    },
    children: inner.map((vertex) => elkVertex(vertex, { ...diagram, wires }, sides)),
    ports: terminals.filter(({ id }) => !parent || id !== shown?.to).map(elkTerminal),
    edges: wires.map((wire, index) => elkWire(wire, index, diagram, sides)),
  };
  // Ports of the outermost graph are refused, so a graph stands around the cell.
  const root = { id: "root", layoutOptions: { "elk.algorithm": "layered" }, children: [cell] };
  const placed = (await runElk(root)).children?.[0];
  if (!placed) throw new Error("a layout without the cell");

  const widest = (kinds: readonly VertexKind[]) =>
    Math.max(
      0,
      ...terminals
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ text }) => measure(text[0] ?? "", FONT_SIZE)),
    );
  const left = MARGIN + STUB + widest(["state", "past"]);
  const top = MARGIN + STUB + 20;
  const [width, height] = [placed.width ?? 0, placed.height ?? 0];
  const frame = { x: left, y: top, width, height };
  const at = ({ x = 0, y = 0 }: Partial<Point>): Point => ({ x: x + left, y: y + top });
  const lines = (placed.edges ?? []).map((edge, index): Line => {
    const wire = wires[index] as Wire;
    return {
      ...wire,
      points: outward(cornersOf(edge).map(at), wire, diagram, frame),
      junctions: edge.junctionPoints?.map(at),
      state: sides.isStateLine(wire),
    };
  });
  const trunk = lines.find(({ to }) => to === parent?.to);
  if (shown && trunk) lines.push(branch(shown, trunk, frame));
  return {
    title,
    width: left + width + STUB + widest(["next"]) + MARGIN,
    height: top + height + STUB + 20 + MARGIN,
    frame,
    vertices: inner.map((vertex) => {
      const found = placed.children?.find(({ id }) => id === vertex.id);
      return { vertex, box: { ...at(found ?? {}), ...vertexSize(vertex) } };
    }),
    lines,
    labels: terminals.map((terminal) => labelOf(terminal, lines)),
  };
}

/** What enters from below. */
const inputsOf = ({ vertices }: Diagram) => vertices.filter(({ kind }) => kind === "input");

const kindOf = ({ vertices }: Diagram, id: string) => vertices.find((vertex) => vertex.id === id)?.kind;

/** The way up and out, from the end of the line that leaves on the right. */
function branch(wire: Wire, { points }: Line, frame: Box): Line {
  const { y } = points.at(-1) as Point;
  const x = frame.x + frame.width - TURN;
  const start = { x, y };
  return { ...wire, points: [start, { x, y: frame.y - STUB }], junctions: [start] };
}

/** Its place on the way around the cell. */
function clockwise({ kind, part = 0 }: Vertex): number {
  return 1000 * terminalOrder.indexOf(kind) + (kind === "next" ? -part : part);
}

function elkTerminal(terminal: Vertex, index: number): ElkPort {
  const side = leaves.includes(terminal.kind) ? "EAST" : "WEST";
  const layoutOptions = { "elk.port.side": side, "elk.port.index": String(index) };
  return { id: terminal.id, width: 0, height: 0, layoutOptions };
}

function elkVertex(vertex: Vertex, diagram: Diagram, sides: Sides): ElkNode {
  const { width, height } = vertexSize(vertex);
  const port = (id: string, side: Side, x: number) => ({
    id,
    width: 0,
    height: 0,
    ...meetingPoint(vertex, side),
    x,
    layoutOptions: { "elk.port.side": sideNames[side] },
  });
  // What enters the frame lowest comes last, so that wires to a box do not cross.
  const isInput = ({ from }: Wire) => Number(kindOf(diagram, from) === "input");
  const entering = diagram.wires.filter(({ to }) => to === vertex.id).sort((a, b) => isInput(a) - isInput(b));
  return {
    id: vertex.id,
    width,
    height,
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    ports: [
      port(`${vertex.id} out`, "E", width),
      ...entering.map((wire) => {
        const side = sides.sideOf(wire);
        const beside = entering.filter((other) => sides.sideOf(other) === side);
        // Wires meet in a circle, and keep apart where a box says what it does with each.
        const share = vertex.kind === "product" ? (beside.indexOf(wire) + 1) / (beside.length + 1) : 0.5;
        return port(portOf(wire), side, side === "W" ? 0 : width * share);
      }),
    ],
  };
}

const portOf = ({ from, to }: Wire) => `${to} from ${from}`;

function elkWire(wire: Wire, index: number, { vertices, wires }: Diagram, sides: Sides): ElkExtendedEdge {
  const isPort = (id: string) => vertices.some((vertex) => vertex.id === id && isTerminal(vertex));
  const isOnly = wires.filter(({ from }) => from === wire.from).length === 1;
  const priority = sides.isOnLine(wire) ? "100" : isOnly && sides.sideOf(wire) === "W" ? "20" : "1";
  return {
    id: `wire ${index}`,
    sources: [isPort(wire.from) ? wire.from : `${wire.from} out`],
    targets: [isPort(wire.to) ? wire.to : portOf(wire)],
    layoutOptions: {
      "elk.layered.priority.straightness": priority,
      "elk.layered.priority.shortness": priority,
    },
  };
}

/** The corners of a wire, which goes on outside of the frame where it ends or starts there. */
function outward(points: readonly Point[], { from, to }: Wire, diagram: Diagram, frame: Box): Point[] {
  const inputs = inputsOf(diagram);
  const beyond = (kind: VertexKind | undefined, { y }: Point): Point[] => {
    const right = frame.x + frame.width;
    if (kind === "state" || kind === "past") return [{ x: frame.x - STUB, y }];
    if (kind === "next") return [{ x: right + STUB, y }];
    const after = inputs.length - 1 - inputs.findIndex(({ id }) => id === from);
    const x = kind === "input" ? frame.x + TURN + APART * after : right - TURN;
    const outside = kind === "input" ? frame.y + frame.height + STUB : frame.y - STUB;
    return [
      { x, y: outside },
      { x, y },
    ];
  };
  const [enters, exits] = [kindOf(diagram, from), kindOf(diagram, to)];
  const [first, last] = [points[0], points.at(-1)] as [Point, Point];
  const isFromOutside = enters === "state" || enters === "past" || enters === "input";
  const isToOutside = exits === "next" || exits === "output";
  return straight([
    ...(isFromOutside ? beyond(enters, first) : [first]),
    ...points.slice(1, -1),
    ...(isToOutside ? beyond(exits, last).toReversed() : [last]),
  ]);
}

/** Without the corners that are none. */
function straight(points: readonly Point[]): Point[] {
  return points.filter((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before || !after) return true;
    const along = (axis: "x" | "y") =>
      Math.abs(before[axis] - point[axis]) < 0.01 && Math.abs(after[axis] - point[axis]) < 0.01;
    return !along("x") && !along("y");
  });
}

/** A terminal's label stands at the outer end of its wires. */
function labelOf({ id, kind, text }: Vertex, lines: readonly Line[]): Label {
  const line = lines.find(({ from, to }) => from === id || to === id);
  const end = (line?.from === id ? line.points[0] : line?.points.at(-1)) ?? { x: 0, y: 0 };
  const [label = ""] = text;
  switch (kind) {
    case "next":
      return { text: label, x: end.x + 6, y: end.y + 5, anchor: "start" };
    case "input":
      return { text: label, x: end.x, y: end.y + 17, anchor: "middle" };
    case "output":
      return { text: label, x: end.x, y: end.y - 8, anchor: "middle" };
    default:
      return { text: label, x: end.x - 6, y: end.y + 5, anchor: "end" };
  }
}
