import { expect, test } from "vitest";
import { gradientFigure } from "../../../src/draw/figures/gradient-terms.ts";
import { figureSvg } from "../../../src/draw/figures/svg.ts";
import { gradientTerms } from "../../../src/inspect/gradient-terms.ts";
import { gru } from "../../../src/nn/cells/gru.ts";
import { recurrent } from "../../../src/nn/layers/recurrent.ts";
import { initialize } from "../../../src/nn/model.ts";
import { value } from "../../../src/program/compile.ts";
import { Variable } from "../../../src/trace/variable.ts";
import { floats } from "../../helpers/values.ts";

test("the steps of a small network stand with their states, gradients and terms", () => {
  const w = new Variable("w", []);
  w.value = [0.5];
  const terms = gradientTerms((h, x) => x.add(h.mul(w)), {
    init: value([0], []),
    inputs: value([1, 2], [2]),
    weights: { w },
    loss: (h) => h.at(0, 1).mul(-3),
  });
  const { graph, panels, title } = gradientFigure(terms);
  // h_1 = 1, h_2 = 2 + 0.5; dL/dh_2 = -3, dL/dh_1 = -1.5.
  expect(title).toContain("L = −7.5");
  expect(graph?.nodes.map(({ id, forwards, backwards }) => [id, forwards, backwards])).toEqual([
    ["s 1", "1", "−1.5"],
    ["s 2", "2.5", "−3"],
    ["L 2", undefined, "−3"],
  ]);
  expect(graph?.edges).toEqual([
    { from: "s 1", to: "s 2", label: "|J_{2}| = 0.5" },
    { from: "s 2", to: "L 2" },
  ]);
  expect(panels[0]?.bars?.map(({ values }) => values[0])).toEqual([0, 3]);
});

test("larger states are shown by their norms, and of many steps the last ones", async () => {
  const layer = initialize(recurrent(gru, 1, 4), { seed: 1 });
  const terms = gradientTerms((state, x) => layer.step(x, state).state, {
    init: { h: value(new Float32Array(4), [1, 1, 4]) },
    inputs: floats([14, 1, 1], 3),
    weights: layer.weights,
    loss: ({ h }) => h.square().sum(),
  });
  const figure = gradientFigure(terms);
  const steps = figure.graph?.nodes.filter(({ row }) => row === 0) ?? [];
  expect(steps.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, at) => `s ${at + 3}`));
  expect(Number(steps.at(-1)?.forwards)).toBeCloseTo(Math.hypot(...(terms.steps[13]?.state ?? [])), 2);
  // The bars are the norms of sums over all steps that the loss reads.
  const bars = figure.panels[0]?.bars ?? [];
  expect(bars).toHaveLength(4 * 14);
  const ofFirst = terms.terms.filter(({ at }) => at === 1).map(({ values }) => values.bias_hh_l0 as number[]);
  const added = (ofFirst[0] ?? []).map((_, at) =>
    ofFirst.reduce((sum, values) => sum + (values[at] as number), 0),
  );
  expect(bars.find(({ group, name }) => group === "bias_hh_l0" && name === "step 1")?.values[0]).toBeCloseTo(
    Math.hypot(...added),
    9,
  );
  expect(await figureSvg(figure)).toContain('data-id="s 14"');
});
