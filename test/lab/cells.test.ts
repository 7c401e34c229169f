// The experiment of cells, with small settings: what it measures, and what it concludes from it.
import { expect, test } from "vitest";
import { cells } from "../../src/lab/cells/index.ts";
import { runExperiment } from "../../src/lab/run.ts";
import { completeOptions } from "../../src/options/table.ts";

const settings = {
  ...{ hidden: 4, steps: 3, factor: 2, recallHidden: 4, delay: 4, updates: 3, batch: 4, rows: 20 },
  ...{ costSteps: 4, small: 4, large: 6, timed: 2 },
};

test("asks three questions of every cell, and tells what each costs", async () => {
  const { tables, trials, checks, figure } = await runExperiment(cells, {
    ...{ settings, seeds: [1], backend: "reference" },
  });
  const names = ["RNN", "LSTM", "GRU", "minGRU", "minLSTM", "sLSTM", "mLSTM"];
  for (const { rows } of tables) expect(rows.map(([name]) => name)).toEqual(names);
  expect(trials).toHaveLength(3 * names.length + 5);
  expect(checks).toHaveLength(11);
  const sizes = (name: string) => tables[2]?.rows.find(([row]) => row === name)?.slice(1, 3);
  // 4 gates of two matrices 4 x 4 and two biases, and 3 gates of one matrix and a bias.
  expect(sizes("LSTM")).toEqual([String(4 * (2 * 16 + 2 * 4)), "8"]);
  expect(sizes("minLSTM")).toEqual([String(3 * (16 + 4)), "4"]);
  // h, n and the matrix, and its scale.
  expect(sizes("mLSTM")?.[1]).toBe(String(4 + 4 + 16 + 1));
  const [parity, recall] = figure.panels;
  expect(parity?.lines?.map(({ name, x }) => [name, x.at(-1)])).toEqual(names.map((name) => [name, 6]));
  expect(recall?.bars).toHaveLength(names.length + 5);
});

test("a cell that reads its state learns to count short sequences", async () => {
  const longer = { ...settings, hidden: 16, steps: 2, updates: 150, batch: 16, learningRate: 0.02 };
  const trial = cells
    .trials(completeOptions("cells", cells.options, longer), 1)
    .find(({ name }) => name === "GRU, parity");
  const measured = await trial?.run({ backend: undefined, signal: undefined, progress: () => {} });
  const { parity } = measured as { parity: number[] };
  expect(parity).toHaveLength(4);
  expect(parity[1]).toBe(1);
});
