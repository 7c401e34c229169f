// One network of each family: their sizes, the balanced tree, and what trials show together.
import { describe, expect, it, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import type { MeasuredTrial, Measurement } from "../../src/lab/experiment.ts";
import { balancedTree, treeOverSteps } from "../../src/lab/families/balanced-tree.ts";
import { familiesExperiment } from "../../src/lab/families/index.ts";
import { families, familyModel, tell } from "../../src/lab/families/models.ts";
import { countParameters, initialize } from "../../src/nn/index.ts";
import { completeOptions } from "../../src/options/table.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { expectClose } from "../helpers/close.ts";
import { floats } from "../helpers/values.ts";

test.each(["parityLength", "tagLength"])(
  "%s is of two steps at least, which a tree over them needs",
  (name) => {
    const complete = (given: number) =>
      completeOptions("lab", familiesExperiment.options, { [name]: given } as never);
    expect(complete(2)).toMatchObject({ [name]: 2 });
    expect(() => complete(1)).toThrow(/2/);
    const tree = initialize(treeOverSteps(2, 3), { seed: 1 });
    const x = floats([2, 1, 2], 1);
    const run = compile((x: Tensor) => tree.apply(x).output, {
      inputs: float32(2, 1, 2),
      backend: reference,
    });
    expect(run(x).shape).toEqual([2, 1, 6]);
  },
);

describe("a balanced tree", () => {
  test.each([1, 2, 3, 5, 8, 21])("over %i leaves", (leaves) => {
    const { children, parents, places } = balancedTree(leaves);
    expect(children).toHaveLength(2 * leaves - 1);
    expect(places).toHaveLength(leaves);
    /** The leaves below a node, from left to right, and its height. */
    const below = (node: number): { steps: number[]; height: number } => {
      const [left, right] = children[node] as [number, number];
      if (left < 0) return { steps: [places.indexOf(node)], height: 0 };
      for (const child of [left, right]) {
        expect(child).toBeLessThan(node);
        expect(parents[child]).toBe(node);
      }
      const [first, second] = [below(left), below(right)];
      return {
        steps: [...first.steps, ...second.steps],
        height: 1 + Math.max(first.height, second.height),
      };
    };
    const { steps, height } = below(children.length - 1);
    expect(steps).toEqual(Array.from({ length: leaves }, (_, step) => step));
    expect(height).toBe(Math.ceil(Math.log2(leaves)));
    expect(parents.at(-1)).toBe(-1);
  });

  it("lets each step see all others, and rows do not see each other", () => {
    const network = initialize(treeOverSteps(2, 3), { seed: 1 });
    const [T, B] = [5, 2];
    const run = compile((x: Tensor) => network.apply(x).output, {
      inputs: float32(T, B, 2),
      backend: reference,
    });
    const x = floats([T, B, 2], 1);
    const before = run(x);
    expect(before.shape).toEqual([T, B, 6]);
    for (let t = 0; t < T; t++) {
      const data = Float32Array.from(x.data);
      data[t * B * 2] = 2;
      const after = run({ ...x, data });
      for (let row = 0; row < T * B; row++) {
        const part = ({ data }: typeof before) => Array.from(data.slice(6 * row, 6 * row + 6));
        if (row % B === 0) expect(part(after)).not.toEqual(part(before));
        else expectClose(part(after), part(before));
      }
    }
  });
});

describe("networks of 5,000 weights", () => {
  test.each(families)("%s", (family) => {
    const model = initialize(familyModel(family, 6, 2, 5000), { seed: 1 });
    expect(countParameters(model)).toBeLessThanOrEqual(5000);
    expect(countParameters(model)).toBeGreaterThan(3000);
    const run = compile((x: Tensor) => tell(model, x), { inputs: float32(8, 3, 6), backend: reference });
    const x = floats([8, 3, 6], 1);
    const before = run(x);
    expect(before.shape).toEqual([8, 3, 2]);
    // Whether the first step sees the last one.
    const data = Float32Array.from(x.data);
    data.fill(2, 7 * 3 * 6);
    const isAhead = run({ ...x, data }).data[0] !== before.data[0];
    expect(isAhead).toBe(["bidirectional GRU", "convolutional", "Transformer", "recursive"].includes(family));
  });
});

test("trials measure shares and times, and stand in the tables and the picture", async () => {
  const settings = completeOptions("families", familiesExperiment.options, {
    ...{ weights: 400, batch: 2, tests: 4, delay: 3, parityLength: 2, tagLength: 4 },
    ...{ recallUpdates: 2, parityUpdates: 2, tagUpdates: 2 },
  });
  const all = familiesExperiment.trials(settings, 1);
  expect(all).toHaveLength(3 * families.length + 1);
  const names = ["recall, LSTM", "parity, feedforward", "tags, Transformer", "time"];
  const measured: MeasuredTrial<Measurement>[] = [];
  for (const { name, run } of all.filter(({ name }) => names.includes(name))) {
    const context = { backend: undefined, signal: undefined, progress() {} };
    measured.push({ name, seed: 1, seconds: 1, measured: await run(context) });
  }
  const { tables, figure, checks } = familiesExperiment.conclude(measured, settings);
  const row = (family: string) => tables[0]?.rows.find(([name]) => name === family);
  expect(row("LSTM")?.[2]).toMatch(/^[01]\.\d\d$/);
  expect(row("feedforward")?.[3]).toMatch(/^[01]\.\d\d$/);
  expect(row("Transformer")?.[4]).toMatch(/^[01]\.\d\d$/);
  for (const family of families) expect(row(family)?.[5]).toMatch(/^\d+\.\d$/);
  expect(figure.panels.map(({ bars }) => bars?.length)).toEqual(Array(4).fill(families.length));
  // What was not measured was not seen.
  expect(checks.find(({ claim }) => claim === "tags: recursive sees what comes")?.holds).toBe(false);
}, 120_000);

test("a network that is as good as the best everywhere is said, and the claim does not hold", () => {
  const settings = { delay: 30, parityLength: 16, tagLength: 20 };
  const trial = (name: string, accuracy: number) => ({
    name,
    seed: 1,
    seconds: 1,
    measured: { accuracy, weights: 10 },
  });
  const of = (good: (task: string, family: string) => boolean) =>
    familiesExperiment.conclude(
      ["recall", "parity", "tags"].flatMap((task) =>
        families.map((family) => trial(`${task}, ${family}`, good(task, family) ? 0.99 : 0.5)),
      ),
      settings,
    );
  const [clear] = of((_, family) => family === "GRU").checks;
  expect(clear).toMatchObject({ holds: false, found: "GRU" });
  const [none] = of((task, family) => (task === "tags") === (family === "Transformer")).checks;
  expect(none).toMatchObject({ holds: true, found: "none is" });
});
