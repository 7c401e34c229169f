/** What decided in a series: its channels over time, and beneath them a strip of how much each moment spoke for what is told. */

import { UsageError } from "../../errors.ts";
import type { Chart, ChartPanel } from "./chart.ts";

/** What is measured over time. */
export interface Channel {
  readonly name: string;
  /** One at each step; NaN where there is none. */
  readonly values: readonly number[];
}

export interface Moments {
  /** What is told of the series, such as a label and its probability. */
  readonly title: string;
  /** What a step is called, such as its time. */
  label(step: number): string;
  /** From the top: of a spectrum the highest frequency comes first. */
  readonly channels: readonly Channel[];
  /** What the values of channels are, for the legend: "log-mel". */
  readonly values: string;
  /** Of each step: above 0 where it spoke for what is told, below 0 where against. */
  readonly scores: readonly number[];
  /** What the scores are, for the legend. */
  readonly name: string;
}

/** More than these are colours in place of lines. */
const MOST_LINES = 6;

/** The chart of moments. Throws UsageError for scores that are not finite, and for a channel of another length. */
export function momentsChart(moments: Moments): Chart {
  const { title, label, channels, values, scores, name } = moments;
  const wrong = scores.findIndex((score) => !Number.isFinite(score));
  if (wrong >= 0) {
    throw new UsageError(`momentsChart: score ${scores[wrong]} given at ${wrong}, a finite number expected`);
  }
  const other = channels.find((channel) => channel.values.length !== scores.length);
  if (other) {
    const given = `${other.values.length} values for ${scores.length} scores`;
    throw new UsageError(`momentsChart: channel ${other.name}: ${given}`);
  }
  const x = scores.map((_, step) => step);
  const empty = { title: "", lines: [], bands: [], marks: [] };
  const reach = [-0.5, Math.max(1, scores.length) - 0.5] as const;
  const lines = (channel: Channel): ChartPanel => ({
    ...{ ...empty, reach, title: channel.name, height: channels.length === 1 ? 0.8 : 0.45 },
    lines: [{ name: values, x, y: channel.values }],
  });
  const map: ChartPanel = {
    ...empty,
    heat: {
      name: values,
      rows: channels.map((channel) => channel.values),
      labels: channels.map((channel) => channel.name),
    },
  };
  const strip: ChartPanel = {
    ...{ ...empty, label: (step) => label(step), height: 0.1 },
    heat: { name, rows: [scores], signed: true },
  };
  return { title, panels: [...(channels.length > MOST_LINES ? [map] : channels.map(lines)), strip] };
}
