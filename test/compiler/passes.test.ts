import { describe, expect, test } from "vitest";
import { computedNodes } from "../../src/backends/backend.ts";
import { type GraphPassName, graphPasses, rewrite } from "../../src/compiler/passes/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import { checkGraph } from "../../src/graph/check.ts";
import { inProgram } from "../../src/graph/interning.ts";
import { printGraph } from "../../src/graph/print.ts";
import { float32, type InputType } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { cases } from "../backends/cases.ts";
import { expectClose } from "../helpers/close.ts";
import { type Build, evaluated, floatsFor, programOf, withNodes } from "./trace.ts";

describe("every case of the conformance test is legal as traced, and after every rewrite", () => {
  for (const { name, build, types } of cases) {
    test(name, () => {
      const results = computedNodes(programOf(build, types));
      checkGraph(results);
      rewrite(results, [], (_pass, nodes) => checkGraph(nodes));
    });
  }
});

/** A program before and after one rewrite. Sizes differ from test to test, so that no nodes are shared. */
function rewritten(name: GraphPassName, build: Build, types: Record<string, InputType>) {
  const program = programOf(build, types);
  const after = graphPasses[name](computedNodes(program));
  checkGraph(after);
  for (const T of [0, 1, 4]) {
    const inputs = floatsFor(types, { T, B: 2 });
    const [expected, actual] = [program, withNodes(program, after)].map((one) => evaluated(one, inputs));
    expected?.forEach(({ data, shape }, index) => {
      expect(actual?.[index]?.shape).toEqual(shape);
      expectClose(actual?.[index]?.data, data);
    });
  }
  return { before: printGraph(program.results), after: printGraph(after) };
}

const named = (inputs: Record<string, Tensor>, ...names: string[]) =>
  names.map((name) => inputs[name] as Tensor) as [Tensor, Tensor, Tensor];

