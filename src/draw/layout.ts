/** Where everything stands: the drawing is laid out in layers by ELK, the Eclipse Layout Kernel. */

import type { ElkExtendedEdge, ElkNode, ElkPort, LayoutOptions } from "elkjs/lib/elk-api.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Lays out a graph. ELK is loaded when the first drawing is made: nobody else pays for it. */
export async function runElk(graph: ElkNode): Promise<ElkNode> {
  const { default: elk } = await import("elkjs/lib/elk.bundled.js");
  // In a web worker, the first ELK takes the worker's messages for its own.
  const scope = globalThis as { onmessage?: unknown };
  const { onmessage } = scope;
  const layouter = new elk.default();
  if (scope.onmessage !== onmessage) scope.onmessage = onmessage;
  return layouter.layout(graph);
}

export type { ElkExtendedEdge, ElkNode, ElkPort, LayoutOptions };

/** The corners of a laid out edge, from its start to its end. */
export function cornersOf({ sections = [] }: ElkExtendedEdge): Point[] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
}
