// Clipping against PyTorch's clip_grad_norm_, and by value.
import { describe, expect, it } from "vitest";
import { compile, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { clipByGlobalNorm, clipByLayerNorm, clipByValue } from "../../src/training/clipping.ts";
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

describe("clipByLayerNorm", () => {
  const layers = ["a", "b", "a", "c"];
  const given = [
    [3, 0],
    [0.1, 0.2, -0.2],
    [0, 4],
    [0, 0],
  ];

  it("scales each layer by its own norm, as plain loops do", () => {
    const clip = compile((gradients: Tensor[]) => clipByLayerNorm(gradients, layers, 2));
    const result = clip(given.map(vector));
    const norms = Object.fromEntries(
      ["a", "b", "c"].map((layer) => [
        layer,
        Math.hypot(...given.filter((_, at) => layers[at] === layer).flat()),
      ]),
    );
    for (const [layer, norm] of Object.entries(norms)) {
      expect(result.norms[layer]?.data[0]).toBeCloseTo(norm, 6);
    }
    given.forEach((gradient, at) => {
      const scale = Math.min(1, 2 / ((norms[layers[at] as string] as number) + 1e-6));
      gradient.forEach((element, place) => {
        expect(result.gradients[at]?.data[place]).toBeCloseTo(element * scale, 6);
      });
    });
  });

  it("needs a name for each gradient", () => {
    const clip = (names: unknown) => () =>
      compile((gradients: Tensor[]) => clipByLayerNorm(gradients, names as string[], 2))(given.map(vector));
    expect(clip(["a"])).toThrow("clipByLayerNorm: layers 1 given, a name for each of 4 gradients expected");
    expect(clip("a")).toThrow('clipByLayerNorm: layers "a" given');
    expect(() => clipByLayerNorm([], [], 0)).toThrow("clipByLayerNorm: maximum 0 given");
  });
});

it("clipByValue cuts each element", () => {
  const clip = compile((gradients: Tensor[]) => clipByValue(gradients, 0.5));
  expect(Array.from(clip([vector([-2, -0.25, 0.5, 7])])[0]?.data ?? [])).toEqual([-0.5, -0.25, 0.5, 0.5]);
});
