import { expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { gradient } from "../../src/gradient/index.ts";
import { initialize, lstm, recurrent } from "../../src/nn/index.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { explain, printExplanation } from "../../src/program/explain.ts";

const [T, B, I, H] = [10, 8, 5, 12];

function explained(options: { checkpoint?: number } = {}, steps = T, threads = 1) {
  const { rnn } = initialize({ rnn: recurrent(lstm, I, H) }, { seed: 1 });
  const build = (backend: Backend) =>
    compile(
      ({ x }) => {
        const loss = rnn.apply(x, options).state.h?.square().sum() ?? x.sum();
        return [loss, gradient(loss, rnn.weights)];
      },
      { inputs: { x: float32("T", "B", I) }, backend },
    );
  const [found] = explain({ T: steps, B }, build, { threads });
  if (!found) throw new Error("nothing was compiled");
  return found;
}

test("counts the arithmetic of a training step: three products of 4H x (I + H) for each row and step, no dx", () => {
  const forward = 2 * T * B * 4 * H * (I + H);
  const backward = 2 * T * B * 4 * H * H + forward;
  expect(explained().arithmetic.products).toBe(forward + backward);
});

test("says what each rewrite did", () => {
  const { passes } = explained();
  const merged = passes.find(({ name }) => name === "mergeScans");
  expect(merged?.before.scans).toBe(3);
  expect(merged?.after.scans).toBe(2);
  expect(passes.at(-1)?.after.inLoops).toBe(2);
  for (const [index, { before }] of passes.entries()) {
    if (index > 0) expect(before).toEqual(passes[index - 1]?.after);
  }
});

test("says what each pass over the loops did, and what threads share", () => {
  const { loopPasses } = explained();
  const effect = (name: string) => loopPasses.find((pass) => pass.name === name);
  expect(loopPasses.map(({ name }) => name)).not.toContain("splitWork");
  for (const [index, { before }] of loopPasses.entries()) {
    if (index > 0) expect(before).toEqual(loopPasses[index - 1]?.after);
  }
  const fused = effect("fuseLoops");
  expect(fused?.after.nests).toBeLessThan((fused?.before.nests ?? 0) / 3);
  expect(effect("packMatrices")?.after.packed).toBe(3);
  const shared = effect("shareMemory");
  expect(shared?.after.bytes).toBe(explained().memory.arena);
  expect(shared?.after.bytes).toBeLessThan(shared?.before.bytes ?? 0);
  const forTwo = explained({}, T, 2).loopPasses.find(({ name }) => name === "splitWork");
  expect(forTwo?.before.shared).toBe(0);
  expect(forTwo?.after.shared).toBeGreaterThan(90);
});

test("memory grows with the length, and with checkpoints far less", () => {
  const grown = (options: { checkpoint?: number }) =>
    explained(options, 1024).memory.arena / explained(options, 64).memory.arena;
  expect(grown({})).toBeGreaterThan(12);
  const inputs = (steps: number) => 4 * 2 * steps * B * I;
  const beside = (steps: number) =>
    explained({ checkpoint: Math.sqrt(steps) }, steps).memory.arena - inputs(steps);
  expect(beside(1024) / beside(64)).toBeLessThan(5);
});

test("prints all of it", () => {
  const text = printExplanation(explained());
  for (const heading of ["Graph", "Rewrites", "Loops", "Memory", "Arithmetic of a call"])
    expect(text).toContain(heading);
  expect(text).toContain("for t0 in 0..T:");
  expect(text).toContain("packed before, 10 times");
});

test("refuses sizes that are none", () => {
  for (const T of [Number.NaN, 2.5, -1, undefined, "2"]) {
    expect(() => explain({ T: T as number }, () => {})).toThrow(
      /^explain: T .* given, a whole number from 0 on expected$/,
    );
  }
});
