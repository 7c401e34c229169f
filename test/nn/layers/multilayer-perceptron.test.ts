// The feedforward network: its layers one after the other, and what is random between them.
import { expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { initialize, multilayerPerceptron, parameters, withKey } from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";
import { scalar, stack, tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { expectClose } from "../../helpers/close.ts";
import { randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const x = randomValue([3, 4], 1);

test("each layer reads what the activation makes of the one before", () => {
  const { net } = initialize({ net: multilayerPerceptron(4, [5, 3, 2], { activation: tanh }) }, { seed: 1 });
  const weights = parameters(net);
  expect(Object.keys(weights)).toEqual(["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"]);
  const found = compile((x: Tensor) => net.apply(x), { inputs: float32("B", 4), backend: reference })(x);
  const wanted = [0, 1, 2].flatMap((row) => {
    let a = Array.from(x.data.slice(row * 4, row * 4 + 4));
    for (const [at, size] of [5, 3, 2].entries()) {
      const [W, b] = ["weight", "bias"].map(
        (name) => weights[`${at}.${name}`]?.value as ArrayLike<number>,
      ) as [ArrayLike<number>, ArrayLike<number>];
      const before = at === 0 ? a : a.map(Math.tanh);
      a = Array.from({ length: size }, (_, o) =>
        before.reduce((sum, one, i) => sum + one * (W[o * before.length + i] as number), b[o] as number),
      );
    }
    return a;
  });
  expectClose(found.data, wanted, 12);
  expect(
    checkModelGradient(
      { net },
      ({ x }) =>
        net
          .apply(x as Tensor)
          .square()
          .sum(),
      { x },
    ),
  ).toBe(6);
});

test("dropout lies between layers, not behind the last one", () => {
  const { net } = initialize({ net: multilayerPerceptron(4, [50, 200], { dropout: 0.5 }) }, { seed: 1 });
  const run = (key: Tensor | null) =>
    compile((x: Tensor) => withKey(key, () => net.apply(x)), { inputs: float32("B", 4), backend: reference })(
      x,
    );
  const key = () => stack([scalar(1, "int32"), scalar(2, "int32")]);
  const [plain, dropped] = [run(null), run(key())];
  expect(dropped.data).not.toEqual(plain.data);
  expect(Array.from(dropped.data).filter((number) => number === 0)).toEqual([]);
});

test("what does not fit is refused", () => {
  expect(() => multilayerPerceptron(4, [])).toThrow(
    "multilayerPerceptron: sizes an array of 0 given, a list of one or more expected",
  );
  expect(() => multilayerPerceptron(4, [0])).toThrow("output size 0 given");
  expect(() => multilayerPerceptron(4, [1], { dropout: 1 })).toThrow("probability 1 given");
  expect(() => multilayerPerceptron(4, [1], { activation: "relu" as never })).toThrow(
    'activation "relu" given',
  );
});
