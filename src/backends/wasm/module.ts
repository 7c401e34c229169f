/** From a lowered program to the bytes of a WebAssembly module: a function for each statement, and one that runs them. */

import type { LoweredProgram, Statement } from "../../compiler/loops.ts";
import { type FunctionBuilder, type FunctionReference, i32, type Local, ModuleBuilder } from "./encoder.ts";
import { type Counters, type KernelContext, Table, tableAddress } from "./kernel.ts";
import { emitMap } from "./map.ts";
import { defineProduct, productUnpackedScratchBytes } from "./product.ts";
import { defineRandom } from "./random.ts";
import { emitPack, emitProduct, emitRows } from "./statements.ts";

export interface CompiledModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly table: Table;
  /** Where free memory starts: behind the table and the scratch memory of products, in bytes. */
  readonly heap: number;
}

/** Room for the table of sizes and addresses, in bytes; a program that needs more is refused. */
const tableBytes = 1 << 16;

export function compileModule(program: LoweredProgram): CompiledModule {
  const module = new ModuleBuilder();
  const table = new Table();
  let random: FunctionReference | undefined;
  const scratch = tableAddress + tableBytes;
  const context: KernelContext = {
    module,
    table,
    product: defineProduct(module),
    random: () => {
      random ??= defineRandom(module);
      return random;
    },
    scratch,
  };
  const kernels: [Statement, FunctionReference][] = [];
  const collect = (statements: readonly Statement[], loops: readonly number[]) => {
    for (const statement of statements) {
      if (statement.kind === "loop") collect(statement.body, [...loops, statement.loop]);
      else kernels.push([statement, defineKernel(context, statement, loops, kernels.length)]);
    }
  };
  collect(program.statements, []);
  const byStatement = new Map(kernels);
  module.function(
    "run",
    [],
    undefined,
    (f) => runStatements(f, program.statements, byStatement, table, []),
    true,
  );
  if (table.bytes > tableBytes) throw new Error(`a program with ${table.bytes / 4} sizes is too large`);
  return { bytes: module.toBytes(), table, heap: scratch + productUnpackedScratchBytes };
}

function defineKernel(
  context: KernelContext,
  statement: Exclude<Statement, { kind: "loop" }>,
  loops: readonly number[],
  index: number,
): FunctionReference {
  const { module } = context;
  const kernel = module.declare(
    `${statement.kind}${index}`,
    loops.map(() => "i32" as const),
  );
  // The kernel's own functions, such as exp, must be declared before its body is written.
  module.define(kernel, (f, parameters) => {
    const around: Counters = new Map(loops.map((loop, at) => [loop, parameters[at] as Local<"i32">]));
    switch (statement.kind) {
      case "map":
        emitMap(context, f, statement, around);
        break;
      case "product":
        emitProduct(context, f, statement, around);
        break;
      case "pack":
        emitPack(context, f, statement, around);
        break;
      default:
        emitRows(context, f, statement, around);
    }
  });
  return kernel;
}

function runStatements(
  f: FunctionBuilder,
  statements: readonly Statement[],
  kernels: ReadonlyMap<Statement, FunctionReference>,
  table: Table,
  counters: readonly Local<"i32">[],
): void {
  for (const statement of statements) {
    if (statement.kind !== "loop") {
      f.call(kernels.get(statement) as FunctionReference, ...counters);
      continue;
    }
    const count = f.local("i32", table.value(statement.count));
    const done = f.local("i32", i32.const(0));
    const counter = f.local("i32");
    f.while(i32.lt_s(done, count), () => {
      f.set(counter, statement.reverse ? i32.sub(i32.sub(count, i32.const(1)), done) : done);
      runStatements(f, statement.body, kernels, table, [...counters, counter]);
      f.set(done, i32.add(done, i32.const(1)));
    });
  }
}
