import { describe, expect, test, vi } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import { printProgram } from "../../src/compiler/loops/print.ts";
import type { Statement } from "../../src/compiler/loops/program.ts";
import { gradient } from "../../src/gradient/index.ts";
import { inProgram } from "../../src/graph/interning.ts";
import { compile, float32, type InputType } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { type Build, floatsFor, lowered, programOf } from "./trace.ts";

/** An LSTM over a sequence, written as its equations. */
const lstm: Build = (inputs) => {
  const [x, h, c, w, b] = ["x", "h", "c", "w", "b"].map((name) => inputs[name]) as Tensor[] as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const { outputs } = scan(
    (state: { h: Tensor; c: Tensor }, at: Tensor) => {
      const [input, forget, cell, output] = f.concat(state.h, at).dot(w).add(b).split(4) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      const next = forget.sigmoid().mul(state.c).add(input.sigmoid().mul(cell.tanh()));
      const hidden = output.sigmoid().mul(next.tanh());
      return [{ h: hidden, c: next }, hidden] as const;
    },
    { init: { h, c }, inputs: x },
  );
  return outputs;
};
const lstmTypes = (T: number | string): Record<string, InputType> => ({
  x: float32(T, "B", 31),
  h: float32("B", 33),
  c: float32("B", 33),
  w: float32(64, 132),
  b: float32(132),
});
const trained: Build = (inputs, update) => {
  const result = lstm(inputs, update) as Tensor;
  return gradient(result.square().sum(), [inputs.w as Tensor, inputs.b as Tensor]) as Tensor[];
};

test("an LSTM: one product before the loop, and in it one product and two loop nests", () => {
  expect(printProgram(lowered(programOf(lstm, lstmTypes("T"))))).toMatchInlineSnapshot(`
    "x#0: input of 31*B*T
    h#1: input of 33*B
    c#2: input of 33*B
    w#3: input of 8448
    b#4: input of 132
    output#5: result of 33*B*T
    einsum#6: temporary of 132*B*T
    states#7: temporary of 33*B+33*B*T
    state#8: temporary of 33*B
    einsum#9: temporary of 132*B
    packed w#10: temporary of 4488
    einsum#6(T, B, 132) = x#0(T, B, 31) . w#3[4356](31, 132), B*T x 132 x 31
    states#7(B, 33) = h#1(B, 33)
    state#8(B, 33) = c#2(B, 33)
    packed w#10 = pack w#3(33, 132)
    for t0 in 0..T:
      einsum#9(B, 132) = states#7[33*B*t0](B, 33) . packed w#10, B x 132 x 33
      over (B, 33):
        %0 = add(einsum#9(B, 33) by (132, 1), einsum#6[132*B*t0](B, 33) by (132, 1))
        %1 = add(einsum#9[33](B, 33) by (132, 1), einsum#6[33 + 132*B*t0](B, 33) by (132, 1))
        %2 = add(einsum#9[66](B, 33) by (132, 1), einsum#6[66 + 132*B*t0](B, 33) by (132, 1))
        %3 = add(%0, b#4(B, 33) by (0, 1))
        %4 = add(%1, b#4[33](B, 33) by (0, 1))
        %5 = add(%2, b#4[66](B, 33) by (0, 1))
        %6 = sigmoid(%4)
        %7 = multiply(%6, state#8(B, 33))
        %8 = sigmoid(%3)
        %9 = tanh(%5)
        %10 = multiply(%8, %9)
        %11 = add(%7, %10)
        state#8(B, 33) = %11
      over (B, 33):
        %0 = add(einsum#9[99](B, 33) by (132, 1), einsum#6[99 + 132*B*t0](B, 33) by (132, 1))
        %1 = add(%0, b#4[99](B, 33) by (0, 1))
        %2 = sigmoid(%1)
        %3 = tanh(state#8(B, 33))
        %4 = multiply(%2, %3)
        states#7[33*B + 33*B*t0](B, 33) = %4
    output#5(T, B, 33) = states#7[33*B](T, B, 33)
    -> output#5(T, B, 33)"
  `);
});

