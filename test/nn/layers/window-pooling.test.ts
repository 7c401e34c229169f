// Pooling over windows of time against plain loops: whole windows and the rest, and rows of their own lengths.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { maxPooling, meanPooling } from "../../../src/nn/index.ts";
import { compile, float32, int32 } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectClose } from "../../helpers/close.ts";
import { floats, integers, integerTensor, randomValue } from "../../helpers/values.ts";

const [T, B, H] = [7, 4, 2];
const pools = {
  maxPooling: { pool: maxPooling, plain: (own: number[]) => Math.max(...own) },
  meanPooling: {
    pool: meanPooling,
    plain: (own: number[]) => own.reduce((sum, one) => sum + one) / own.length,
  },
};

describe.each(Object.entries(pools))("%s", (name, { pool, plain }) => {
  /** Windows of each row, of the steps that are there. */
  const expected = (x: ArrayLike<number>, lengths: readonly number[], width: number, stride: number) =>
    Array.from({ length: Math.ceil(T / stride) }, (_, n) =>
      lengths.flatMap((length, b) =>
        Array.from({ length: H }, (_, h) => {
          const steps = Array.from({ length: width }, (_, k) => n * stride + k).filter((t) => t < length);
          return steps.length === 0 ? 0 : plain(steps.map((t) => x[(t * B + b) * H + h] as number));
        }),
      ),
    ).flat();

  it.each([
    [2, undefined],
    [3, undefined],
    [7, undefined],
    [9, undefined],
    [3, 1],
    [3, 2],
    [1, 3],
  ])("over windows of %i steps with a stride of %o", (width, stride) => {
    const x = floats([T, B, H], 3);
    const all = onBackends(({ x }) => pool(x as Tensor, width, { stride }).output, {
      x: float32("T", "B", H),
    });
    const known = onBackends(({ x }) => pool(x as Tensor, width, { stride }).output, { x: float32(T, B, H) });
    for (const run of [all, known])
      for (const [found] of run({ x }))
        expectClose(found, expected(x.data, Array(B).fill(T), width, stride ?? width), 6);
    checkGradient(({ x }) => pool(x, width, { stride }).output.tanh().square().sum(), {
      x: randomValue([T, B, H], 3),
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -3e38])(
    "reads a row's own steps only: %d beyond",
    (hole) => {
      const lengths = [7, 3, 1, 4];
      const x = floats([T, B, H], 3);
      const data = Float32Array.from(x.data, (number, at) =>
        Math.floor(at / (B * H)) < (lengths[Math.floor(at / H) % B] as number) ? number : hole,
      );
      for (const [width, stride] of [
        [2, 2],
        [3, 2],
        [4, 1],
      ] as const) {
        const run = onBackends(
          ({ x, n }) => {
            const { output, lengths } = pool(x as Tensor, width, { stride, lengths: n });
            return [output, lengths as Tensor];
          },
          { x: float32("T", "B", H), n: int32("B") },
        );
        for (const [found, shorter] of run({ x: { ...x, data }, n: integers(lengths) })) {
          expectClose(found, expected(x.data, lengths, width, stride), 6);
          expect(shorter).toEqual(lengths.map((length) => Math.ceil(length / stride)));
        }
        checkGradient(
          ({ x }) =>
            pool(x, width, { stride, lengths: integerTensor(...lengths) })
              .output.tanh()
              .square()
              .sum(),
          { x: randomValue([T, B, H], 3) },
        );
      }
    },
  );

  it("refuses what is no sequence, and what is no size", () => {
    const traced = (shape: number[], width: number, options?: object) => () =>
      compile((x: Tensor) => pool(x, width, options).output, {
        inputs: float32(...shape),
        backend: reference,
      });
    expect(traced([4, 3], 2)).toThrow(`${name}: a sequence (4, 3) given, (T, B, H) expected`);
    expect(traced([4, 3, 2], 0)).toThrow(`${name}: width 0 given, a positive integer expected`);
    expect(traced([4, 3, 2], 2, { stride: 1.5 })).toThrow(
      `${name}: stride 1.5 given, a positive integer expected`,
    );
  });
});
