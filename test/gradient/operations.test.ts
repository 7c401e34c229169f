// The gradient of every operation, and its second derivative, agree with central differences; an operation without a
// case here does not compile. Where a function has no derivative, the convention that the rules follow is pinned down.
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import { elementwise, full } from "../../src/graph/build.ts";
import { sizeOf } from "../../src/graph/dimension.ts";
import { node } from "../../src/graph/node.ts";
import { type Operation, operations } from "../../src/graph/operations.ts";
import { topologicalOrder } from "../../src/graph/traverse.ts";
import { compile, float32, value } from "../../src/program/compile.ts";
import {
  concat,
  einsum,
  pow,
  randomUniform,
  range,
  relu,
  scalar,
  stack,
  where,
} from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import { sizeTensor, Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { integerTensor, randomValue } from "../helpers/values.ts";
import { checkGradient } from "./check.ts";

/** A function of inputs in which the operation must appear. */
interface Case {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly apply: (inputs: Record<string, Tensor>) => Tensor;
}

const any = (...shape: number[]) => randomValue(shape, shape.length + 1);
const other = (...shape: number[]) => randomValue(shape, shape.length + 40);
/** Numbers in (0.3, 2.3): away from where log, sqrt and a quotient have no derivative. */
const positive = (...shape: number[]): Value => {
  const { data } = randomValue(shape, 90);
  return { shape, data: Float64Array.from(data, (number) => number + 1.3) };
};
const of = (...numbers: number[]) => value(Float64Array.from(numbers), [numbers.length]);

/** A case of one input x. */
const one = (x: Value, apply: (x: Tensor) => Tensor): Case => ({
  inputs: { x },
  apply: (inputs) => apply(inputs.x as Tensor),
});
/** A case of two inputs. */
const two = (a: Value, b: Value, apply: (a: Tensor, b: Tensor) => Tensor): Case => ({
  inputs: { a, b },
  apply: (inputs) => apply(inputs.a as Tensor, inputs.b as Tensor),
});

/** A scan of two states and an output, that reads back by distance and by index. */
const overTime = two(any(4, 2, 3), other(2, 3), (sequence, start) => {
  const children = integerTensor(-1, -1, 0, -1, 1, 0, 0, 2).reshape([4, 2]);
  const { final, outputs } = scan(
    (state: { h: Tensor; c: Tensor }, { x, child }: { x: Tensor; child: Tensor }, past) => {
      const h = state.h.mul(x).add(past.back(2)).tanh();
      const c = state.c.mul(h).add(past.at(child).mul(0.5));
      return [{ h, c }, h.add(c.sigmoid())] as const;
    },
    { init: { h: start, c: start.square() }, inputs: { x: sequence, child: children }, history: start },
  );
  return outputs.add(final.h).add(final.c);
});

/** The same without reads by index, whose second derivatives are refused. */
const chain = two(any(4, 2, 3), other(2, 3), (sequence, start) => {
  const { final, outputs } = scan(
    (h: Tensor, x: Tensor, past) => {
      const next = h.mul(x).add(past.back(2)).tanh();
      return [next, next.mul(x)] as const;
    },
    { init: start, inputs: sequence, history: start },
  );
  return outputs.add(final);
});

const cases: Record<Operation, readonly Case[]> = {
  variable: [
    one(any(2, 3), (x) => {
      const weight = new Variable("weight", [2, 3]);
      weight.value = [1, -2, 3, 0.5, 0, 2];
      return x.mul(weight).add(gradient(weight.square().mul(x).sum(), weight));
    }),
  ],
  input: [one(any(3), (x) => x)],
  argument: [chain],
  constant: [one(any(3), (x) => x.mul(2.5).add(1))],
  iota: [one(any(3), (x) => x.mul(range(3).convert("float32")))],
  dimension: [], // needs symbolic sizes: below
  past: [chain],

  negate: [one(any(2, 3), (x) => x.neg())],
  exp: [one(any(2, 3), (x) => x.exp())],
  log: [one(positive(2, 3), (x) => x.log())],
  tanh: [one(any(2, 3), (x) => x.mul(3).tanh())],
  sigmoid: [one(any(2, 3), (x) => x.mul(3).sigmoid())],
  sqrt: [one(positive(2, 3), (x) => x.sqrt())],
  floor: [one(any(2, 3), (x) => x.mul(5).floor().mul(x.exp()))],
  sin: [one(any(2, 3), (x) => x.mul(7).sin())],
  cos: [one(any(2, 3), (x) => x.mul(7).cos()), one(any(2, 3), (x) => x.cos().mul(x.sin()))],
  not: [one(any(2, 3), (x) => where(x.less(0.1).not(), x.exp(), x))],
  stopGradient: [], // its derivative is not that of its value: below
  convert: [
    one(any(2, 3), (x) =>
      x.less(0.1).convert("float32").mul(x.exp()).add(x.mul(3).convert("int32").convert("float32")),
    ),
  ],
  add: [two(any(2, 3), other(2, 3), (a, b) => a.add(b)), two(any(2, 3), other(3), (a, b) => a.add(b).add(a))],
  subtract: [two(any(2, 3), other(2, 3), (a, b) => a.sub(b)), two(any(2, 1), other(3), (a, b) => b.sub(a))],
  multiply: [two(any(2, 3), other(2, 3), (a, b) => a.mul(b)), one(any(2, 3), (x) => x.mul(x).mul(x))],
  divide: [two(any(2, 3), positive(2, 3), (a, b) => a.div(b)), two(any(), positive(3), (a, b) => a.div(b))],
  power: [
    two(positive(2, 3), other(2, 3), (x, y) => x.pow(y.mul(3))),
    one(positive(2, 3), (x) => x.pow(2.5)),
    one(any(2, 3), (x) => x.add(x.sign()).pow(-3)), // of both signs
    one(any(2, 3), (x) => x.pow(7)),
    one(any(2, 3), (x) => pow(3, x)),
  ],
  maximum: [two(any(2, 3), other(2, 3), (a, b) => a.maximum(b)), one(any(9), (x) => x.maximum(0.1))],
  minimum: [two(any(2, 3), other(2, 3), (a, b) => a.minimum(b)), one(any(9), (x) => x.minimum(0.1))],
  less: [two(any(2, 3), other(2, 3), (a, b) => where(a.less(b), a.exp(), b.mul(a)))],
  lessEqual: [two(any(2, 3), other(2, 3), (a, b) => where(a.lessEqual(b), a.exp(), b.mul(a)))],
  equal: [one(any(5), (x) => where(range(5).equal(2), x.exp(), x))],
  and: [one(any(2, 3), (x) => where(x.less(0.5).and(x.neg().less(0.5)), x.exp(), x))],
  or: [one(any(2, 3), (x) => where(x.less(-0.5).or(x.neg().less(-0.5)), x.exp(), x))],
  select: [two(any(2, 3), other(2, 3), (a, b) => where(range(3).less(2), a.mul(b), b)), one(any(4), relu)],
  random: [one(any(4, 5), (x) => where(randomUniform(integerTensor(1, 2), [4, 5]).less(0.5), x.exp(), x))],

  sum: [
    one(any(2, 3, 4), (x) => x.sum()),
    one(any(2, 3, 4), (x) => x.sum([0, 2])),
    one(any(2, 3), (x) => x.sum(-1, { keep: true })),
  ],
  max: [
    one(any(2, 3, 4), (x) => x.max()),
    one(any(2, 3, 4), (x) => x.max([0, 2])),
    one(any(2, 3), (x) => x.max(-1, { keep: true })),
  ],
  einsum: [
    two(any(4, 3), other(3, 5), (a, b) => a.dot(b)),
    two(any(2, 4, 3), other(5, 3), (a, b) => a.dot(b.transpose())),
    two(any(2, 3), other(3), (a, b) => a.dot(b)),
    two(any(4, 2, 3), other(2, 3), (a, b) => einsum("tbh,bh->tb", a, b)),
    two(any(3), other(4), (a, b) => einsum("i,j->ji", a, b)),
    two(any(3, 2), other(2, 3), (a, b) => einsum("ij,ji->", a, b)),
  ],

  reshape: [one(any(2, 6), (x) => x.exp().reshape([3, 4]))],
  transpose: [
    one(any(2, 3, 4), (x) => x.exp().transpose([2, 0, 1])),
    one(any(2, 3), (x) => x.exp().transpose()),
  ],
  broadcast: [
    one(any(3), (x) => x.broadcastTo([2, 3])),
    one(any(2, 1), (x) => x.broadcastTo([4, 2, 3])),
    one(any(), (x) => x.broadcastTo([2, 2])),
  ],
  slice: [one(any(5, 3), (x) => x.slice(0, 1, 4)), one(any(2, 6), (x) => x.at(1, 5).add(x.at(1, 0)))],
  pad: [one(any(2, 3), (x) => x.pad(0, 1, 2)), one(any(2, 3), (x) => x.pad(1, 2))],
  concat: [
    two(any(2, 3), other(2, 1), (a, b) => concat(a, b, a)),
    two(any(3), other(3), (a, b) => stack([a, b], 1)),
  ],
  flip: [one(any(3, 2), (x) => x.exp().flip(0)), one(any(3, 2), (x) => x.exp().flip(1))],

  gather: [
    one(any(4, 3), (x) => x.gather(integerTensor(3, 0, 3, 3, 1).reshape([5]))),
    one(any(4), (x) => x.gather(integerTensor(2, -1, 9, 2).reshape([2, 2]))), // outside of the table: zeros
  ],
  scatterAdd: [
    one(
      any(4, 3),
      (x) => new Tensor(node("scatterAdd", [integerTensor(1, 0, 1, 7).node, x.node], { size: 3 })),
    ),
  ],

  scan: [overTime, chain],
  output: [chain],
};

/** Everything that a tensor is computed from, the bodies of scans included. */
function operationsIn(tensor: Tensor): Set<Operation> {
  const found = new Set<Operation>();
  const visit = (results: Parameters<typeof topologicalOrder>[0]) => {
    for (const current of topologicalOrder(results)) {
      found.add(current.op);
      if (current.op === "scan") {
        const { body } = (current as typeof current & { attributes: { body: { next: []; outputs: [] } } })
          .attributes;
        visit([...body.next, ...body.outputs]);
      }
    }
  };
  visit([tensor.node]);
  return found;
}

/** A loss that sees every element of y, and is not linear in it: sum of w (y + y^2) with weights that all differ. */
function lossOf(y: Tensor): Tensor {
  const size = sizeOf(y.shape);
  const weights = range(size).convert("float32").mul(0.37).add(0.5).reshape(y.shape);
  return y.add(y.square()).mul(weights).sum();
}

describe("the gradient agrees with central differences", () => {
  for (const [op, list] of Object.entries(cases) as [Operation, readonly Case[]][]) {
    list.forEach(({ inputs, apply }, index) => {
      test(`${op}, case ${index + 1}`, () => {
        let seen = new Set<Operation>();
        checkGradient((tensors: Record<string, Tensor>) => {
          const y = apply(tensors);
          seen = operationsIn(y);
          return lossOf(y);
        }, inputs);
        expect(seen).toContain(op);
      });
    });
  }
});

describe("the second derivative agrees with central differences", () => {
  for (const [op, list] of Object.entries(cases) as [Operation, readonly Case[]][]) {
    list.forEach(({ inputs, apply }, index) => {
      const make = () =>
        checkGradient((tensors: Record<string, Tensor>) => {
          const slopes = Object.values(gradient(lossOf(apply(tensors)), tensors));
          return slopes.reduce<Tensor>((sum, slope) => sum.add(lossOf(slope)), scalar(0));
        }, inputs);
      if (apply === overTime.apply) {
        test(`${op}, case ${index + 1}, is refused where history is read by index`, () => {
          expect(make).toThrow(/second derivatives of a scan whose step reads its history by index/);
        });
      } else test(`${op}, case ${index + 1}`, make);
    });
  }
});

test("only what cannot be a case of the table has none", () => {
  const without = (Object.keys(operations) as Operation[]).filter((op) => cases[op].length === 0);
  expect(without).toEqual(["dimension", "stopGradient"]);
});

/** d sum(f(x)) / dx. */
function slopeOf(apply: (x: Tensor) => Tensor, x: Value): number[] {
  const derive = compile((input) => gradient(apply(input).sum(), input), {
    inputs: float32(...x.shape),
    backend: reference,
  });
  return Array.from(derive(x).data);
}

describe("conventions", () => {
  test("the size of an axis is a number like any other", () => {
    const derive = compile(
      (x) =>
        gradient(
          x
            .square()
            .mul(sizeTensor(x.size(0)))
            .sum(),
          x,
        ),
      {
        inputs: float32("T"),
        backend: reference,
      },
    );
    expect(Array.from(derive([1, 2, 3]).data)).toEqual([6, 12, 18]);
    expect(Array.from(derive([1, 2]).data)).toEqual([4, 8]);
  });
  test("no gradient flows through stopGradient", () => {
    expect(slopeOf((x) => x.mul(x.stopGradient()), of(2, -3))).toEqual([2, -3]);
    expect(slopeOf((x) => x.exp().stopGradient(), of(2, -3))).toEqual([0, 0]);
  });
  test("the gradient of a maximum is shared among equals", () => {
    expect(slopeOf((x) => x.max(), of(1, 4, 4, 4, 4, 0))).toEqual([0, 0.25, 0.25, 0.25, 0.25, 0]);
    expect(slopeOf((x) => x.maximum(1), of(0, 1, 2))).toEqual([0, 0.5, 1]);
    expect(slopeOf((x) => x.minimum(1), of(0, 1, 2))).toEqual([1, 0.5, 0]);
  });
  test("the gradient of relu at 0 is 0", () => {
    expect(slopeOf(relu, of(-1, 0, 1))).toEqual([0, 0, 1]);
  });
  test("tanh and sigmoid are flat, not NaN, where they have saturated", () => {
    for (const apply of [(x: Tensor) => x.tanh(), (x: Tensor) => x.sigmoid()]) {
      for (const slope of slopeOf(apply, of(-800, -100, 100, 800)))
        expect(Math.abs(slope)).toBeLessThan(1e-40);
    }
  });
  test("the gradient of a power is that of its limit at 0, of whole exponents on both sides", () => {
    const slopes = (exponent: number, ...x: number[]) => slopeOf((base) => base.pow(exponent), of(...x));
    expect(slopes(0, 0, -2, 3)).toEqual([0, 0, 0]);
    expect(slopes(1, 0, -2, 3)).toEqual([1, 1, 1]);
    expect(slopes(2, 0, -2, 3)).toEqual([0, -4, 6]);
    expect(slopes(5, 0, -2, 3)).toEqual([0, 80, 405]);
    expect(slopes(1.5, 0, 4)).toEqual([0, 3]);
    expect(slopes(0.5, 0, 4)).toEqual([Number.POSITIVE_INFINITY, 0.25]);
    // As a node, for `pow` makes no power of an exponent of 0.
    const toThe0 = (x: Tensor) => new Tensor(elementwise("power", x.node, full(0, x.shape)));
    expect(slopeOf(toThe0, of(0, -2, 3)).map(Math.abs)).toEqual([0, 0, 0]);
    const derive = compile(({ x, y }) => gradient(x.pow(y).sum(), { x, y }), {
      inputs: { x: float32(5), y: float32(5) },
      backend: reference,
    });
    const { x, y } = derive({ x: of(0, 0, 0, 0, 2), y: of(0, 1, 2, 0.5, 3) });
    expect(Array.from(x.data)).toEqual([0, 1, 0, Number.POSITIVE_INFINITY, 12]);
    expect(Array.from(y.data)).toEqual([0, 0, 0, 0, 8 * Math.LN2]);
  });
  test("the gradient of |x| at 0 is 0, and sign and rounding have none", () => {
    expect(slopeOf((x) => x.abs(), of(-2, -0, 0, 2))).toEqual([-1, 0, 0, 1]);
    for (const apply of [(x: Tensor) => x.sign(), (x: Tensor) => x.round(), (x: Tensor) => x.ceil()])
      expect(slopeOf(apply, of(-2.5, 0, 2.5))).toEqual([0, 0, 0]);
  });
  test("what a loss does not depend on has gradient 0", () => {
    expect(slopeOf((x) => x.slice(0, 0, 1), of(5, 6))).toEqual([1, 0]);
    expect(slopeOf((x) => x.less(0).convert("float32"), of(5, -6))).toEqual([0, 0]);
  });
});
