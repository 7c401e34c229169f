/**
 * Explains how a program will run: its graph, what each rewrite did to it, the loops it became, where its memory goes and
 * how much arithmetic a call takes.
 */

import { type Backend, computedNodes, type Program } from "../backends/backend.ts";
import { type BackendChoice, backendOf, backendReport } from "../backends/choice.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { livesOf, placeBuffers } from "../compiler/loops/memory.ts";
import { printProgram } from "../compiler/loops/print.ts";
import type { LoweredProgram, ProductStatement, Statement } from "../compiler/loops/program.ts";
import { loopPassNames, rewriteAndLower } from "../compiler/pipeline.ts";
import type { Target } from "../compiler/target.ts";
import { UsageError } from "../errors.ts";
import { type Bindings, evaluateDimension, sizeOf } from "../graph/dimension.ts";
import { printGraph } from "../graph/print.ts";
import { countGraph, countLoops, type GraphCounts, type LoopCounts } from "./counts.ts";

/** What happens to one program; sizes in bytes, arithmetic as for one call with the given sizes. */
export interface Explanation {
  /** What it would run on, and why that. */
  readonly backend: { readonly name: string; readonly reason: string };
  /** The graph before any rewrite, printed. */
  readonly graph: string;
  /** What each rewrite of the graph did to it, and then each rewrite of the loops. */
  readonly passes: readonly {
    readonly name: string;
    readonly before: GraphCounts;
    readonly after: GraphCounts;
  }[];
  readonly loopPasses: readonly {
    readonly name: string;
    readonly before: LoopCounts;
    readonly after: LoopCounts;
  }[];
  /** The lowered program, printed. */
  readonly loops: string;
  readonly memory: {
    readonly variables: number;
    /** Weights in the layout of the inner loops, kept from call to call. */
    readonly lasting: number;
    readonly arena: number;
    /** What the buffers of the arena would take side by side. */
    readonly buffers: number;
    readonly count: number;
    readonly largest: readonly { readonly label: string; readonly bytes: number }[];
  };
  readonly arithmetic: {
    /** Floating-point operations of all products: a multiplication and an addition for each term. */
    readonly products: number;
    /** Elements that elementwise work and reductions visit. */
    readonly elements: number;
    readonly each: readonly {
      readonly product: string;
      readonly calls: number;
      readonly operations: number;
    }[];
  };
}

export interface ExplainOptions {
  /** That the work is split over; default 1. */
  readonly threads?: number | undefined;
  /** That it would run on: one that lowers programs. Default "auto". */
  readonly backend?: BackendChoice | undefined;
}

/**
 * Explain the programs that `build` compiles with the backend it is given, for the sizes of the symbols, as in
 * explain({ T: 64, B: 32 }, (backend) => compile(step, { inputs, backend })), and for a number of threads. Nothing is run.
 * Throws UsageError for a size that is not a whole number from 0 on.
 */
export function explain(
  sizes: Bindings,
  build: (backend: Backend) => unknown,
  options: ExplainOptions = {},
): Explanation[] {
  checkOptions("explain", options, { threads: true, backend: true });
  const { threads = 1, backend = "auto" } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new UsageError(`explain: threads ${printGiven(threads)} given, a positive integer expected`);
  }
  if (typeof sizes !== "object" || sizes === null) {
    throw new UsageError(
      `explain: ${printGiven(sizes)} given, sizes of the symbols such as { T: 64 } expected`,
    );
  }
  if (typeof build !== "function") {
    throw new UsageError(`explain: ${printGiven(build)} given, a function that compiles expected`);
  }
  for (const [symbol, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size >= 0) continue;
    throw new UsageError(`explain: ${symbol} ${printGiven(size)} given, a whole number from 0 on expected`);
  }
  const runs = backendOf("explain", backend, { threads });
  const { target } = runs;
  if (!target) {
    throw new UsageError(
      `explain: backend ${runs.name} given, one that lowers programs expected: native, wasm`,
    );
  }
  const reason = backend === "auto" ? backendReport({ threads }).reason : "asked for";
  const found: Explanation[] = [];
  const unused = () => {
    throw new Error("a program that is being explained cannot be run");
  };
  build({
    name: "explain",
    compile(program) {
      const told = explainProgram(program, sizes, threads, target());
      found.push({ backend: { name: runs.name, reason }, ...told });
      return { run: unused, prepare: () => ({ inputs: {}, results: [], run: unused }) };
    },
  });
  return found;
}

function explainProgram(
  program: Program,
  sizes: Bindings,
  threads: number,
  target: Target,
): Omit<Explanation, "backend"> {
  const start = computedNodes(program);
  const passes: Explanation["passes"][number][] = [];
  const loopPasses: Explanation["loopPasses"][number][] = [];
  let before = countGraph(start);
  let loopsBefore = countLoops(rewriteAndLower(program, target, { without: loopPassNames }), sizes);
  const lowered = rewriteAndLower(
    program,
    target,
    { threads },
    {
      graph(name, results) {
        const after = countGraph(results);
        passes.push({ name, before, after });
        before = after;
      },
      loops(name, changed) {
        const after = countLoops(changed, sizes);
        loopPasses.push({ name, before: loopsBefore, after });
        loopsBefore = after;
      },
    },
  );
  return {
    graph: printGraph(start),
    passes,
    loopPasses,
    loops: printProgram(lowered),
    memory: memoryOf(lowered, sizes),
    arithmetic: arithmeticOf(lowered, sizes),
  };
}

