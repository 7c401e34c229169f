/** What the kernels share that work on addresses, strides and counts: functions of i32 parameters, and their arithmetic. */

import { type FunctionReference, type I32, i32, type Local, select } from "./expressions.ts";
import type { FunctionBuilder, ModuleBuilder } from "./functions.ts";

export type Integer = Local<"i32">;

/** Defines a function without result whose parameters are all i32, and are handed to `write` by name. */
export function defineIntegers<const Name extends string>(
  module: ModuleBuilder,
  name: string,
  parameters: readonly Name[],
  write: (builder: FunctionBuilder, parameters: Record<Name, Integer>) => void,
  options: { readonly lanes?: number } = {},
): FunctionReference {
  const types = parameters.map(() => "i32" as const);
  const define = (builder: FunctionBuilder, ...locals: readonly Integer[]) => {
    const named = Object.fromEntries(parameters.map((parameter, index) => [parameter, locals[index]]));
    write(builder, named as Record<Name, Integer>);
  };
  return module.function(name, types, undefined, define, options);
}

export const times = (value: I32, factor: number): I32 => i32.mul(value, i32.const(factor));

/** The lesser of `value` and `limit`, signed; `value` is evaluated twice. */
export const minimum = (value: I32, limit: number): I32 =>
  select(i32.lt_s(value, i32.const(limit)), value, i32.const(limit));

export function increase(builder: FunctionBuilder, local: Integer, by: I32 | number): void {
  builder.set(local, i32.add(local, typeof by === "number" ? i32.const(by) : by));
}
