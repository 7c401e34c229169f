// What is no tensor, or a number that a tensor cannot hold, is refused at the line of the user's code.
import { describe, expect, test } from "vitest";
import { GraphError, ShapeError, UsageError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import {
  binaryCrossEntropy,
  crossEntropy,
  dropout,
  embedding,
  foldKey,
  huberLoss,
  layerNorm,
  linear,
  lstm,
  meanAbsoluteError,
  meanSquaredError,
  recurrent,
} from "../../src/nn/index.ts";
import { compile, float32, InputType, int32 } from "../../src/program/compile.ts";
import { stream } from "../../src/program/stream.ts";
import * as activations from "../../src/trace/activations.ts";
import { cumsum, topK } from "../../src/trace/along-axis.ts";
import * as functions from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { adam } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

const { full, scalar, stack, where, zeros } = functions;
const real = zeros(["T", "B"]);
const whole = zeros(["T", "B"], "int32");
const truth = real.less(1);
const here = /misuse\.test\.ts:\d+:\d+$/;

function refused(call: () => unknown, message: string): void {
  expect(call).toThrow(ShapeError);
  expect(call).toThrow(message);
  expect(call).toThrow(here);
}

describe("numbers beside tensors", () => {
  const operations = [
    "add",
    "sub",
    "mul",
    "div",
    "maximum",
    "minimum",
    "less",
    "lessEqual",
    "equal",
  ] as const;
  const int32Expected = "for int32, a whole number from -2^31 to 2^31 - 1 expected, at ";
  test.each(operations)("%s: an int32 tensor takes whole numbers of 32 bits alone", (name) => {
    for (const number of [0.5, -0.7, 2 ** 40, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY])
      refused(() => whole[name](number), `: ${number} given ${int32Expected}`);
  });
  test.each(operations)(
    "%s: a float32 tensor takes no finite number beyond its range, and what is none",
    (name) => {
      refused(() => real[name](1e39), ": 1e+39 given for float32, a number up to 3.4028235e38 expected, at ");
      for (const [given, printed] of [
        [undefined, "undefined"],
        [null, "null"],
        ["2", '"2"'],
        [[1, 2], "an array of 2"],
        [new Float32Array(1), "a Float32Array"],
      ]) {
        refused(() => real[name](given as never), `: ${printed} given, a tensor or a number expected, at `);
      }
      for (const number of [0.5, Number.NaN, Number.NEGATIVE_INFINITY, 3.4e38]) real[name](number);
    },
  );
  test("integer limits are fine", () => {
    expect(
      compile((x) => [x.maximum(-(2 ** 31)), x.minimum(2 ** 31 - 1)], { inputs: int32(1) })([7]),
    ).toEqual(Array(2).fill({ data: Int32Array.of(7), shape: [1] }));
  });
  test("bool takes 0 and 1; int32 has no division", () => {
    refused(() => truth.and(2 as never), "and: 2 given for bool, 0 or 1 expected, at ");
    refused(() => truth.or(true as never), "or: true given, a tensor or a number expected, at ");
    refused(() => whole.div(2), "divide: int32 and int32 given, all float32 expected, at ");
  });
  test("where, scalar, full, and shapes and dtypes", () => {
    refused(() => where(truth, 0.5, whole), `where: 0.5 given ${int32Expected}`);
    refused(() => where(truth, whole, "a" as never), 'where: "a" given, a tensor or a number expected, at ');
    refused(() => scalar(0.5, "int32"), `scalar: 0.5 given ${int32Expected}`);
    refused(() => full(2 ** 40, [2], "int32"), `full: 1099511627776 given ${int32Expected}`);
    refused(() => full(2, [2], "bool"), "full: 2 given for bool, 0 or 1 expected, at ");
    refused(
      () => scalar(1, "float64" as never),
      'scalar: "float64" given, float32, int32, bool expected, at ',
    );
    refused(() => real.convert("int" as never), 'convert: "int" given, float32, int32, bool expected, at ');
    refused(() => zeros(3 as never), "full: 3 given, a shape such as [2, 3] expected, at ");
    refused(
      () => zeros(["2 T"]),
      'the size "2 T" given, a whole number or a text such as "T" or "2*T+1" expected, at ',
    );
    refused(
      () => zeros([undefined as never]),
      "full: the size undefined given, a whole number from 0 expected, at ",
    );
    refused(() => functions.range(1.5), "range: the size 1.5 given, a whole number from 0 expected, at ");
    refused(() => zeros([4]).slice(0, 0.5, 1.5), "slice: the start 0.5 given, a whole number expected, at ");
    refused(() => zeros([4]).at(0, Number.NaN), "at: the index NaN given, a whole number expected, at ");
    refused(() => zeros([4]).at(0, -5), "at: the index -5 given for an axis of 4, -4 or more expected, at ");
    refused(() => zeros([4]).slice(0, 3, -2), "slice: 3 to 2 of axis 0 lies outside of (4), at ");
    refused(
      () => zeros([3, 5]).reshape([-1, 2]),
      "reshape: (-1, 2) given for (3, 5): the size -1 cannot be told, as 15 elements are no multiple of 2, at ",
    );
    refused(
      () => real.reshape([-1, 2]),
      "the size -1 cannot be told, as B*T elements are no multiple of 2, at ",
    );
    refused(() => zeros([0, 5]).reshape([-1, 0]), "as 0 elements are no multiple of 0, at ");
    refused(() => real.reshape([-1, -1]), "reshape: the size -1 given, a whole number from 0 expected, at ");
    refused(() => zeros([4]).split(0.5), "split: axis -1 of (4) does not fall into 0.5 equal parts, at ");
    expect(() => new InputType("float64" as never, [2])).toThrow(UsageError);
    expect(() => float32(["T"] as never)).toThrow("float32: the size an array of 1 given");
    expect(() => float32("6 4")).toThrow('the size "6 4" given');
  });
});

test("stack counts a negative axis from the last of the result", () => {
  expect(stack([real, real], -1).shape).toEqual(["T", "B", 2]);
  expect(stack([real, real], 2).shape).toEqual(["T", "B", 2]);
  expect(stack([real, real], -3).shape).toEqual([2, "T", "B"]);
  refused(() => stack([real, real], 3), "stack: axis 3 given, -3 to 2 expected, at ");
});

describe("what is no tensor", () => {
  const list = [[1, 2]] as never;
  const rnn = recurrent(lstm, 2, 3);
  const calls: Readonly<Record<string, () => unknown>> = {
    sigmoid: () => functions.sigmoid(list),
    tanh: () => functions.tanh(list),
    relu: () => functions.relu(list),
    exp: () => functions.exp(list),
    log: () => functions.log(list),
    sqrt: () => functions.sqrt(list),
    lerp: () => functions.lerp(real, list, real),
    concat: () => functions.concat(real, list),
    join: () => functions.join([real, list], 0),
    stack: () => stack([list]),
    where: () => where(list, 1, 2),
    softmax: () => functions.softmax(list),
    logSoftmax: () => functions.logSoftmax(list),
    einsum: () => functions.einsum("a,a->a", list, real),
    zerosLike: () => functions.zerosLike(list),
    randomUniform: () => functions.randomUniform(list, [2]),
    dot: () => real.dot(list),
    gather: () => real.gather(list),
    take: () => real.take(list),
    takeAlong: () => real.takeAlong(list, 0),
    clamp: () => functions.clamp(list, 0, 1),
    oneHot: () => functions.oneHot(list, 2),
    cumsum: () => cumsum(list, 0),
    topK: () => topK(list, 1),
    gelu: () => activations.gelu(list),
    logSigmoid: () => activations.logSigmoid(list),
    softplus: () => activations.softplus(list),
    leakyRelu: () => activations.leakyRelu(list),
    elu: () => activations.elu(list),
    gradient: () => gradient(list, real),
    linear: () => linear(2, 3).apply(list),
    embedding: () => embedding(2, 3).apply(list),
    layerNorm: () => layerNorm(2).apply(list),
    dropout: () => dropout(0.5).apply(list),
    "recurrent(lstm)": () => rnn.apply(list),
    "recurrent(lstm): lengths": () => rnn.apply(zeros(["T", "B", 2]), { lengths: list }),
    crossEntropy: () => crossEntropy(real, list),
    meanSquaredError: () => meanSquaredError(list, real),
    meanAbsoluteError: () => meanAbsoluteError(real, list),
    huberLoss: () => huberLoss(real, list),
    binaryCrossEntropy: () => binaryCrossEntropy(list, real),
    "a key": () => foldKey(list, 1),
    "scan: lengths": () =>
      scan((s: Tensor, v: Tensor) => [s, v], { init: zeros(["B"]), inputs: real, lengths: list }),
  };
  test.each(Object.entries(calls))("%s", (name, call) => {
    refused(call, `${name}: an array of 1 given, a tensor expected: arrays become tensors as inputs of a `);
  });
  test("nothing is told without the hint", () => {
    refused(() => real.dot(undefined as never), "dot: undefined given, a tensor expected, at ");
    refused(() => functions.concat(), "concat: an array of 0 given, a list of tensors expected, at ");
    expect(() => gradient(real.sum(), { a: 3 })).toThrow("gradient: an object without tensors given");
    expect(gradient(real.sum(), [])).toEqual([]);
  });
});

describe("a scan", () => {
  const run = (init: unknown, step: (state: never, input: never) => unknown) => () =>
    scan(step as never, { init, inputs: real });
  const state = zeros(["B"]);
  test("refuses numbers in its trees, which would never change", () => {
    expect(run({ h: state, t: 0 }, (s, v) => [s, v])).toThrow(
      new UsageError("scan: init: 0 given for t, tensors expected"),
    );
    expect(run({ "a.b": state }, (s, v) => [s, v])).toThrow('scan: init: the name "a.b" given');
    expect(() => scan((s, v) => [s, v], { init: state, inputs: [1, 2] })).toThrow(
      new UsageError("scan: inputs: 1 given for 0, tensors expected"),
    );
    expect(run(new Map([["h", state]]), (s, v) => [s, v])).toThrow(
      "scan: init: a Map given, tensors expected",
    );
  });
  test("refuses a step that returns no pair", () => {
    expect(run(state, (s) => s)).toThrow(
      /^scan: the step returned a Tensor, \[state, output\] expected, at .*ts/,
    );
    expect(run(state, () => undefined)).toThrow("scan: the step returned undefined");
    expect(() => scan("step" as never, { init: state, inputs: real })).toThrow('scan: "step" given, a step');
  });
});

describe("operators of JavaScript", () => {
  const x = zeros(["T", "B"]) as never as number;
  test.each([() => x * 2, () => x + 1, () => x > 0, () => -x, () => `${+x}`])(
    "%s is refused, with the methods to use",
    (compute) => {
      expect(compute).toThrow(UsageError);
      expect(compute).toThrow(
        /^Tensor float32 \(T, B\) given to an operator .* x\.mul\(2\), .*expected, at .*misuse/,
      );
    },
  );
  test("as a text it says what it is", () => {
    expect(`${zeros(["T", "B"])}`).toBe("Tensor float32 (T, B)");
    expect(String(new Variable("w", [2, 3]))).toBe("Variable w float32 (2, 3)");
    expect(Object.prototype.toString.call(new Variable("w", [2]))).toBe("[object Variable]");
  });
  test("it is no list", () => {
    const x = real as unknown as number[];
    const ways = [
      () => [...x],
      () => Array.from(x),
      () => new Set(x),
      () => Math.max(...x),
      () => [x].map(([a]) => a),
    ];
    for (const way of ways) {
      expect(way).toThrow(UsageError);
      expect(way).toThrow(
        /^Tensor float32 \(T, B\) cannot be iterated over: .* scan .* expected, at .*misuse\.test\.ts:\d+:\d+$/,
      );
    }
    // @ts-expect-error: TypeScript says so too
    expect(() => [...new Variable("w", [2])]).toThrow(/^Variable w float32 \(2\) cannot be iterated over/);
  });
  test("it is no JSON", () => {
    expect(() => JSON.stringify({ w: new Variable("w", [2]) })).toThrow(
      /^Variable w float32 \(2\) cannot be JSON/,
    );
  });
});

describe("tensors of other functions", () => {
  const inputs = { x: float32("T", "B") };
  const keep = () => {
    const kept: Tensor[] = [];
    compile(({ x }) => kept.push(x.mul(2), x) && x, { inputs });
    return kept as [Tensor, Tensor];
  };
  const foreign = new GraphError(
    "the input x, float32 (T, B), of another function is used in this one: its numbers can be an input here, the tensor cannot",
  );
  test("kept from a function that was traced before, of the same inputs", () => {
    const [derived, input] = keep();
    expect(() => compile(({ x }) => x.add(derived), { inputs })).toThrow(foreign);
    expect(() => compile(() => input, { inputs })).toThrow(foreign);
    expect(() => compile(({ x }) => gradient(x.mul(input).sum(), x), { inputs })).toThrow(foreign);
    expect(() => compile(({ x }) => gradient(x.sum(), input), { inputs })).toThrow(foreign);
    const state = zeros(["B"]);
    const captured = ({ x }: { x: Tensor }) =>
      scan((s: Tensor, v: Tensor) => [s.add(v).add(input.at(0, 0)), v], { init: state, inputs: x }).final;
    expect(() => compile(captured, { inputs })).toThrow(foreign);
    const w = new Variable("w", [2]);
    const sums = { x: float32(2) };
    let sum: Tensor | undefined;
    compile(
      ({ x }) => {
        sum = x;
        return x;
      },
      { inputs: sums },
    );
    expect(() => compile((_, update) => update(w, sum as Tensor), { inputs: sums })).toThrow(GraphError);
  });
  test("of the function around", () => {
    expect(() => compile(({ x }) => compile(({ x: y }) => x.add(y), { inputs }) && x, { inputs })).toThrow(
      foreign,
    );
  });
  test("of a step of a scan that is over", () => {
    for (const which of ["state", "slice"] as const) {
      const leak = ({ x }: { x: Tensor }) => {
        let leaked = x;
        const { outputs } = scan(
          (state: Tensor, slice: Tensor) => {
            leaked = which === "state" ? state : slice;
            return [slice, state];
          },
          { init: zeros(["B"]), inputs: x },
        );
        return [outputs.add(leaked), leaked];
      };
      expect(() => compile(leak, { inputs })).toThrow(
        new GraphError(
          "a state or an input of a scan's step, float32 (B), is used outside of that step: the step can return it, as state or output",
        ),
      );
    }
  });
  test("variables and what is made of none are anybody's", () => {
    const w = new Variable("w", [2]);
    w.value = [1, 2];
    const shared = w.mul(2);
    for (const factor of [1, 3])
      expect(compile((x) => x.mul(shared), { inputs: float32(2) })([factor, 0]).data[0]).toBe(2 * factor);
  });
  test("an update outside of its function", () => {
    const w = new Variable("w", [1]);
    w.value = [1];
    let late: ((variable: Variable, tensor: Tensor) => void) | undefined;
    compile(
      (x, update) => {
        late = update;
        return x;
      },
      { inputs: float32(1) },
    );
    expect(() => late?.(w, scalar(1).reshape([1]))).toThrow(/^update called outside of the function/);
    expect(() => compile((_, update) => update("w" as never, w), { inputs: {} })).toThrow(
      'update of "w": a variable',
    );
    expect(() => compile((_, update) => update(w, [1] as never), { inputs: {} })).toThrow(
      "update of w: an array of 1",
    );
  });
});

describe("what runs on arrays, inside of a function that is traced", () => {
  const within = (call: () => unknown) => () =>
    compile((x) => [x, call()] as never, { inputs: float32("T") });
  const message = (what: string, instead: string) =>
    new RegExp(
      `^${what} is called inside of a function that is traced, where there are no numbers: call ${instead} instead, at .*misuse`,
    );
  test("a compiled function", () => {
    const declared = compile((x) => x, { inputs: float32("T") });
    expect(within(() => declared([1]))).toThrow(
      message("a compiled function", "the function that was compiled"),
    );
    const open = compile((x: Tensor) => x);
    expect(within(() => open(real as never))).toThrow(UsageError);
    expect(declared([1]).data[0]).toBe(1);
  });
  test("a stream", () => {
    const live = stream((x, state) => [state, x], { inputs: float32(1), state: [1] });
    expect(within(() => live.next(1))).toThrow(message("next of a stream", "the step that was compiled"));
  });
  test("a training step", () => {
    const w = new Variable("w", []);
    w.value = [1];
    const step = trainingStep({
      parameters: [w],
      optimizer: adam(),
      inputs: {},
      loss: () => ({ loss: w.mul(1), outputs: {} }),
    });
    expect(within(() => step.run({}, 0.1))).toThrow(
      message("run of a training step", "the function of its loss"),
    );
    expect(w.value[0]).toBe(1);
  });
});

describe("functions that compile cannot use", () => {
  test.each([
    [
      async (x: Tensor) => x,
      "a function that returns a Promise given, one that returns tensors at once expected",
    ],
    [() => undefined, "a function that returns undefined without tensors given, tensors expected"],
    [() => ({ a: 3 }), "a function that returns an object without tensors given, tensors expected"],
    [(x: Tensor) => new Map([["x", x]]), "a Map given, a record or a list expected"],
    ["mean", 'compile: "mean" given, a function over tensors expected'],
  ])("%s", (build, message) => {
    expect(() => compile(build as never, { inputs: float32("T") })).toThrow(new UsageError(message));
  });
  test("without inputs there may be none", () => {
    expect(compile(() => scalar(2))(undefined as never)).toEqual({ data: Float32Array.of(2), shape: [] });
  });
});
