// Elements by index along an axis, and indices as rows of 0 and 1: values against plain loops, gradients, what is refused.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { DataError, ShapeError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import { oneHot, zeros } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { checkGradient } from "../gradient/check.ts";
import { onBackends } from "../helpers/backends.ts";
import { floats, integers, integerTensor, randomValue } from "../helpers/values.ts";

type Tensors = Record<"x" | "i", Tensor>;
const [T, B, N] = [2, 3, 4];
const x = floats([T, B, N], 5);
const at = (t: number, b: number, n: number) => x.data[(t * B + b) * N + n] as number;
/** Numbers of every place of a shape, in order. */
const over = (shape: readonly number[], number: (...place: number[]) => number): number[] => {
  const walk = (place: number[]): number[] =>
    place.length === shape.length
      ? [number(...place)]
      : Array.from({ length: shape[place.length] as number }, (_, next) => walk([...place, next])).flat();
  return walk([]);
};
const run = (build: (inputs: Tensors) => Tensor | Tensor[], ...indices: (string | number)[]) =>
  onBackends((inputs) => build(inputs as Tensors), { x: float32("T", "B", "N"), i: int32(...indices) });

describe("take", () => {
  const i = integers([2, 0, 1, 2], [2, 2]);
  test("puts the axes of the indices in the place of the axis", () => {
    const build = ({ x: t, i: index }: Tensors) => [t.take(index, 1), t.take(index, -1)];
    for (const [middle, last] of run(build, "K", 2)({ x, i })) {
      expect(middle).toEqual(over([T, 2, 2, N], (t, j, k, n) => at(t, i.data[j * 2 + k] as number, n)));
      expect(last).toEqual(over([T, B, 2, 2], (t, b, j, k) => at(t, b, i.data[j * 2 + k] as number)));
    }
    expect(zeros(["T", "B", 5]).take(zeros(["K", 2], "int32"), 1).shape).toEqual(["T", "K", 2, 5]);
    expect(zeros(["T", "B"]).take(zeros([], "int32"), -1).shape).toEqual(["T"]);
  });
  test("is gather along the first axis", () => {
    const build = ({ x: t, i: index }: Tensors) => [t.take(index), t.gather(index)];
    for (const [taken, gathered] of run(build, "K")({ x, i: integers([1, 1, 0]) }))
      expect(taken).toEqual(gathered);
  });
  test("has a gradient that adds up what was taken twice", () => {
    checkGradient(
      ({ x: t }) =>
        t
          .take(integerTensor(1, 2, 1), 1)
          .square()
          .sum(),
      { x: randomValue([2, 3, 2]) },
    );
  });
});

describe("take along", () => {
  const i = integers([3, 0, 1, 1, 2, 3], [2, 3, 1]);
  test("reads its own index at each place", () => {
    const build = ({ x: t, i: index }: Tensors) => t.takeAlong(index, -1);
    for (const [given] of run(build, "T", "B", 1)({ x, i }))
      expect(given).toEqual(over([T, B, 1], (t, b) => at(t, b, i.data[t * B + b] as number)));
    const middle = integers([2, 0, 1, 1, 0, 0, 2, 2], [2, 1, 4]);
    for (const [given] of run(({ x: t, i: index }) => t.takeAlong(index, 1), "T", "K", "N")({ x, i: middle }))
      expect(given).toEqual(over([T, 1, N], (t, _, n) => at(t, middle.data[t * N + n] as number, n)));
    const first = integers([1, 0, 1], [3]);
    const line = onBackends((inputs) => (inputs.x as Tensor).takeAlong(inputs.i as Tensor, 0), {
      x: float32("N"),
      i: int32("K"),
    });
    for (const [given] of line({ x: floats([2]), i: first }))
      expect(given).toEqual(Array.from(first.data, (index) => floats([2]).data[index]));
  });
  test("has a gradient that adds up what was taken twice", () => {
    const indices = () => integerTensor(1, 1, 0, 2, 2, 1).reshape([2, 3]);
    checkGradient(({ x: t }) => t.takeAlong(indices(), 1).square().sum(), { x: randomValue([2, 4]) });
    checkGradient(({ x: t }) => t.takeAlong(indices(), 0).square().sum(), { x: randomValue([3, 3]) });
  });
  test("refuses other sizes, and what is no index", () => {
    const t = zeros(["T", "B", 4]);
    const message = "given for axis 1 of float32 (T, B, 4), int32 of the same other sizes expected, at ";
    for (const [indices, printed] of [
      [zeros(["T", "K", 3], "int32"), "int32 (T, K, 3)"],
      [zeros(["T", "K"], "int32"), "int32 (T, K)"],
      [zeros(["T", "K", 4]), "float32 (T, K, 4)"],
    ] as const)
      expect(() => t.takeAlong(indices, 1)).toThrow(`takeAlong: indices ${printed} ${message}`);
    expect(() => t.take(zeros(["K"]), 1)).toThrow("gather: indices of float32 given, int32 expected, at ");
    expect(() => t.take(zeros(["K"], "int32"), 3)).toThrow("axis 3 does not exist in (T, B, 4), at ");
    expect(() => t.takeAlong([0] as never, 1)).toThrow("takeAlong: an array of 1 given, a tensor expected");
  });
});

