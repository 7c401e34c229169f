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
  loading ??= loadElk();
  const { default: elk } = await loading;
  return new elk.default().layout(graph);
}

let loading: ReturnType<typeof loadElk> | undefined;

/** Loads ELK, which in a web worker takes the worker's messages for its own: they are given back. */
async function loadElk() {
  const scope = globalThis as { readonly document?: unknown; onmessage?: unknown };
  const { onmessage } = scope;
  const elk = await import("elkjs/lib/elk.bundled.js");
  if (scope.document === undefined && onmessage !== undefined) scope.onmessage = onmessage;
  return elk;
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
