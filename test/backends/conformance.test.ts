/**
 * Every case runs on the reference backend and on wasm, with all passes of the compiler, with none, and with each one left
 * out: the results must agree.
 */

import { describe, expect, test } from "vitest";
import type { Backend, Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm, wasmBackend } from "../../src/backends/wasm/index.ts";
import { type PassName, passes } from "../../src/compiler/passes/index.ts";
import { compile } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { type Case, cases } from "./cases.ts";

const names = Object.keys(passes) as PassName[];
const backends: [string, Backend][] = [
  ["all passes", wasm],
  ["all passes, products and sums rounded one by one", wasmBackend({ fused: false })],
  ["no passes", wasmBackend({ without: names })],
  ["all passes, split for threads", wasmBackend({ threads: 2 })],
  ...names.map((name): [string, Backend] => [`without ${name}`, wasmBackend({ without: [name] })]),
];

function run({ build, inputs, types }: Case, backend: Backend) {
  const compiled = compile((tensors: Record<string, Tensor>) => [build(tensors)].flat(), {
    inputs: types,
    backend,
  });
  return inputs.map((given) => compiled(given as never));
}

describe("wasm agrees with the reference backend", () => {
  for (const one of cases) {
    test(one.name, () => {
      const expected = run(one, reference);
      for (const [name, backend] of one.rewrites ? backends : backends.slice(0, 2)) {
        const actual = run(one, backend);
        actual.forEach((results, call) => {
          results.forEach((result, index) => {
            const wanted = expected[call]?.[index] as Value;
            expect(result.shape).toEqual(wanted.shape);
            const largest = (wanted.data as Float64Array).reduce(
              (most, x) => Math.max(most, Number.isFinite(x) ? Math.abs(x) : 0),
              1e-30,
            );
            const worst = (wanted.data as Float64Array).reduce((most, x, at) => {
              const own = result.data[at] as number;
              const same = Object.is(own, x) || own === x;
              return same
                ? most
                : Math.max(
                    most,
                    Number.isNaN(own - x) ? Number.POSITIVE_INFINITY : Math.abs(own - x) / largest,
                  );
            }, 0);
            expect(
              worst,
              `${name}, call ${call}, result ${index}: ${result.data.slice(0, 8)} for ${wanted.data.slice(0, 8)}`,
            ).toBeLessThan(one.tolerance ?? 2e-6);
          });
        });
      }
    });
  }
});
