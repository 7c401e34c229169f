/**
 * The WebAssembly backend: float32 SIMD kernels, generated when a program is compiled. An executable owns one memory:
 * variables stand at its start, everything else in an arena that is laid out anew when sizes change and never grows
 * from step to step.
 */

import type { Buffer, LoweredProgram, View } from "../../compiler/loops.ts";
import { lower } from "../../compiler/lower.ts";
import { lifetimes, placeBuffers } from "../../compiler/memory.ts";
import { type PassName, rewrite } from "../../compiler/passes/index.ts";
import { type Bindings, evaluateDimension } from "../../graph/dimension.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { type NumericArray, type Variable, variableOf } from "../../trace/variable.ts";
import { type Backend, bindSymbols, type Executable, type Program, type Value } from "../backend.ts";
import { type CompiledModule, compileModule } from "./module.ts";

export interface WasmOptions {
  /** Rewrites of the graph that are left out. */
  readonly without?: readonly PassName[];
}

/** A WebAssembly backend with options; `wasm` is the one with all rewrites. */
export function wasmBackend({ without = [] }: WasmOptions = {}): Backend {
  return {
    name: "wasm",
    compile(program) {
      const all = rewrite([...program.results, ...program.updates.map(([, value]) => value)], without);
      const lowered = lower({
        inputs: program.inputs,
        results: all.slice(0, program.results.length),
        updates: program.updates.map(([variable], index) => [
          variable,
          all[program.results.length + index] as Node,
        ]),
      });
      return new WasmExecutable(program, lowered, compileModule(lowered));
    },
  };
}

export const wasm: Backend = wasmBackend();

const pageBytes = 65536;
const alignment = 64;
const align = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

class WasmExecutable implements Executable {
  readonly #program: Program;
  readonly #lowered: LoweredProgram;
  readonly #module: CompiledModule;
  readonly #memory: WebAssembly.Memory;
  readonly #run: () => void;
  readonly #lives: ReturnType<typeof lifetimes>;
  readonly #variables: readonly { readonly buffer: Buffer; readonly leaf: Node; readonly address: number }[];
  /** The version of each variable's value that stands in memory. */
  readonly #versions = new Map<Node, number>();
  readonly #arena: number;
  #sizes = "";
  #bindings: Bindings = {};
  #addresses = new Map<Buffer, number>();

  constructor(program: Program, lowered: LoweredProgram, module: CompiledModule) {
    this.#program = program;
    this.#lowered = lowered;
    this.#module = module;
    this.#lives = lifetimes(lowered);
    let at = align(module.heap);
    this.#variables = lowered.buffers
      .filter(({ kind }) => kind === "variable")
      .map((buffer) => {
        const address = at;
        at = align(at + 4 * evaluateDimension(buffer.size, {}) + 16);
        return { buffer, leaf: buffer.leaf as Node, address };
      });
    this.#arena = at;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil((at + pageBytes) / pageBytes) });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes), {
      environment: { memory: this.#memory },
    });
    this.#run = instance.exports.run as () => void;
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
    this.#run();
    for (const [leaf] of this.#program.updates) this.#announce(leaf);
    return this.#lowered.results.map((view) => this.#read(view));
  }

  /** Place all buffers for the sizes of this call. */
  #layOut(bindings: Bindings): void {
    const sizes = JSON.stringify(bindings);
    if (sizes === this.#sizes) return;
    const { addresses, bytes } = placeBuffers(this.#lives, bindings);
    const missing = this.#arena + bytes + pageBytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    this.#addresses = new Map([...addresses].map(([buffer, at]) => [buffer, this.#arena + at]));
    for (const { buffer, address } of this.#variables) this.#addresses.set(buffer, address);
    this.#bindings = bindings;
    this.#sizes = sizes;
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

  #read({ buffer, shape, dtype }: View): Value {
    const sizes = shape.map((dimension) => evaluateDimension(dimension, this.#bindings));
    const length = sizes.reduce((product, size) => product * size, 1);
    const data = this.#array(this.#addressOf(buffer as Buffer), length, dtype !== "float32").slice();
    return { data, shape: sizes };
  }
}
