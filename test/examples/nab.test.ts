// The Numenta benchmark: how counts of several series become the figures of a line.
import { expect, it } from "vitest";
import { add, line, nothing, stepOf } from "../../examples/nab.ts";

it("counts of series are added, and told in one line", () => {
  const total = nothing();
  const one = {
    rows: 1000,
    alarmRate: 20,
    windows: 2,
    detected: 1,
    falseAlarms: 1,
    delay: 8,
    averagePrecision: 0.2,
  };
  add(total, one);
  add(total, {
    ...one,
    rows: 3000,
    alarmRate: 0,
    detected: 0,
    falseAlarms: 0,
    delay: 0,
    averagePrecision: 0.4,
  });
  expect(line("model", total).split(/ {2,}/)).toEqual([
    "model",
    "F1 0.333",
    "precision 0.500",
    "recall 0.250 (1 of 4)",
    "delay 8 rows",
    "5.0 alarms in 10,000 rows",
    "mean area 0.300",
  ]);
  expect(line("none", { ...nothing(), rows: 1, windows: 1 })).toContain("F1 0.000");
});

it("the step of a file is the commonest, whatever gaps and doubled times there are", () => {
  const rows = [
    "2014-03-09 01:00:00,1",
    "2014-03-09 01:05:00,1",
    "2014-03-09 01:10:00,2",
    "2014-03-09 03:00:00,2",
    "2014-03-09 03:00:00,2",
    "2014-03-09 03:05:00,2",
  ];
  expect(stepOf(rows)).toBe(5);
});
