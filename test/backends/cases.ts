/** The cases of the conformance test: programs over declared inputs, each with data of several sizes. */

import type { Value } from "../../src/backends/backend.ts";
import { gradient } from "../../src/gradient/index.ts";
import type { Dimension } from "../../src/graph/dimension.ts";
import { node } from "../../src/graph/node.ts";
import {
  binaryCrossEntropy,
  crossEntropy,
  huberLoss,
  meanAbsoluteError,
  meanSquaredError,
} from "../../src/nn/index.ts";
import { float32, type InputType, int32 } from "../../src/program/compile.ts";
import { elu, gelu, leakyRelu, softplus } from "../../src/trace/activations.ts";
import { cumsum, topK } from "../../src/trace/along-axis.ts";
import * as f from "../../src/trace/functions.ts";
import { type ScanOptions, scan } from "../../src/trace/scan.ts";
import type { Past } from "../../src/trace/step.ts";
import { Tensor } from "../../src/trace/tensor.ts";
import { floats, integers } from "../helpers/values.ts";

type Tensors = Record<string, Tensor>;

export interface Case {
  readonly name: string;
  readonly types: Record<string, InputType>;
  readonly build: (inputs: Tensors) => Tensor | Tensor[];
  /** The data of each call. */
  readonly inputs: readonly Record<string, Value>[];
  /** Whether rewrites could matter: then the case also runs with each left out. */
  readonly rewrites?: boolean;
  readonly tolerance?: number;
}

/** Sizes of the symbols in each call. */
type Sizes = Record<string, number>;
const several: Sizes[] = [
  { T: 1, B: 1 },
  { T: 5, B: 3 },
  { T: 4, B: 8 },
  { T: 7, B: 2 },
];

function sized(shape: readonly Dimension[], sizes: Sizes): number[] {
  return shape.map((dimension) => (typeof dimension === "number" ? dimension : (sizes[dimension] as number)));
}

/** Random float inputs of the declared shapes, for several sizes. */
function randomInputs(
  types: Record<string, InputType>,
  all: readonly Sizes[] = several,
): Record<string, Value>[] {
  return all.map((sizes) =>
    Object.fromEntries(
      Object.entries(types).map(([name, { shape }], index) => [name, floats(sized(shape, sizes), index + 1)]),
    ),
  );
}

const all: Case[] = [];
function define(
  name: string,
  types: Record<string, InputType>,
  build: Case["build"],
  options: Partial<Case> = {},
): void {
  all.push({ name, types, build, inputs: options.inputs ?? randomInputs(types), ...options });
}
const input = (inputs: Tensors, name: string) => inputs[name] as Tensor;
const cut = (x: Tensor, axis: number, start: number, size: number) => x.slice(axis, start, start + size);

