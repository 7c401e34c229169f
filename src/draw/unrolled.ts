/** A network unrolled over some steps: one column for each step, the state led from column to column, shared weights marked. */

import { UsageError } from "../errors.ts";
import { type Column, layoutColumn } from "./column.ts";
import type { Loop, Vertex, Wire } from "./diagram.ts";
import type { Box, Point } from "./layout.ts";
import type { NetworkDiagram } from "./network.ts";
import type { Label, Line, Picture, PlacedVertex } from "./picture.ts";
import { SMALL_SIZE } from "./shapes.ts";
import { measure } from "./text.ts";

const MARGIN = 24;
/** From one column to the next. */
const GAP = 44;
/** How far the first and the last state lines lead out. */
const STUB = 34;
/** How far from its end a wire turns to another column. */
const CHANNEL = 12;

/** Throws UsageError for a network with sequences of several lengths, or over trees: it has no common steps. */
export async function unrolledPicture(
  title: string,
  diagram: NetworkDiagram,
  steps: number,
): Promise<Picture> {
  const { lengths, steps: own } = diagram;
  if (own.some(({ step }) => step.over === "tree")) {
    throw new UsageError("draw: a network over trees has no common steps to unroll, draw it folded");
  }
  if (lengths.length !== 1) {
    const given =
      lengths.length > 1 ? `sequences of lengths ${lengths.join(" and ")}` : "no layer along time";
    throw new UsageError(`draw: a network with ${given} cannot be unrolled, draw it folded`);
  }
  const numbered = withWeights(diagram);
  const column = await layoutColumn(numbered, { beside: 0, apart: true });
  const loops = numbered.vertices.flatMap(({ id, loop }) => (loop ? [{ id, loop }] : []));
  const stateWidth = Math.max(0, ...loops.map(({ loop }) => measure(stateText(loop, "0"), SMALL_SIZE)));
  const left = MARGIN + (loops.length > 0 ? stateWidth + STUB : 0);
  const pitch = column.width + GAP;
  const place = (step: number) => (point: Point) => ({
    x: point.x + left + step * pitch,
    y: point.y + MARGIN,
  });
  const vertices: PlacedVertex[] = [];
  for (let step = 0; step < steps; step++) {
    const at = place(step);
    for (const vertex of numbered.vertices) {
      if (homeOf(vertex.id, step, numbered, steps) !== step) continue;
      const box = column.boxes.get(vertex.id) as Box;
      const copy = copyOf(vertex, step, numbered.outsideTime.has(vertex.id));
      vertices.push({ vertex: copy, box: { ...box, ...at(box) }, color: vertex.loop?.weights });
    }
  }
  const lines = column.lines.flatMap(({ wire, points, junctions }) =>
    stepsOf(wire, numbered, steps).map((step): Line => {
      const from = homeOf(wire.from, step, numbered, steps);
      const to = homeOf(wire.to, step, numbered, steps);
      return {
        from: copyId(wire.from, from),
        to: copyId(wire.to, to),
        points: across(points, { from: place(from), at: place(step), to: place(to) }),
        junctions: from === to ? junctions.map(place(step)) : [],
        state: wire.state,
      };
    }),
  );
  const states = loops.map(({ id, loop }) => stateLines(id, loop, column, { steps, place }));
  return {
    title,
    width: left + steps * pitch - GAP + (left - MARGIN) + MARGIN,
    height: column.height + 2 * MARGIN,
    vertices,
    lines: [...lines, ...states.flatMap((drawn) => drawn.lines)],
    labels: states.flatMap((drawn) => drawn.labels),
  };
}

const copyId = (id: string, step: number) => `${id} ${step + 1}`;

/** Layers along time say which weights are theirs. */
function withWeights(diagram: NetworkDiagram): NetworkDiagram {
  const vertices = diagram.vertices.map((vertex) =>
    vertex.loop ? { ...vertex, text: [...vertex.text, `W_{${vertex.loop.weights + 1}}`] } : vertex,
  );
  return { ...diagram, vertices };
}

function copyOf(vertex: Vertex, step: number, isOutside: boolean): Vertex {
  const isNumbered = (vertex.kind === "input" || vertex.kind === "output") && !isOutside;
  const text = isNumbered ? vertex.text.map((line) => `${line}_{${step + 1}}`) : vertex.text;
  return { ...vertex, id: copyId(vertex.id, step), text };
}

/** The column in which a vertex stands: that of the step, unless it stands before or after all steps. */
function homeOf(id: string, step: number, { outsideTime }: NetworkDiagram, steps: number): number {
  const outside = outsideTime.get(id);
  if (!outside) return step;
  return outside.when === "before" ? 0 : steps - 1;
}

