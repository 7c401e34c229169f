/** A drawing that was laid out: boxes at places, lines through corners. What svg.ts prints, whatever is drawn. */

import type { Vertex } from "./diagram.ts";
import type { Box, Point } from "./layout.ts";

export interface PlacedVertex {
  readonly vertex: Vertex;
  readonly box: Box;
  /** Which of the colours of layers it has; the copies of a layer share theirs. */
  readonly color?: number | undefined;
}

export interface Line {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  /** Where it parts from other lines. */
  readonly junctions?: readonly Point[] | undefined;
  /** Whether it is the line of a state. */
  readonly state?: boolean | undefined;
}

export interface Label extends Point {
  readonly text: string;
  readonly anchor: "start" | "middle" | "end";
  readonly small?: boolean | undefined;
}

export interface Picture {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** What surrounds a cell. */
  readonly frame?: Box | undefined;
  readonly vertices: readonly PlacedVertex[];
  readonly lines: readonly Line[];
  readonly labels: readonly Label[];
}
