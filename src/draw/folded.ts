/** A network with its loops: every layer once, its state led back into it. */

import { layoutColumn } from "./column.ts";
import type { Loop } from "./diagram.ts";
import type { Box } from "./layout.ts";
import type { NetworkDiagram } from "./network.ts";
import type { Label, Line, Picture } from "./picture.ts";
import { SMALL_SIZE } from "./shapes.ts";
import { measure } from "./text.ts";

const MARGIN = 24;
const LOOP = 26;

export async function foldedPicture(title: string, diagram: NetworkDiagram): Promise<Picture> {
  const loops = diagram.vertices.flatMap(({ id, loop }) => (loop ? [{ id, loop }] : []));
  const widest = Math.max(0, ...loops.map(({ loop }) => measure(loopText(loop), SMALL_SIZE)));
  const column = await layoutColumn(diagram, { beside: LOOP + widest + 8, apart: false });
  const place = ({ x, y, width, height }: Box): Box => ({ x: x + MARGIN, y: y + MARGIN, width, height });
  const shift = ({ x, y }: { x: number; y: number }) => ({ x: x + MARGIN, y: y + MARGIN });
  const drawn = loops.map(({ id, loop }) => drawLoop(id, loop, place(column.boxes.get(id) as Box)));
  return {
    title,
    width: column.width + 2 * MARGIN,
    height: column.height + 2 * MARGIN,
    vertices: diagram.vertices.map((vertex) => ({
      vertex,
      box: place(column.boxes.get(vertex.id) as Box),
      color: vertex.loop?.weights,
    })),
    lines: [
      ...column.lines.map(({ wire, points, junctions }) => ({
        ...wire,
        points: points.map(shift),
        junctions: junctions.map(shift),
      })),
      ...drawn.map(({ line }) => line),
    ],
    labels: drawn.map(({ label }) => label),
  };
}

function drawLoop(id: string, loop: Loop, { x, y, width, height }: Box): { line: Line; label: Label } {
  const [right, upper, lower] = [x + width, y + 0.22 * height, y + 0.78 * height];
  const points = [
    { x: right, y: upper },
    { x: right + LOOP, y: upper },
    { x: right + LOOP, y: lower },
    { x: right, y: lower },
  ];
  return {
    line: { from: id, to: id, points, state: true },
    label: {
      text: loopText(loop),
      x: right + LOOP + 7,
      y: y + height / 2 + 4,
      anchor: "start",
      small: true,
    },
  };
}

/** What is carried: "h, c"; with how far it reaches where that is not one step, and "←" where it runs backwards. */
function loopText({ states, reverse, distances }: Loop): string {
  const reach = distances.length > 1 ? `, −${distances.slice(1).join(", −")}` : "";
  return `${reverse ? "← " : ""}${states.join(", ")}${reach}`;
}