// Elementwise, on lengths that fill vectors and that do not.
const unary: Record<string, (x: Tensor) => Tensor> = {
  exp: (x) => x.exp(),
  log: (x) => x.mul(x).add(0.5).log(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  sqrt: (x) => x.mul(x).sqrt(),
  negate: (x) => x.neg(),
  relu: (x) => f.relu(x),
  not: (x) => f.where(x.less(0).not(), x, 0),
  convert: (x) => x.mul(10).convert("int32").convert("float32"),
  floor: (x) => x.mul(3).floor(),
  "ceil and round": (x) => x.mul(3).ceil().add(x.mul(4).round()),
  sin: (x) => x.mul(9).sin(),
  cos: (x) => x.mul(9).cos(),
  "abs and sign": (x) => x.abs().add(x.sign()),
  "whole powers": (x) => x.pow(4).add(x.add(x.sign()).pow(-2)),
  "bool as number": (x) => x.less(0.25).convert("float32"),
};
for (const [name, op] of Object.entries(unary)) {
  for (const size of [1, 3, 4, 13])
    define(`${name} of ${size}`, { x: float32(size) }, ({ x }) => op(x as Tensor), {
      inputs: [{ x: floats([size]) }],
    });
}
const binary: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: (a, b) => a.add(b),
  subtract: (a, b) => a.sub(b),
  multiply: (a, b) => a.mul(b),
  divide: (a, b) => a.div(b.add(2)),
  power: (a, b) => a.abs().add(0.1).pow(b.mul(4)),
  maximum: (a, b) => a.maximum(b),
  minimum: (a, b) => a.minimum(b),
  less: (a, b) => f.where(a.less(b), a, b),
  lessEqual: (a, b) => f.where(a.lessEqual(b).and(b.lessEqual(0.5)), 1, b),
  greater: (a, b) => f.where(a.greater(b).and(a.greaterEqual(-0.5)), a, b),
  notEqual: (a, b) => f.where(a.notEqual(b), a, 3),
  equal: (a, b) => f.where(a.equal(b).or(a.less(0)), a, 3),
};
for (const [name, op] of Object.entries(binary)) {
  define(`${name}`, { a: float32("T", "B", 5), b: float32("B", 5) }, ({ a, b }) =>
    op(a as Tensor, b as Tensor),
  );
  define(`${name} with a column`, { a: float32("T", "B"), b: float32("T", 1) }, ({ a, b }) =>
    op(a as Tensor, b as Tensor),
  );
}
define(
  "special numbers",
  { x: float32("T") },
  ({ x }) => {
    const y = x as Tensor;
    return [
      y.exp(),
      y.tanh(),
      y.sigmoid(),
      y.log(),
      y.maximum(0),
      y.minimum(0),
      f.relu(y),
      y.add(1),
      y.sqrt(),
      y.floor(),
      y.ceil(),
      y.round(),
      y.abs(),
      y.sign(),
      y.sin(),
      y.cos(),
      y.pow(0.5),
      y.pow(-0.25),
      y.pow(0),
      f.pow(2, y),
      f.pow(-1, y),
      f.where(y.greaterEqual(0), 1, 2),
      f.where(y.notEqual(y), 1, 2),
    ];
  },
  {
    inputs: [
      {
        x: {
          data: Float32Array.of(
            0,
            Number.NaN,
            Number.POSITIVE_INFINITY,
            Number.NEGATIVE_INFINITY,
            1,
            -1,
            88,
            -100,
            1e-40,
          ),
          shape: [9],
        },
      },
    ],
  },
);
define(
  "integers",
  { i: int32("T", "B") },
  ({ i }) => {
    const x = i as Tensor;
    return [
      x.add(3),
      x.mul(x),
      x.sub(1).neg(),
      x.maximum(2),
      x.sum(0),
      x.max(1),
      x.abs(),
      x.sign(),
      x.pow(5),
      x.pad(1, 1, 2, 9),
      x.equal(2).convert("int32"),
      f.where(x.less(2), x, 7),
    ];
  },
  { inputs: [{ i: integers([5, -3, 2, 0, 1, 7], [2, 3]) }] },
);
define("range", { x: float32("T", "B") }, ({ x }) => {
  const y = x as Tensor;
  return [
    f.range(y.size(0)),
    y.add(f.range(y.size(1)).convert("float32")),
    f.range(12).reshape([3, 4]).transpose(),
    f
      .range(y.size(0))
      .reshape([y.size(0), 1])
      .add(f.range(5)),
  ];
});
define(
  "random numbers",
  { key: int32(2), x: float32("T", "B", 3) },
  ({ key, x }) => f.randomUniform(key as Tensor, (x as Tensor).shape),
  {
    inputs: several.map(({ T, B }, index) => ({
      key: integers([index, 77]),
      x: floats([T as number, B as number, 3]),
    })),
    tolerance: 1e-30,
  },
);

