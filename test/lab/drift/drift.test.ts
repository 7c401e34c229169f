// Drift: small trials have the form that the conclusion reads, and the conclusion says what figures show.
import { expect, test } from "vitest";
import { drift } from "../../../src/lab/drift/index.ts";
import { runExperiment } from "../../../src/lab/run.ts";

const small = {
  ...{ classes: 2, steps: 3, features: 4, hidden: 4, phases: 2, updates: 6, batch: 4 },
  ...{ reservoir: 8, replayed: 4, fisherRows: 5, tests: 20, every: 4 },
};

test("runs along all phases, and measures at their ends", async () => {
  const settings = { settings: small, seeds: [2] };
  const found = await runExperiment(drift, settings);
  expect(found.trials.map(({ name }) => name)).toEqual([
    "SGD",
    "Adam",
    "SGD, replay",
    "SGD, elastic weights",
  ]);
  for (const { measured } of found.trials) {
    expect((measured as { at: number[] }).at).toEqual([0, 4, 6, 8, 12]);
  }
  expect(found.tables[0]?.rows).toHaveLength(5);
  expect(found.figure.panels).toHaveLength(4);
  expect((await runExperiment(drift, settings)).trials.map(({ measured }) => measured)).toEqual(
    found.trials.map(({ measured }) => measured),
  );
});

/** Trials of a seed whose accuracies at the end of phase 1 and at the end are these. */
const trials = (
  figures: Readonly<Record<string, readonly [first: readonly number[], end: readonly number[]]>>,
) =>
  Object.entries(figures).map(([name, accuracies]) => ({
    ...{ name, seed: 1, seconds: 1 },
    measured: { at: [6, 12], accuracies },
  }));

test("says what was seen, and what was not", () => {
  const conclude = (elastic: number) =>
    drift
      .conclude(
        trials({
          SGD: [
            [1, 0.3],
            [0.5, 1],
          ],
          Adam: [
            [1, 0.3],
            [0.4, 1],
          ],
          "SGD, replay": [
            [1, 0.3],
            [0.9, 0.94],
          ],
          "SGD, elastic weights": [
            [1, 0.3],
            [elastic, 0.6],
          ],
        }),
        { ...small } as never,
      )
      .checks.map(({ holds }) => holds);
  expect(conclude(0.8)).toEqual([true, true, true, true]);
  expect(conclude(0.6)).toEqual([true, true, false, true]);
});
