/** A chart: panels under each other, each with lines, bands and marks over one axis. What svg.ts and text.ts beside it draw. */

/** Numbers by their place along an axis. Both lists are of one length; NaN in `y` parts a line. */
export interface ChartLine {
  /** What the legend calls it. */
  readonly name: string;
  /** In rising order. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly dashed?: boolean | undefined;
}

/** What lies between two lines, such as two quantiles. NaN parts it. */
export interface ChartBand {
  readonly name: string;
  /** In rising order. */
  readonly x: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Single points, such as alarms. */
export interface ChartMarks {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface ChartPanel {
  readonly title: string;
  /** What a place along the axis is called, such as its time; it is asked for whole numbers within what is drawn. */
  label(x: number): string;
  readonly lines: readonly ChartLine[];
  /** Wider bands stand before narrower ones: the later is drawn over the earlier. */
  readonly bands: readonly ChartBand[];
  readonly marks: readonly ChartMarks[];
}

/** Lines, bands and marks of one name have one colour in all panels. */
export interface Chart {
  readonly title: string;
  readonly panels: readonly ChartPanel[];
}
