/** The reference backend: interprets the graph in float64. It defines what every other backend must compute. */

import { DataError } from "../../errors.ts";
import { evaluateDimension, sizeOf } from "../../graph/dimension.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { checkSizes, sizeLimits } from "../../graph/sizes.ts";
import { variableOf } from "../../trace/variable.ts";
import {
  type Backend,
  bindSymbols,
  computedNodes,
  type Executable,
  type Program,
  type Value,
} from "../backend.ts";
import type { Dense } from "./array.ts";
import { evaluate } from "./evaluate.ts";

export const reference: Backend = {
  name: "reference",
  compile(program: Program) {
    const limits = sizeLimits(computedNodes(program));
    const stored = new Map<Node, { version: number; data: Float64Array }>();
    const read = (leaf: Node<"variable">): Dense => {
      const variable = variableOf(leaf);
      const known = stored.get(leaf);
      const current =
        known?.version === variable.version
          ? known
          : { version: variable.version, data: Float64Array.from(variable.peek()) };
      stored.set(leaf, current);
      return { shape: variable.dimensions, data: current.data };
    };
    const executable: Executable = {
      run(inputs) {
        const bindings = bindSymbols(program.inputs, inputs);
        const leaf = (node: Node): Dense => {
          if (isOp(node, "variable")) return read(node);
          const value = isOp(node, "input") ? inputs[node.attributes.name] : undefined;
          if (!value) throw new DataError(`no value for the ${node.op} of a program`);
          return { shape: value.shape, data: Float64Array.from(value.data) };
        };
        checkSizes(limits, bindings);
        const values = evaluate(computedNodes(program), { bindings, leaf, scans: new Map() });
        program.updates.forEach(([target], index) => {
          const { data } = values[program.results.length + index] as Dense;
          const variable = variableOf(target);
          // A variable holds float32 between calls, so that a training goes on from a file as from memory.
          const kept = variable.dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data);
          const version = variable.changed({ read: () => kept.slice() });
          stored.set(target, { version, data: Float64Array.from(kept) });
        });
        return program.results.map((result, index): Value => {
          const { shape, data } = values[index] as Dense;
          const own = result.dtype === "float32" ? data.slice() : Int32Array.from(data);
          return { shape: [...shape], data: own };
        });
      },
      prepare(inputs) {
        const own = Object.fromEntries(
          Object.entries(inputs).map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]),
        );
        const bindings = bindSymbols(program.inputs, inputs);
        const results = program.results.map(({ shape, dtype }) => {
          const count = evaluateDimension(sizeOf(shape), bindings);
          return dtype === "float32" ? new Float64Array(count) : new Int32Array(count);
        });
        return {
          inputs: Object.fromEntries(Object.entries(own).map(([name, { data }]) => [name, data])),
          results,
          run: () => {
            executable.run(own).forEach(({ data }, index) => {
              results[index]?.set(data);
            });
          },
        };
      },
    };
    return executable;
  },
};
