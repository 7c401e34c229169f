// Cross-entropy against its definition over plain numbers, at the edges of float32, and its gradient.
import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { DataError, ShapeError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { type CrossEntropyOptions, crossEntropy } from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { explain } from "../../../src/program/explain.ts";
import { zeros } from "../../../src/trace/functions.ts";
import { checkGradient } from "../../gradient/check.ts";
import { integerTensor, randomValue, rowsOf } from "../../helpers/values.ts";

const [T, B, V] = [3, 4, 5];
const logits = randomValue([T, B, V], 3);
const targets = value(Int32Array.of(0, 4, 2, 1, -1, 3, 0, -1, 2, 2, 4, 1), [T, B]);

function evaluate(options?: CrossEntropyOptions, backend = reference) {
  const classes = Array.isArray(options?.classWeights) ? V : "V";
  const run = compile(
    ({ x, y }) => {
      const loss = crossEntropy(x, y, options);
      return { loss, slope: gradient(loss, x) };
    },
    { inputs: { x: float32("T", "B", classes), y: int32("T", "B") }, backend },
  );
  return (x = logits, y = targets) => {
    const { loss, slope } = run({ x: backend === wasm ? value(Float32Array.from(x.data), x.shape) : x, y });
    return { loss: loss.data[0] as number, slope: Array.from(slope.data) };
  };
}

/** -log(e^x[target] / sum e^x) of each row that counts. */
function byDefinition(ignore = -1): number[] {
  return Array.from(targets.data).flatMap((target, row) => {
    const powers = Array.from(logits.data.slice(row * V, (row + 1) * V), Math.exp);
    const sum = powers.reduce((total, power) => total + power, 0);
    return target === ignore ? [] : [-Math.log((powers[target] as number) / sum)];
  });
}
const total = (values: number[]) => values.reduce((sum, one) => sum + one, 0);

describe("cross-entropy", () => {
  test("is the mean, or the sum, over the targets that count", () => {
    const each = byDefinition();
    expect(each).toHaveLength(10);
    expect(evaluate()().loss).toBeCloseTo(total(each) / 10, 12);
    expect(evaluate({ reduction: "sum" })().loss).toBeCloseTo(total(each), 12);
  });
  test("ignores another target on request", () => {
    const withoutMinus = value(
      Int32Array.from(targets.data, (target) => (target === -1 ? 2 : target)),
      [T, B],
    );
    const { loss, slope } = evaluate({ ignore: 2 })(logits, withoutMinus);
    const each = Array.from(withoutMinus.data).flatMap((target, row) => {
      const powers = Array.from(logits.data.slice(row * V, (row + 1) * V), Math.exp);
      return target === 2 ? [] : [-Math.log((powers[target] as number) / total(powers))];
    });
    expect(each).toHaveLength(7);
    expect(loss).toBeCloseTo(total(each) / 7, 12);
    withoutMinus.data.forEach((target, row) => {
      expect(slope.slice(row * V, (row + 1) * V).every((one) => one === 0)).toBe(target === 2);
    });
  });
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "does not see logits of %d where the target is ignored",
    (garbage) => {
      const spoilt = Float64Array.from(logits.data, (own, at) =>
        targets.data[Math.floor(at / V)] === -1 ? garbage : own,
      );
      for (const backend of [reference, wasm]) {
        const run = evaluate({}, backend);
        expect(run(value(spoilt, [T, B, V]))).toEqual(run());
      }
    },
  );
  test("has the gradient softmax - one-hot, which agrees with central differences", () => {
    for (const reduction of ["mean", "sum"] as const) {
      checkGradient(
        ({ x }) => {
          const labels = x.slice(2, 0, 1).reshape([T, B]).mul(0).convert("int32").add(3);
          return crossEntropy(x, labels, { reduction });
        },
        { x: logits },
      );
    }
    const { slope } = evaluate({ reduction: "sum" })();
    const powers = Array.from(logits.data.slice(0, V), Math.exp);
    powers.forEach((power, at) => {
      expect(slope[at]).toBeCloseTo(power / total(powers) - (at === 0 ? 1 : 0), 12);
    });
  });
  test("does not overflow or lose small probabilities", () => {
    const far = value(Float32Array.of(1e4, 0, -1e4, -1e4, -1e4, 1e4), [2, 1, 3]);
    const { loss, slope } = evaluate({ reduction: "sum" })(far, value(Int32Array.of(0, 0), [2, 1]));
    expect(loss).toBe(2e4);
    expect(slope).toEqual([0, 0, 0, -1, 0, 1]);
  });
  test("is 0 with gradient 0 where no target counts", () => {
    const none = value(new Int32Array(T * B).fill(-1), [T, B]);
    for (const reduction of ["mean", "sum"] as const) {
      const { loss, slope } = evaluate({ reduction })(logits, none);
      expect(loss).toBe(0);
      expect(slope.every((one) => one === 0)).toBe(true);
    }
  });
  test("refuses a target that is no class, and is NaN for one that the program computed: never a silent number", () => {
    const computed = compile(({ x, y }) => crossEntropy(x, y.add(1).sub(1)), {
      inputs: { x: float32("T", "B", "V"), y: int32("T", "B") },
      backend: reference,
    });
    for (const target of [V, 1000, -2]) {
      const wrong = value(
        Int32Array.from(targets.data, (own, row) => (row === 5 ? target : own)),
        [T, B],
      );
      expect(() => evaluate()(logits, wrong)).toThrow(
        new DataError(`input y: ${target} given at 5 ([1][1]), 0 to V-1 = 4, or -1, expected`),
      );
      expect(computed({ x: logits, y: wrong }).data[0]).toBeNaN();
    }
    const ignoring = value(
      Int32Array.from(targets.data, (own) => (own === -1 ? 99 : own)),
      [T, B],
    );
    expect(evaluate({ ignore: 99 })(logits, ignoring).loss).toBe(evaluate()().loss);
  });
  test("of one class is 0", () => {
    const { loss } = evaluate()(randomValue([2, 2, 1]), value(new Int32Array(4), [2, 2]));
    expect(loss).toBe(0);
  });
  test("refuses shapes and dtypes that do not fit", () => {
    const trace = (x: ReturnType<typeof float32>, y: ReturnType<typeof float32>) =>
      compile((inputs) => crossEntropy(inputs.x, inputs.y), { inputs: { x, y } });
    expect(() => trace(float32("T", "B", 5), int32("B", "T"))).toThrow(
      /^crossEntropy: float32 \(T, B, 5\) and int32 \(B, T\) given, \(\.\.\., V\) and int32 \(\.\.\.\) expected, at .*cross-entropy\.test\.ts/,
    );
    expect(() => trace(float32("B", 5), float32("B"))).toThrow(ShapeError);
    expect(() => trace(float32(), int32())).toThrow(ShapeError);
  });
});

