/** A chart: panels under each other, each with lines, bands and marks, or a heat map, over one axis. What svg.ts and text.ts beside it draw. */

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

/** Numbers as colours, such as a spectrum over time. NaN is left free. */
export interface ChartHeat {
  /** What the legend calls it. */
  readonly name: string;
  /** From the top, all of one length: a number for each place from 0 on, whose colour reaches half a place to both sides. */
  readonly rows: readonly (readonly number[])[];
  /** What each row is called; default none has a name. */
  readonly labels?: readonly string[] | undefined;
  /** Whether the sign counts: two colours, from 0. Default one, from the least number to the greatest. */
  readonly signed?: boolean | undefined;
  /** From where to where the colours reach, at least. Default no farther than the numbers do. */
  readonly reach?: readonly [least: number, greatest: number] | undefined;
}

export interface ChartPanel {
  readonly title: string;
  /**
   * What a place along the axis is called, such as its time; it is asked for whole numbers within what is drawn. Without it there are no
   * labels, as where a panel below has them.
   */
  label?(x: number): string;
  readonly lines: readonly ChartLine[];
  /** Wider bands stand before narrower ones: the later is drawn over the earlier. */
  readonly bands: readonly ChartBand[];
  readonly marks: readonly ChartMarks[];
  /** A panel that has one has nothing else. */
  readonly heat?: ChartHeat | undefined;
  /** From where to where the axis reaches; default as far as what it has. */
  readonly reach?: readonly [first: number, last: number] | undefined;
  /** How high it is against a usual panel. Default 1. */
  readonly height?: number | undefined;
}

/** What has one name has one colour in all panels, and one scale. */
export interface Chart {
  readonly title: string;
  readonly panels: readonly ChartPanel[];
}
