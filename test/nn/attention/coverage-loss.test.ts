// The coverage loss, by hand.
import { expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { coverageLoss } from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { softmax } from "../../../src/trace/functions.ts";
import { checkGradient } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { randomValue } from "../../helpers/values.ts";

const run = compile(
  ({ attention, lengths }) => [coverageLoss(attention), coverageLoss(attention, lengths)] as const,
  {
    inputs: { attention: float32("T", "S", "B"), lengths: int32("B") },
    backend: reference,
  },
);

test("is the mean over steps of what was read before", () => {
  // Row 0 reads step 0, half of it again, then step 1 only; row 1 reads one step three times.
  const attention = value(Float64Array.of(1, 1, 0, 0, /**/ 0.5, 1, 0.5, 0, /**/ 0, 1, 1, 0), [3, 2, 2]);
  const [all, own] = run({ attention, lengths: value(Int32Array.of(3, 2), [2]) });
  // Row 0: 0, 0.5, 0.5; row 1: 0, 1, 1.
  expectClose([all.data[0] as number, own.data[0] as number], [3 / 6, 2 / 5]);
});

test("is 0 where nothing is read twice, and does not look beyond lengths", () => {
  const attention = value(Float64Array.of(1, 0, 0, 1, Number.NaN, Number.NaN), [3, 2, 1]);
  const [, own] = run({ attention, lengths: value(Int32Array.of(2), [1]) });
  expect(own.data[0]).toBe(0);
});

test("its gradient agrees with central differences", () => {
  checkGradient(({ scores }) => coverageLoss(softmax(scores, 1)), { scores: randomValue([4, 3, 2], 1) });
});

test("refuses what is no attention along time", () => {
  expect(() => compile((given) => coverageLoss(given), { inputs: float32("S", "B") })).toThrow(
    /coverageLoss: float32 \(S, B\) given, \(T, S, B\) and int32 \(B\) expected/,
  );
  expect(() =>
    compile(({ a, lengths }) => coverageLoss(a, lengths), {
      inputs: { a: float32("T", "S", "B"), lengths: int32("S") },
    }),
  ).toThrow(/coverageLoss: float32 \(T, S, B\) and int32 \(S\) given/);
});