function memoryOf(program: LoweredProgram, sizes: Bindings): Explanation["memory"] {
  const bytes = (size: Parameters<typeof evaluateDimension>[0]) => 4 * evaluateDimension(size, sizes);
  const total = (kind: string) =>
    program.buffers.filter((buffer) => buffer.kind === kind).reduce((sum, { size }) => sum + bytes(size), 0);
  const lives = livesOf(program);
  const inArena = lives.map(({ buffer }) => ({
    label: `${buffer.label}#${buffer.id}`,
    bytes: bytes(buffer.size),
  }));
  return {
    variables: total("variable"),
    lasting: total("lasting"),
    arena: placeBuffers(program, sizes).bytes,
    buffers: inArena.reduce((sum, buffer) => sum + buffer.bytes, 0),
    count: inArena.length,
    largest: inArena.sort((a, b) => b.bytes - a.bytes).slice(0, 8),
  };
}

function arithmeticOf({ statements }: LoweredProgram, sizes: Bindings): Explanation["arithmetic"] {
  const each: { product: string; calls: number; operations: number }[] = [];
  let elements = 0;
  const visit = (list: readonly Statement[], calls: number) => {
    for (const statement of list) {
      if (statement.kind === "blocks") visit(statement.body, calls);
      if (statement.kind === "loop") visit(statement.body, calls * evaluateDimension(statement.count, sizes));
      if (statement.kind === "map") elements += calls * evaluateDimension(sizeOf(statement.space), sizes);
      if (statement.kind !== "product") continue;
      const times =
        calls * statement.outer.reduce((product, { size }) => product * evaluateDimension(size, sizes), 1);
      each.push({
        product: productName(statement),
        calls: times,
        operations: 2 * times * termsOf(statement, sizes),
      });
    }
  };
  visit(statements, 1);
  const products = each.reduce((sum, { operations }) => sum + operations, 0);
  return { products, elements, each: each.sort((a, b) => b.operations - a.operations) };
}

function termsOf({ m, n, k }: ProductStatement, sizes: Bindings): number {
  return evaluateDimension(sizeOf([m.size, n.size, k.size]), sizes);
}

function productName({ m, n, k, packed }: ProductStatement): string {
  return `(${m.size} x ${k.size}) . (${k.size} x ${n.size})${packed ? ", packed before" : ""}`;
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
const millions = (number: number) => `${(number / 1e6).toFixed(2)} M`;

type Labels<C> = readonly (readonly [keyof C, string, ((count: number) => string)?])[];
const graphLabels: Labels<GraphCounts> = [
  ["products", "products"],
  ["inLoops", "in loops"],
  ["scans", "scans"],
  ["nodes", "nodes"],
];
const loopLabels: Labels<LoopCounts> = [
  ["nests", "loop nests"],
  ["once", "statements once"],
  ["inBlocks", "in blocks of rows"],
  ["packed", "packed products"],
  ["shared", "% shared by threads"],
  ["buffers", "buffers"],
  ["bytes", "for them", mebibytes],
];

/** What a pass changed of what is counted, in a line. */
function effect<C extends { readonly [K in keyof C]: number }>(
  { name, before, after }: { readonly name: string; readonly before: C; readonly after: C },
  labels: Labels<C>,
): string {
  const changes = labels.flatMap(([of, what, show = String]) =>
    before[of] === after[of] ? [] : [`${show(before[of])} -> ${show(after[of])} ${what}`],
  );
  return `  ${name.padEnd(14)} ${changes.join(", ") || "nothing to do"}`;
}

/** An explanation as text. */
export function printExplanation({
  backend,
  graph,
  passes,
  loopPasses,
  loops,
  memory,
  arithmetic,
}: Explanation): string {
  const products = arithmetic.each.map(
    ({ product, calls, operations }) =>
      `  ${((100 * operations) / arithmetic.products).toFixed(1).padStart(5)} %  ${product}${calls > 1 ? `, ${calls} times` : ""}`,
  );
  const saved = memory.buffers - memory.arena;
  return [
    `Backend ${backend.name}: ${backend.reason}`,
    "",
    "Graph",
    indent(graph),
    "",
    "Rewrites",
    ...passes.map((pass) => effect(pass, graphLabels)),
    ...loopPasses.map((pass) => effect(pass, loopLabels)),
    "",
    "Loops",
    indent(loops),
    "",
    "Memory",
    `  variables ${mebibytes(memory.variables)}, packed once ${mebibytes(memory.lasting)}`,
    `  arena ${mebibytes(memory.arena)} for ${memory.count} buffers; sharing places saves ${mebibytes(saved)}`,
    ...memory.largest.map(({ label, bytes }) => `  ${mebibytes(bytes).padStart(12)}  ${label}`),
    "",
    "Arithmetic of a call",
    `  products ${millions(arithmetic.products)} floating-point operations, other work on ${millions(arithmetic.elements)} elements`,
    ...products,
  ].join("\n");
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