// Reductions over every choice of axes.
for (const axes of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
  define(`sum and max over ${axes}`, { x: float32("T", "B", 6) }, ({ x }) => {
    const y = x as Tensor;
    return [y.sum(axes), y.max(axes), y.mul(2).add(1).sum(axes), y.mean(axes, { keep: true }).add(y)];
  });
}
define("softmax", { x: float32("T", "B", 7) }, ({ x }) => [
  f.softmax(x as Tensor),
  f.logSoftmax(x as Tensor),
  f.softmax(x as Tensor, 0),
]);
// More rows than a block of a product's tail has: whole blocks, and what is left.
define(
  "products with tails, in blocks of rows",
  { x: float32("T", "B", 5), w: float32(5, 9), v: float32(9, 6), b: float32(9) },
  ({ x, w, v, b }) => {
    const hidden = x?.dot(w as Tensor).add(b as Tensor) as Tensor;
    const logits = hidden.tanh().dot(v as Tensor);
    const lost = f
      .logSoftmax(logits)
      .mul(logits.slice(2, 0, 6))
      .sum();
    return [lost, f.softmax(logits), ...(gradient(lost, [w, v, b] as Tensor[]) as Tensor[])];
  },
  {
    rewrites: true,
    inputs: randomInputs({ x: float32("T", "B", 5), w: float32(5, 9), v: float32(9, 6), b: float32(9) }, [
      { T: 1, B: 1 },
      { T: 8, B: 8 },
      { T: 13, B: 5 },
      { T: 0, B: 4 },
      { T: 31, B: 7 },
    ]),
  },
);
define("sum of what repeats", { x: float32("T") }, ({ x }) =>
  f
    .full(1, ["T", 3])
    .mul((x as Tensor).reshape(["T", 1]))
    .sum(),
);

// Products in all orders of labels.
for (const [labels, a, b] of [
  ["bi,ih->bh", ["B", 5], [5, 9]],
  ["bi,hi->bh", ["B", 5], [9, 5]],
  ["ib,ih->bh", [5, "B"], [5, 9]],
  ["bi,ih->hb", ["B", 5], [5, 9]],
  ["tbi,ih->tbh", ["T", "B", 5], [5, 9]],
  ["tbi,tbh->ih", ["T", "B", 5], ["T", "B", 9]],
  ["tbi,tbh->hi", ["T", "B", 5], ["T", "B", 9]],
  ["tbi,bi->tb", ["T", "B", 5], ["B", 5]],
  ["tb,tbi->bi", ["T", "B"], ["T", "B", 5]],
  ["bi,bi->", ["B", 5], ["B", 5]],
  ["b,h->bh", ["B"], [9]],
  ["i,ih->h", [5], [5, 9]],
  ["bi,i->b", ["B", 5], [5]],
  ["tbi,bth->ih", ["T", "B", 5], ["B", "T", 9]],
  ["tbi,bih->tbh", ["T", "B", 5], ["B", 5, 9]],
  ["bi,bi->bi", ["B", 5], ["B", 5]],
] as [string, Dimension[], Dimension[]][]) {
  define(`product ${labels}`, { a: float32(...a), b: float32(...b) }, ({ a: x, b: y }) =>
    f.einsum(labels, x as Tensor, y as Tensor),
  );
}
define("product of slices, flips and numbers", { a: float32("T", "B", 8), w: float32(6, 4) }, ({ a, w }) => {
  const x = a as Tensor;
  const v = w as Tensor;
  return [
    cut(x, 2, 1, 6).dot(v),
    cut(x, 2, 2, 6).flip(2).dot(v.flip(1)),
    f.full(2, ["B", 6]).dot(v),
    x.sum(2).dot(f.full(0.5, ["B", 3])),
    cut(x, 2, 0, 4)
      .dot(v.transpose())
      .add(cut(x, 2, 0, 6)),
  ];
});
for (const [M, K, N] of [
  [33, 70, 21],
  [5, 300, 40],
  [64, 9, 130],
  [1, 130, 67],
] as const) {
  define(
    `product of ${M} x ${K} and ${K} x ${N}`,
    { a: float32(M, K), b: float32(K, N) },
    ({ a, b }) => (a as Tensor).dot(b as Tensor),
    {
      inputs: [{ a: floats([M, K]), b: floats([K, N], 2) }],
      tolerance: 1e-5,
    },
  );
}

