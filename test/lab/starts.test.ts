// Starting values of the lab: gates that hold from the start.
import { expect, test } from "vitest";
import { holding } from "../../src/lab/starts.ts";
import { type Cell, gru, initialize, lstm, minGru, minLstm, recurrent } from "../../src/nn/index.ts";
import type { Variable } from "../../src/trace/variable.ts";

const H = 16;
const blocksOf = (cell: Cell<string, string>, name: string) => {
  const layer = initialize(recurrent(cell, 2, H), { seed: 1 });
  const values = Array.from((layer.weights as Record<string, Variable>)[`${name}_l0`]?.value ?? []);
  return Array.from({ length: values.length / H }, (_, block) => values.slice(block * H, (block + 1) * H));
};

test.each([
  ["lstm", lstm, "bias_ih", [-5, 5, 0, 0]],
  ["lstm, its other bias", lstm, "bias_hh", [0, 0, 0, 0]],
  ["gru", gru, "bias_ih", [0, 5, 0]],
  ["min-gru", minGru, "b_z", [-5]],
  ["min-lstm", minLstm, "b", [5, -5, 0]],
] as unknown as [string, Cell<string, string>, string, number[]][])(
  "the biases of %s lie around what holds, within 1/sqrt(H)",
  (_, cell, name, around) => {
    const blocks = blocksOf(holding(cell, 5), name);
    expect(blocks).toHaveLength(around.length);
    for (const [at, block] of blocks.entries()) {
      const apart = block.map((value) => value - (around[at] as number));
      expect(Math.max(...apart.map(Math.abs))).toBeLessThanOrEqual(0.2500001);
      expect(new Set(apart).size).toBeGreaterThan(1);
    }
  },
);
