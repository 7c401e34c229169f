/** Pooling over time against plain loops; what stands beyond a row's length is never read. */

import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { lastOverTime, maxOverTime, meanOverTime } from "../../../src/nn/layers/index.ts";
import { compile, float32, int32 } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { randomValue } from "../../helpers/values.ts";

const [steps, batch, size] = [4, 3, 2];
const lengths = [4, 2, 1];
const x = randomValue([steps, batch, size], 1);
const at = (t: number, b: number, h: number) => x.data[(t * batch + b) * size + h] as number;

const pools = {
  meanOverTime: { pool: meanOverTime, plain: (own: number[]) => own.reduce((a, b) => a + b, 0) / own.length },
  maxOverTime: { pool: maxOverTime, plain: (own: number[]) => Math.max(...own) },
  lastOverTime: { pool: lastOverTime, plain: (own: number[]) => own.at(-1) as number },
};

/** x with NaN beyond the lengths. */
const holed = {
  shape: x.shape,
  data: Float64Array.from(x.data, (value, index) =>
    Math.floor(index / (batch * size)) < (lengths[Math.floor(index / size) % batch] as number)
      ? value
      : Number.NaN,
  ),
};
const given = { data: Int32Array.from(lengths), shape: [batch] };

describe.each(Object.entries(pools))("%s", (name, { pool, plain }) => {
  const expected = (of: readonly number[]) =>
    of.flatMap((length, b) =>
      Array.from({ length: size }, (_, h) => plain(Array.from({ length }, (_, t) => at(t, b, h)))),
    );

  it("reads every step without lengths", () => {
    const run = compile(({ x }: { x: Tensor }) => pool(x), {
      inputs: { x: float32(steps, batch, size) },
      backend: reference,
    });
    const { data } = run({ x });
    for (const [index, value] of expected([steps, steps, steps]).entries()) {
      expect(data[index]).toBeCloseTo(value, 12);
    }
  });

  it("reads a row's own steps only, in results and gradients", () => {
    const run = compile(
      ({ x, lengths }: { x: Tensor; lengths: Tensor }) => {
        const output = pool(x, lengths);
        return { output, slope: gradient(output.mul(output).sum(), { x }).x };
      },
      { inputs: { x: float32(steps, batch, size), lengths: int32(batch) }, backend: reference },
    );
    const { output, slope } = run({ x: holed, lengths: given });
    for (const [index, value] of expected(lengths).entries()) {
      expect(output.data[index]).toBeCloseTo(value, 12);
    }
    for (const [index, value] of Array.from(slope.data).entries()) {
      expect(value).not.toBeNaN();
      if (Number.isNaN(holed.data[index])) expect(value).toBe(0);
    }
  });

  it("has the gradient of its result", () => {
    checkGradient(({ x }) => pool(x).tanh().sum(), { x });
  });

  it("refuses what is no sequence, and other lengths", () => {
    const trace = (shape: number[], of: number) => () =>
      compile(({ x, lengths }: { x: Tensor; lengths: Tensor }) => pool(x, lengths), {
        inputs: { x: float32(...shape), lengths: int32(of) },
        backend: reference,
      });
    expect(trace([4, 3], 3)).toThrow(`${name}: a sequence (4, 3) given, (T, B, H) expected`);
    expect(trace([4, 3, 2], 2)).toThrow(`${name}: lengths int32 (2) given, int32 (3) expected`);
  });
});