test("reads and writes of every kind, in print", () => {
  const weight = new Variable("weight", [34, 3]);
  const build: Build = ({ x, table, i }) => {
    const [sequence, rows, index] = [x as Tensor, table as Tensor, i as Tensor];
    const { outputs } = scan(
      (state: Tensor, at: { x: Tensor; i: Tensor }, past) =>
        [state.mul(0.5).add(at.x), past.back(2).add(past.at(at.i)).add(state)] as const,
      {
        init: f.zeros(["B", 34]),
        inputs: { x: sequence, i: index.convert("int32") },
        history: f.zeros(["B", 34]),
        reverse: true,
      },
    );
    const used = rows.gather(index.convert("int32"));
    return [
      outputs.max(1),
      sequence.pad(2, 1),
      ...(gradient(used.mul(sequence).sum(), [rows]) as Tensor[]),
      f.einsum("tbi,tbj->bij", sequence, sequence),
      sequence.add(f.range("T").convert("float32").mean()),
      sequence.at(0, 0).dot(weight),
    ];
  };
  const types = { x: float32("T", "B", 34), table: float32("V", 34), i: float32("T", "B") };
  // In one program, as compile() does it: what stands in the graph, and where, does not depend on when it was lowered.
  const program = inProgram(() => lowered(programOf(build, types)));
  expect(printProgram(program)).toMatchInlineSnapshot(`
    "x#0: input of 34*B*T
    table#1: input of 34*V
    i#2: input of B*T
    weight#3: variable of 102
    max#4: result of 34*T
    pad#5: result of 35*B*T
    scatterAdd#6: result of 34*V
    einsum#7: result of 1156*B
    add#8: result of 34*B*T
    einsum#9: result of 3*B
    sum#10: temporary of 1
    convert#11: temporary of B*T
    state#12: temporary of 34*B
    outputs#13: temporary of 68*B+34*B*T
    past#14: temporary of 34*B
    add#15: temporary of 34*B
    wide#16: temporary of 2*V+68*ceil(B·T/32)
    packed weight#17: lasting of 272
    once:
      packed weight#17 = pack weight#3(34, 3)
    over (T, B):
      %0 = convert(i#2(T, B)) to int32
      convert#11i(T, B) = %0
    state#12(B, 34) = 0
    outputs#13[34*B*T](2, B, 34) = 0
    for t0 in 0..T, from the last:
      over (B, 34):
        %0 = multiply(state#12(B, 34), 0.5)
        %1 = add(%0, x#0[34*B*t0](B, 34))
        add#15(B, 34) = %1
      past#14(B, 34) = rows outputs#13(B, 34) at 34*B * convert#11[B*t0]i(B) in 1 + t0..T
      over (B, 34):
        %0 = add(outputs#13[68*B + 34*B*t0](B, 34), past#14(B, 34))
        %1 = add(%0, state#12(B, 34))
        outputs#13[34*B*t0](B, 34) = %1
      state#12(B, 34) = add#15(B, 34)
    pad#5(T, B, 1) by (35*B, 35, 1) = 0
    max#4(T, 34) = -Infinity
    over (T, B, 34), reducing axes 1:
      %0 = max(outputs#13(T, B, 34))
      max#4(T, 34) max= %0
      pad#5[1](T, B, 34) by (35*B, 35, 1) = x#0(T, B, 34)
    scatterAdd#6(V, 34) = 0
    rows scatterAdd#6(T, B, 34) by (0, 0, 1) at 34 * convert#11i(T, B) in 0..V += x#0(T, B, 34) through wide#16
    einsum#7(B, 34, 34) = x#0(T, B, 34) . x#0(T, B, 34), 34 x 34 x T, for each of B
    over (T), reducing axes 0:
      %0 = convert(positionsi(T)) to float32
      %1 = sum(%0)
      sum#10() = %1
    einsum#9(B, 3) = x#0(B, 34) . packed weight#17, B x 3 x 34
    over (T, B, 34):
      %0 = divide(sum#10(T, B, 34) by (0, 0, 0), size T)
      %1 = add(x#0(T, B, 34), %0)
      add#8(T, B, 34) = %1
    -> max#4(T, 34), pad#5(T, B, 35), scatterAdd#6(V, 34), einsum#7(B, 34, 34), add#8(T, B, 34), einsum#9(B, 3)"
  `);
});

function count(statements: readonly Statement[]): number {
  return statements.reduce(
    (sum, statement) => sum + 1 + (statement.kind === "loop" ? count(statement.body) : 0),
    0,
  );
}

describe("what is made does not grow with the number of steps", () => {
  test("statements, for numbers of steps that are known", () => {
    for (const build of [lstm, trained]) {
      const [few, many] = [3, 5000].map((T) => lowered(programOf(build, lstmTypes(T))));
      expect(count(many?.statements ?? [])).toBe(count(few?.statements ?? []));
    }
  });

  test("one module serves all sizes", () => {
    const modules = vi.spyOn(WebAssembly, "Module");
    const compiled = compile(
      (inputs: Record<string, Tensor>, update) => trained(inputs, update) as Tensor[],
      {
        inputs: lstmTypes("T"),
        backend: wasm,
      },
    );
    for (const T of [1, 9, 2, 0, 9]) {
      for (const B of [3, 1, 0]) {
        const results = compiled(floatsFor(lstmTypes("T"), { T, B }));
        expect(results.map(({ shape }) => shape)).toEqual([[64, 132], [132]]);
      }
    }
    expect(modules).toHaveBeenCalledTimes(1);
    modules.mockRestore();
  });
});

describe("memory", () => {
  test("is asked for when sizes grow, and never again for sizes that were there", () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    const weight = new Variable("w", [64, 132]);
    weight.value = new Float32Array(weight.count).fill(0.01);
    const step = compile(
      ({ w: _unused, ...inputs }: Record<string, Tensor>, update) => {
        const result = lstm({ ...inputs, w: weight }, update) as Tensor;
        const [slope] = gradient(result.square().sum(), [weight] as const);
        update(weight, weight.sub(slope.mul(1e-3)));
        return result.mean();
      },
      { inputs: lstmTypes("T"), backend: wasm },
    );
    const run = (T: number, B: number) => step(floatsFor(lstmTypes("T"), { T, B }));
    const sizes = [
      [40, 16],
      [5, 2],
      [60, 30],
      [1, 1],
    ] as const;
    for (const [T, B] of sizes) run(T, B);
    const before = grow.mock.calls.length;
    expect(before).toBeGreaterThan(0);
    for (let round = 0; round < 5; round += 1) for (const [T, B] of sizes) run(T, B);
    expect(grow.mock.calls.length).toBe(before);
    grow.mockRestore();
  });
});
