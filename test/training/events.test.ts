// Measures of events: windows that are detected, alarms that are false, and the area under precision and recall.
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.ts";
import { averagePrecision, EventCounts } from "../../src/training/measures/index.ts";

const digits = (text: string) => [...text].map(Number);

describe("events", () => {
  it("are detected by one alarm; an alarm that touches one is not false", () => {
    const events = new EventCounts();
    //                 0123456789012345
    events.add(digits("0110001100100000"), [
      [2, 4],
      [9, 12],
      [14, 15],
    ]);
    expect(events.report()).toEqual({
      windows: 3,
      detected: 2,
      falseAlarms: 1,
      precision: 2 / 3,
      recall: 2 / 3,
      f1: 2 / 3,
      delay: 0.5,
    });
    events.add([true, false, true], []);
    expect(events.report()).toMatchObject({ windows: 3, falseAlarms: 3, precision: 0.4 });
  });

  it("that are not there give zeros, never NaN", () => {
    const none = { windows: 0, detected: 0, falseAlarms: 0, precision: 0, recall: 0, f1: 0, delay: 0 };
    expect(new EventCounts().report()).toEqual(none);
  });

  it.each([[[3, 2]], [[-1, 2]], [[2, 4]], [[0.5, 2]]])("the window %j of four rows is refused", (window) => {
    expect(() => new EventCounts().add([0, 0, 0, 0], [window as [number, number]])).toThrow(DataError);
  });
});

describe("average precision", () => {
  it("is 1 where all anomalies score highest, and their share where all scores are equal", () => {
    expect(averagePrecision([1, 9, 2, 8], [0, 1, 0, 1])).toBe(1);
    expect(averagePrecision([5, 5, 5, 5], [0, 1, 0, 0])).toBe(0.25);
  });

  it("is that of the definition", () => {
    // Ranked: yes, no, yes, no, yes: precisions 1, 2/3, 3/5.
    expect(averagePrecision([10, 8, 6, 4, 2], [true, false, true, false, true])).toBeCloseTo(
      (1 + 2 / 3 + 3 / 5) / 3,
      12,
    );
  });

  it("is NaN without an anomaly, and refuses scores that are none", () => {
    expect(averagePrecision([1, 2], [0, 0])).toBeNaN();
    expect(() => averagePrecision([1, Number.NaN], [0, 1])).toThrow("score 1 is NaN");
    expect(() => averagePrecision([1], [0, 1])).toThrow(DataError);
  });
});
