// Running sums and the largest numbers in order, against plain loops and sorting; gradients; what is refused.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { ShapeError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import { type CumsumOptions, cumsum, topK } from "../../src/trace/along-axis.ts";
import { clamp, zeros } from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { checkGradient } from "../gradient/check.ts";
import { onBackends } from "../helpers/backends.ts";
import { expectNear } from "../helpers/close.ts";
import { floats, integers, numbers, randomValue, rowsOf } from "../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("running sums", () => {
  const x = floats([3, 4, 2], 6);
  const run = (axis: number, options: CumsumOptions) =>
    onBackends(({ x: t }) => cumsum(t as Tensor, axis, options), { x: float32("T", "B", "N") });
  const columns = (axis: number) => [3, 4, 2][axis] as number;
  /** By definition: the sum of those before, or after, along the axis. */
  function summed(axis: number, { reverse = false, exclusive = false }: CumsumOptions): number[] {
    const stride = [8, 2, 1][axis] as number;
    return Array.from(x.data, (own, place) => {
      const position = Math.floor(place / stride) % columns(axis);
      const others = Array.from({ length: columns(axis) }, (_, other) => other).filter((other) =>
        reverse ? other > position : other < position,
      );
      const sum = others.reduce(
        (total, other) => total + (x.data[place + (other - position) * stride] as number),
        0,
      );
      return exclusive ? sum : sum + own;
    });
  }
  test.each([{}, { reverse: true }, { exclusive: true }, { reverse: true, exclusive: true }])(
    "%j",
    (options) => {
      for (const axis of [0, 1, 2]) {
        for (const [given] of run(axis, options)({ x }))
          expectNear(given as number[], summed(axis, options), 1e-6);
      }
      checkGradient(({ x: t }) => cumsum(t, 1, options).square().sum(), { x: randomValue([2, 4]) });
    },
  );
  test("of whole numbers are whole, and nothing that comes later is seen", () => {
    const whole = onBackends(({ i }) => cumsum(i as Tensor, -1), { i: int32("T", 4) });
    for (const [given] of whole({ i: integers([2 ** 30, 2 ** 29, -5, 1, 1, 2, 3, 4], [2, 4]) }))
      expect(given).toEqual([
        2 ** 30,
        2 ** 30 + 2 ** 29,
        2 ** 30 + 2 ** 29 - 5,
        2 ** 30 + 2 ** 29 - 4,
        1,
        3,
        6,
        10,
      ]);
    const line = onBackends(({ x: t }) => cumsum(t as Tensor, 0), { x: float32("T") });
    for (const [given] of line({ x: value(Float32Array.of(1, 2, infinity, 4, nan, 6), [6]) }))
      expect(given).toEqual([1, 3, infinity, infinity, nan, nan]);
  });
  test("of many numbers are those in float64, rounded", () => {
    const count = 100_000;
    const many = Float32Array.from(numbers(count), (number) => number + 1);
    let total = 0;
    const expected = Array.from(many, (number) => {
      total += number;
      return total;
    });
    const line = onBackends(({ x: t }) => cumsum(t as Tensor, 0), { x: float32("T") });
    const [, fast] = line({ x: value(many, [count]) });
    expectNear(fast?.[0] as number[], expected, 1e-7);
  });
  test("refuses an axis that does not exist, unknown options, and no tensor", () => {
    expect(() => cumsum(zeros(["T", 3]), 2)).toThrow("axis 2 does not exist in (T, 3), at ");
    expect(() => cumsum(zeros(["T", 3]), 0, { reversed: true } as never)).toThrow(
      "cumsum: option reversed is unknown: did you mean reverse?",
    );
    expect(() => cumsum([1] as never, 0)).toThrow("cumsum: an array of 1 given, a tensor expected");
  });
});

