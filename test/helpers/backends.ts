/** One function on both backends: what each gives, for tests of what must hold on any. */

import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { compile, type InputType } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";

export const backends = [reference, wasm];

/** The results of a function of declared inputs, in float64 and by WebAssembly. */
export function onBackends(
  build: (inputs: Record<string, Tensor>) => Tensor | Tensor[],
  types: Readonly<Record<string, InputType>>,
): (values: Readonly<Record<string, Value>>) => number[][][] {
  const programs = backends.map((backend) =>
    compile((inputs) => [build(inputs as Record<string, Tensor>)].flat(), {
      inputs: types as never,
      backend,
    }),
  );
  return (values) =>
    programs.map((program) => (program(values as never) as Value[]).map(({ data }) => Array.from(data)));
}
