/** What each pass over the loops does: the statements of a small program without it and with it, in print. */

import { describe, expect, test } from "vitest";
import { livesOf, placeBuffers } from "../../src/compiler/loops/memory.ts";
import { printProgram } from "../../src/compiler/loops/print.ts";
import type { LoweredProgram } from "../../src/compiler/loops/program.ts";
import { type LoopPassName, loopPassNames } from "../../src/compiler/pipeline.ts";
import { float32, type InputType } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { type Build, lowered, programOf } from "./trace.ts";

/** A program with the passes before one alone, and then with that one too. */
function lowerings(
  name: LoopPassName,
  build: Build,
  types: Record<string, InputType>,
  threads = 1,
): [LoweredProgram, LoweredProgram] {
  const program = programOf(build, types);
  const at = loopPassNames.indexOf(name);
  return [
    lowered(program, loopPassNames.slice(at), threads),
    lowered(program, loopPassNames.slice(at + 1), threads),
  ];
}

/** The statements of both, in print, without the list of buffers. */
function printed(...given: Parameters<typeof lowerings>) {
  const [before, after] = lowerings(...given).map((program) => printProgram({ ...program, buffers: [] }));
  return { before, after };
}

describe("what each pass over the loops does", () => {
  test("fuseLoops: work over one space is one loop nest, and only its results stand in memory", () => {
    const { before, after } = printed(
      "fuseLoops",
      ({ x, y }) => {
        const sum = (x as Tensor).add(y as Tensor);
        return [sum.tanh().mul(sum), sum.exp().sum(1)];
      },
      { x: float32("B", 21), y: float32("B", 21) },
    );
    expect(before).toMatchInlineSnapshot(`
      "over (B, 21):
        %0 = add(x#0(B, 21), y#1(B, 21))
        add#6(B, 21) = %0
      over (B, 21):
        %0 = tanh(add#6(B, 21))
        tanh#5(B, 21) = %0
      over (B, 21):
        %0 = multiply(tanh#5(B, 21), add#6(B, 21))
        multiply#2(B, 21) = %0
      over (B, 21):
        %0 = exp(add#6(B, 21))
        exp#4(B, 21) = %0
      over (B, 21), reducing axes 1:
        %0 = sum(exp#4(B, 21))
        sum#3(B) = %0
      -> multiply#2(B, 21), sum#3(B)"
    `);
    expect(after).toMatchInlineSnapshot(`
      "over (B, 21), reducing axes 1:
        %0 = add(x#0(B, 21), y#1(B, 21))
        %1 = tanh(%0)
        %2 = multiply(%1, %0)
        %3 = exp(%0)
        %4 = sum(%3)
        multiply#2(B, 21) = %2
        sum#3(B) = %4
      -> multiply#2(B, 21), sum#3(B)"
    `);
  });

  test("cutLoops: what waits for tanh of tanh is in a nest of its own, with what is read there alone", () => {
    const { before, after } = printed(
      "cutLoops",
      ({ x, y }) => {
        const inner = (x as Tensor).tanh().mul(2);
        const gate = (y as Tensor).sigmoid();
        return [inner.add(1).tanh().mul(gate), inner];
      },
      { x: float32("B", 21), y: float32("B", 21) },
    );
    expect(before).toMatchInlineSnapshot(`
      "over (B, 21):
        %0 = tanh(x#0(B, 21))
        %1 = multiply(%0, 2)
        %2 = sigmoid(y#1(B, 21))
        %3 = add(%1, 1)
        %4 = tanh(%3)
        %5 = multiply(%4, %2)
        multiply#3(B, 21) = %1
        multiply#2(B, 21) = %5
      -> multiply#2(B, 21), multiply#3(B, 21)"
    `);
    expect(after).toMatchInlineSnapshot(`
      "over (B, 21):
        %0 = tanh(x#0(B, 21))
        %1 = multiply(%0, 2)
        %2 = add(%1, 1)
        multiply#3(B, 21) = %1
        add#4(B, 21) = %2
      over (B, 21):
        %0 = sigmoid(y#1(B, 21))
        %1 = tanh(add#4(B, 21))
        %2 = multiply(%1, %0)
        multiply#2(B, 21) = %2
      -> multiply#2(B, 21), multiply#3(B, 21)"
    `);
  });

  test("reuseSlots: what a step computes stands over the slots that it reads, where that fills all of them", () => {
    const { before, after } = printed(
      "reuseSlots",
      ({ x, y }) => {
        const halves = (both: Tensor) => both.split(2) as [Tensor, Tensor];
        const options = { init: f.zeros(["B", 27]) };
        const filled = scan(
          (state: Tensor, at: Tensor) => {
            const [p, q] = halves(at).map((half) => half.add(state).tanh()) as [Tensor, Tensor];
            return [p.mul(q), { p, q }] as const;
          },
          { ...options, inputs: (x as Tensor).mul(2) },
        );
        const half = scan(
          (state: Tensor, at: Tensor) => {
            const [p, q] = halves(at);
            return [state.add(q), p.sub(q)] as const;
          },
          { ...options, inputs: (y as Tensor).mul(3) },
        );
        return [filled.outputs.p, filled.outputs.q, half.outputs].map((x) => x.sum(0));
      },
      { x: float32("T", "B", 54), y: float32("T", "B", 54) },
    );
    expect(before).toMatchInlineSnapshot(`
      "over (T, B, 54):
        %0 = multiply(x#0(T, B, 54), 2)
        %1 = multiply(y#1(T, B, 54), 3)
        multiply#6(T, B, 54) = %0
        multiply#5(T, B, 54) = %1
      state#7(B, 27) = 0
      for t0 in 0..T:
        over (B, 27):
          %0 = add(multiply#6[54*B*t0](B, 27) by (54, 1), state#7(B, 27))
          %1 = tanh(%0)
          %2 = add(multiply#6[27 + 54*B*t0](B, 27) by (54, 1), state#7(B, 27))
          %3 = tanh(%2)
          %4 = multiply(%1, %3)
          outputs#8[27*B*t0](B, 27) = %1
          outputs#9[27*B*t0](B, 27) = %3
          state#7(B, 27) = %4
      sum#2(B, 27) = 0
      sum#3(B, 27) = 0
      over (T, B, 27), reducing axes 0:
        %0 = sum(outputs#8(T, B, 27))
        %1 = sum(outputs#9(T, B, 27))
        sum#2(B, 27) += %0 through wide#10
        sum#3(B, 27) += %1 through wide#11
      for t1 in 0..T:
        over (B, 27):
          %0 = subtract(multiply#5[54*B*t1](B, 27) by (54, 1), multiply#5[27 + 54*B*t1](B, 27) by (54, 1))
          outputs#12[27*B*t1](B, 27) = %0
      sum#4(B, 27) = 0
      over (T, B, 27), reducing axes 0:
        %0 = sum(outputs#12(T, B, 27))
        sum#4(B, 27) += %0 through wide#13
      -> sum#2(B, 27), sum#3(B, 27), sum#4(B, 27)"
    `);
    expect(after).toMatchInlineSnapshot(`
      "over (T, B, 54):
        %0 = multiply(x#0(T, B, 54), 2)
        %1 = multiply(y#1(T, B, 54), 3)
        multiply#6(T, B, 54) = %0
        multiply#5(T, B, 54) = %1
      state#7(B, 27) = 0
      for t0 in 0..T:
        over (B, 27):
          %0 = add(multiply#6[54*B*t0](B, 27) by (54, 1), state#7(B, 27))
          %1 = tanh(%0)
          %2 = add(multiply#6[27 + 54*B*t0](B, 27) by (54, 1), state#7(B, 27))
          %3 = tanh(%2)
          %4 = multiply(%1, %3)
          multiply#6[54*B*t0](B, 27) by (54, 1) = %1
          multiply#6[27 + 54*B*t0](B, 27) by (54, 1) = %3
          state#7(B, 27) = %4
      sum#2(B, 27) = 0
      sum#3(B, 27) = 0
      over (T, B, 27), reducing axes 0:
        %0 = sum(multiply#6(T, B, 27) by (54*B, 54, 1))
        %1 = sum(multiply#6[27](T, B, 27) by (54*B, 54, 1))
        sum#2(B, 27) += %0 through wide#8
        sum#3(B, 27) += %1 through wide#9
      for t1 in 0..T:
        over (B, 27):
          %0 = subtract(multiply#5[54*B*t1](B, 27) by (54, 1), multiply#5[27 + 54*B*t1](B, 27) by (54, 1))
          outputs#10[27*B*t1](B, 27) = %0
      sum#4(B, 27) = 0
      over (T, B, 27), reducing axes 0:
        %0 = sum(outputs#10(T, B, 27))
        sum#4(B, 27) += %0 through wide#11
      -> sum#2(B, 27), sum#3(B, 27), sum#4(B, 27)"
    `);
  });

  test("computeOnce: what depends on weights alone leaves the call", () => {
    const [u, v] = [new Variable("u", [22, 3]), new Variable("v", [22, 3])];
    const { before, after } = printed(
      "computeOnce",
      ({ x }) => (x as Tensor).add(f.concat(u, v).mul(2).sum(0)),
      { x: float32("B", 6) },
    );
    expect(before).toMatchInlineSnapshot(`
      "over (22, 3):
        concat#5(22, 3) by (6, 1) = u#1(22, 3)
        concat#5[3](22, 3) by (6, 1) = v#2(22, 3)
      sum#4(6) = 0
      over (22, 6), reducing axes 0:
        %0 = multiply(concat#5(22, 6), 2)
        %1 = sum(%0)
        sum#4(6) += %1
      over (B, 6):
        %0 = add(x#0(B, 6), sum#4(B, 6) by (0, 1))
        add#3(B, 6) = %0
      -> add#3(B, 6)"
    `);
    expect(after).toMatchInlineSnapshot(`
      "once:
        over (22, 3):
          concat#5(22, 3) by (6, 1) = u#1(22, 3)
          concat#5[3](22, 3) by (6, 1) = v#2(22, 3)
        sum#4(6) = 0
        over (22, 6), reducing axes 0:
          %0 = multiply(concat#5(22, 6), 2)
          %1 = sum(%0)
          sum#4(6) += %1
      over (B, 6):
        %0 = add(x#0(B, 6), sum#4(B, 6) by (0, 1))
        add#3(B, 6) = %0
      -> add#3(B, 6)"
    `);
  });

  test("fuseTails: a product and the nests over its rows take turns; what is theirs alone has 64 rows", () => {
    const { before, after } = printed(
      "fuseTails",
      ({ x, w, b }) => f.softmax((x as Tensor).dot(w as Tensor).add(b as Tensor)),
      { x: float32("T", "B", 23), w: float32(23, 9), b: float32(9) },
    );
    expect(before).toMatchInlineSnapshot(`
      "einsum#9(T, B, 9) = x#0(T, B, 23) . w#1(23, 9), B*T x 9 x 23
      over (T, B, 9), reducing axes 2:
        %0 = add(einsum#9(T, B, 9), b#2(T, B, 9) by (0, 0, 1))
        %1 = max(%0)
        add#8(T, B, 9) = %0
        max#7(T, B) = %1
      over (T, B, 1):
        %0 = stopGradient(max#7(T, B, 1))
        stopGradient#6(T, B, 1) = %0
      over (T, B, 9), reducing axes 2:
        %0 = subtract(add#8(T, B, 9), stopGradient#6(T, B, 9) by (B, 1, 0))
        %1 = exp(%0)
        %2 = sum(%1)
        exp#5(T, B, 9) = %1
        sum#4(T, B) = %2
      over (T, B, 9):
        %0 = divide(exp#5(T, B, 9), sum#4(T, B, 9) by (B, 1, 0))
        divide#3(T, B, 9) = %0
      -> divide#3(T, B, 9)"
    `);
    expect(after).toMatchInlineSnapshot(`
      "for 64 of B*T rows at a time:
        einsum#9(64, 9) = x#0(B*T, 23) . w#1(23, 9), B*T x 9 x 23
        over (B*T, 9), reducing axes 1:
          %0 = add(einsum#9(64, 9), b#2(B*T, 9) by (0, 1))
          %1 = max(%0)
          add#8(64, 9) = %0
          max#7(64) = %1
        over (B*T, 1):
          %0 = stopGradient(max#7(64, 1))
          stopGradient#6(64, 1) = %0
        over (B*T, 9), reducing axes 1:
          %0 = subtract(add#8(64, 9), stopGradient#6(64, 9) by (1, 0))
          %1 = exp(%0)
          %2 = sum(%1)
          exp#5(64, 9) = %1
          sum#4(64) = %2
        over (B*T, 9):
          %0 = divide(exp#5(64, 9), sum#4(64, 9) by (1, 0))
          divide#3(B*T, 9) = %0
      -> divide#3(T, B, 9)"
    `);
  });

  test("packMatrices: a matrix that no step changes is packed before the loop, one that lasts in the setup", () => {
    const weight = new Variable("v", [24, 24]);
    const { before, after } = printed(
      "packMatrices",
      ({ x, h, w }) => {
        const step = (state: Tensor, at: Tensor) => {
          const inner = state.dot(w as Tensor).add(at);
          return [inner.dot(weight), state] as const;
        };
        return scan(step, { init: h as Tensor, inputs: x as Tensor }).final;
      },
      { x: float32("T", "B", 24), h: float32("B", 24), w: float32(24, 24) },
    );
    expect(before).toMatchInlineSnapshot(`
      "state#5(B, 24) = h#1(B, 24)
      for t0 in 0..T:
        einsum#7(B, 24) = state#5(B, 24) . w#2(24, 24), B x 24 x 24
        over (B, 24):
          %0 = add(einsum#7(B, 24), x#0[24*B*t0](B, 24))
          add#6(B, 24) = %0
        state#5(B, 24) = add#6(B, 24) . v#3(24, 24), B x 24 x 24
      output#4(B, 24) = state#5(B, 24)
      -> output#4(B, 24)"
    `);
    expect(after).toMatchInlineSnapshot(`
      "once:
        packed v#9 = pack v#3(24, 24)
      state#5(B, 24) = h#1(B, 24)
      packed w#8 = pack w#2(24, 24)
      for t0 in 0..T:
        einsum#7(B, 24) = state#5(B, 24) . packed w#8, B x 24 x 24
        over (B, 24):
          %0 = add(einsum#7(B, 24), x#0[24*B*t0](B, 24))
          add#6(B, 24) = %0
        state#5(B, 24) = add#6(B, 24) . packed v#9, B x 24 x 24
      output#4(B, 24) = state#5(B, 24)
      -> output#4(B, 24)"
    `);
  });

  test("splitWork: threads meet where one reads what another wrote; a scan along the batch needs no meeting within", () => {
    const { before, after } = printed(
      "splitWork",
      ({ x, h, w }) => {
        const step = (state: Tensor, at: Tensor) => {
          const next = state.dot(w as Tensor).add(at);
          return [next.tanh(), state] as const;
        };
        return scan(step, { init: h as Tensor, inputs: (x as Tensor).mul(2) }).final.sum();
      },
      { x: float32("T", "B", 25), h: float32("B", 25), w: float32(25, 25) },
      2,
    );
    expect(before).toMatchInlineSnapshot(`
      "over (T, B, 25):
        %0 = multiply(x#0(T, B, 25), 2)
        multiply#4(T, B, 25) = %0
      state#5(B, 25) = h#1(B, 25)
      packed w#7 = pack w#2(25, 25)
      for t0 in 0..T:
        einsum#6(B, 25) = state#5(B, 25) . packed w#7, B x 25 x 25
        over (B, 25):
          %0 = add(einsum#6(B, 25), multiply#4[25*B*t0](B, 25))
          %1 = tanh(%0)
          state#5(B, 25) = %1
      over (B, 25), reducing axes 0, 1:
        %0 = sum(state#5(B, 25))
        sum#3() = %0
      -> sum#3()"
    `);
    expect(after).toMatchInlineSnapshot(`
      "over (T, B, 25): {split along axis 0}
        %0 = multiply(x#0(T, B, 25), 2)
        multiply#4(T, B, 25) = %0
      state#5(B, 25) = h#1(B, 25) {split along axis 0}
      packed w#7 = pack w#2(25, 25) {split along n}
      barrier
      for t0 in 0..T:
        einsum#6(B, 25) = state#5(B, 25) . packed w#7, B x 25 x 25 {split along m}
        over (B, 25): {split along axis 0}
          %0 = add(einsum#6(B, 25), multiply#4[25*B*t0](B, 25))
          %1 = tanh(%0)
          state#5(B, 25) = %1
      barrier
      over (B, 25), reducing axes 0, 1:
        %0 = sum(state#5(B, 25))
        sum#3() = %0
      barrier
      -> sum#3()"
    `);
  });

  test("shareMemory: buffers that are never alive together stand in one place", () => {
    const [before, after] = lowerings(
      "shareMemory",
      ({ x, w }) => [1, 2, 3, 4].reduce((value) => value.dot(w as Tensor), x as Tensor),
      { x: float32(40, 26), w: float32(26, 26) },
    );
    const places = (program: LoweredProgram) => {
      const { addresses } = placeBuffers(program, {});
      return livesOf(program)
        .map(({ buffer }) => `${buffer.label}#${buffer.id} at ${addresses.get(buffer)}`)
        .join(", ");
    };
    expect(places(before)).toMatchInlineSnapshot(
      `"x#0 at 0, w#1 at 21120, einsum#2 at 4224, einsum#3 at 8448, einsum#4 at 12672, einsum#5 at 16896"`,
    );
    expect(places(after)).toMatchInlineSnapshot(
      `"x#0 at 2752, w#1 at 0, einsum#2 at 2752, einsum#3 at 6976, einsum#4 at 2752, einsum#5 at 6976"`,
    );
  });
});
