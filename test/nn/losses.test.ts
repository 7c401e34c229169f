// Losses against their definitions over plain numbers, at the edges of float32, and their gradients.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { DataError, ShapeError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { type CrossEntropyOptions, crossEntropy, meanSquaredError } from "../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import { zeros } from "../../src/trace/functions.ts";
import { checkGradient } from "../gradient/check.ts";
import { randomValue } from "../helpers/values.ts";

const [T, B, V] = [3, 4, 5];
const logits = randomValue([T, B, V], 3);
const targets = value(Int32Array.of(0, 4, 2, 1, -1, 3, 0, -1, 2, 2, 4, 1), [T, B]);

function evaluate(options?: CrossEntropyOptions, backend = reference) {
  const run = compile(
    ({ x, y }) => {
      const loss = crossEntropy(x, y, options);
      return { loss, slope: gradient(loss, x) };
    },
    { inputs: { x: float32("T", "B", "V"), y: int32("T", "B") }, backend },
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
      /^crossEntropy: float32 \(T, B, 5\) and int32 \(B, T\) given, \(\.\.\., V\) and int32 \(\.\.\.\) expected, at .*losses\.test\.ts/,
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

describe("mean squared error", () => {
  const inputs = { a: randomValue([T, B], 1), b: randomValue([T, B], 2) };
  const squares = Array.from(inputs.a.data, (a, index) => (a - (inputs.b.data[index] as number)) ** 2);
  test("is the mean, or the sum, of the squares", () => {
    const run = compile(
      ({ a, b }) => [meanSquaredError(a, b), meanSquaredError(a, b, { reduction: "sum" })] as const,
      { inputs: { a: float32("T", "B"), b: float32("T", "B") }, backend: reference },
    );
    const [mean, sum] = run(inputs);
    expect(mean.data[0]).toBeCloseTo(total(squares) / squares.length, 12);
    expect(sum.data[0]).toBeCloseTo(total(squares), 12);
  });
  test("has a gradient that agrees with central differences", () => {
    checkGradient(({ a, b }) => meanSquaredError(a, b), inputs);
  });
  test("never repeats one side: the shapes must be equal", () => {
    const trace = () =>
      compile(({ a, b }) => meanSquaredError(a, b), { inputs: { a: float32("T", 4), b: float32("T", 1) } });
    expect(trace).toThrow(
      /^meanSquaredError: float32 \(T, 4\) and float32 \(T, 1\) given, two float32 tensors of one shape expected, at/,
    );
  });
});
