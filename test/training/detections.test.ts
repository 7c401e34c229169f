// Detections against labelled times: hits, misses, and false alarms an hour.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { DetectionCounts, type TimedLabel } from "../../src/training/measures/detections.ts";

const at = (label: string, ...times: number[]) => times.map((time) => ({ time, label }));

test("hits are near in time and of the same label, each event once", () => {
  const counts = new DetectionCounts({ tolerance: 0.5 });
  const events = [...at("yes", 1, 10, 20), ...at("no", 5)];
  // A hit, the same event again, too late, of another label; and a hit on the edge.
  const detections = [...at("yes", 1.25, 1.3, 10.6), ...at("no", 20, 4.5)];
  counts.add(detections, events, 1800);
  expect(counts.report()).toEqual({
    ...{ events: 4, hits: 2, misses: 2, falseAlarms: 3, falseAlarmsAnHour: 6 },
    ...{ precision: 2 / 5, recall: 1 / 2, f1: expect.closeTo(4 / 9), delay: (0.25 - 0.5) / 2 },
  });
});

test("recordings add up, and nothing at all is nothing", () => {
  const counts = new DetectionCounts({ tolerance: 1 });
  const none = { events: 0, hits: 0, misses: 0, falseAlarms: 0, falseAlarmsAnHour: 0 };
  expect(counts.report()).toEqual({ ...none, precision: 0, recall: 0, f1: 0, delay: 0 });
  counts.add([], at("yes", 1), 60);
  counts.add(at("yes", 1), [], 60);
  counts.add(at("yes", 2), at("yes", 1), 60);
  const { events, hits, misses, falseAlarms, falseAlarmsAnHour } = counts.report();
  expect([events, hits, misses, falseAlarms, falseAlarmsAnHour]).toEqual([2, 1, 1, 1, 20]);
});

test("there are as many hits as can be, whatever the order", () => {
  const times = fc.array(fc.nat({ max: 20 }), { maxLength: 6 });
  /** The most pairs, by trying all. */
  const most = (found: readonly number[], expected: readonly number[]): number => {
    const [time, ...rest] = found;
    if (time === undefined) return 0;
    const pairs = expected.map((event, k) =>
      Math.abs(event - time) <= 2 ? 1 + most(rest, expected.toSpliced(k, 1)) : 0,
    );
    return Math.max(most(rest, expected), ...pairs);
  };
  fc.assert(
    fc.property(times, times, (found, expected) => {
      const counts = new DetectionCounts({ tolerance: 2 });
      counts.add(at("a", ...found), at("a", ...expected), 30);
      const { hits, misses, falseAlarms } = counts.report();
      expect(hits).toBe(most(found, expected));
      expect([misses, falseAlarms]).toEqual([expected.length - hits, found.length - hits]);
    }),
  );
});

test("what cannot be counted", () => {
  expect(() => new DetectionCounts({ tolerance: -1 })).toThrow(
    new UsageError("DetectionCounts: tolerance -1 given, seconds from 0 expected"),
  );
  expect(() => new DetectionCounts({} as never)).toThrow(
    new UsageError("DetectionCounts: option tolerance is missing: seconds expected"),
  );
  const counts = new DetectionCounts({ tolerance: 1 });
  expect(() => counts.add([], [], 0)).toThrow(
    new DataError("DetectionCounts: 0 seconds given, more than 0 expected"),
  );
  const wrong: TimedLabel[] = at("a", 1, Number.NaN);
  expect(() => counts.add([], wrong, 1)).toThrow(
    new DataError("DetectionCounts: time 1 is NaN, seconds expected"),
  );
  expect(counts.report().events).toBe(0);
});
