import { expect, test } from "vitest";
import { comparison } from "../../src/lab/comparison/index.ts";
import { copyProblem, families } from "../../src/lab/comparison/models.ts";
import { runExperiment } from "../../src/lab/index.ts";
import { compile, value } from "../../src/program/compile.ts";

test("the three families have weights as 1 to 4 to 3, and are tested as often as was asked for", async () => {
  const settings = {
    ...{ hidden: 3, batch: 2, updates: 4, testEvery: 2, addingLength: 3, holdingLength: 3 },
    ...{ copyLength: 4, delay: 2, copyUpdates: 20, sizes: [3] },
  };
  const { tables, checks, trials, figure } = await runExperiment(comparison, { settings, seeds: [1] });
  expect(trials).toHaveLength(10);
  const check = checks.find(({ claim }) => claim.startsWith("recurrent weights"));
  expect(check).toEqual({
    claim: "recurrent weights of the GRU for each of the LSTM",
    found: "0.75 (3 : 4)",
    holds: true,
  });
  expect(tables.at(-1)?.rows).toEqual([
    ["RNN", String(6 + 9 + 6), "9"],
    ["LSTM", String(4 * 21), "36"],
    ["GRU", String(3 * 21), "27"],
  ]);
  expect(figure.panels[0]?.lines?.[0]?.x).toEqual([2, 4]);
  expect(Object.keys(families)).toEqual(["RNN", "LSTM", "GRU"]);
});

test("the error of a copy is the share of bits told wrong, of those that are asked for", () => {
  const { error } = copyProblem(3, 1);
  const told = value([5, -1, 2], [3, 1, 1]);
  const y = value([-1, 1, 1], [3, 1, 1]);
  expect(
    compile((given: { told: never; y: never }) => error(given.told, given.y))({ told, y } as never),
  ).toMatchObject({
    data: new Float32Array([0.5]),
  });
});
