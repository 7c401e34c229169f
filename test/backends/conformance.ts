/**
 * What every backend must do, as tests: it computes what the reference backend computes, in every case of the table, and it
 * keeps to the contract of `Executable`. Whoever writes a backend calls `conformance` in a test file.
 */

import { describe, expect, test } from "vitest";
import type { Backend, Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { DataError, ShapeError } from "../../src/errors.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { programOf } from "../compiler/trace.ts";
import { floats, integers } from "../helpers/values.ts";
import { type Case, cases } from "./cases.ts";

export interface ConformanceOptions {
  /** One way of many to compile: only the cases that rewrites matter for run, and nothing else; default false. */
  readonly rewritesAlone?: boolean;
  /** The largest difference that is allowed, relative to the largest number of a result; default 2e-6, or what a case says. */
  readonly tolerance?: number;
}

/** Defines the tests of a backend. */
export function conformance(name: string, backend: Backend, options: ConformanceOptions = {}): void {
  const { rewritesAlone = false, tolerance = 2e-6 } = options;
  describe(name, () => {
    if (!rewritesAlone) contract(backend, tolerance);
    // Against itself the reference would show nothing.
    if (backend === reference) return;
    describe("computes what the reference computes", () => {
      for (const one of cases.filter(({ rewrites }) => rewrites || !rewritesAlone))
        test(one.name, () => expectSame(run(one, backend), expectedOf(one), one.tolerance ?? tolerance));
    });
  });
}

type Results = readonly (readonly Value[])[];

/** The results of each call. */
function run({ build, inputs, types }: Case, backend: Backend): Results {
  const compiled = compile((tensors: Record<string, Tensor>) => [build(tensors)].flat(), {
    inputs: types,
    backend,
  });
  return inputs.map((given) => compiled(given as never));
}

const expectations = new Map<Case, Results>();

function expectedOf(one: Case): Results {
  const expected = expectations.get(one) ?? run(one, reference);
  expectations.set(one, expected);
  return expected;
}

function expectSame(actual: Results, expected: Results, tolerance: number): void {
  expected.forEach((results, call) => {
    results.forEach((wanted, index) => {
      const { shape, data } = (actual[call] ?? [])[index] as Value;
      const what = `call ${call}, result ${index}: ${data.slice(0, 8)} for ${wanted.data.slice(0, 8)}`;
      expect(shape, what).toEqual(wanted.shape);
      expect(data.length, what).toBe(wanted.data.length);
      expect(largestError(data, wanted.data), what).toBeLessThan(tolerance);
    });
  });
}

/** The largest difference relative to the largest finite number; infinite where one is NaN or infinite and the other not so. */
function largestError(given: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let [scale, worst] = [1e-30, 0];
  for (let at = 0; at < wanted.length; at += 1) {
    const [x, y] = [given[at] as number, wanted[at] as number];
    if (Number.isFinite(y)) scale = Math.max(scale, Math.abs(y));
    if (Object.is(x, y) || x === y) continue;
    worst = Math.max(worst, Number.isNaN(x - y) ? Number.POSITIVE_INFINITY : Math.abs(x - y));
  }
  return worst / scale;
}

/** What `Executable` promises, whatever is computed. */
function contract(backend: Backend, tolerance: number): void {
  const types = { x: float32("T", 3), at: int32("B") };
  const program = () =>
    programOf(({ x, at }) => [(x as Tensor).mul(2), (at as Tensor).add(1), (x as Tensor).sum(0)], types);
  const inputs = (T = 2, seed = 1) => ({ x: floats([T, 3], seed), at: integers([1, 2, 3, 4]) });
  const near = (given: Value["data"] | undefined, wanted: readonly number[]) => {
    expect(given).toHaveLength(wanted.length);
    expect(largestError(given ?? [], wanted)).toBeLessThan(tolerance);
  };
  const twice = ({ x }: { x: Value }) => Array.from(x.data, (number) => 2 * number);

  describe("keeps to the contract", () => {
    test("results are arrays of their own, inputs stay, sizes may change from call to call", () => {
      const executable = backend.compile(program());
      const given = [inputs(2, 1), inputs(5, 2), inputs(1, 3), inputs(2, 4)];
      const before = structuredClone(given);
      const results = given.map((values) => executable.run(values));
      expect(given).toEqual(before);
      results.forEach(([doubled, next, sum], call) => {
        const values = given[call] as ReturnType<typeof inputs>;
        expect(doubled?.shape).toEqual(values.x.shape);
        near(doubled?.data, twice(values));
        expect(next).toEqual(integers([2, 3, 4, 5]));
        expect(sum?.shape).toEqual([3]);
      });
    });

    test("a prepared program reads and writes places that stay", () => {
      const executable = backend.compile(program());
      const prepared = executable.prepare(inputs());
      for (const seed of [5, 6]) {
        const values = inputs(2, seed);
        prepared.inputs.x?.set(values.x.data);
        prepared.inputs.at?.set([seed, 0, 0, 0]);
        prepared.run();
        near(prepared.results[0], twice(values));
        expect(Array.from(prepared.results[1] ?? [])).toEqual([seed + 1, 1, 1, 1]);
      }
    });

    test("what is missing, of another shape or of another dtype is refused before anything runs", () => {
      const count = new Variable("count", []);
      count.value = [0];
      const executable = backend.compile(
        programOf(({ x }, update) => {
          update(count, count.add(1));
          return (x as Tensor).mul(2);
        }, types),
      );
      expect(() => executable.run({ at: integers([0]) })).toThrow(DataError);
      expect(() => executable.run({ ...inputs(), x: floats([2, 4]) })).toThrow(ShapeError);
      expect(() => executable.run({ ...inputs(), x: floats([6]) })).toThrow(ShapeError);
      expect(() => executable.run({ ...inputs(), at: floats([4]) })).toThrow(ShapeError);
      expect(count.value).toEqual(Float32Array.of(0));
    });

    test("all updates read the values from before, and results do too", () => {
      const [a, b] = [new Variable("a", [2]), new Variable("b", [2])];
      a.value = [1, 2];
      b.value = [3, 4];
      const executable = backend.compile(
        programOf((_, update) => {
          update(a, b);
          update(b, a.add(b));
          return [a.mul(1), b];
        }, {}),
      );
      const results = executable.run({});
      expect(results.map(({ data }) => Array.from(data))).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect([a.value, b.value]).toEqual([Float32Array.of(3, 4), Float32Array.of(4, 6)]);
    });

    test("programs share their variables with each other and with whoever sets them", () => {
      const state = new Variable("state", [1]);
      state.value = [1];
      const change = (by: number) =>
        backend.compile(
          programOf((_, update) => {
            update(state, state.mul(by));
            return state;
          }, {}),
        );
      const [double, triple] = [change(2), change(3)];
      double.run({});
      triple.run({});
      double.run({});
      expect(state.value).toEqual(Float32Array.of(12));
      state.value = [5];
      expect(Array.from(triple.run({})[0]?.data ?? [])).toEqual([5]);
      expect(state.value).toEqual(Float32Array.of(15));
    });
  });
}
