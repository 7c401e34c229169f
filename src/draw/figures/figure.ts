/** A figure of numbers: panels beside each other, each with lines, dots, bars or a heat map over two axes. Knows no library that draws. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";

export interface FigureAxis {
  /** What is measured along it, with its unit. */
  readonly label: string;
  /** Default "linear". */
  readonly scale?: "linear" | "log" | undefined;
  /** From where to where it reaches; default as far as what it has. */
  readonly domain?: readonly [least: number, greatest: number] | undefined;
}

/** Numbers over numbers; of several with one name, such as one for each seed, all have its colour. NaN in `y` parts a line. */
export interface FigureLine {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly dashed?: boolean | undefined;
}

/** Single points. */
export type FigureDots = Omit<FigureLine, "dashed">;

/** The values of one case, such as one for each seed: a bar as high as their mean, with a dot for each. */
export interface FigureBar {
  /** What stands below it; bars of one group stand beside each other. */
  readonly group: string;
  /** What the legend calls it; default the group, without a legend. */
  readonly name?: string | undefined;
  readonly values: readonly number[];
}

/** Numbers as colours. NaN is left free. */
export interface FigureHeat {
  /** From the top, all of one length. */
  readonly rows: readonly (readonly number[])[];
  readonly rowLabels?: readonly string[] | undefined;
  readonly columnLabels?: readonly string[] | undefined;
  /** Whether the sign counts: two colours, from 0. */
  readonly signed?: boolean | undefined;
}

/** A level to compare with, as a dashed line across. */
export interface FigureRule {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly label?: string | undefined;
}

export interface FigurePanel {
  readonly title?: string | undefined;
  readonly x: FigureAxis;
  readonly y: FigureAxis;
  readonly lines?: readonly FigureLine[] | undefined;
  readonly dots?: readonly FigureDots[] | undefined;
  /** A panel that has bars, or a heat map, has no lines and no dots. */
  readonly bars?: readonly FigureBar[] | undefined;
  readonly heat?: FigureHeat | undefined;
  readonly rules?: readonly FigureRule[] | undefined;
}

/** A box of a graph. Its texts are in the markup `w_{1} x`, which sets 1 lower. */
export interface FigureNode {
  readonly id: string;
  /** Its place, from 0: columns from the left, rows from below. */
  readonly column: number;
  readonly row: number;
  readonly text: string;
  /** What it has forwards, such as a value, and what comes back, such as the gradient of a loss. */
  readonly forwards?: string | undefined;
  readonly backwards?: string | undefined;
}

/** An arrow from box to box: up within a column, or on to the next one. */
export interface FigureEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string | undefined;
}

/** A small computation, each box with its value and what comes back to it. */
export interface FigureGraph {
  readonly nodes: readonly FigureNode[];
  readonly edges: readonly FigureEdge[];
  /** What the two numbers of a box are. */
  readonly key: { readonly forwards: string; readonly backwards: string };
}

/** What has one name has one colour in all panels. */
export interface Figure {
  readonly title: string;
  /** Stands above the panels. */
  readonly graph?: FigureGraph | undefined;
  /** May be none below a graph. */
  readonly panels: readonly FigurePanel[];
  /** How many panels stand beside each other, from 1; default 2, or 1 of one. */
  readonly columns?: number | undefined;
}

/** Throws UsageError, which begins with `where`, for a figure whose lists do not fit each other. */
export function checkFigure(where: string, figure: Figure): void {
  if (!Array.isArray((figure as Partial<Figure> | null | undefined)?.panels)) {
    throw new UsageError(`${where}: ${printGiven(figure)} given, a figure with panels expected`);
  }
  for (const { lines = [], dots = [], heat } of figure.panels) {
    for (const { name, x, y } of [...lines, ...dots]) {
      if (x.length === y.length) continue;
      throw new UsageError(
        `${where}: ${name}: ${x.length} numbers x and ${y.length} numbers y, as many expected`,
      );
    }
    const ragged = heat?.rows.find((row) => row.length !== heat.rows[0]?.length);
    if (ragged) {
      throw new UsageError(
        `${where}: a row of ${ragged.length} numbers beside one of ${heat?.rows[0]?.length}`,
      );
    }
  }
}
