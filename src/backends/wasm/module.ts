/** From a lowered program to the bytes of a WebAssembly module: a function for each statement, and one that runs them. */

import type { LoweredProgram, Simple, Statement } from "../../compiler/loops.ts";
import { GraphError } from "../../errors.ts";
import { defineBarrier } from "./barrier.ts";
import { type FunctionBuilder, ModuleBuilder } from "./encoder.ts";
import { type FunctionReference, i32, type Local } from "./instructions.ts";
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

/** Threads that may run a program, and the memory that they share. */
export interface ThreadOptions {
  readonly threads: number;
  readonly memory: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean };
}

export function compileModule(program: LoweredProgram, { threads, memory }: ThreadOptions): CompiledModule {
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
      if (statement.kind === "barrier") continue;
      if (statement.kind === "loop") collect(statement.body, [...loops, statement.loop]);
      else kernels.push([statement, defineKernel(context, statement, loops, kernels.length)]);
    }
  };
  collect(program.setup, []);
  collect(program.statements, []);
  const frame = {
    kernels: new Map(kernels),
    table,
    barrier: threads > 1 ? defineBarrier(module) : undefined,
  };
  const alone = { ...frame, barrier: undefined };
  module.function(
    "setUp",
    ["i32", "i32"],
    undefined,
    (f, thread, count) => runStatements(f, program.setup, alone, [], [thread, count]),
    true,
  );
  module.function(
    "run",
    ["i32", "i32"],
    undefined,
    (f, thread, count) => runStatements(f, program.statements, frame, [], [thread, count]),
    true,
  );
  if (table.bytes > tableBytes)
    throw new GraphError(
      `a program with ${table.bytes / 4} sizes and buffers given, at most ${tableBytes / 4} expected`,
    );
  return { bytes: module.toBytes(memory), table, heap: scratch + threads * productUnpackedScratchBytes };
}

function defineKernel(
  context: KernelContext,
  statement: Simple,
  loops: readonly number[],
  index: number,
): FunctionReference {
  const { module } = context;
  const kernel = module.declare(
    `${statement.kind}${index}`,
    [...loops, "thread", "threads"].map(() => "i32" as const),
  );
  // The kernel's own functions, such as exp, must be declared before its body is written.
  module.define(kernel, (f, parameters) => {
    const own = parameters as Local<"i32">[];
    const around: Counters = new Map(loops.map((loop, at) => [loop, own[at] as Local<"i32">]));
    const share = {
      thread: own[loops.length] as Local<"i32">,
      threads: own[loops.length + 1] as Local<"i32">,
    };
    switch (statement.kind) {
      case "map":
        emitMap(context, f, statement, around, share);
        break;
      case "product":
        emitProduct(context, f, statement, around, share);
        break;
      case "pack":
        emitPack(context, f, statement, around, share);
        break;
      default:
        emitRows(context, f, statement, around, share);
    }
  });
  return kernel;
}

interface Frame {
  readonly kernels: ReadonlyMap<Statement, FunctionReference>;
  readonly table: Table;
  /** In a program for several threads. */
  readonly barrier: FunctionReference | undefined;
}

function runStatements(
  f: FunctionBuilder,
  statements: readonly Statement[],
  frame: Frame,
  counters: readonly Local<"i32">[],
  share: readonly [Local<"i32">, Local<"i32">],
): void {
  const { kernels, table, barrier } = frame;
  /** What is not split is done by the first thread. */
  const alone = (isAlone: boolean, run: () => void) =>
    isAlone && barrier ? f.if(i32.eqz(share[0]), run) : run();
  for (const statement of statements) {
    if (statement.kind === "barrier") {
      if (barrier) f.call(barrier, share[1]);
    } else if (statement.kind === "loop") {
      alone(statement.alone === true, () => {
        const count = f.local("i32", table.value(statement.count));
        const done = f.local("i32", i32.const(0));
        const counter = f.local("i32");
        f.while(i32.lt_s(done, count), () => {
          f.set(counter, statement.reverse ? i32.sub(i32.sub(count, i32.const(1)), done) : done);
          // A loop that the first thread runs alone is not split within either.
          const inside = statement.alone ? { ...frame, barrier: undefined } : frame;
          runStatements(f, statement.body, inside, [...counters, counter], share);
          f.set(done, i32.add(done, i32.const(1)));
        });
      });
    } else {
      alone(statement.split === undefined, () =>
        f.call(kernels.get(statement) as FunctionReference, ...counters, ...share),
      );
    }
  }
}