describe("one-hot rows", () => {
  test("are 1 at the index and 0 elsewhere, also for sizes that the data tells", () => {
    const build = ({ x: t, i: index }: Tensors) => [oneHot(index, 4), oneHot(index, t.size(2))];
    for (const [fixed, told] of run(build, "K", 2)({ x, i: integers([3, 0, 1, 1], [2, 2]) })) {
      expect(fixed).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
      expect(told).toEqual(fixed);
    }
    expect(() => oneHot(zeros([2]), 3)).toThrow("equal: ");
    expect(() => oneHot(zeros([2], "int32"), -1)).toThrow(ShapeError);
  });
});

describe("an index that is outside", () => {
  const functions: Record<string, (inputs: Tensors) => Tensor> = {
    take: ({ x: t, i }) => t.take(i, 2),
    takeAlong: ({ x: t, i }) => t.take(i.at(0, 0), 0).takeAlong(i.broadcastTo(["B", 2]), -1),
    oneHot: ({ x: t, i }) => oneHot(i, t.size(2)),
  };
  const types = { x: float32("T", "B", "N"), i: int32(2) };
  test.each(Object.entries(functions))(
    "of %s is refused where it is given, and reads zeros where it is computed",
    (_, build) => {
      const given = compile((inputs) => build(inputs as Tensors), { inputs: types, backend: reference });
      for (const wrong of [-1, N])
        expect(() => given({ x, i: integers([0, wrong]) })).toThrow(
          new DataError(`input i: ${wrong} given at 1, 0 to N-1 = 3 expected`),
        );
      const computed = onBackends(
        ({ x: t, i }) => build({ x: t as Tensor, i: (i as Tensor).add(1).sub(1) }),
        types,
      );
      const whole = computed({ x, i: integers([0, 1]) }).map(([numbers]) => numbers as number[]);
      for (const wrong of [-1, N]) {
        computed({ x, i: integers([0, wrong]) }).forEach(([numbers], backend) => {
          const ofWrong = (place: number) => (_ === "oneHot" ? place >= N : place % 2 === 1);
          expect(numbers).toEqual(whole[backend]?.map((number, place) => (ofWrong(place) ? 0 : number)));
        });
      }
    },
  );
  test("gives no gradient", () => {
    const slope = onBackends(
      ({ x: t, i }) => gradient((t as Tensor).takeAlong((i as Tensor).add(1).sub(1), 0).sum(), t as Tensor),
      {
        x: float32(3),
        i: int32(2),
      },
    );
    for (const [given] of slope({ x: floats([3]), i: integers([3, 1]) })) expect(given).toEqual([0, 1, 0]);
  });
});
