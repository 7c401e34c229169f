/** Computes the outputs of a case, and the gradients of the sum of output * seed. */

import type { Backend, Value } from "../../src/backends/backend.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, InputType } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import type { Variable } from "../../src/trace/variable.ts";
import { type Case, type Tensors, tensorOf } from "./case.ts";

/** What was computed, by the names that the case gives to what it expects. */
export interface Computed {
  readonly outputs: Tensors;
  readonly gradients: Tensors;
}

type Types = Readonly<Record<string, InputType>>;
type Traced = Readonly<Record<string, Tensor>>;

export interface Evaluation {
  readonly backend: Backend;
  /** Types to use where the case has such a tensor, in place of its own array's: symbolic ones. */
  readonly types?: { readonly inputs?: Types; readonly seeds?: Types };
  /** The outputs, and where the weights are not the case's parameters as they stand, the tensors to differentiate by. */
  readonly build: (parameters: Traced, inputs: Traced) => { outputs: Traced; sources?: Traced };
}

/** Trace, compile and run a case. An output called loss is differentiated; without it the sum of output * seed. */
export function evaluate(given: Case, { backend, types = {}, build }: Evaluation): Computed {
  const values = { parameters: given.parameters, inputs: given.inputs, seeds: given.seeds };
  const program = compile(
    ({ parameters, inputs, seeds }: Record<keyof typeof values, Traced>) => {
      const { outputs, sources = {} } = build(parameters, inputs);
      const all = { ...parameters, ...inputs, ...sources };
      const wanted = Object.keys(given.gradients).flatMap((name) => (all[name] ? [[name, all[name]]] : []));
      const loss = outputs.loss ?? seededSum(outputs, seeds);
      if (!loss) return { outputs, gradients: {} };
      return {
        outputs: { ...outputs, loss },
        gradients: gradient(loss, Object.fromEntries(wanted) as Traced),
      };
    },
    {
      inputs: {
        parameters: typesOf(given.parameters),
        inputs: typesOf(given.inputs, types.inputs),
        seeds: typesOf(given.seeds, types.seeds),
      } as never,
      backend,
    },
  ) as (values: unknown) => { outputs: Record<string, Value>; gradients: Record<string, Value> };
  return program(values);
}

/** The sum over all outputs of output * seed; undefined where no output has one. */
function seededSum(outputs: Traced, seeds: Traced): Tensor | undefined {
  const terms = Object.entries(seeds).flatMap(([name, seed]) => outputs[name]?.mul(seed).sum() ?? []);
  const [first, ...rest] = terms;
  return first && rest.reduce((sum, term) => sum.add(term), first);
}

function typesOf(tensors: Tensors, chosen: Types = {}): Types {
  const entries = Object.entries(tensors).map(([name, { data, shape }]) => {
    const dtype = data instanceof Int32Array ? "int32" : "float32";
    return [name, chosen[name] ?? new InputType(dtype, shape)];
  });
  return Object.fromEntries(entries);
}

/** Gives each variable its value from the case. Throws DataError for one that the case does not have. */
export function load(variables: Readonly<Record<string, Variable>>, tensors: Tensors): void {
  for (const [name, variable] of Object.entries(variables)) variable.value = tensorOf(tensors, name).data;
}
