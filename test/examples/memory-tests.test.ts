// The two tests of memory: what their rows hold, when a trial ends, short trainings, and the table that is printed.
import { afterEach, describe, expect, it, vi } from "vitest";
import { goal as addingGoal, addingRows, addingTrial } from "../../examples/adding-problem.ts";
import { copyRows, copyTrial } from "../../examples/copy-task.ts";
import { contenders, memoryTestCommand, runTrial } from "../../examples/memory-test.ts";
import { printed } from "../helpers/printed.ts";

describe("the adding problem", () => {
  it.each([2, 7, 100])("marks one number in each half and asks for their sum: %i steps", (steps) => {
    const rows = 50;
    const { x, y } = addingRows(steps, rows, 1, "some");
    expect(x.shape).toEqual([steps, rows, 2]);
    const at = (t: number, row: number, part: number) => x.data[(t * rows + row) * 2 + part] as number;
    const times = Array.from({ length: steps }, (_, t) => t);
    for (let row = 0; row < rows; row++) {
      const marked = times.filter((t) => at(t, row, 1) === 1);
      const [first, second] = marked as [number, number];
      expect(marked.length).toBe(2);
      expect(first).toBeLessThan(Math.floor(steps / 2));
      expect(second).toBeGreaterThanOrEqual(Math.floor(steps / 2));
      expect(y.data[row]).toBeCloseTo(at(first, row, 0) + at(second, row, 0), 6);
      expect(times.every((t) => at(t, row, 0) >= 0 && at(t, row, 0) < 1 && at(t, row, 1) % 1 === 0)).toBe(
        true,
      );
    }
    expect(addingRows(steps, rows, 1, "some")).toEqual({ x, y });
    expect(addingRows(steps, rows, 1, "other").x).not.toEqual(x);
  });

  it("is learnt by a GRU where it is short", () => {
    const options = { length: 6, hidden: 16, batch: 32, learningRate: 0.02, seed: 1 };
    const trial = addingTrial({ cell: contenders(2).gru as never, ...options });
    const before = trial.test();
    const { best, solvedAfter } = runTrial(trial, addingGoal, { updates: 600, interval: 50 });
    expect(before).toBeGreaterThan(0.15);
    expect(best).toBeLessThan(0.01);
    expect(solvedAfter).toBeDefined();
  });
});

describe("the copy task", () => {
  it("shows ten symbols, waits, and asks for them after the mark", () => {
    const [delay, rows] = [5, 20];
    const { x, y } = copyRows(delay, rows, 1, "some");
    expect(x.shape).toEqual([25, rows]);
    const column = ({ data }: typeof x, row: number) => [...data].filter((_, at) => at % rows === row);
    const seen = new Set<number>();
    for (let row = 0; row < rows; row++) {
      const symbols = column(x, row).slice(0, 10);
      for (const symbol of symbols) seen.add(symbol);
      expect(column(x, row)).toEqual([...symbols, 8, 8, 8, 8, 9, ...Array(10).fill(8)]);
      expect(column(y, row)).toEqual([...Array(15).fill(8), ...symbols]);
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("is done at twice the accuracy of chance after some training", () => {
    const options = { length: 1, hidden: 48, batch: 32, learningRate: 0.02, seed: 1 };
    const trial = copyTrial({ cell: contenders(2).gru as never, ...options });
    expect(trial.test()).toBeLessThan(0.2);
    for (let update = 0; update < 300; update++) trial.update(update);
    expect(trial.test()).toBeGreaterThan(2 / 8);
  });
});

describe("a trial", () => {
  /** Scores in the order in which they are asked for. */
  const scripted = (scores: number[]) => {
    const updates: number[] = [];
    return {
      updates,
      update: (index: number) => void updates.push(index),
      test: () => scores.shift() as number,
    };
  };

  it("ends when the task is learnt", () => {
    const trial = scripted([0.2, 0.3, 0.005, 0.001]);
    const outcome = runTrial(trial, addingGoal, { updates: 100, interval: 10 });
    expect(outcome).toMatchObject({ best: 0.005, solvedAfter: 30 });
    expect(trial.updates).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it("gives up after its updates, with a test at the end, and tells the best score", () => {
    const trial = scripted([0.1, 0.2, 0.3]);
    const outcome = runTrial(trial, addingGoal, { updates: 25, interval: 10 });
    expect(outcome).toMatchObject({ best: 0.1, solvedAfter: undefined });
    expect(trial.updates.length).toBe(25);
  });
});

describe("the command of a test of memory", () => {
  afterEach(() => vi.restoreAllMocks());
  const defaults = {
    ...{ name: "test", description: "", length: 3, hidden: 4, batch: 2, learningRate: 0.01, updates: 4 },
  };

  it("prints a row for each cell", async () => {
    const { out } = await printed(() =>
      memoryTestCommand(defaults, addingGoal, addingTrial, ["--cells", ...Object.keys(contenders(2))]),
    );
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(2).map((line) => line.split(" | ")[0])).toEqual(
      Object.keys(contenders(2)).map((name) => `| ${name}`),
    );
    expect(lines[2]).toMatch(/^\| \S+ \| 0\.\d{4} \| not in 4 \| 0 \|$/);
  });

  it.each([
    [["--cells", "gru", "nonsense"], "argument 'nonsense' is invalid"],
    [["--length", "0"], "A whole number from 1 expected"],
    [["--updates", "many"], "A whole number from 1 expected"],
    [["--nonsense"], "unknown option"],
  ])("refuses %j", async (argv, message) => {
    vi.spyOn(process, "exit").mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    const { error } = await printed(() =>
      expect(() => memoryTestCommand(defaults, addingGoal, addingTrial, argv)).toThrow("exit 1"),
    );
    expect(error).toContain(message);
  });
});