/** The steps at which a wire is drawn. */
function stepsOf(
  { from, to, state }: Wire,
  { vertices, outsideTime }: NetworkDiagram,
  steps: number,
): number[] {
  const all = Array.from({ length: steps }, (_, step) => step);
  const [source, target] = [outsideTime.get(from), outsideTime.get(to)];
  const isReverse = (id: string) => vertices.find((vertex) => vertex.id === id)?.loop?.reverse ?? false;
  const only = (isFirst: boolean) => [isFirst ? 0 : steps - 1];
  if (source && target) return only(target.when === "before");
  if (source) return state ? only(!isReverse(to)) : all;
  if (!target || target.reads === "all") return all;
  return only(target.reads === undefined ? isReverse(from) : target.reads === "first");
}

type Place = (point: Point) => Point;

/**
 * The way of a wire at a step, from the column where it starts to the one where it ends. It crosses over right after its
 * start or right before its end, between two rows, where there is nothing but wires.
 */
function across(points: readonly Point[], { from, at, to }: Record<"from" | "at" | "to", Place>): Point[] {
  const way = points.map(at);
  const [first, last] = [points[0], points.at(-1)] as [Point, Point];
  const [start, end] = [from(first), to(last)];
  if (start.x !== way[0]?.x) {
    const rest = way.slice(Math.min(2, way.length - 1));
    const y = start.y - CHANNEL;
    return [start, { x: start.x, y }, { x: rest[0]?.x ?? end.x, y }, ...rest];
  }
  if (end.x === way.at(-1)?.x) return way;
  const rest = way.slice(0, Math.max(1, way.length - 2));
  const y = end.y + CHANNEL;
  return [...rest, { x: rest.at(-1)?.x ?? start.x, y }, { x: end.x, y }, end];
}

/** A state before a step or after it. */
function stateText({ states }: Loop, time: string): string {
  return states.map((name) => `${name}_{${time}}`).join(", ");
}

interface Copies {
  readonly steps: number;
  readonly place: (step: number) => Place;
}

/** A line over the columns between two boxes, that much higher than their middles. */
function skip(from: Point, to: Point, { height }: { height: number }): Point[] {
  const [start, end] = [from, to].map(({ x, y }) => ({ x, y: y - 14 })) as [Point, Point];
  const up = (x: number): Point => ({ x, y: from.y - height });
  return [
    start,
    { x: start.x + 14, y: start.y },
    up(start.x + 14),
    up(end.x - 14),
    { x: end.x - 14, y: end.y },
    end,
  ];
}

/** The lines of a state from step to step, into the first and out of the last, and those that skip steps. */
function stateLines(
  id: string,
  loop: Loop,
  column: Column,
  { steps, place }: Copies,
): { lines: Line[]; labels: Label[] } {
  const box = column.boxes.get(id) as Box;
  const y = box.y + box.height / 2;
  const leftOf = (step: number) => place(step)({ x: box.x, y });
  const rightOf = (step: number) => place(step)({ x: box.x + box.width, y });
  const edge = { left: place(0)({ x: -STUB, y }), right: place(steps - 1)({ x: column.width + STUB, y }) };
  const along = (from: Point, to: Point): Point[] => (loop.reverse ? [to, from] : [from, to]);
  const joined = (from: number | undefined, to: number | undefined, points: Point[]): Line => {
    const [first, last] = [from, to].map((step) => (step === undefined ? `${id} state` : copyId(id, step)));
    const [start, end] = (loop.reverse ? [last, first] : [first, last]) as [string, string];
    return { from: start, to: end, points, state: true };
  };
  const isGiven = column.lines.some(({ wire }) => wire.to === id && wire.state);
  const [opens, closes] = [!isGiven || loop.reverse, !isGiven || !loop.reverse];
  const lines: Line[] = opens ? [joined(undefined, 0, along(edge.left, leftOf(0)))] : [];
  for (let step = 1; step < steps; step++) {
    lines.push(joined(step - 1, step, along(rightOf(step - 1), leftOf(step))));
  }
  if (closes) lines.push(joined(steps - 1, undefined, along(rightOf(steps - 1), edge.right)));
  const tracks = loop.distances.slice(1).reduce((sum, distance) => sum + distance, 0);
  let track = 0;
  for (const distance of loop.distances.slice(1)) {
    for (let step = distance; step < steps; step++) {
      const points = skip(rightOf(step - distance), leftOf(step), {
        // Lines that overlap in time run on tracks of their own.
        height: box.height / 2 + 6 + (24 * (track + (step % distance) + 0.5)) / tracks,
      });
      lines.push(joined(step - distance, step, loop.reverse ? points.toReversed() : points));
    }
    track += distance;
  }
  const [first, last] = loop.reverse ? [String(steps + 1), "1"] : ["0", String(steps)];
  const [start, end] = loop.reverse ? [last, first] : [first, last];
  const label = (time: string | undefined, { x, y }: Point, anchor: "start" | "end"): Label => ({
    text: stateText(loop, time ?? ""),
    x: anchor === "end" ? x - 5 : x + 5,
    y: y + 4,
    anchor,
    small: true,
  });
  return {
    lines,
    labels: [
      ...(opens ? [label(start, edge.left, "end")] : []),
      ...(closes ? [label(end, edge.right, "start")] : []),
    ],
  };
}
