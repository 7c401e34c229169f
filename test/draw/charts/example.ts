// A chart with everything that a chart can have, and labels of times.
import type { Chart, ChartPanel } from "../../../src/draw/charts/chart.ts";

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at);

export const panel = (parts: Partial<ChartPanel>): ChartPanel => ({
  ...{ title: "", label: String, lines: [], bands: [], marks: [] },
  ...parts,
});

const wave = (x: number) => 100 + 30 * Math.sin(x / 4);

/** Text of an instant that lies so many milliseconds after another one. */
export const times =
  (start: string, every: number, length = 16) =>
  (x: number) =>
    new Date(Date.parse(`${start}Z`) + x * every).toISOString().slice(0, length).replace("T", " ");

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const everything: Chart = {
  title: 'sales.csv: <2> & "more"',
  panels: [
    panel({
      title: "store A & B",
      label: times("2024-02-20T00:00", HOUR),
      lines: [
        { name: "history", x: range(0, 96), y: range(0, 96).map((x) => (x === 40 ? Number.NaN : wave(x))) },
        { name: "median", x: range(96, 120), y: range(96, 120).map(wave) },
      ],
      bands: [
        {
          name: "0.1 to 0.9",
          x: range(96, 120),
          low: range(96, 120).map((x) => wave(x) - 15),
          high: range(96, 120).map((x) => wave(x) + 15),
        },
      ],
      marks: [{ name: "alarm", x: [20, 21], y: [wave(20), Number.NaN] }],
    }),
    panel({
      title: "store C",
      label: times("2024-02-20T00:00", HOUR),
      lines: [
        { name: "history", x: range(0, 96), y: range(0, 96) },
        { name: "naive", x: range(96, 120), y: range(72, 96), dashed: true },
      ],
    }),
  ],
};
