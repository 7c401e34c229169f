// Gates that start so that each unit keeps another share of its state.
import { describe, expect, test } from "vitest";
import {
  type Cell,
  type CellName,
  cells,
  gru,
  initialize,
  linear,
  mgu,
  parameters,
  recurrent,
  rnn,
  type Scheme,
} from "../../src/nn/index.ts";
import { countOf } from "../../src/numbers.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import type { Variable } from "../../src/trace/variable.ts";

const started = (cell: Cell<string, string>, hidden: number) =>
  initialize(recurrent(cell, 1, hidden, { initialize: "uniform-gates" }), { seed: 3 });

const shareOf = (bias: number) => 1 / (1 + Math.exp(-bias));

/** Shares that are let through at first, (blocks, hidden). */
function sharesOf({ weights }: { weights: object }, name: string, hidden: number): number[][] {
  const values = Array.from((weights as Record<string, Variable>)[`${name}_l0`]?.value ?? []);
  return Array.from({ length: values.length / hidden }, (_, block) =>
    values.slice(block * hidden, (block + 1) * hidden).map(shareOf),
  );
}

/** What the gate that keeps is called in each cell: its bias, its block, whether 1 keeps or lets in, and the block of a gate that does the opposite. */
const KEEPING: readonly [CellName, bias: string, block: number, keeps: 1 | -1, letsIn?: number][] = [
  ["lstm", "bias_ih", 1, 1, 0],
  ["lstm-peephole", "bias_ih", 1, 1, 0],
  ["lstm-coupled", "bias_ih", 0, 1],
  ["gru", "bias_ih", 1, 1],
  ["mgu", "b_f", 0, -1],
  ["min-gru", "b_z", 0, -1],
  ["min-lstm", "b", 0, 1, 1],
  ["textbook-gru", "b_z", 0, -1],
  ["textbook-coupled-lstm", "b_f", 0, 1],
];

describe.each(KEEPING)("%s", (name, bias, block, keeps, letsIn) => {
  test("has shares uniform from 1/hidden to 1 - 1/hidden, and other gates half open", () => {
    const hidden = 200;
    const layer = started(cells[name], hidden);
    const blocks = sharesOf(layer, bias, hidden);
    const shares = (blocks[block] as number[]).toSorted((a, b) => a - b);
    expect(shares).toHaveLength(hidden);
    expect(shares.at(0)).toBeGreaterThan(1 / hidden - 1e-6);
    expect(shares.at(-1)).toBeLessThan(1 - 1 / hidden + 1e-6);
    // Kolmogorov and Smirnov's largest distance, at 0.001.
    const distances = shares.map((share, at) => Math.abs(share - (at + 0.5) / hidden));
    expect(Math.max(...distances)).toBeLessThan(1.95 / Math.sqrt(hidden));
    for (const [at, others] of blocks.entries()) {
      if (at === block) continue;
      for (const [unit, share] of others.entries()) {
        expect(share).toBeCloseTo(at === letsIn ? 1 - ((blocks[block] as number[])[unit] ?? 0) : 0.5, 6);
      }
    }
  });

  test("keeps what its biases say", () => {
    // With matrices of 0 and no input, what is left of a state of ones after a step is the share that each unit keeps.
    const hidden = 6;
    const layer = started(cells[name], hidden);
    for (const variable of Object.values<Variable>(layer.weights)) {
      const isBias = variable.name.startsWith("b");
      if (!isBias) variable.value = new Float32Array(countOf(variable.dimensions));
    }
    const parts = Object.keys(layer.stateShapes(1));
    const each = <Of>(value: Of) => Object.fromEntries(parts.map((part) => [part, value]));
    const step = compile(
      ({ x, state }: { x: Tensor; state: Record<string, Tensor> }) =>
        layer.apply(x, { state }).state[parts.includes("c") ? "c" : "h"] as Tensor,
      { inputs: { x: float32("T", "B", 1), state: each(float32(1, "B", hidden)) } },
    );
    const left = Array.from(step({ x: [[[0]]], state: each([[new Array<number>(hidden).fill(1)]]) }).data);
    const shares = sharesOf(layer, bias, hidden)[block] as number[];
    expect(new Set(left.map((share) => share.toFixed(3))).size).toBe(hidden);
    for (const [unit, share] of shares.entries()) {
      expect(left[unit]).toBeCloseTo(keeps === 1 ? share : 1 - share, 5);
    }
  });
});

test("matrices, cells without such a gate and linear layers start as with orthogonal", () => {
  const values = (make: (scheme: Scheme) => object, scheme: Scheme, leftOut = "") =>
    Object.entries(parameters(initialize({ layer: make(scheme) } as never, { seed: 6 })))
      .filter(([name]) => name !== leftOut)
      .map(([name, { value }]) => [name, value]);
  const plain = (initialize: Scheme) => recurrent(rnn, 4, 5, { initialize });
  const gated = (initialize: Scheme) => recurrent(gru, 4, 5, { initialize });
  const head = (initialize: Scheme) => linear(4, 5, { initialize });
  expect(values(plain, "uniform-gates")).toEqual(values(plain, "orthogonal"));
  expect(values(head, "uniform-gates")).toEqual(values(head, "orthogonal"));
  const bias = "layer.bias_ih_l0";
  expect(values(gated, "uniform-gates", bias)).toHaveLength(3);
  expect(values(gated, "uniform-gates", bias)).toEqual(values(gated, "orthogonal", bias));
});

test("a single unit starts in the middle", () => {
  expect(sharesOf(started(mgu, 1), "b_f", 1)).toEqual([[0.5]]);
});
