/**
 * The WebAssembly backend: float32 SIMD kernels, generated when a program is compiled. An executable owns one memory:
 * variables stand at its start, everything else in an arena that is laid out anew when sizes change and never grows
 * from step to step.
 */

import type { Buffer, LoweredProgram, View } from "../../compiler/loops.ts";
import { lower } from "../../compiler/lower.ts";
import { lifetimes, placeBuffers } from "../../compiler/memory.ts";
import { partition } from "../../compiler/partition.ts";
import { type PassName, rewrite } from "../../compiler/passes/index.ts";
import { workOf } from "../../compiler/work.ts";
import { UsageError } from "../../errors.ts";
import { type Bindings, evaluateDimension } from "../../graph/dimension.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { checkSizes, type SizeLimit, sizeLimits } from "../../graph/sizes.ts";
import { topologicalOrder } from "../../graph/traverse.ts";
import { type NumericArray, type Variable, variableOf } from "../../trace/variable.ts";
import {
  type Backend,
  bindSymbols,
  computedNodes,
  type Executable,
  type Program,
  type Value,
} from "../backend.ts";
import { type CompiledModule, compileModule } from "./module.ts";
import { pool, threadsAvailable } from "./pool.ts";

const mostThreads = 64;
/** Multiplications and elements below which waking other threads costs more than it gains. */
const worthwhile = 500_000;
/** Pages of a shared memory, which must name its limit: 4 GiB. */
const mostPages = 65536;
const pageBytes = 65536;
const alignment = 64;
const align = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

export interface WasmOptions {
  /** Rewrites of the graph that are left out. */
  readonly without?: readonly PassName[];
  /**
   * Threads that share the work; default 1. Fewer run where the platform has no shared memory, where a program is too
   * small to gain by it, and until the workers have started: results are the same bits for any number.
   */
  readonly threads?: number;
  /** Multiplications and elements of a call below which one thread does all; default 500,000. */
  readonly minimumWork?: number;
}

/** A WebAssembly backend with options; `wasm` is the one with all rewrites. */
export function wasmBackend(options: WasmOptions = {}): Backend {
  const { without = [], threads: wanted = 1, minimumWork = worthwhile } = options;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > mostThreads) {
    throw new UsageError(`threads ${wanted}: expected a whole number from 1 to ${mostThreads}`);
  }
  const threads = threadsAvailable() ? wanted : 1;
  return {
    name: "wasm",
    compile(program) {
      const all = rewrite(computedNodes(program), without);
      const lowered = lower({
        inputs: program.inputs,
        results: all.slice(0, program.results.length),
        updates: program.updates.map(([variable], index) => [
          variable,
          all[program.results.length + index] as Node,
        ]),
      });
      return new WasmExecutable(program, threads > 1 ? partition(lowered) : lowered, {
        threads,
        minimumWork,
      });
    },
  };
}

export const wasm: Backend = wasmBackend();

class WasmExecutable implements Executable {
  readonly #program: Program;
  readonly #lowered: LoweredProgram;
  readonly #module: CompiledModule;
  readonly #memory: WebAssembly.Memory;
  readonly #run: (thread: number, threads: number) => void;
  readonly #threads: number;
  readonly #minimumWork: number;
  /** The program's number in the pool of workers. */
  readonly #pooled: number;
  readonly #lives: ReturnType<typeof lifetimes>;
  readonly #limits: readonly SizeLimit[];
  readonly #variables: readonly { readonly buffer: Buffer; readonly leaf: Node; readonly address: number }[];
  /** The variables whose values the program needs; it may set others. */
  readonly #read: ReadonlySet<Node>;
  /** The version of each variable's value that stands in memory. */
  readonly #versions = new Map<Node, number>();
  readonly #arena: number;
  #sizes = "";
  #isWorthwhile = false;
  #bindings: Bindings = {};
  #addresses = new Map<Buffer, number>();