// Layout.
define("layout", { x: float32("T", "B", 6) }, ({ x }) => {
  const y = x as Tensor;
  return [
    y.transpose(),
    y.transpose([1, 0, 2]).reshape(["B", "T", 2, 3]),
    y.flip(0),
    y.flip(2).add(1),
    y.pad(0, 2, 1),
    y.pad(2, 1).pad(1, 0, 2).mul(3),
    y.pad(0, 2, 1, -3),
    y.exp().pad(2, 0, 3, Number.NEGATIVE_INFINITY).max(2),
    f.concat(y, cut(y, 2, 1, 3), y.mul(2)),
    f.join([y, y.flip(0)], 0),
    f.stack([y.sum(2), y.max(2)], 2),
    y.at(0, 0),
    y.broadcastTo([2, "T", "B", 6]),
    cut(y, 2, 1, 2).neg(),
    y.reshape(["T", "B", 3, 2]).transpose([0, 1, 3, 2]).reshape(["T", "B", 6]),
    f.concat(y.dot(f.full(0.5, [6, 3])), y.dot(f.full(0.25, [6, 2]))),
    f.concat(f.concat(y, y.neg()), f.zeros(["T", "B", 2])),
  ];
});
define("parts of one tensor, a fixed distance apart", { x: float32("T", "B", 6) }, ({ x }) => {
  const y = x as Tensor;
  const sums = (z: Tensor) => [0, 1, 2].map((part) => cut(z, 2, part, 2)).reduce((a, b) => a.add(b));
  const across = [cut(y, 2, 0, 2), cut(y, 2, 2, 2), cut(y, 2, 4, 2)].map((part) => part.transpose([1, 2, 0]));
  return [
    sums(y),
    across.reduce((a, b) => a.mul(2).add(b)),
    f.concat(...across.map((part) => part.transpose([2, 0, 1]).exp())).sum(1),
    cut(y, 2, 4, 1)
      .sub(cut(y, 2, 1, 1))
      .sum(0),
  ];
});
define(
  "results that are inputs, numbers and each other",
  { x: float32("T", "B") },
  ({ x }) => {
    const y = x as Tensor;
    const z = y.add(1);
    return [y, y, z, z, z.reshape(["B", "T"]), f.scalar(3), f.full(2, ["T"]), z.sum()];
  },
  { inputs: several.map(({ T, B }) => ({ x: floats([T as number, B as number]) })) },
);

// Indexing.
const tokens = { table: float32(5, 3), ids: int32("T", "B"), g: float32("T", "B", 3) };
define(
  "gather and scatter",
  tokens,
  ({ table, ids, g }) => {
    const rows = (table as Tensor).gather(ids as Tensor);
    return [rows, ...gradient(rows.mul(g as Tensor).sum(), [table as Tensor]), rows.mul(2).sum(0)];
  },
  {
    inputs: [
      { table: floats([5, 3]), ids: integers([0, 4, 4, 1, 2, 4], [2, 3]), g: floats([2, 3, 3], 3) },
      { table: floats([5, 3]), ids: integers([-1, 5], [1, 2]), g: floats([1, 2, 3], 3) },
    ],
  },
);
define(
  "gather of wide rows and of numbers",
  { table: float32(4, 2, 5), line: float32(6), ids: int32("B") },
  ({ table, line, ids }) => [
    (table as Tensor).gather(ids as Tensor),
    (line as Tensor).gather(ids as Tensor),
    (table as Tensor).transpose([0, 2, 1]).gather(ids as Tensor),
  ],
  { inputs: [{ table: floats([4, 2, 5]), line: floats([6], 2), ids: integers([3, 0, 3]) }] },
);

// Compositions of several operations, with their gradients.
const composed: Record<string, (x: Tensor) => Tensor[]> = {
  "the smallest numbers and where they stand": (x) => [x.min(2), x.argmin(), x.argmax(0, { keep: true })],
  variance: (x) => [x.variance(2), x.variance([0, 2], { keep: true, sample: true })],
  "log sum exp": (x) => [x.mul(30).logSumExp(-1), x.logSumExp([0, 1])],
  "running sums": (x) => [cumsum(x, 0), cumsum(x, 2, { reverse: true, exclusive: true })],
  "the largest numbers in order": (x) => {
    const { values, indices } = topK(x, 3);
    return [values, indices, topK(x, 1, 1).values, f.oneHot(indices, x.size(2)).sum(2)];
  },
  "elements by index along axes": (x) => [
    x.take(f.range(3), 2),
    x.takeAlong(x.argmax(0, { keep: true }), 0),
    x.flip(2).takeAlong(topK(x, 2).indices, 2),
  ],
  clamp: (x) => [f.clamp(x, -0.25, 0.5)],
  activations: (x) =>
    [x, x.mul(20)].flatMap((y) => [gelu(y), gelu(y, { form: "tanh" }), softplus(y), leakyRelu(y), elu(y)]),
};
for (const [name, build] of Object.entries(composed)) {
  define(
    name,
    { x: float32("T", "B", 6) },
    ({ x }) => {
      const results = build(x as Tensor);
      const losses = results
        .filter(({ dtype }) => dtype === "float32")
        .map((result) => result.square().sum());
      return [
        ...results,
        ...gradient(
          losses.reduce((sum, loss) => sum.add(loss)),
          [x as Tensor],
        ),
      ];
    },
    { rewrites: true, tolerance: 1e-5 },
  );
}

