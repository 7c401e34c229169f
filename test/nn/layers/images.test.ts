// Convolution and pooling of images against plain loops in float64, and a network of both that learns.
import { describe, expect, it, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  type Convolution2dOptions,
  convolution2d,
  type Extent2d,
  initialize,
  maxPooling2d,
  meanPooling2d,
  parameters,
} from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";
import { tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectClose, relativeError } from "../../helpers/close.ts";
import { floats, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [B, R, C, I, O] = [2, 7, 6, 4, 6];
const both = (size: Extent2d = 1) => (typeof size === "number" ? [size, size] : size) as [number, number];

/** Where windows stand along an axis: for each the places that it sees, -1 beyond the border. */
function placesAlong(
  size: number,
  width: number,
  stride: number,
  dilation: number,
  same: boolean,
): number[][] {
  const span = dilation * (width - 1);
  const before = same ? Math.floor(span / 2) : 0;
  const count = Math.floor((size + (same ? span : 0) - span - 1) / stride) + 1;
  return Array.from({ length: count }, (_, n) =>
    Array.from({ length: width }, (_, k) => {
      const place = n * stride + k * dilation - before;
      return place < size ? Math.max(-1, place) : -1;
    }),
  );
}

interface Form extends Convolution2dOptions {
  readonly width: Extent2d;
}

const forms: Form[] = [
  { width: 3 },
  { width: 3, padding: "none" },
  { width: [1, 4], bias: false },
  { width: [3, 2], stride: 2 },
  { width: 3, stride: [3, 2], padding: "none", groups: 2 },
  { width: [2, 3], dilation: [3, 1], stride: [2, 1] },
];

describe.each(forms)("a convolution of images %o", ({ width, ...options }) => {
  it("gives what the sums give, and their gradients", () => {
    const { layer } = initialize({ layer: convolution2d(I, O, width, options) }, { seed: 3 });
    const { padding = "same", groups = 1, stride, dilation } = options;
    const [down, across] = ([0, 1] as const).map((at) =>
      placesAlong(
        [R, C][at] as number,
        both(width)[at],
        both(stride)[at],
        both(dilation)[at],
        padding === "same",
      ),
    ) as [number[][], number[][]];
    const shape = [B, down.length, across.length, O];
    const [x, seed] = [floats([B, R, C, I], 5), floats(shape, 6)];
    const weight = layer.weights.weight.value as ArrayLike<number>;
    const [own, kernel] = [I / groups, both(width)[0] * both(width)[1]];
    const y = new Float64Array(seed.data.length);
    const [slopes, ofWeight, ofBias] = [x.data.length, weight.length, O].map((n) => new Float64Array(n)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const add = (to: Float64Array, at: number, number: number) => {
      to[at] = (to[at] as number) + number;
    };
    let at = 0;
    for (let b = 0; b < B; b++)
      for (const rows of down)
        for (const columns of across)
          for (let o = 0; o < O; o++, at++) {
            const slope = seed.data[at] as number;
            add(y, at, Number(layer.weights.bias?.value[o] ?? 0));
            add(ofBias, o, slope);
            for (const [k, r] of rows.entries())
              for (const [l, c] of columns.entries()) {
                if (r < 0 || c < 0) continue;
                for (let i = 0; i < own; i++) {
                  const from = ((b * R + r) * C + c) * I + Math.floor(o / (O / groups)) * own + i;
                  const place = (o * own + i) * kernel + k * both(width)[1] + l;
                  add(y, at, (weight[place] as number) * (x.data[from] as number));
                  add(slopes, from, (weight[place] as number) * slope);
                  add(ofWeight, place, (x.data[from] as number) * slope);
                }
              }
          }
    const run = onBackends(
      ({ x, seed }) => {
        const output = layer.apply(x as Tensor);
        const loss = output.mul(seed as Tensor).sum();
        return [output, ...Object.values(gradient(loss, { x: x as Tensor, ...parameters(layer) }))];
      },
      { x: float32("B", R, C, I), seed: float32("B", ...shape.slice(1)) },
    );
    const expected = [y, slopes, ofWeight, ...(options.bias === false ? [] : [ofBias])];
    const [exact, fast] = run({ x, seed }) as [number[][], number[][]];
    expected.forEach((wanted, part) => {
      expectClose(exact[part], wanted, 12);
      expect(relativeError(fast[part] ?? [], wanted)).toBeLessThan(1e-6);
    });
  });
});

test("an image may be of any size, and there may be one a step", () => {
  const { layer } = initialize({ layer: convolution2d(I, O, 3, { stride: 2 }) }, { seed: 3 });
  const of = (...sizes: (string | number)[]) =>
    compile((x: Tensor) => maxPooling2d(layer.apply(x), 2), {
      inputs: float32(...sizes, I),
      backend: reference,
    });
  const x = floats([3, B, R, C, I], 5);
  const wanted = of(3, B, R, C)(x);
  expect(wanted.shape).toEqual([3, B, 2, 1, O]);
  expect(of("T", "B", "rows", "columns")(x)).toEqual(wanted);
});

const pools = {
  maxPooling2d: { pool: maxPooling2d, plain: (own: number[]) => Math.max(...own) },
  meanPooling2d: {
    pool: meanPooling2d,
    plain: (own: number[]) => own.reduce((sum, one) => sum + one) / own.length,
  },
};

describe.each(Object.entries(pools))("%s", (name, { pool, plain }) => {
  it.each([
    [2, undefined],
    [[3, 2], undefined],
    [3, 2],
    [2, [1, 3]],
  ] as [Extent2d, Extent2d?][])("over windows %o with a stride of %o", (width, stride = width) => {
    const x = floats([B, R, C, 3], 4);
    const [down, across] = ([0, 1] as const).map((at) =>
      placesAlong([R, C][at] as number, both(width)[at], both(stride)[at], 1, false),
    ) as [number[][], number[][]];
    const wanted = Array.from({ length: B }, (_, b) =>
      down.flatMap((rows) =>
        across.flatMap((columns) =>
          [0, 1, 2].map((h) =>
            plain(rows.flatMap((r) => columns.map((c) => x.data[((b * R + r) * C + c) * 3 + h] as number))),
          ),
        ),
      ),
    ).flat();
    const run = onBackends(({ x }) => pool(x as Tensor, width, { stride }), { x: float32("B", R, C, 3) });
    for (const [found] of run({ x })) expectClose(found, wanted, 6);
    checkGradient(({ x }) => pool(x, width, { stride }).tanh().square().sum(), {
      x: randomValue([B, R, C, 3], 4),
    });
  });

  it("refuses what is no image, and windows that it does not hold", () => {
    const traced = (shape: number[], width: unknown, options?: object) => () =>
      compile((x: Tensor) => pool(x, width as number, options), {
        inputs: float32(...shape),
        backend: reference,
      });
    expect(traced([4, 4], 2)).toThrow(
      `${name}: float32 (4, 4) given, float32 (..., rows, columns, channels) expected`,
    );
    expect(traced([4, 1, 1], 2)).toThrow(`${name}: 1 elements along axis -2 given, 2 or more expected`);
    expect(traced([4, 4, 1], 0)).toThrow(`${name}: width 0 given, a positive integer expected`);
    expect(traced([4, 4, 1], 2, { stride: [1] })).toThrow(
      `${name}: stride an array of 1 given, one size or two expected`,
    );
  });
});

test("gradients are those of differences, through both", () => {
  const { layer } = initialize({ layer: convolution2d(2, 3, [2, 3], { activation: tanh }) }, { seed: 3 });
  const loss = (x: Tensor) =>
    meanPooling2d(maxPooling2d(layer.apply(x), 2), 2, { stride: 1 })
      .square()
      .sum();
  const given = { x: randomValue([2, 6, 7, 2], 7) };
  checkGradient(({ x }) => loss(x), given);
  expect(checkModelGradient({ layer }, ({ x }) => loss(x as Tensor), given)).toBe(2);
});

test("what does not fit is refused", () => {
  expect(() => convolution2d(1, 2, [3, 0])).toThrow(
    "convolution2d: width 0 given, a positive integer expected",
  );
  expect(() => convolution2d(1, 2, 3, { stride: 0.5 })).toThrow("convolution2d: stride 0.5 given");
  expect(() => convolution2d(1, 2, 3, { dilation: [1, -1] })).toThrow("convolution2d: dilation -1 given");
  expect(() => convolution2d(1, 2, 3, { padding: "valid" as never })).toThrow(
    'padding "valid" given, same, none expected',
  );
  expect(() => convolution2d(3, 3, 3, { groups: 2 })).toThrow(UsageError);
  expect(convolution2d(4, 2, 3, { groups: 2 }).weights.weight.dimensions).toEqual([2, 2, 3, 3]);
  const traced = (shape: number[]) => () =>
    compile((x: Tensor) => convolution2d(2, 2, 3, { padding: "none" }).apply(x), {
      inputs: float32(...shape),
      backend: reference,
    });
  expect(traced([4, 4, 3])).toThrow(ShapeError);
  expect(traced([4, 2])).toThrow("(..., rows, columns, 2) expected");
  expect(traced([2, 4, 2])).toThrow("2 elements along axis -3 given, 3 or more expected");
});
