/** From a lowered program to functions of instructions: one for each statement, and one that runs them. */

import type { BlocksStatement, LoweredProgram, Simple, Statement } from "../compiler/loops/program.ts";
import { splitSize } from "../compiler/loops/split.ts";
import type { Target } from "../compiler/target.ts";
import { GraphError } from "../errors.ts";
import { type FunctionReference, i32, type Local } from "./instructions/expressions.ts";
import { type FunctionBuilder, type Instructions, ModuleBuilder } from "./instructions/functions.ts";
import { minimum } from "./instructions/integers.ts";
import {
  type Counters,
  type KernelContext,
  type Part,
  rangeOf,
  type Share,
  Table,
  tableAddress,
} from "./kernels/kernel.ts";
import { emitMap } from "./kernels/map.ts";
import { defineRandom } from "./kernels/random.ts";
import { emitRows } from "./kernels/rows.ts";
import { defineWideSums, type WideSums } from "./kernels/sums.ts";
import { defineProduct, type ProductFunctions, productUnpackedScratchBytes } from "./products/product.ts";
import { emitPack, emitProduct } from "./products/statements.ts";
import { defineBarrier } from "./runtime/barrier.ts";

/** A program in instructions: `setUp` and `run` are its exported functions, of a thread's number and how many threads there are. */
export interface WrittenProgram {
  readonly module: ModuleBuilder;
  readonly table: Table;
  /** Where free memory starts: behind the table and the scratch memory of products, in bytes. */
  readonly heap: number;
}

/** Room for the table of sizes and addresses, in bytes; a program that needs more is refused. */
const tableBytes = 1 << 16;

export interface WritingOptions {
  readonly instructions: Instructions;
  /** Threads that may run the program. */
  readonly threads: number;
  /** How often a thread looks for the others before it sleeps. */
  readonly patience: number;
}

export function writeProgram(
  program: LoweredProgram,
  { instructions, threads, patience }: WritingOptions,
): WrittenProgram {
  const { target } = program;
  const products = productsOf(target, instructions);
  const module = new ModuleBuilder(instructions, products.module);
  const table = new Table();
  let random: FunctionReference | undefined;
  let wideSums: WideSums | undefined;
  const scratch = tableAddress + tableBytes;
  const context: KernelContext = {
    target,
    module,
    table,
    product: products.functions,
    random: () => {
      random ??= defineRandom(module);
      return random;
    },
    wideSums: () => {
      wideSums ??= defineWideSums(module);
      return wideSums;
    },
    scratch,
  };
  const kernels: [Statement, FunctionReference][] = [];
  const collect = (statements: readonly Statement[], loops: readonly number[]) => {
    for (const statement of statements) {
      if (statement.kind === "barrier") continue;
      if (statement.kind === "loop") collect(statement.body, [...loops, statement.loop]);
      else if (statement.kind === "blocks") collect(statement.body, loops);
      else kernels.push([statement, defineKernel(context, statement, loops, kernels.length)]);
    }
  };
  collect(program.setup, []);
  collect(program.statements, []);
  const frame = {
    kernels: new Map(kernels),
    table,
    barrier: threads > 1 ? defineBarrier(module, patience) : undefined,
  };
  const alone = { ...frame, barrier: undefined };
  module.function(
    "setUp",
    ["i32", "i32"],
    undefined,
    (f, thread, count) => runStatements(f, program.setup, alone, [], { thread, threads: count }),
    { exported: true },
  );
  module.function(
    "run",
    ["i32", "i32"],
    undefined,
    (f, thread, count) => runStatements(f, program.statements, frame, [], { thread, threads: count }),
    { exported: true },
  );
  if (table.bytes > tableBytes)
    throw new GraphError(
      `a program with ${table.bytes / 4} sizes and buffers given, at most ${tableBytes / 4} expected`,
    );
  return {
    module,
    table,
    heap: scratch + threads * productUnpackedScratchBytes(target),
  };
}

/** The products of a target, which all its programs have in common. */
function productsOf(target: Target, instructions: Instructions) {
  let known = knownProducts.get(target);
  if (!known) {
    const module = new ModuleBuilder(instructions);
    known = { module, functions: defineProduct(module, target) };
    knownProducts.set(target, known);
  }
  return known;
}
const knownProducts = new WeakMap<Target, { module: ModuleBuilder; functions: ProductFunctions }>();

function defineKernel(
  context: KernelContext,
  statement: Simple,
  loops: readonly number[],
  index: number,
): FunctionReference {
  const { module } = context;
  const kernel = module.declare(
    `${statement.kind}${index}`,
    [...loops, "begin", "count", "thread"].map(() => "i32" as const),
  );
  // The kernel's own functions, such as exp, must be declared before its body is written.
  module.define(kernel, (f, parameters) => {
    const own = parameters as Local<"i32">[];
    const around: Counters = new Map(loops.map((loop, at) => [loop, own[at] as Local<"i32">]));
    const [begin, count, thread] = own.slice(loops.length) as [Local<"i32">, Local<"i32">, Local<"i32">];
    const part: Part = { begin, count, thread };
    switch (statement.kind) {
      case "map":
        emitMap(context, f, statement, around, part);
        break;
      case "product":
        emitProduct(context, f, statement, around, part);
        break;
      case "pack":
        emitPack(context, f, statement, around, part);
        break;
      default:
        emitRows(context, f, statement, around, part);
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
  share: Share,
): void {
  const { kernels, table, barrier } = frame;
  /** What is not split is done by the first thread. */
  const alone = (isAlone: boolean, run: () => void) =>
    isAlone && barrier ? f.if(i32.eqz(share.thread), run) : run();
  const call = (statement: Simple, { begin, count, thread }: Part) =>
    f.call(kernels.get(statement) as FunctionReference, ...counters, begin, count, thread);
  for (const statement of statements) {
    if (statement.kind === "barrier") {
      if (barrier) f.call(barrier, share.threads);
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
      alone(statement.split === undefined, () => {
        const part = partOf(f, statement, table, share);
        if (statement.kind === "blocks") {
          inBlocks(f, statement, part, (block) => {
            for (const inner of statement.body) call(inner, block);
          });
        } else call(statement, part);
      });
    }
  }
}

/** What a thread does of a statement; what is not split has no axis to count along. */
function partOf(f: FunctionBuilder, statement: Simple | BlocksStatement, table: Table, share: Share): Part {
  const { split } = statement;
  if (split) {
    const size = f.local("i32", table.value(splitSize(statement, split.axis)));
    return { ...rangeOf(f, size, split, share), thread: share.thread };
  }
  const count = statement.kind === "blocks" ? table.value(statement.rows) : i32.const(0);
  return { begin: f.local("i32", i32.const(0)), count: f.local("i32", count), thread: share.thread };
}

/** Runs `body` for each block of rows of a part. */
function inBlocks(
  f: FunctionBuilder,
  { size }: BlocksStatement,
  { begin, count: left, thread }: Part,
  body: (block: Part) => void,
): void {
  const count = f.local("i32");
  f.while(i32.gt_s(left, i32.const(0)), () => {
    f.set(count, minimum(left, size));
    body({ begin, count, thread });
    f.set(begin, i32.add(begin, count));
    f.set(left, i32.sub(left, count));
  });
}
