// The state of layers outside of programs: its types and its zeros, of stacked layers and of those that carry a number for each step of a memory too.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import {
  additive,
  gru,
  initialize,
  lstm,
  recurrent,
  stacked,
  stateTypes,
  withAttention,
  zeroState,
} from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";

const upper = recurrent(withAttention(gru, additive({ units: 3, coverage: true })), 4, 5, { memory: 6 });
const layers = stacked(recurrent(lstm, 2, 4, { layers: 2 }), upper);

describe("the state of a layer", () => {
  it("has the types of its parts, layer by layer where several are stacked", () => {
    expect(stateTypes(recurrent(gru, 2, 4, { direction: "both" }))).toEqual({ h: float32(2, "B", 4) });
    const [lower, attending] = stateTypes(layers);
    expect(lower).toEqual({ h: float32(2, "B", 4), c: float32(2, "B", 4) });
    expect(attending).toEqual({
      h: float32(1, "B", 5),
      context: float32(1, "B", 6),
      coverage: float32(1, "B", "S"),
    });
    expect(stateTypes(layers, 3, "N")[1].coverage).toEqual(float32(1, 3, "N"));
  });

  it("is zeros before the first step", () => {
    const [lower, attending] = zeroState(layers, 3, 7);
    expect(lower.c).toEqual({ data: new Float32Array(24), shape: [2, 3, 4] });
    expect(attending.coverage).toEqual({ data: new Float32Array(21), shape: [1, 3, 7] });
    expect(() => zeroState(layers, 3)).toThrow(UsageError);
    expect(() => zeroState(layers, 0, 7)).toThrow(UsageError);
    expect(() => zeroState(layers, 3, 0)).toThrow(UsageError);
    expect(() => stateTypes({} as never)).toThrow(UsageError);
  });

  it("of stacked layers goes into a program and comes out of it", () => {
    const model = initialize({ layers }, { seed: 1 });
    const step = compile(
      ({ x, state, values }) => {
        const { output, state: next } = model.layers.step(x, state, { memory: { values } });
        return { output, next };
      },
      { inputs: { x: float32("B", 2), state: stateTypes(layers), values: float32("S", "B", 6) } },
    );
    const given = {
      x: { data: new Float32Array(4).fill(0.5), shape: [2, 2] },
      values: { data: new Float32Array(36).fill(0.1), shape: [3, 2, 6] },
    };
    const first = step({ ...given, state: zeroState(layers, 2, 3) });
    expect(first.output.shape).toEqual([2, 11]);
    const coverage = [...first.next[1].coverage.data];
    expect(coverage.slice(0, 3).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    const second = step({ ...given, state: first.next });
    expect(second.next[0].h.shape).toEqual([2, 2, 4]);
    expect([...second.next[1].coverage.data].slice(0, 3).reduce((sum, one) => sum + one, 0)).toBeCloseTo(
      2,
      5,
    );
  });
});