define(
  "losses",
  { x: float32("T", "B", 6), y: float32("T", "B", 6), w: float32(6), ids: int32("T", "B") },
  (inputs) => {
    const [x, y, w, ids] = ["x", "y", "w", "ids"].map((name) => input(inputs, name)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const isYes = f.where(x.less(y), 1, f.where(y.less(-0.9), -1, 0));
    const mask = ids.equal(2).not();
    const losses = [
      crossEntropy(x, ids, { labelSmoothing: 0.25, classWeights: w.square() }),
      binaryCrossEntropy(x.mul(9), isYes, { positiveWeight: w.square() }),
      meanSquaredError(x, y, { mask }),
      meanAbsoluteError(x, y),
      huberLoss(x, y, { delta: 0.5, reduction: "sum", mask: y.less(x) }),
    ];
    return [...losses, ...losses.flatMap((loss) => gradient(loss, [x, y]))];
  },
  {
    rewrites: true,
    inputs: randomInputs({ x: float32("T", "B", 6), y: float32("T", "B", 6), w: float32(6) }).map(
      (given, call) => {
        const { T = 0, B = 0 } = several[call] as Sizes;
        return {
          ...given,
          ids: integers(
            Array.from({ length: T * B }, (_, at) => ((at * 5) % 7) - 1),
            [T, B],
          ),
        };
      },
    ),
  },
);

// Scans and their gradients.
const network = {
  x: float32("T", "B", 2),
  h: float32("B", 5),
  c: float32("B", 5),
  w: float32(7, 5),
  v: float32(5, 5),
  b: float32(5),
};
function cell(
  inputs: Tensors,
  options: Partial<ScanOptions<unknown, unknown>>,
  outputsOnly = false,
): Tensor[] {
  const { final, outputs } = scan(
    (state: { h: Tensor; c: Tensor }, x: Tensor) => {
      const gate = f.sigmoid(f.concat(state.h, x).dot(input(inputs, "w")).add(input(inputs, "b")));
      const next = gate.mul(state.c).add(f.tanh(state.h.dot(input(inputs, "v"))));
      return [{ h: gate.mul(f.tanh(next)), c: next }, next.mul(gate)] as const;
    },
    { ...options, init: { h: input(inputs, "h"), c: input(inputs, "c") }, inputs: input(inputs, "x") },
  );
  const results = [outputs, final.h, final.c];
  if (outputsOnly) return results;
  const loss = outputs.square().sum().add(final.h.sum()).add(final.c.square().sum());
  return [
    ...results,
    ...gradient(
      loss,
      Object.values(inputs).filter(({ dtype }) => dtype === "float32"),
    ),
  ];
}
const scans: Record<string, Omit<ScanOptions<unknown, unknown>, "init" | "inputs">> = {
  forwards: {},
  reversed: { reverse: true },
  "checkpointed every 2": { checkpoint: 2 },
  "checkpointed every 3, reversed": { checkpoint: 3, reverse: true },
};
for (const [name, options] of Object.entries(scans)) {
  define(`scan ${name}`, network, (inputs) => cell(inputs, options, true), { rewrites: true });
  define(`scan ${name}, with gradients`, network, (inputs) => cell(inputs, options), {
    rewrites: true,
    tolerance: 1e-5,
  });
}
const withLengths = { ...network, lengths: int32("B") };
for (const [name, options] of Object.entries(scans)) {
  define(
    `scan ${name}, with lengths`,
    withLengths,
    (inputs) => cell(inputs, { ...options, lengths: input(inputs, "lengths") }),
    {
      rewrites: true,
      tolerance: 1e-5,
      inputs: randomInputs(network, [
        { T: 5, B: 3 },
        { T: 1, B: 1 },
      ]).map((given, call) => ({
        ...given,
        lengths: integers(call === 0 ? [5, 1, 3] : [1]),
      })),
    },
  );
}
for (const reverse of [false, true]) {
  define(
    `skips through time${reverse ? ", reversed" : ""}`,
    network,
    (inputs) => {
      const [h, v] = [input(inputs, "h"), input(inputs, "v")];
      const { outputs, final } = scan(
        (state: Tensor, x: Tensor, past) => {
          const next = f.tanh(
            f.concat(state, x).dot(input(inputs, "w")).add(past.back(3).dot(v)).add(past.back(1).mul(0.5)),
          );
          return [next, next] as const;
        },
        { init: h, inputs: input(inputs, "x"), history: h, reverse },
      );
      return [
        outputs,
        final,
        ...gradient(outputs.square().sum(), [input(inputs, "x"), h, v, input(inputs, "w")]),
      ];
    },
    { rewrites: true, tolerance: 1e-5 },
  );
}
define(
  "two scans whose states add up what was put out, each something else",
  { h: float32("B", 3), x: float32("T", "B", 3) },
  ({ h, x }) =>
    [2, 3].map((factor) => {
      const step = (sum: Tensor, at: Tensor, past: Past<Tensor>) =>
        [sum.add(past.back(1)), at.mul(factor)] as const;
      return scan(step, { init: h as Tensor, inputs: x as Tensor, history: h as Tensor }).final;
    }),
  { rewrites: true },
);
define(
  "a tree, read by index",
  { x: float32("T", "B", 2), v: float32(5, 5), w: float32(7, 5), child: int32("T", "B") },
  (inputs) => {
    const [x, v, w] = [input(inputs, "x"), input(inputs, "v"), input(inputs, "w")];
    const { outputs } = scan(
      (_state: Record<never, never>, at: { x: Tensor; child: Tensor }, past) => {
        const below = past.at(at.child);
        return [{}, f.tanh(f.concat(below, at.x).dot(w).add(below.dot(v)))] as const;
      },
      { init: {}, inputs: { x, child: input(inputs, "child") }, history: f.zeros(["B", 5]) },
    );
    return [outputs, ...gradient(outputs.square().sum(), [x, v, w])];
  },
  {
    rewrites: true,
    tolerance: 1e-5,
    inputs: randomInputs({ x: float32("T", "B", 2), v: float32(5, 5), w: float32(7, 5) }, [
      { T: 5, B: 3 },
    ]).map((given) => ({
      ...given,
      child: integers([-1, -1, -1, 0, -1, 0, 1, 2, 1, 3, 0, 2, 1, 1, 1], [5, 3]),
    })),
  },
);
define(
  "states that swap, shift and stay",
  { a: float32("B", 3), b: float32("B", 3), x: float32("T", "B", 3) },
  (inputs) => {
    const [a, b, x] = [input(inputs, "a"), input(inputs, "b"), input(inputs, "x")];
    const swapped = scan(
      (s: { a: Tensor; b: Tensor; c: Tensor; d: Tensor }, at: Tensor) =>
        [{ a: s.b, b: s.a, c: at, d: s.d }, s.c.add(s.a)] as const,
      {
        init: { a, b, c: a, d: b.mul(2) },
        inputs: x,
      },
    );
    const mixed = scan(
      (s: { a: Tensor; b: Tensor }, at: Tensor) => [{ a: s.a.add(s.b), b: s.a.mul(at) }, s.a.max(1)] as const,
      { init: { a, b }, inputs: x },
    );
    const turned = scan((s: Tensor, at: Tensor) => [s.flip(1).add(at), s] as const, { init: a, inputs: x });
    const summed = scan((s: Tensor, at: Tensor) => [s.add(at.sum(0)), {}] as const, {
      init: f.zeros([3]),
      inputs: x,
    });
    return [
      ...Object.values(swapped.final),
      swapped.outputs,
      mixed.final.a,
      mixed.final.b,
      mixed.outputs,
      turned.final,
      turned.outputs,
      summed.final,
    ];
  },
  { rewrites: true },
);
define(
  "scans within scans",
  { x: float32("T", "B", 3), w: float32(3, 3) },
  (inputs) => {
    const [x, w] = [input(inputs, "x"), input(inputs, "w")];
    const { outputs } = scan(
      (state: Tensor, at: Tensor) => {
        const inner = scan((s: Tensor, row: Tensor) => [s.mul(0.5).add(row.dot(w)).tanh(), s] as const, {
          init: state,
          inputs: f
            .stack([at, at.mul(2), at.neg()])
            .transpose([0, 1, 2])
            .sum(1),
        });
        return [inner.final, inner.outputs.sum(0)] as const;
      },
      { init: f.zeros([3]), inputs: x },
    );
    return [outputs, ...gradient(outputs.square().sum(), [x, w])];
  },
  { rewrites: true, tolerance: 1e-5 },
);
const dying = { x: float32("T", "B", 4), w: float32(4, 4), v: float32(2, 2) };
/** Scans that may, or may not, write over the sequences that they read. */
function scansOver({ x, w, v }: { x: Tensor; w: Tensor; v: Tensor }): Tensor[] {
  let made = 0;
  const sequence = () => {
    made += 1;
    return x.mul(made).tanh();
  };
  const scanned = (inputs: Tensor, step: (at: Tensor, state: Tensor) => Tensor) =>
    scan(
      (state: Tensor, at: Tensor) => {
        const output = step(at, state);
        return [state.mul(0.5).add(output), output] as const;
      },
      { init: f.zeros(["B", 4]), inputs },
    ).outputs.mul(2);
  const halves = (x: Tensor) => x.split(2) as [Tensor, Tensor];
  const [later, result] = [sequence(), sequence()];
  const passedOn = scan((s: Tensor, at: Tensor) => [s.add(at), { at, sum: at.mul(s) }] as const, {
    init: f.zeros(["B", 4]),
    inputs: sequence(),
  }).outputs;
  return [
    scanned(sequence(), (at, s) => at.add(s).tanh()),
    scanned(later, (at, s) => at.sub(s)),
    scanned(later.add(1), (at, s) => at.mul(s).tanh().add(at)),
    scanned(result, (at, s) => at.sub(s.tanh())),
    result,
    passedOn.at.mul(2),
    passedOn.sum.mul(2),
    scanned(sequence(), (at, s) => at.flip(1).sub(at).add(s)),
    scanned(sequence(), (at, s) => at.add(s).dot(w)),
    scanned(sequence(), (at) => at.dot(w)),
    scanned(sequence(), (at, s) => {
      const [a, b] = halves(at);
      const [p, q] = halves(s.tanh());
      return f.join([b.sub(p), a.mul(q)], 1);
    }),
    scanned(sequence(), (at, s) => {
      const [a, b] = halves(at);
      const first = b.add(halves(s)[0]).tanh();
      return f.join([first, first.dot(v).add(a)], 1);
    }),
  ];
}
define(
  "sequences that nobody reads after a scan, or somebody does",
  dying,
  (inputs) => scansOver(inputs as typeof inputs & Record<keyof typeof dying, Tensor>),
  { rewrites: true, tolerance: 1e-5 },
);
define(
  "sequences that nobody reads after a scan, or somebody does, with gradients",
  dying,
  (inputs) => {
    const outputs = scansOver(inputs as typeof inputs & Record<keyof typeof dying, Tensor>);
    const loss = outputs.reduce((sum, output) => sum.add(output.square().sum()), f.zeros([]));
    return gradient(loss.mul(0.01), Object.values(inputs));
  },
  { rewrites: true, tolerance: 1e-5 },
);
define("a scan of nothing but steps", { x: float32("B") }, (inputs) => {
  const { final, outputs } = scan((s: Tensor) => [s.mul(2), s] as const, {
    init: input(inputs, "x"),
    inputs: {},
    length: 6,
  });
  return [final, outputs];
});

/** A node that no function of the trace stage makes. */
define("pads that become a concatenation", { x: float32("B", 8) }, ({ x }) => {
  const parts = (x as Tensor).split(4);
  const loss = parts.reduce(
    (sum, part, index) =>
      sum.add(
        part
          .square()
          .mul(index + 1)
          .sum(),
      ),
    f.scalar(0),
  );
  return [...gradient(loss, [x as Tensor]), new Tensor(node("sum", [(x as Tensor).node], { axes: [0] }))];
});

export const cases: readonly Case[] = all;
