// Clipping against PyTorch's clip_grad_norm_, and by value.
import { describe, expect, it } from "vitest";
import { compile, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { clipByGlobalNorm, clipByValue } from "../../src/training/clipping.ts";
import { relativeError } from "../helpers/close.ts";
import { numbers, readCase } from "./fixtures.ts";

const vector = (data: number[]) => value(Float32Array.from(data), [data.length]);

describe("clipByGlobalNorm", () => {
  it("agrees with PyTorch", () => {
    const file = readCase("clip-grad-norm");
    const maximum = Number(file.metadata.max_norm);
    const clip = compile((gradients: Tensor[]) => clipByGlobalNorm(gradients, maximum));
    const result = clip([vector(numbers(file, "in.grad0")), vector(numbers(file, "in.grad1"))]);
    expect(relativeError(result.norm.data, numbers(file, "out.norm"))).toBeLessThan(1e-6);
    result.gradients.forEach(({ data }, k) => {
      expect(relativeError(data, numbers(file, `out.grad${k}`))).toBeLessThan(1e-6);
    });
  });

  it("leaves gradients below the norm as they are, zeros too", () => {
    const clip = compile((gradients: Tensor[]) => clipByGlobalNorm(gradients, 10));
    const result = clip([vector([3, 0]), vector([0, 4])]);
    expect(result.norm.data[0]).toBeCloseTo(5);
    expect(result.gradients.map(({ data }) => Array.from(data))).toEqual([
      [3, 0],
      [0, 4],
    ]);
    expect(Array.from(clip([vector([0, 0]), vector([0])]).gradients[0]?.data ?? [])).toEqual([0, 0]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", (maximum) => {
    expect(() => clipByGlobalNorm([], maximum)).toThrow(`clipByGlobalNorm: maximum ${maximum} given`);
    expect(() => clipByValue([], maximum)).toThrow(`clipByValue: maximum ${maximum} given`);
  });
});

it("clipByValue cuts each element", () => {
  const clip = compile((gradients: Tensor[]) => clipByValue(gradients, 0.5));
  expect(Array.from(clip([vector([-2, -0.25, 0.5, 7])])[0]?.data ?? [])).toEqual([-0.5, -0.25, 0.5, 0.5]);
});
