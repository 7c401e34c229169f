/** The program that compile() makes of a function, and other things that tests of the compiler do with programs. */

import type { Backend, Executable, Program, Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasmTarget } from "../../src/backends/wasm/target.ts";
import type { LoweredProgram } from "../../src/compiler/loops/program.ts";
import type { PassName } from "../../src/compiler/passes/index.ts";
import { rewriteAndLower } from "../../src/compiler/pipeline.ts";
import type { Node } from "../../src/graph/node.ts";
import { compile, type InputType, type Update } from "../../src/program/compile.ts";
import { scalar } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { floats } from "../helpers/values.ts";

/** Held, so that where these stand in print does not depend on the programs before. */
export const constants = [0, 1, 2].map((value) => scalar(value));

export type Build = (inputs: Record<string, Tensor>, update: Update) => Tensor | Tensor[];

/** The program as it is traced. */
export function programOf(build: Build, types: Record<string, InputType>): Program {
  let traced: Program | undefined;
  const catching: Backend = {
    name: "catching",
    compile(program) {
      traced = program;
      return {} as Executable;
    },
  };
  compile((inputs: Record<string, Tensor>, update) => [build(inputs, update)].flat(), {
    inputs: types,
    backend: catching,
  });
  return traced as unknown as Program;
}

/** The program with other nodes for what it computes. */
export function withNodes({ inputs, results, updates }: Program, nodes: readonly Node[]): Program {
  return {
    inputs,
    results: nodes.slice(0, results.length),
    updates: updates.map(([variable], index) => [variable, nodes[results.length + index] as Node]),
  };
}

/** The program after the rewrites, lowered. */
export function lowered(
  program: Program,
  without: readonly PassName[] = [],
  threads?: number,
): LoweredProgram {
  return rewriteAndLower(program, wasmTarget(true), { without, threads });
}

/** Float inputs of a program, for sizes of its symbols. */
export function floatsFor(
  types: Record<string, InputType>,
  sizes: Record<string, number>,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(types).map(([name, { shape }], index) => {
      const own = shape.map((size) => (typeof size === "number" ? size : (sizes[size] as number)));
      return [name, floats(own, index + 1)];
    }),
  );
}

/** What the reference backend computes. */
export function evaluated(program: Program, inputs: Record<string, Value>): Value[] {
  return reference.compile(program).run(inputs);
}