test.each([1.5, Number.NaN, 2 ** 31, "1", null])("a target to ignore is no %j", (ignore) => {
  expect(() => crossEntropy(zeros(["B", 5]), zeros(["B"], "int32"), { ignore: ignore as number })).toThrow(
    /^crossEntropy: ignore .* given, a target, which is a whole number from -2\^31 to 2\^31 - 1, expected$/,
  );
});

describe("smoothed labels and weighted classes", () => {
  const weights = [0.5, 2, 1, 0, 3];
  /** By definition, of each row that counts: what it costs, and what its target weighs. */
  function costs(smoothing: number, own: readonly number[]): { cost: number; weight: number }[] {
    return rowsOf(logits).flatMap((row, at) => {
      const target = targets.data[at] as number;
      if (target === -1) return [];
      const sum = total(row.map(Math.exp));
      const each = row.map((logit, one) => -(own[one] as number) * Math.log(Math.exp(logit) / sum));
      const cost = (1 - smoothing) * (each[target] as number) + (smoothing / V) * total(each);
      return { cost, weight: own[target] as number };
    });
  }
  const equal = Array(V).fill(1);
  test.each([
    ["smoothed", { labelSmoothing: 0.125 }, 0.125, equal],
    ["all smoothed", { labelSmoothing: 1 }, 1, equal],
    ["weighted", { classWeights: weights }, 0, weights],
    ["both", { labelSmoothing: 0.25, classWeights: weights }, 0.25, weights],
    ["neither", { labelSmoothing: 0, classWeights: equal }, 0, equal],
  ])("%s: the sum, and the mean over the weights of the targets", (_, options, smoothing, own) => {
    const expected = costs(smoothing, own);
    const sum = total(expected.map(({ cost }) => cost));
    const weight = total(expected.map(({ weight }) => weight));
    expect(evaluate({ ...options, reduction: "sum" })().loss).toBeCloseTo(sum, 12);
    expect(evaluate(options)().loss).toBeCloseTo(sum / weight, 12);
    checkGradient(
      ({ x }) => {
        const labels = integerTensor(...targets.data).reshape([T, B]);
        return crossEntropy(x, labels, options);
      },
      { x: logits },
    );
  });
  test("weights may be a tensor", () => {
    const run = compile(({ x, y, w }) => crossEntropy(x, y, { classWeights: w, labelSmoothing: 0.2 }), {
      inputs: { x: float32("T", "B", "V"), y: int32("T", "B"), w: float32("V") },
      backend: reference,
    });
    const { loss } = evaluate({ labelSmoothing: 0.2, classWeights: weights })();
    expect(run({ x: logits, y: targets, w: weights }).data[0]).toBeCloseTo(loss, 12);
  });
  test("leave out what is ignored, whichever class it is and whatever its logits are", () => {
    const options = { ignore: 2, labelSmoothing: 0.3, classWeights: weights };
    const own = value(
      Int32Array.from(targets.data, (target) => (target === -1 ? 4 : target)),
      [T, B],
    );
    const spoilt = Float64Array.from(logits.data, (one, at) =>
      own.data[Math.floor(at / V)] === 2 ? Number.NaN : one,
    );
    for (const backend of [reference, wasm]) {
      const run = evaluate(options, backend);
      expect(run(value(spoilt, [T, B, V]), own)).toEqual(run(logits, own));
      expect(Number.isFinite(run(logits, own).loss)).toBe(true);
    }
  });
  test("give 0 where no target counts, or none that does weighs anything", () => {
    const none = value(new Int32Array(T * B).fill(-1), [T, B]);
    const weightless = value(new Int32Array(T * B).fill(3), [T, B]);
    for (const given of [none, weightless]) {
      const { loss, slope } = evaluate({ classWeights: weights })(logits, given);
      expect(loss).toBe(0);
      expect(slope.every((one) => one === 0)).toBe(true);
    }
  });
  test("take no more nodes for many classes than for few", () => {
    const nodesOf = (classes: number) => {
      const classWeights = Array.from({ length: classes }, (_, at) => 1 + at);
      const [explained] = explain({}, (backend) =>
        compile(({ x, y }) => crossEntropy(x, y, { classWeights }), {
          inputs: { x: float32(4, classes), y: int32(4) },
          backend,
        }),
      );
      return explained?.passes[0]?.before.nodes as number;
    };
    expect(nodesOf(3)).toBeGreaterThan(10);
    expect(nodesOf(300)).toBe(nodesOf(3));
  });
  test("are refused where they cannot be", () => {
    const [x, y] = [zeros(["T", 3]), zeros(["T"], "int32")];
    const refused = (options: object, message: string) =>
      expect(() => crossEntropy(x, y, options)).toThrow(`crossEntropy: ${message}`);
    refused({ labelSmoothing: 1.5 }, "labelSmoothing 1.5 given, a number from 0 to 1 expected");
    refused({ labelSmoothing: Number.NaN }, "labelSmoothing NaN given");
    refused({ classWeights: [1, 2] }, "class weights an array of 2 given, a list of 3 numbers expected");
    refused({ classWeights: [1, -2, 1] }, "the weight -2 given for class 1, a number from 0 on expected");
    refused({ classWeights: [1, 2, "3"] }, 'the weight "3" given for class 2');
    expect(() => crossEntropy(zeros(["T", "V"]), y, { classWeights: [1, 2] })).toThrow(
      "crossEntropy: class weights an array of 2 given, a list of V numbers expected",
    );
    refused({ classWeights: zeros([2]) }, "class weights float32 (2) given, float32 (3) expected, at ");
  });
});
