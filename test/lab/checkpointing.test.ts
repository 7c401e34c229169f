import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { checkpointing } from "../../src/lab/checkpointing/index.ts";
import { memoryOf } from "../../src/lab/checkpointing/measure.ts";
import { runExperiment } from "../../src/lab/index.ts";

test("memory grows with the length, and with states kept every √T with its root", () => {
  const bytes = (length: number, every?: number) =>
    memoryOf({ length, hidden: 16, batch: 8 }, every, undefined);
  expect(bytes(1024) / bytes(256)).toBeGreaterThan(3.5);
  expect(bytes(1024, 32) / bytes(256, 16)).toBeLessThan(2.3);
  expect(bytes(1024, 32)).toBeLessThan(bytes(1024) / 8);
});

test("its table has each length, and each distance between states", async () => {
  const settings = { lengths: [4, 9], length: 9, distances: [3], hidden: 2, batch: 2, times: 1 };
  const { tables, trials, notShown } = await runExperiment(checkpointing, { settings });
  expect(trials).toHaveLength(3);
  expect(tables[0]?.rows.map(([steps]) => steps)).toEqual(["4", "9"]);
  expect(tables[1]?.rows.map(([every]) => every)).toEqual(["1 (all)", "3"]);
  expect(notShown).toHaveLength(2);
  await expect(runExperiment(checkpointing, { settings: { lengths: [9, 9] } })).rejects.toThrow(UsageError);
  await expect(runExperiment(checkpointing, { settings: { lengths: [9, 4] } })).rejects.toThrow(
    new UsageError("experiment checkpointing: lengths 9, 4 given, ascending ones expected"),
  );
});
