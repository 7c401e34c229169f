// What a gradient can be taken by: never zeros in silence for what the graph does not hold as it was written.
import { expect, test } from "vitest";
import { GraphError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { full, scalar } from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";

const by = (build: (x: Tensor) => [loss: Tensor, source: Tensor]) => () =>
  compile((x) => gradient(...build(x)), { inputs: float32(3) });

test.each<[string, (x: Tensor) => [Tensor, Tensor]]>([
  ["a zero that is added", (x) => [x.add(scalar(0)).sum(), scalar(0)]],
  ["a one that multiplies", (x) => [x.mul(full(1, [3])).sum(), full(1, [3])]],
  ["any other constant", (x) => [x.add(scalar(5)).sum(), scalar(5)]],
  [
    "what is reshaped back",
    (x) => {
      const column = x.reshape([3, 1]);
      return [column.reshape([3]).square().sum(), column];
    },
  ],
  [
    "a repetition that a step captures",
    (x) => {
      const first = x.at(0, 0).broadcastTo([3]);
      const { final } = scan((s: Tensor, v: Tensor) => [s.add(first.mul(v)), s] as const, {
        init: full(0, [3]),
        inputs: x,
      });
      return [final.sum(), first];
    },
  ],
])("%s is refused", (_, build) => {
  expect(by(build)).toThrow(GraphError);
  expect(by(build)).toThrow(
    /^gradient: a source .* given, (a constant|which the loss does not read as it stands): /,
  );
});

test("inputs that the loss does not read have the gradient 0, and what it reads its own", () => {
  const run = compile(
    ({ x, y }) => {
      const twice = x.mul(2);
      return gradient(twice.square().sum(), { y, twice });
    },
    { inputs: { x: float32(2), y: float32(2) } },
  );
  const { y, twice } = run({ x: [1, 2], y: [3, 4] });
  expect([[...y.data], [...twice.data]]).toEqual([
    [0, 0],
    [4, 8],
  ]);
});