  constructor(
    program: Program,
    lowered: LoweredProgram,
    { threads, minimumWork }: { threads: number; minimumWork: number },
  ) {
    this.#program = program;
    this.#lowered = lowered;
    this.#threads = threads;
    this.#minimumWork = minimumWork;
    const shared = threads > 1 ? { maximum: mostPages, shared: true } : {};
    const module = compileModule(lowered, { threads, memory: { initial: 1, ...shared } });
    this.#module = module;
    this.#lives = lifetimes(lowered);
    this.#limits = sizeLimits(computedNodes(program));
    this.#read = new Set(topologicalOrder(computedNodes(program)).filter(({ op }) => op === "variable"));
    let at = align(module.heap);
    this.#variables = lowered.buffers
      .filter(({ kind }) => kind === "variable")
      .map((buffer) => {
        const address = at;
        at = align(at + 4 * evaluateDimension(buffer.size, {}) + 16);
        return { buffer, leaf: buffer.leaf as Node, address };
      });
    this.#arena = at;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil((at + pageBytes) / pageBytes), ...shared });
    const compiled = new WebAssembly.Module(module.bytes);
    const instance = new WebAssembly.Instance(compiled, { environment: { memory: this.#memory } });
    this.#run = instance.exports.run as (thread: number, threads: number) => void;
    this.#pooled = threads > 1 ? pool().add(this, compiled, this.#memory, threads) : 0;
  }

  run(inputs: Readonly<Record<string, Value>>): Value[] {
    this.#layOut(bindSymbols(this.#program.inputs, inputs));
    for (const variable of this.#variables) this.#load(variable);
    for (const buffer of this.#lowered.buffers) {
      if (buffer.kind !== "input" || !buffer.leaf || !isOp(buffer.leaf, "input")) continue;
      const value = inputs[buffer.leaf.attributes.name] as Value;
      this.#array(this.#addressOf(buffer), value.data.length, value.data instanceof Int32Array).set(
        value.data,
      );
    }
    this.#execute();
    for (const [leaf] of this.#program.updates) this.#announce(leaf);
    return this.#lowered.results.map((view) => this.#readResult(view));
  }

  #execute(): void {
    const together = this.#threads > 1 && this.#isWorthwhile && pool().isReady(this.#memory, this.#threads);
    const threads = together ? this.#threads : 1;
    if (together) pool().start(this.#pooled, threads);
    this.#run(0, threads);
  }

  /** Place all buffers for the sizes of this call. */
  #layOut(bindings: Bindings): void {
    const sizes = JSON.stringify(bindings);
    if (sizes === this.#sizes) return;
    checkSizes(this.#limits, bindings);
    const { addresses, bytes } = placeBuffers(this.#lives, bindings);
    const missing = this.#arena + bytes + pageBytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    this.#addresses = new Map([...addresses].map(([buffer, at]) => [buffer, this.#arena + at]));
    for (const { buffer, address } of this.#variables) this.#addresses.set(buffer, address);
    this.#bindings = bindings;
    this.#sizes = sizes;
    this.#isWorthwhile = workOf(this.#lowered.statements, bindings) >= this.#minimumWork;
    this.#module.table.fill(
      new Int32Array(this.#memory.buffer),
      (buffer) => this.#addressOf(buffer),
      (dimension) => evaluateDimension(dimension, bindings),
    );
  }

  #addressOf(buffer: Buffer): number {
    return this.#addresses.get(buffer) ?? 0;
  }

  #array(address: number, length: number, isInteger: boolean): NumericArray {
    const { buffer } = this.#memory;
    return isInteger ? new Int32Array(buffer, address, length) : new Float32Array(buffer, address, length);
  }

  /** Bring a variable's value into memory, unless the newest is there. */
  #load({ leaf, address }: { readonly leaf: Node; readonly address: number }): void {
    const variable = variableOf(leaf);
    if (!this.#read.has(leaf)) return;
    if (this.#versions.get(leaf) === variable.version && variable.hasValue) return;
    this.#array(address, variable.count, variable.dtype === "int32").set(variable.value);
    this.#versions.set(leaf, variable.version);
  }

  /** Tell a variable that its newest value is here. */
  #announce(leaf: Node): void {
    const variable: Variable = variableOf(leaf);
    const place = this.#variables.find((candidate) => candidate.leaf === leaf);
    if (!place) return;
    const version = variable.changed(() =>
      this.#array(place.address, variable.count, variable.dtype === "int32").slice(),
    );
    this.#versions.set(leaf, version);
  }

  #readResult({ buffer, shape, dtype }: View): Value {
    const sizes = shape.map((dimension) => evaluateDimension(dimension, this.#bindings));
    const length = sizes.reduce((product, size) => product * size, 1);
    const data = this.#array(this.#addressOf(buffer as Buffer), length, dtype !== "float32");
    // A kernel's true is a mask of ones.
    return { data: dtype === "bool" ? data.map((mask) => mask & 1) : data.slice(), shape: sizes };
  }
}