describe("what each rewrite does", () => {
  test("mergeScans: two scans that step alike become one with the outputs of both", () => {
    const { before, after } = rewritten(
      "mergeScans",
      (inputs) => {
        const [x, h] = named(inputs, "x", "h");
        const step = (state: Tensor, at: Tensor) => state.mul(at);
        const first = scan((state: Tensor, at: Tensor) => [step(state, at), state] as const, {
          init: h,
          inputs: x,
        });
        const second = scan((state: Tensor, at: Tensor) => [step(state, at), at.tanh()] as const, {
          init: h,
          inputs: x,
        });
        return [first.outputs, second.outputs, second.final];
      },
      { x: float32("T", 11), h: float32(11) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, 11)
      %1 = input() {name h}: (11)
      %2 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 1 outputs}
          %0 = argument() {index 0}: (11)
          %1 = argument() {index 1}: (11)
          %2 = multiply(%0, %1): (11)
          -> %2, %0
      %3 = output(%2) {index 1}: (T, 11)
      %4 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 1 outputs}
          %0 = argument() {index 0}: (11)
          %1 = argument() {index 1}: (11)
          %2 = multiply(%0, %1): (11)
          %3 = tanh(%1): (11)
          -> %2, %3
      %5 = output(%4) {index 0}: (11)
      %6 = output(%4) {index 1}: (T, 11)
      -> %3, %6, %5"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, 11)
      %1 = input() {name h}: (11)
      %2 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 2 outputs}
          %0 = argument() {index 0}: (11)
          %1 = argument() {index 1}: (11)
          %2 = multiply(%0, %1): (11)
          %3 = tanh(%1): (11)
          -> %2, %0, %3
      %3 = output(%2) {index 1}: (T, 11)
      %4 = output(%2) {index 0}: (11)
      %5 = output(%2) {index 2}: (T, 11)
      -> %3, %5, %4"
    `);
  });

  test("prune: states and outputs that nobody reads go, and the inputs that only they needed", () => {
    const { before, after } = rewritten(
      "prune",
      (inputs) => {
        const [x, y] = named(inputs, "x", "y");
        const { final } = scan(
          (state: { h: Tensor; unread: Tensor }, at: { x: Tensor; y: Tensor }) =>
            [{ h: state.h.add(at.x), unread: state.unread.mul(at.y) }, state.unread] as const,
          { init: { h: x.sum(0), unread: y.sum(0) }, inputs: { x, y } },
        );
        return final.h;
      },
      { x: float32("T", 12), y: float32("T", 12) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, 12)
      %1 = input() {name y}: (T, 12)
      %2 = sum(%0) {axes (0)}: (12)
      %3 = sum(%1) {axes (0)}: (12)
      %4 = scan(%2, %3, %0, %1) {T steps, 2 states, 2 sequences, 0 captures, 1 outputs}
          %0 = argument() {index 0}: (12)
          %1 = argument() {index 1}: (12)
          %2 = argument() {index 2}: (12)
          %3 = argument() {index 3}: (12)
          %4 = add(%0, %2): (12)
          %5 = multiply(%1, %3): (12)
          -> %4, %5, %1
      %5 = output(%4) {index 0}: (12)
      -> %5"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, 12)
      %1 = sum(%0) {axes (0)}: (12)
      %2 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 0 outputs}
          %0 = argument() {index 0}: (12)
          %1 = argument() {index 1}: (12)
          %2 = add(%0, %1): (12)
          -> %2
      %3 = output(%2) {index 0}: (12)
      -> %3"
    `);
  });

  test("prune: a scan that only a pruned sequence of another scan reads", () => {
    const { after } = rewritten(
      "prune",
      (inputs) => {
        const [x, h] = named(inputs, "x", "h");
        const below = scan((state: Tensor, at: Tensor) => [state.add(at), state] as const, {
          init: h,
          inputs: x,
        });
        const above = scan(
          (state: Tensor, at: { x: Tensor; y: Tensor }) => [state.sub(at.x), at.y.tanh()] as const,
          { init: h, inputs: { x, y: below.outputs } },
        );
        return above.final;
      },
      { x: float32("T", 13), h: float32(13) },
    );
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, 13)
      %1 = input() {name h}: (13)
      %2 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 0 outputs}
          %0 = argument() {index 0}: (13)
          %1 = argument() {index 1}: (13)
          %2 = subtract(%0, %1): (13)
          -> %2
      %3 = output(%2) {index 0}: (13)
      -> %3"
    `);
  });

  test("sinkViews: gates are cut from the products, not from a stored sum", () => {
    const { before, after } = rewritten(
      "sinkViews",
      (inputs) => {
        const [x, w, b] = named(inputs, "x", "w", "b");
        const [gate, value] = x.dot(w).add(b).split(2) as [Tensor, Tensor];
        return gate.sigmoid().mul(value.tanh());
      },
      { x: float32("B", 14), w: float32(14, 28), b: float32(28) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (B, 14)
      %1 = input() {name w}: (14, 28)
      %2 = input() {name b}: (28)
      %3 = einsum(%0, %1) {labels ab,bc->ac}: (B, 28)
      %4 = broadcast(%2) {axes (1)}: (B, 28)
      %5 = add(%3, %4): (B, 28)
      %6 = slice(%5) {axis 1, start 0, size 14}: (B, 14)
      %7 = slice(%5) {axis 1, start 14, size 14}: (B, 14)
      %8 = sigmoid(%6): (B, 14)
      %9 = tanh(%7): (B, 14)
      %10 = multiply(%8, %9): (B, 14)
      -> %10"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (B, 14)
      %1 = input() {name w}: (14, 28)
      %2 = input() {name b}: (28)
      %3 = einsum(%0, %1) {labels ab,bc->ac}: (B, 28)
      %4 = slice(%3) {axis 1, start 0, size 14}: (B, 14)
      %5 = slice(%3) {axis 1, start 14, size 14}: (B, 14)
      %6 = slice(%2) {axis 0, start 0, size 14}: (14)
      %7 = broadcast(%6) {axes (1)}: (B, 14)
      %8 = add(%4, %7): (B, 14)
      %9 = slice(%2) {axis 0, start 14, size 14}: (14)
      %10 = broadcast(%9) {axes (1)}: (B, 14)
      %11 = add(%5, %10): (B, 14)
      %12 = sigmoid(%8): (B, 14)
      %13 = tanh(%11): (B, 14)
      %14 = multiply(%12, %13): (B, 14)
      -> %14"
    `);
  });

  test("splitProducts: concat(h, x) . W becomes h . W_h + x . W_x", () => {
    const { before, after } = rewritten(
      "splitProducts",
      (inputs) => {
        const [x, h, w] = named(inputs, "x", "h", "w");
        return scan((state: Tensor, at: Tensor) => [f.concat(state, at).dot(w).tanh(), {}] as const, {
          init: h,
          inputs: x,
        }).final;
      },
      { x: float32("T", "B", 15), h: float32("B", 21), w: float32(36, 21) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, B, 15)
      %1 = input() {name h}: (B, 21)
      %2 = input() {name w}: (36, 21)
      %3 = scan(%1, %0, %2) {T steps, 1 states, 1 sequences, 1 captures, 0 outputs}
          %0 = argument() {index 0}: (B, 21)
          %1 = argument() {index 1}: (B, 15)
          %2 = argument() {index 2}: (36, 21)
          %3 = concat(%0, %1) {axis 1}: (B, 36)
          %4 = einsum(%3, %2) {labels ab,bc->ac}: (B, 21)
          %5 = tanh(%4): (B, 21)
          -> %5
      %4 = output(%3) {index 0}: (B, 21)
      -> %4"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, B, 15)
      %1 = input() {name h}: (B, 21)
      %2 = input() {name w}: (36, 21)
      %3 = scan(%1, %0, %2) {T steps, 1 states, 1 sequences, 1 captures, 0 outputs}
          %0 = argument() {index 0}: (B, 21)
          %1 = argument() {index 1}: (B, 15)
          %2 = argument() {index 2}: (36, 21)
          %3 = slice(%2) {axis 0, start 0, size 21}: (21, 21)
          %4 = einsum(%0, %3) {labels ab,bc->ac}: (B, 21)
          %5 = slice(%2) {axis 0, start 21, size 15}: (15, 21)
          %6 = einsum(%1, %5) {labels ab,bc->ac}: (B, 21)
          %7 = add(%4, %6): (B, 21)
          %8 = tanh(%7): (B, 21)
          -> %8
      %4 = output(%3) {index 0}: (B, 21)
      -> %4"
    `);
  });

  test("hoistProducts: x . W of all steps becomes one product before the loop", () => {
    const { before, after } = rewritten(
      "hoistProducts",
      (inputs) => {
        const [x, h, w] = named(inputs, "x", "h", "w");
        return scan((state: Tensor, at: Tensor) => [state.add(at.dot(w)).tanh(), {}] as const, {
          init: h,
          inputs: x,
        }).final;
      },
      { x: float32("T", "B", 16), h: float32("B", 22), w: float32(16, 22) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, B, 16)
      %1 = input() {name h}: (B, 22)
      %2 = input() {name w}: (16, 22)
      %3 = scan(%1, %0, %2) {T steps, 1 states, 1 sequences, 1 captures, 0 outputs}
          %0 = argument() {index 0}: (B, 22)
          %1 = argument() {index 1}: (B, 16)
          %2 = argument() {index 2}: (16, 22)
          %3 = einsum(%1, %2) {labels ab,bc->ac}: (B, 22)
          %4 = add(%0, %3): (B, 22)
          %5 = tanh(%4): (B, 22)
          -> %5
      %4 = output(%3) {index 0}: (B, 22)
      -> %4"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, B, 16)
      %1 = input() {name h}: (B, 22)
      %2 = input() {name w}: (16, 22)
      %3 = einsum(%0, %2) {labels abc,cd->abd}: (T, B, 22)
      %4 = scan(%1, %0, %3, %2) {T steps, 1 states, 2 sequences, 1 captures, 0 outputs}
          %0 = argument() {index 0}: (B, 22)
          %1 = argument() {index 2}: (B, 22)
          %2 = add(%0, %1): (B, 22)
          %3 = tanh(%2): (B, 22)
          -> %3
      %5 = output(%4) {index 0}: (B, 22)
      -> %5"
    `);
  });

  test("mergeProducts: products over one operand become one, with the matrices side by side", () => {
    const { before, after } = rewritten(
      "mergeProducts",
      (inputs) => {
        const [h, u, v] = named(inputs, "h", "u", "v");
        return [h.dot(u).sigmoid(), h.dot(v).tanh()];
      },
      { h: float32("B", 13), u: float32(13, 4), v: float32(13, 6) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name h}: (B, 13)
      %1 = input() {name u}: (13, 4)
      %2 = input() {name v}: (13, 6)
      %3 = einsum(%0, %1) {labels ab,bc->ac}: (B, 4)
      %4 = sigmoid(%3): (B, 4)
      %5 = einsum(%0, %2) {labels ab,bc->ac}: (B, 6)
      %6 = tanh(%5): (B, 6)
      -> %4, %6"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name h}: (B, 13)
      %1 = input() {name u}: (13, 4)
      %2 = input() {name v}: (13, 6)
      %3 = concat(%1, %2) {axis 1}: (13, 10)
      %4 = einsum(%0, %3) {labels ab,bc->ac}: (B, 10)
      %5 = slice(%4) {axis 1, start 0, size 4}: (B, 4)
      %6 = sigmoid(%5): (B, 4)
      %7 = slice(%4) {axis 1, start 4, size 6}: (B, 6)
      %8 = tanh(%7): (B, 6)
      -> %6, %8"
    `);
  });

  test("mergeProducts: two groups that hang on each other are not both merged", () => {
    const { before, after } = rewritten(
      "mergeProducts",
      (inputs) => {
        const [x, z, a] = named(inputs, "x", "z", "a");
        const [d] = named(inputs, "d");
        return [z.dot(x.dot(a).tanh()), x.dot(z.dot(d).tanh())];
      },
      { x: float32(4, 4), z: float32(4, 4), a: float32(4, 4), d: float32(4, 4) },
    );
    const products = (text: string) => text.match(/einsum/g)?.length;
    expect([products(before), products(after)]).toEqual([4, 3]);
  });

  test("mergeProducts: a sum of products with matrices becomes one product over a longer inner axis", () => {
    const { before, after } = rewritten(
      "mergeProducts",
      (inputs) => {
        const [h, u, v] = named(inputs, "h", "u", "v");
        return h.sigmoid().dot(u).add(h.tanh().dot(v));
      },
      { h: float32("B", 15), u: float32(15, 4), v: float32(15, 4) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name h}: (B, 15)
      %1 = input() {name u}: (15, 4)
      %2 = input() {name v}: (15, 4)
      %3 = sigmoid(%0): (B, 15)
      %4 = einsum(%3, %1) {labels ab,bc->ac}: (B, 4)
      %5 = tanh(%0): (B, 15)
      %6 = einsum(%5, %2) {labels ab,bc->ac}: (B, 4)
      %7 = add(%4, %6): (B, 4)
      -> %7"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name h}: (B, 15)
      %1 = input() {name u}: (15, 4)
      %2 = input() {name v}: (15, 4)
      %3 = sigmoid(%0): (B, 15)
      %4 = tanh(%0): (B, 15)
      %5 = concat(%3, %4) {axis 1}: (B, 30)
      %6 = concat(%1, %2) {axis 0}: (30, 4)
      %7 = einsum(%5, %6) {labels ab,bc->ac}: (B, 4)
      -> %7"
    `);
  });

  test("mergeProducts: outputs of one scan in products over one operand leave it joined", () => {
    const { before, after } = rewritten(
      "mergeProducts",
      (inputs) => {
        const [x, h] = named(inputs, "x", "h");
        const { outputs } = scan(
          (state: Tensor, at: Tensor) => [state.mul(at), [state.tanh(), state.sigmoid()] as const] as const,
          { init: h, inputs: x },
        );
        return outputs.map((output) => f.einsum("tbi,tbj->ij", x, output));
      },
      { x: float32("T", "B", 17), h: float32("B", 17) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, B, 17)
      %1 = input() {name h}: (B, 17)
      %2 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 2 outputs}
          %0 = argument() {index 0}: (B, 17)
          %1 = argument() {index 1}: (B, 17)
          %2 = multiply(%0, %1): (B, 17)
          %3 = tanh(%0): (B, 17)
          %4 = sigmoid(%0): (B, 17)
          -> %2, %3, %4
      %3 = output(%2) {index 1}: (T, B, 17)
      %4 = output(%2) {index 2}: (T, B, 17)
      %5 = einsum(%0, %3) {labels abc,abd->cd}: (17, 17)
      %6 = einsum(%0, %4) {labels abc,abd->cd}: (17, 17)
      -> %5, %6"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, B, 17)
      %1 = input() {name h}: (B, 17)
      %2 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 3 outputs}
          %0 = argument() {index 0}: (B, 17)
          %1 = argument() {index 1}: (B, 17)
          %2 = multiply(%0, %1): (B, 17)
          %3 = tanh(%0): (B, 17)
          %4 = sigmoid(%0): (B, 17)
          %5 = concat(%3, %4) {axis 1}: (B, 34)
          -> %2, %3, %4, %5
      %3 = output(%2) {index 3}: (T, B, 34)
      %4 = einsum(%0, %3) {labels abc,abd->cd}: (17, 34)
      %5 = slice(%4) {axis 1, start 0, size 17}: (17, 17)
      %6 = slice(%4) {axis 1, start 17, size 17}: (17, 17)
      -> %5, %6"
    `);
  });

  test("sinkViews: a mask is computed where the rows are that it masks", () => {
    const { before, after } = rewritten(
      "sinkViews",
      (inputs) => {
        const [x, n] = named(inputs, "x", "n");
        return f.where(n.less(0.5).reshape(["B", 1]), x, 0);
      },
      { x: float32("B", 19), n: float32("B") },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = constant() {value 0}: ()
      %1 = constant() {value 0.5}: ()
      %2 = input() {name x}: (B, 19)
      %3 = input() {name n}: (B)
      %4 = broadcast(%1) {axes ()}: (B)
      %5 = less(%3, %4): b(B)
      %6 = broadcast(%5) {axes (0)}: b(B, 19)
      %7 = broadcast(%0) {axes ()}: (B, 19)
      %8 = select(%6, %2, %7): (B, 19)
      -> %8"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = constant() {value 0}: ()
      %1 = constant() {value 0.5}: ()
      %2 = input() {name x}: (B, 19)
      %3 = input() {name n}: (B)
      %4 = broadcast(%0) {axes ()}: (B, 19)
      %5 = broadcast(%3) {axes (0)}: (B, 19)
      %6 = broadcast(%1) {axes ()}: (B, 19)
      %7 = less(%5, %6): b(B, 19)
      %8 = select(%7, %2, %4): (B, 19)
      -> %8"
    `);
  });

  test("pushSums: the sum over time of a_t^T b_t becomes one product", () => {
    const { before, after } = rewritten(
      "pushSums",
      (inputs) => {
        const [a, b, sum] = named(inputs, "a", "b", "sum");
        return scan(
          (state: Tensor, at: { a: Tensor; b: Tensor }) =>
            [state.add(f.einsum("bi,bj->ij", at.a, at.b)), {}] as const,
          { init: sum, inputs: { a, b } },
        ).final;
      },
      { a: float32("T", "B", 17), b: float32("T", "B", 23), sum: float32(17, 23) },
    );
    expect(before).toMatchInlineSnapshot(`
      "%0 = input() {name a}: (T, B, 17)
      %1 = input() {name b}: (T, B, 23)
      %2 = input() {name sum}: (17, 23)
      %3 = scan(%2, %0, %1) {T steps, 1 states, 2 sequences, 0 captures, 0 outputs}
          %0 = argument() {index 1}: (B, 17)
          %1 = argument() {index 0}: (17, 23)
          %2 = argument() {index 2}: (B, 23)
          %3 = einsum(%0, %2) {labels ab,ac->bc}: (17, 23)
          %4 = add(%1, %3): (17, 23)
          -> %4
      %4 = output(%3) {index 0}: (17, 23)
      -> %4"
    `);
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name a}: (T, B, 17)
      %1 = input() {name b}: (T, B, 23)
      %2 = input() {name sum}: (17, 23)
      %3 = einsum(%0, %1) {labels abc,abd->cd}: (17, 23)
      %4 = add(%2, %3): (17, 23)
      -> %4"
    `);
  });

  test("pushSums: a sum of what no step changes stays, once for every step", () => {
    const { after } = rewritten(
      "pushSums",
      (inputs) => {
        const [x, h] = named(inputs, "x", "h");
        return scan((state: Tensor, at: Tensor) => [state.add(f.full(2, ["B", 18]).sum(0)), at] as const, {
          init: h,
          inputs: x,
        }).final;
      },
      { x: float32("T", 25), h: float32(18), y: float32("B", 25) },
    );
    expect(after).toMatchInlineSnapshot(`
      "%0 = input() {name x}: (T, 25)
      %1 = input() {name h}: (18)
      %2 = scan(%1, %0) {T steps, 1 states, 1 sequences, 0 captures, 1 outputs}
          %0 = constant() {value 2}: ()
          %1 = broadcast(%0) {axes ()}: (B, 18)
          %2 = sum(%1) {axes (0)}: (18)
          %3 = argument() {index 0}: (18)
          %4 = argument() {index 1}: (25)
          %5 = add(%3, %2): (18)
          -> %5, %4
      %3 = output(%2) {index 0}: (18)
      -> %3"
    `);
  });

  test("compensateSums: a sum over steps carries along what rounding took from it", () => {
    const total = (T: number | "T") =>
      rewritten(
        "compensateSums",
        (inputs) => {
          const [x, h] = named(inputs, "x", "h");
          return scan((state: Tensor, at: Tensor) => [state.add(at.mul(at)), at] as const, {
            init: h,
            inputs: x,
          }).final;
        },
        { x: float32(T, 29), h: float32(29) },
      );
    expect(total("T").after).toMatchInlineSnapshot(`
      "%0 = constant() {value 0}: ()
      %1 = input() {name x}: (T, 29)
      %2 = input() {name h}: (29)
      %3 = broadcast(%0) {axes ()}: (29)
      %4 = scan(%2, %3, %1) {T steps, 2 states, 1 sequences, 0 captures, 1 outputs}
          %0 = constant() {value 0}: ()
          %1 = argument() {index 0}: (29)
          %2 = argument() {index 1}: (29)
          %3 = broadcast(%0) {axes ()}: (29)
          %4 = argument() {index 2}: (29)
          %5 = multiply(%4, %4): (29)
          %6 = subtract(%5, %2): (29)
          %7 = add(%1, %6): (29)
          %8 = subtract(%7, %1): (29)
          %9 = subtract(%8, %6): (29)
          %10 = subtract(%9, %9): (29)
          %11 = equal(%10, %3): b(29)
          %12 = select(%11, %9, %3): (29)
          -> %7, %12, %4
      %5 = output(%4) {index 0}: (29)
      -> %5"
    `);
    const few = total(4);
    expect(few.after).toBe(few.before);
  });

  test("all: in a trained cell, the loops over time hold one product each and no product of the inputs", () => {
    const types = { x: float32("T", "B", 19), h: float32("B", 24), w: float32(43, 24) };
    const build: Build = (inputs) => {
      const [x, h, w] = named(inputs, "x", "h", "w");
      const { outputs } = scan(
        (state: Tensor, at: Tensor) => {
          const next = f.concat(state, at).dot(w).tanh();
          return [next, next] as const;
        },
        { init: h, inputs: x },
      );
      return gradient(outputs.square().sum(), [w]) as Tensor[];
    };
    const rewritten = inProgram(() => rewrite(computedNodes(programOf(build, types))));
    expect(printGraph(rewritten)).toMatchInlineSnapshot(`
      "%0 = constant() {value 0}: ()
      %1 = input() {name x}: (T, B, 19)
      %2 = input() {name h}: (B, 24)
      %3 = input() {name w}: (43, 24)
      %4 = broadcast(%0) {axes ()}: (B, 24)
      %5 = slice(%3) {axis 0, start 24, size 19}: (19, 24)
      %6 = einsum(%1, %5) {labels abc,cd->abd}: (T, B, 24)
      %7 = scan(%2, %6, %3) {T steps, 1 states, 1 sequences, 1 captures, 2 outputs}
          %0 = argument() {index 0}: (B, 24)
          %1 = argument() {index 2}: (43, 24)
          %2 = slice(%1) {axis 0, start 0, size 24}: (24, 24)
          %3 = einsum(%0, %2) {labels ab,bc->ac}: (B, 24)
          %4 = argument() {index 1}: (B, 24)
          %5 = add(%3, %4): (B, 24)
          %6 = tanh(%5): (B, 24)
          -> %6, %6, %0
      %8 = output(%7) {index 2}: (T, B, 24)
      %9 = output(%7) {index 1}: (T, B, 24)
      %10 = add(%9, %9): (T, B, 24)
      %11 = concat(%8, %1) {axis 2}: (T, B, 43)
      %12 = scan(%4, %10, %9, %3) {T steps reversed, 1 states, 2 sequences, 1 captures, 1 outputs}
          %0 = constant() {value 1}: ()
          %1 = argument() {index 0}: (B, 24)
          %2 = broadcast(%0) {axes ()}: (B, 24)
          %3 = argument() {index 2}: (B, 24)
          %4 = argument() {index 3}: (43, 24)
          %5 = slice(%4) {axis 0, start 0, size 24}: (24, 24)
          %6 = argument() {index 1}: (B, 24)
          %7 = add(%1, %6): (B, 24)
          %8 = multiply(%3, %3): (B, 24)
          %9 = subtract(%2, %8): (B, 24)
          %10 = multiply(%7, %9): (B, 24)
          %11 = einsum(%10, %5) {labels ab,cb->ac}: (B, 24)
          -> %11, %10
      %13 = output(%12) {index 1}: (T, B, 24)
      %14 = einsum(%11, %13) {labels abc,abd->cd}: (43, 24)
      -> %14"
    `);
  });
});
