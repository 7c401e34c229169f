/** Cells as they come split over threads along the batch; weights that only are read are packed once. */

import { describe, expect, test } from "vitest";
import type { LoopStatement, LoweredProgram, Statement } from "../../src/compiler/loops/program.ts";
import { gradient } from "../../src/gradient/index.ts";
import { addDimensions } from "../../src/graph/dimension.ts";
import { type CellName, cells, initialize, recurrent } from "../../src/nn/index.ts";
import { float32 } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { type Build, lowered, programOf } from "./trace.ts";

function stepOf(cell: CellName, options: { checkpoint?: number } = {}, threads = 1): LoweredProgram {
  const { rnn } = initialize({ rnn: recurrent(cells[cell], 5, 8) }, { seed: 1 });
  const types = { x: float32("T", "B", 5) };
  const build = ({ x }: Record<string, Tensor>) => {
    const loss = rnn
      .apply(x as Tensor, options)
      .output.square()
      .sum();
    return [loss, ...Object.values(gradient(loss, rnn.weights))];
  };
  return lowered(programOf(build, types), [], threads);
}

const loopsOf = (statements: readonly Statement[]) =>
  statements.filter((statement): statement is LoopStatement => statement.kind === "loop");

describe("loops over time are split along the batch", () => {
  for (const cell of Object.keys(cells) as CellName[]) {
    test(cell, () => {
      const loops = loopsOf(stepOf(cell, {}, 2).statements);
      expect(loops.map(({ alone }) => alone)).toEqual([false, false]);
    });
  }
  test("a checkpointed lstm, and the loops within its chunks", () => {
    const loops = loopsOf(stepOf("lstm", { checkpoint: 3 }, 2).statements);
    expect(loops.map(({ alone }) => alone)).toEqual([false, false]);
    for (const { body } of loops) expect(loopsOf(body).every(({ alone }) => alone === false)).toBe(true);
  });
});

test("a loop whose rows meet is done by one thread, whatever their strides are", () => {
  const build = ({ x }: Record<string, Tensor>) => {
    const sequence = x as Tensor;
    const step = (state: Tensor, at: Tensor) => {
      const both = f.join([state.add(at), state.mul(at)], 0);
      const next = both.slice(0, 1, addDimensions("B", 1)).tanh();
      return [next, next] as const;
    };
    return scan(step, { init: f.zeros(["B", 5]), inputs: sequence }).outputs;
  };
  const { statements } = lowered(programOf(build, { x: float32("T", "B", 5) }), [], 2);
  expect(loopsOf(statements).map(({ alone }) => alone)).toEqual([true]);
});

describe("threads do not meet between statements of which each does the same part", () => {
  const kinds = (build: Build) =>
    lowered(programOf(build, { x: float32(40, 40) }), [], 2).statements.map(({ kind }) => kind);
  const state = new Variable("state", [40, 40]);
  test("a state that is copied to its place", () => {
    const build: Build = ({ x }, update) => {
      const next = (x as Tensor).mul(state).tanh();
      update(state, next);
      return next;
    };
    expect(kinds(build)).toEqual(["map", "map", "barrier"]);
  });
  test("but where one reads the columns of what the other wrote by rows", () => {
    const build: Build = ({ x }, update) => {
      const next = (x as Tensor).mul(state).tanh();
      update(state, next.transpose());
      return next;
    };
    expect(kinds(build)).toEqual(["map", "barrier", "map", "barrier"]);
  });
  test("and where one needs all rows of what the other wrote", () => {
    const build: Build = ({ x }) => (x as Tensor).dot((x as Tensor).tanh());
    expect(kinds(build)).toEqual(["map", "barrier", "product", "barrier"]);
  });
});

describe("a step of every cell takes few products in its loops", () => {
  const inLoops = (cell: CellName) =>
    loopsOf(stepOf(cell).statements).map(({ body }) => body.filter(({ kind }) => kind === "product").length);
  // The gates share one product in each direction; where a gate acts on the state before the candidate's product reads
  // it there is a second, and a transition of five layers has five.
  const expected: Record<CellName, number[]> = {
    rnn: [1, 1],
    "rnn-relu": [1, 1],
    "rnn-sigmoid": [1, 1],
    irnn: [1, 1],
    lstm: [1, 1],
    "lstm-peephole": [1, 1],
    "lstm-coupled": [1, 1],
    "lstm-layer-norm": [1, 1],
    gru: [1, 1],
    "gru-layer-norm": [1, 1],
    mgu: [2, 2],
    "recurrent-highway": [5, 5],
    // Gates that do not see the state: no product waits for it.
    "min-gru": [0, 0],
    "min-lstm": [0, 0],
    slstm: [1, 1],
    mlstm: [0, 0],
    "textbook-rnn": [1, 1],
    "textbook-lstm": [1, 1],
    "textbook-peephole-lstm": [1, 1],
    "textbook-coupled-lstm": [1, 1],
    "textbook-gru": [2, 2],
  };
  for (const cell of Object.keys(cells) as CellName[]) {
    test(cell, () => expect(inLoops(cell)).toEqual(expected[cell]));
  }
});

test("what depends on weights alone is done once, not at every call", () => {
  const { rnn } = initialize({ rnn: recurrent(cells["textbook-lstm"], 5, 8) }, { seed: 1 });
  const { setup, statements } = lowered(
    programOf(({ x }) => rnn.apply(x as Tensor).output, { x: float32("T", "B", 5) }),
  );
  expect(setup.map(({ kind }) => kind)).toContain("pack");
  expect(statements.filter(({ kind }) => kind === "pack")).toEqual([]);
  const products = [...statements, ...loopsOf(statements).flatMap(({ body }) => body)].filter(
    ({ kind }) => kind === "product",
  );
  expect(products.map((product) => product.kind === "product" && product.packed !== undefined)).toEqual([
    true,
    true,
  ]);
});
