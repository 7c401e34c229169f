// A bridge: the state that one layer ended with as the start of another one, of other sizes, directions and cells.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { UsageError } from "../../../src/errors.ts";
import {
  additive,
  bridge,
  gru,
  initialize,
  local,
  lstm,
  parameters,
  recurrent,
  stacked,
  withAttention,
} from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const shapes = (tree: unknown): unknown =>
  JSON.parse(
    JSON.stringify(tree, (_, part) =>
      part && "data" in Object(part) ? (part as { shape: unknown }).shape : part,
    ),
  );

describe("a bridge", () => {
  it("is the state itself where both have one form, without weights", () => {
    const [from, to] = [recurrent(lstm, 3, 4), recurrent(lstm, 5, 4)];
    const made = bridge(from, to);
    expect(made.weights).toEqual({});
    const state = { h: randomValue([1, 2, 4], 1), c: randomValue([1, 2, 4], 2) };
    const run = compile((given: { h: Tensor; c: Tensor }) => made.apply(given), {
      inputs: { h: float32(1, "B", 4), c: float32(1, "B", 4) },
      backend: reference,
    });
    const found = run(state);
    expect(Array.from(found.h.data)).toEqual(Array.from(state.h.data));
    expect(Array.from(found.c.data)).toEqual(Array.from(state.c.data));
  });

  it("is tanh(W s + b) of all parts, layer by layer, where they differ", () => {
    const from = recurrent(gru, 3, 2, { direction: "both" });
    const to = recurrent(lstm, 3, 2, { layers: 2 });
    const made = initialize({ bridge: bridge(from, to) }, { seed: 4 }).bridge;
    expect(Object.keys(parameters({ made })).sort()).toEqual([
      "made.c.bias",
      "made.c.weight",
      "made.h.bias",
      "made.h.weight",
    ]);
    const h = randomValue([2, 3, 2], 1);
    const run = compile((given: Tensor) => made.apply({ h: given }), {
      inputs: float32(2, "B", 2),
      backend: reference,
    });
    const found = run(h);
    expect(shapes(found)).toEqual({ h: [2, 3, 2], c: [2, 3, 2] });
    const { weight, bias } = made.weights.c?.weights ?? {};
    const [layer, row, unit] = [1, 2, 0];
    const side = [0, 1].flatMap((n) => [0, 1].map((u) => h.data[(n * 3 + row) * 2 + u] as number));
    const out = layer * 2 + unit;
    const sum = side.reduce((all, one, at) => all + one * (weight?.value[out * 4 + at] as number), 0);
    expect(found.c.data[(layer * 3 + row) * 2 + unit]).toBeCloseTo(
      Math.tanh(sum + (bias?.value[out] as number)),
      6,
    );
  });

  it("learns, and leaves what counts the steps of a memory at 0", () => {
    const from = recurrent(gru, 3, 2, { direction: "both" });
    const top = recurrent(withAttention(gru, additive({ units: 3, coverage: true })), 3, 3, { memory: 4 });
    const to = stacked(recurrent(lstm, 3, 3), top);
    const model = { bridge: bridge(from, to) };
    expect(Object.keys(model.bridge.weights).sort()).toEqual(["0_c", "0_h", "1_context", "1_h"]);
    const found = checkModelGradient(
      model,
      ({ h }) => {
        const [lower, upper] = model.bridge.apply({ h }, 5);
        expect(upper.coverage.shape).toEqual([1, 2, 5]);
        return lower.h.square().sum().add(lower.c.sum()).add(upper.h.mul(3).sum()).add(upper.coverage.sum());
      },
      { h: randomValue([2, 2, 2], 3) },
    );
    expect(found).toBeGreaterThanOrEqual(6);
  });

  it("refuses what is no layer, and another state", () => {
    expect(() => bridge({} as never, recurrent(gru, 2, 2))).toThrow(UsageError);
    expect(() => bridge(recurrent(gru, 2, 2), "gru" as never)).toThrow(UsageError);
    expect(() =>
      bridge(recurrent(gru, 2, 2), recurrent(gru, 2, 2), { initialise: "glorot" } as never),
    ).toThrow(/initialise/);
    const made = bridge(recurrent(gru, 2, 2), recurrent(gru, 2, 3));
    expect(() =>
      compile((h: Tensor) => made.apply({ h }), { inputs: float32(1, "B", 5), backend: reference }),
    ).toThrow(/bridge\(recurrent\(gru\), recurrent\(gru\)\): the state h/);
  });
});

it("starts the count of steps that a monotonic window follows at 0", () => {
  const attending = withAttention(gru, local(additive({ units: 2 }), { width: 1, position: "monotonic" }));
  const made = bridge(recurrent(lstm, 2, 3), recurrent(attending, 2, 3, { memory: 3 }));
  expect(Object.keys(made.weights).sort()).toEqual(["context", "h"]);
});