describe("the largest numbers", () => {
  /** NaN first, then from the largest down; of equal ones the lower index. */
  function sorted(row: readonly number[], k: number): number[] {
    const key = (number: number) => (Number.isNaN(number) ? [1, 0] : [0, number]);
    return row
      .map((_, index) => index)
      .sort((a, b) => {
        const [left, right] = [key(row[a] as number), key(row[b] as number)] as [number[], number[]];
        if (left[0] !== right[0]) return (right[0] as number) - (left[0] as number);
        if (left[1] !== right[1]) return (right[1] as number) > (left[1] as number) ? 1 : -1;
        return a - b;
      })
      .slice(0, k);
  }
  const rows: Record<string, readonly number[]> = {
    random: Array.from(floats([5, 6], 8).data),
    equal: [1, 1, 1, 1, 1, 1, 0, 2, 0, 2, 0, 2, 3, 3, 2, 2, 1, 1],
    "NaN and infinite": [
      nan,
      1,
      nan,
      infinity,
      -infinity,
      nan,
      -infinity,
      -infinity,
      0,
      -infinity,
      infinity,
      infinity,
    ],
  };
  test.each(Object.entries(rows))("%s", (_, data) => {
    const given = value(Float32Array.from(data), [data.length / 6, 6]);
    for (const k of [1, 2, 6]) {
      const run = onBackends(
        ({ x }) => {
          const { values, indices } = topK(x as Tensor, k);
          return [values, indices];
        },
        { x: float32("T", "N") },
      );
      for (const [values, indices] of run({ x: given })) {
        const expected = rowsOf(given).map((row) => sorted(row, k));
        expect(indices).toEqual(expected.flat());
        expect(values).toEqual(
          expected.flatMap((places, row) => places.map((place) => rowsOf(given)[row]?.[place])),
        );
      }
    }
  });
  test("along another axis, and of whole numbers at both ends of int32", () => {
    const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
    const run = onBackends(
      ({ i }) => {
        const { values, indices } = topK(i as Tensor, 3, 0);
        return [values, indices];
      },
      { i: int32("T", 2) },
    );
    for (const [values, indices] of run({
      i: integers([least, most, 5, least, most, most, least, 0], [4, 2]),
    })) {
      expect(values).toEqual([most, most, 5, most, least, 0]);
      expect(indices).toEqual([2, 0, 1, 2, 0, 3]);
    }
    const { values, indices } = topK(zeros(["T", "B", 5]), 3, 1);
    expect([values.shape, indices.shape, indices.dtype]).toEqual([["T", 3, 5], ["T", 3, 5], "int32"]);
  });
  test("within a step of a scan", () => {
    const run = onBackends(
      ({ x }) => {
        const step = (state: Tensor, at: Tensor) =>
          [state.add(topK(at, 2).values.sum(1)), topK(at, 2).indices] as const;
        const { final, outputs } = scan(step, { init: zeros(["B"]), inputs: x as Tensor });
        return [final, outputs];
      },
      { x: float32("T", "B", "N") },
    );
    const given = floats([3, 2, 5], 3);
    for (const [, indices] of run({ x: given }))
      expect(indices).toEqual(rowsOf(given).flatMap((row) => sorted(row, 2)));
  });
  test("get the gradient of their values", () => {
    checkGradient(({ x }) => topK(x, 2).values.square().mul(0.5).sum(), { x: randomValue([3, 5]) });
    const run = onBackends(({ x }) => gradient(topK(x as Tensor, 2).values.sum(), x as Tensor), {
      x: float32(4),
    });
    for (const [given] of run({ x: value(Float32Array.of(1, 3, 3, 3), [4]) }))
      expect(given).toEqual([0, 1, 1, 0]);
  });
  test("are refused where there are not so many", () => {
    for (const k of [0, 4, 1.5, nan, "2" as never])
      expect(() => topK(zeros(["T", 3]), k)).toThrow(
        /^topK: \S+ given, a whole number from 1 to 3 expected, at /,
      );
    const run = compile((x) => topK(x, 3), { inputs: float32("N"), backend: reference });
    expect(() => run([1, 2])).toThrow(
      new ShapeError("slice: 2 to 3 of axis 0 lies outside of (N) where N = 2"),
    );
    expect(() => topK(zeros(["T", 3]), 1, 2)).toThrow("axis 2 does not exist in (T, 3), at ");
  });
});

describe("clamp", () => {
  test("keeps numbers within limits, and lets the gradient through from limit to limit", () => {
    const run = onBackends(
      ({ x }) => [clamp(x as Tensor, -1, 2), gradient(clamp(x as Tensor, -1, 2).sum(), x as Tensor)],
      {
        x: float32("N"),
      },
    );
    const data = Float32Array.of(-3, -1, 0.5, 2, 2.5, infinity, -infinity, nan);
    for (const [given, slope] of run({ x: value(data, [8]) })) {
      expect(given).toEqual([-1, -1, 0.5, 2, 2, 2, -1, nan]);
      expect(slope).toEqual([0, 1, 1, 1, 0, 0, 0, 1]);
    }
    const whole = onBackends(({ i }) => clamp(i as Tensor, 0, 3), { i: int32("N") });
    for (const [given] of whole({ i: integers([-2, 1, 7]) })) expect(given).toEqual([0, 1, 3]);
    expect(clamp(zeros(["T"]), 0, infinity).shape).toEqual(["T"]);
  });
  test("refuses limits that are none", () => {
    for (const [low, high] of [
      [2, 1],
      [nan, 1],
      [undefined, 1],
    ])
      expect(() => clamp(zeros(["T"]), low as number, high as number)).toThrow(
        /^clamp: the limits .* expected, the lower one first, at /,
      );
    expect(() => clamp(zeros(["T"], "int32"), 0.5, 1)).toThrow("less: 0.5 given for int32");
  });
});
