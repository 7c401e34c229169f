// Overfitting: small trials have the form that the conclusion reads, and the conclusion says what figures show.
import { expect, test } from "vitest";
import { Stopped } from "../../../src/lab/experiment.ts";
import { overfitting } from "../../../src/lab/overfitting/index.ts";
import { runExperiment } from "../../../src/lab/run.ts";

const small = { rows: 12, steps: 3, features: 2, hidden: 3, batch: 6, epochs: 4, held: 15, patience: 1 };
const names = [
  "nothing",
  "early stopping",
  "dropout",
  "variational dropout",
  "L2 in the loss",
  "decoupled decay",
];

test("trains with each remedy, and measures every other epoch", async () => {
  const found = await runExperiment(overfitting, { settings: small, seeds: [1] });
  expect(found.trials.map(({ name }) => name)).toEqual(names);
  for (const { name, measured } of found.trials) {
    const { at, test } = measured as unknown as { at: number[]; test: { loss: number }[] };
    if (name !== "early stopping") expect(at).toEqual([2, 4]);
    expect(test).toHaveLength(at.length);
  }
  expect(found.figure.panels.map(({ lines }) => lines?.length)).toEqual([2, 6]);
  const losses = found.trials.map(
    ({ measured }) => (measured as unknown as { end: { test: { loss: number } } }).end.test.loss,
  );
  expect(new Set(losses).size).toBeGreaterThanOrEqual(5);
});

test("is stopped by a signal", async () => {
  const stop = new AbortController();
  const run = runExperiment(overfitting, {
    ...{ settings: small, seeds: [1], signal: stop.signal },
    onProgress: ({ done }) => done > 0.4 && stop.abort(),
  });
  await expect(run).rejects.toThrow(Stopped);
});

test("says what was seen, and what was not", () => {
  const figures = (loss: number) => ({ loss, accuracy: 0.8 });
  const conclude = (losses: readonly number[]) =>
    overfitting
      .conclude(
        names.map((name, at) => ({
          ...{ name, seed: 1, seconds: 1 },
          measured: {
            ...{ at: [2], training: [figures(0.1)], test: [figures(1)] },
            end: { training: figures(0.1), test: figures(losses[at] as number) },
          },
        })),
        { ...small, dropout: 0.5, variational: 0.3, l2: 0.03 } as never,
      )
      .checks.map(({ holds }) => holds);
  expect(conclude([1, 0.5, 0.5, 0.5, 0.5, 1])).toEqual([true, true, true, true, true]);
  expect(conclude([0.8, 0.5, 0.8, 0.5, 0.5, 1])).toEqual([false, true, false, true, true]);
});
