import { expect, test } from "vitest";
import { Stopped } from "../../src/lab/experiment.ts";
import { timeInTurns } from "../../src/lab/time.ts";

test("functions take turns, the first time of each does not count, and the shortest one is given", async () => {
  const calls: string[] = [];
  const told: number[] = [];
  const busy = (name: string, milliseconds: number) => () => {
    calls.push(name);
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  };
  const context = { backend: undefined, signal: undefined, progress: (share: number) => told.push(share) };
  const [quick, slow] = (await timeInTurns([busy("quick", 1), busy("slow", 6)], 3, context)) as [
    number,
    number,
  ];
  expect(calls.join(" ")).toBe("quick slow quick slow quick slow quick slow");
  expect(quick).toBeGreaterThanOrEqual(1);
  expect(slow).toBeGreaterThanOrEqual(6);
  expect(told.map((share) => share.toFixed(2))).toEqual(["0.33", "0.67", "1.00"]);
});

test("a signal stops it", async () => {
  const signal = AbortSignal.abort();
  const context = { backend: undefined, signal, progress() {} };
  await expect(timeInTurns([() => 1], 1, context)).rejects.toThrow(Stopped);
});
