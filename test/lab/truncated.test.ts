import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { runExperiment } from "../../src/lab/index.ts";
import { truncated } from "../../src/lab/truncated/index.ts";
import { measureTruncated } from "../../src/lab/truncated/measure.ts";

const context = { backend: undefined, signal: undefined, progress() {} };

test("what lies within the window is learnt, what lies beyond it is not", async () => {
  const small = { length: 20, delay: 4, rounds: 100, hidden: 12, batch: 16, rate: 0.02 };
  const [near, far] = [
    await measureTruncated({ ...small, window: 10 }, 1, context),
    await measureTruncated({ ...small, window: 2 }, 1, context),
  ];
  expect(near.accuracy).toBeGreaterThan(0.95);
  expect(far.accuracy).toBeLessThan(0.65);
  expect([near.updates, far.updates]).toEqual([200, 1000]);
});

test("a length that is no multiple of the window has a shorter part at its end", async () => {
  const { updates } = await measureTruncated(
    { length: 7, delay: 1, window: 3, rounds: 2, hidden: 2, batch: 2, rate: 0.01 },
    1,
    context,
  );
  expect(updates).toBe(6);
});

test("its table has every window and the whole, its checks the windows that they are about", async () => {
  const settings = { length: 12, delays: [3], rounds: [1], windows: [2, 6, 30], hidden: 2, batch: 2 };
  const { tables, checks, trials, figure } = await runExperiment(truncated, { settings, seeds: [1, 2] });
  expect(trials).toHaveLength(6);
  expect(tables[0]?.rows.map(([window, , updates]) => [window, updates])).toEqual([
    ["2", "6"],
    ["6", "2"],
    ["12 (whole)", "1"],
  ]);
  expect(checks.map(({ claim }) => claim)).toEqual([
    "cut sooner than the delay: it is not learnt",
    "cut every 6: it is learnt",
    "the whole sequence: it is learnt",
  ]);
  expect(figure.panels[0]?.bars).toHaveLength(3);
});

test("what does not fit together is refused", async () => {
  const run = (settings: object) => runExperiment(truncated, { settings, seeds: [1] });
  await expect(run({ delays: [8], rounds: [1, 2] })).rejects.toThrow(
    new UsageError("experiment truncated: rounds 1, 2 given, one number for each of the delays 8 expected"),
  );
  await expect(run({ length: 8, rounds: [1, 1] })).rejects.toThrow(
    new UsageError("experiment truncated: delay 8 given, less than the length 8 expected"),
  );
});
