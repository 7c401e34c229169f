/** Loops that are not legal are refused by name, and a pass that makes such is named. */

import { describe, expect, test } from "vitest";
import { checker } from "../../src/compiler/check.ts";
import { checkLoops } from "../../src/compiler/loops/check.ts";
import type {
  LoopStatement,
  LoweredProgram,
  MapStatement,
  ProductStatement,
  Statement,
  View,
} from "../../src/compiler/loops/program.ts";
import { GraphError } from "../../src/errors.ts";
import { float32 } from "../../src/program/compile.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { lowered, programOf } from "./trace.ts";

/** y = x . w for all steps, then h = tanh(h + y) along them: a product, a copy of the first state, a loop with a map. */
const program = lowered(
  programOf(
    ({ x, w, h }) => {
      const step = (state: Tensor, y: Tensor) => {
        const next = state.add(y).tanh();
        return [next, next] as const;
      };
      return scan(step, { init: h as Tensor, inputs: (x as Tensor).dot(w as Tensor) }).outputs.sum(2);
    },
    { x: float32("T", "B", 5), w: float32(5, 3), h: float32("B", 3) },
  ),
  [],
  2,
);

const statementsOf = (list: readonly Statement[]): Statement[] =>
  list.flatMap((statement) =>
    "body" in statement ? [statement, ...statementsOf(statement.body)] : [statement],
  );

/** The program with each statement of a kind changed, those in loops too. */
function changed<S extends Statement>(
  kind: S["kind"],
  change: (statement: S) => Statement[],
): LoweredProgram {
  const visit = (list: readonly Statement[]): Statement[] =>
    list.flatMap((statement) => {
      if (statement.kind === kind) return change(statement as S);
      return statement.kind === "loop" ? [{ ...statement, body: visit(statement.body) }] : [statement];
    });
  return { ...program, statements: visit(program.statements) };
}
const inMaps = (change: (map: MapStatement) => Partial<MapStatement>) =>
  changed<MapStatement>("map", (map) => [map.nodes.length > 0 ? { ...map, ...change(map) } : map]);
const inWrites = (change: (to: View) => Partial<View>) =>
  inMaps(({ writes }) => ({
    writes: writes.map((write) => ({ ...write, to: { ...write.to, ...change(write.to) } })),
  }));
const inProducts = (change: (product: ProductStatement) => Partial<ProductStatement>) =>
  changed<ProductStatement>("product", (product) => [{ ...product, ...change(product) }]);
const inLoop = (change: (loop: LoopStatement) => Partial<LoopStatement>) =>
  changed<LoopStatement>("loop", (loop) => [{ ...loop, ...change(loop) }]);

test("what is legal passes", () => {
  expect(() => checkLoops(program)).not.toThrow();
  const kinds = statementsOf(program.statements).map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(["product", "map", "loop", "barrier"]));
});

describe("what is not legal is refused by name", () => {
  const cases: [string, RegExp, LoweredProgram][] = [
    [
      "a read of what is written nowhere",
      /^map to \S+: einsum#\d+ is read, and never written before$/,
      changed("product", () => []),
    ],
    [
      "a result that is written nowhere",
      /^the program's result: sum#\d+ is read, and never/,
      changed("map", () => []),
    ],
    [
      "a buffer that the program has not",
      /^\S+ to .*: \S+ is no buffer of the program$/,
      { ...program, buffers: program.buffers.slice(0, -1) },
    ],
    [
      "a buffer without a place in memory",
      /has no place in the memory plan$/,
      { ...program, lifetimes: program.lifetimes?.slice(1) },
    ],
    ["a loop that is not around", /moves with loop 0, which is not around$/, inLoop(() => ({ loop: 7 }))],
    ["a loop within itself", /^loop 0: it stands within itself$/, inLoop((loop) => ({ body: [loop] }))],
    [
      "a barrier where one thread is alone",
      /^barrier: it stands in a loop of one thread$/,
      inLoop(({ body }) => ({ alone: true, body: [...body, { kind: "barrier" }] })),
    ],
    [
      "an element behind the end",
      /^map to .*: element .* of .* is touched$/,
      inWrites(({ offset, buffer }) => ({ offset: { ...offset, base: buffer?.size ?? 0 } })),
    ],
    [
      "an element before the start",
      /element -1 of .* is touched$/,
      inWrites(({ offset }) => ({ offset: { ...offset, base: -1 } })),
    ],
    [
      "a view of another shape",
      /is \(B\) over \(B, 3\)$/,
      inWrites(({ shape }) => ({ shape: shape.slice(0, 1) })),
    ],
    ["a view of another dtype", /float32 goes to \S+ of int32$/, inWrites(() => ({ dtype: "int32" }))],
    [
      "a node without its inputs",
      /^map to .*: \w+ \d+ reads \w+ \d+, which is nowhere$/,
      inMaps(() => ({ operands: new Map() })),
    ],
    ["a node that is not computed", /is written, and not computed$/, inMaps(() => ({ nodes: [] }))],
    [
      "a split along an axis that is not there",
      /it is split along axis 9, which it lacks$/,
      inMaps(() => ({ split: { axis: 9, grain: 1 } })),
    ],
    [
      "a split along an outer axis that is not there",
      /it is split along outer axis 0, which it lacks$/,
      inProducts(() => ({ split: { axis: { outer: 0 }, grain: 1 } })),
    ],
    [
      "a split along what is summed over",
      /it is split along axis 2, which it sums over$/,
      inMaps(({ space, split }) => (space.length === 3 ? { split: { axis: 2, grain: 1 } } : { split })),
    ],
    [
      "a split in lots of none",
      /it is split in lots of 0$/,
      inProducts(() => ({ split: { axis: "m", grain: 0 } })),
    ],
  ];
  test.each(cases)("%s", (_name, problem, wrong) => {
    expect(() => checkLoops(wrong)).toThrow(GraphError);
    expect(() => checkLoops(wrong)).toThrow(problem);
  });
});

test("the pass is named that made it", () => {
  const graph = programOf(({ x }) => (x as Tensor).tanh(), { x: float32("B") });
  expect(() => checker.graph?.("prune", graph.results)).not.toThrow();
  expect(() => checker.graph?.("prune", [{ ...graph.results[0], shape: [7] } as never])).toThrow(
    /^after prune: tanh \d+/,
  );
  expect(() =>
    checker.loops?.(
      "fuseTails",
      changed("map", () => []),
    ),
  ).toThrow(/^after fuseTails: the program's result: /);
});
