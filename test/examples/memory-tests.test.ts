// The two tests of memory: what their rows hold, when a trial ends, short trainings, and the table that is printed.
import { float32, linear, Training } from "rondo";
import { describe, expect, it } from "vitest";
import { command as adding, addingRows, addingTraining } from "../../examples/adding-problem.ts";
import { command as copying, copyRows, copyTraining } from "../../examples/copy-task.ts";
import { contenders, runTrial } from "../../examples/memory-test.ts";
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

  it("is learnt by a GRU where it is short", async () => {
    const options = {
      length: 6,
      hidden: 16,
      batch: 32,
      learningRate: 0.02,
      seed: 1,
      interval: 50,
      epochs: 12,
    };
    const tests: number[] = [];
    const trial = addingTraining({ cell: contenders(2).gru as never, ...options });
    const { best, solvedAfter } = await runTrial(trial, (_, error) => tests.push(error));
    expect(tests[0]).toBeGreaterThan(0.05);
    expect(best).toBeLessThan(0.01);
    expect(solvedAfter).toBe(50 * tests.length);
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

  it("is done at twice the accuracy of chance after some training", async () => {
    const options = {
      length: 1,
      hidden: 48,
      batch: 32,
      learningRate: 0.02,
      seed: 1,
      interval: 150,
      epochs: 2,
    };
    const { best, solvedAfter } = await runTrial(
      copyTraining({ cell: contenders(2).gru as never, ...options }),
    );
    expect(1 - best).toBeGreaterThan(2 / 8);
    expect(solvedAfter).toBeUndefined();
  });
});

describe("a trial", () => {
  /** A training of ten updates an epoch with tests in the order in which they are asked for. */
  const scripted = (tests: readonly number[]) => {
    const model = { head: linear(1, 1) };
    const training: Training<unknown> = new Training({
      model,
      inputs: { x: float32("B", 1) },
      loss: ({ x }) => model.head.apply(x).mean(),
      batches: { count: 10, at: () => ({ x: [[1]] }) },
      validation: () => tests[training.progress.epoch],
      epochs: tests.length,
    }) as never;
    return training;
  };

  it("ends when the task is learnt", async () => {
    const shown: unknown[] = [];
    const trial = scripted([0.2, 0.3, 0.005, 0.001]);
    const outcome = await runTrial(trial, (...test) => shown.push(test));
    expect(outcome).toMatchObject({ best: 0.005, solvedAfter: 30 });
    expect(shown).toEqual([
      [10, 0.2],
      [20, 0.3],
      [30, 0.005],
    ]);
    expect(trial.progress.step).toBe(30);
  });

  it("is learnt at the last test as well", async () => {
    expect(await runTrial(scripted([0.2, 0.001]))).toMatchObject({ best: 0.001, solvedAfter: 20 });
  });

  it("gives up at its end, and tells the best test", async () => {
    const outcome = await runTrial(scripted([0.2, 0.1, 0.3]));
    expect(outcome).toMatchObject({ best: 0.1, solvedAfter: undefined });
  });
});

describe("the command of a test of memory", () => {
  const small = "--length 3 --hidden 4 --batch 2 --learning-rate 0.01 --updates 4".split(" ");

  it("prints a row for each cell", async () => {
    const { out } = await printed(() => adding.parseAsync(small, { from: "user" }));
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(2).map((line) => line.split(" | ")[0])).toEqual(
      Object.keys(contenders(2)).map((name) => `| ${name}`),
    );
    expect(lines[2]).toMatch(/^\| \S+ \| 0\.\d{4} \| not in 4 \| 0 \|$/);
  });

  it("prints every test where that is asked for", async () => {
    const words = [...small, "--cells", "gru", "--interval", "2", "--verbose"];
    const { out, error } = await printed(() => copying.parseAsync(words, { from: "user" }));
    const tests = [...error.matchAll(/^gru, update (\d+): (0\.\d{5})$/gm)];
    expect(tests.map(([, update]) => update)).toEqual(["2", "4"]);
    const best = Math.max(...tests.map(([, , accuracy]) => Number(accuracy)));
    expect(out).toContain(`| gru | ${best.toFixed(4)} | not in 4 |`);
  });
});
