/**
 * A compiled program with its memory. At the start of the memory are the table of sizes, scratch memory, the variables, and what
 * is computed from them alone. Then comes an arena, which is laid out anew when sizes change, and only then can grow.
 */

import { alignedBytes, paddedBytes, placeBuffers, usedBytes } from "../../compiler/loops/memory.ts";
import type { Buffer, LoweredProgram, View } from "../../compiler/loops/program.ts";
import { type Work, workOf } from "../../compiler/loops/work.ts";
import { elementBytes } from "../../compiler/target.ts";
import { UsageError } from "../../errors.ts";
import { type Bindings, evaluateDimension } from "../../graph/dimension.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { checkSizes, type SizeLimit, sizeLimits } from "../../graph/sizes.ts";
import { topologicalOrder } from "../../graph/traverse.ts";
import { type NumericArray, type ValueHolder, type Variable, variableOf } from "../../trace/variable.ts";
import {
  bindSymbols,
  computedNodes,
  type Executable,
  type Prepared,
  type Program,
  type Value,
} from "../backend.ts";
import type { Table } from "../kernels/kernel.ts";
import { writeProgram } from "../program.ts";
import type { Entries, Machine } from "./machine.ts";
import { type PooledProgram, pool } from "./pool.ts";
import { weigh } from "./weight.ts";
import { processors } from "./workers.ts";

/** Pages of a shared memory, which must name its limit: 4 GiB. */
const mostPages = 65536;
/** The lowest limit that is worth trying: 64 MiB. */
const fewestPages = 1024;
const pageBytes = 65536;
/** When threads gain: where they must be woken, where they are awake, or never. */
type Gain = "always" | "awake" | "never";

/**
 * Threads that are awake gain by a fortieth of `minimumWork` already, but only where nearly all of it is shared: one that
 * waits for long while another works alone falls asleep.
 */
function gainOf({ total, shared }: Work, minimumWork: number): Gain {
  if (minimumWork === 0 || (shared >= minimumWork && 2 * shared >= total)) return "always";
  return shared >= minimumWork / 40 && total - shared <= total / 10 ? "awake" : "never";
}

/** A shared memory reserves addresses up to its limit: where there are not so many, the limit is lower. */
function newMemory(initial: number, shared: boolean): WebAssembly.Memory {
  for (let maximum = mostPages; ; maximum /= 4) {
    try {
      return new WebAssembly.Memory(shared ? { initial, maximum, shared } : { initial });
    } catch (cause) {
      if (shared && maximum / 4 >= Math.max(initial, fewestPages)) continue;
      throw new UsageError(
        "a program gets no memory: it is used up, or the addresses are that a process may use (ulimit -v), of which each program takes 8 GiB; with node --disable-wasm-trap-handler it takes what it needs",
        { cause },
      );
    }
  }
}

export interface ExecutionOptions {
  readonly machine: Machine;
  readonly threads: number;
  /** See WasmOptions. */
  readonly minimumWork: number;
  /**
   * For tests: which buffer of the arena, of so many, stands where the memory ends, so that what reads or writes beyond the plan is
   * stopped. Asked at every call.
   */
  readonly atEnd?: (buffers: number) => number;
}

/** A variable's place in memory. */
interface Slot extends ValueHolder {
  readonly variable: Variable;
  readonly address: number;
  /** Whether the program needs its value; it may set it only. */
  readonly isRead: boolean;
  readonly isUpdated: boolean;
  /** The version of the value that stands here. */
  version: number;
}

export class CompiledExecutable implements Executable {
  readonly #program: Program;
  readonly #lowered: LoweredProgram;
  readonly #options: ExecutionOptions;
  readonly #table: Table;
  readonly #memory: WebAssembly.Memory;
  readonly #entries: Entries;
  /** The program in the pool of workers, where it has several threads. */
  readonly #pooled: PooledProgram | undefined;
  readonly #limits: readonly SizeLimit[];
  readonly #slots: readonly Slot[];
  /** Buffers that stay where they are: variables, and what is computed from them alone. */
  readonly #lasting = new Map<Buffer, number>();
  readonly #arena: number;
  #isSetUp = false;
  #sizes = "";
  #gain: Gain = "never";
  #bindings: Bindings = {};
  #addresses: ReadonlyMap<Buffer, number> = new Map();

  constructor(program: Program, lowered: LoweredProgram, options: ExecutionOptions) {
    this.#program = program;
    this.#lowered = lowered;
    this.#options = options;
    const { machine, threads } = options;
    const isShared = this.#isShared;
    const { module, table, heap } = writeProgram(lowered, {
      ...{ instructions: machine.instructions(lowered.target), threads },
      patience: machine.patience[threads <= processors() ? "alone" : "sharing"],
    });
    this.#table = table;
    const limits = { initial: 1, ...(isShared && { maximum: mostPages, shared: true }) };
    const compiled = machine.compile(module, limits);
    this.#limits = sizeLimits(computedNodes(program));
    const { target } = lowered;
    let at = alignedBytes(heap, target);
    for (const buffer of lowered.buffers) {
      if (buffer.kind !== "variable" && buffer.kind !== "lasting") continue;
      this.#lasting.set(buffer, at);
      at += paddedBytes(elementBytes * evaluateDimension(buffer.size, {}), target);
    }
    this.#arena = at;
    this.#memory = newMemory(Math.ceil((at + pageBytes) / pageBytes), isShared);
    this.#entries = compiled.attach(this.#memory);
    if (isShared) weigh(this.#memory);
    if (threads > 1) this.#pooled = pool().add(this, compiled.portable, this.#memory, threads);
    const read = new Set(topologicalOrder(computedNodes(program)));
    const updated = new Set<Node>(program.updates.map(([leaf]) => leaf));
    this.#slots = [...this.#lasting].flatMap(([{ kind, leaf }, address]) => {
      if (kind !== "variable" || !leaf) return [];
      const variable = variableOf(leaf);
      const isInteger = variable.dtype === "int32";
      let array: NumericArray | undefined;
      const slot: Slot = {
        variable,
        address,
        isRead: read.has(leaf),
        isUpdated: updated.has(leaf),
        version: -1,
        read: () => this.#array(address, variable.count, isInteger).slice(),
        edit: (version) => {
          if (array?.buffer !== this.#memory.buffer) array = this.#array(address, variable.count, isInteger);
          slot.version = version;
          return array;
        },
      };
      return [slot];
    });
  }

  get #isShared(): boolean {
    const { machine, threads } = this.#options;
    return threads > 1 || machine.pinsMemory;
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  run(inputs: Readonly<Record<string, Value>>): Value[] {
    this.#layOut(bindSymbols(this.#program.inputs, inputs));
    for (const [name, array] of this.#inputs()) array.set((inputs[name] as Value).data);
    this.#call();
    return this.#lowered.results.map((view) => {
      const data = this.#view(view);
      const shape = view.shape.map((dimension) => evaluateDimension(dimension, this.#bindings));
      // A kernel's true is a mask of ones.
      return { data: view.dtype === "bool" ? data.map((mask) => mask & 1) : data.slice(), shape };
    });
  }

  prepare(inputs: Readonly<Record<string, Value>>): Prepared {
    const bindings = bindSymbols(this.#program.inputs, inputs);
    this.#layOut(bindings);
    const prepared = {
      inputs: Object.fromEntries(this.#inputs()),
      results: this.#lowered.results.map((view) => this.#view(view)),
    };
    const addresses = this.#addresses;
    return {
      ...prepared,
      run: () => {
        if (this.#addresses !== addresses)
          throw new UsageError("a prepared program was called with other sizes meanwhile: prepare it again");
        this.#call();
      },
    };
  }

  /** Run on what stands in the inputs' places. */
  #call(): void {
    this.#load();
    this.#entries.run(0, this.#startThreads());
    for (const slot of this.#slots) {
      if (slot.isUpdated) slot.version = slot.variable.changed(slot);
    }
  }

  /** Starts the other threads, if they have the program and it has more work for them than that takes: how many run. */
  #startThreads(): number {
    const { threads } = this.#options;
    if (!this.#pooled || this.#gain === "never" || pool().failure !== undefined) return 1;
    if (!pool().isReady(this.#pooled, threads)) return 1;
    if (this.#gain === "awake" && !pool().areAwake(threads)) return 1;
    pool().start(this.#pooled, threads);
    return threads;
  }

  /** Bring variables' values into memory, unless the newest are there, and compute what depends on them alone. */
  #load(): void {
    let changed = !this.#isSetUp;
    for (const slot of this.#slots) {
      const { variable, address, isRead, isUpdated } = slot;
      if (!isRead || (slot.version === variable.version && variable.hasValue)) continue;
      this.#array(address, variable.count, variable.dtype === "int32").set(variable.peek());
      slot.version = variable.version;
      changed ||= !isUpdated;
    }
    if (changed) this.#entries.setUp(0, 1);
    this.#isSetUp = true;
  }

  /** Place all buffers for the sizes of this call. */
  #layOut(bindings: Bindings): void {
    const sizes = JSON.stringify(bindings);
    const { atEnd } = this.#options;
    if (sizes === this.#sizes && !atEnd) return;
    checkSizes(this.#limits, bindings);
    const { target } = this.#lowered;
    const { addresses, bytes } = placeBuffers(this.#lowered, bindings);
    const last = atEnd && [...addresses.keys()][atEnd(addresses.size)];
    const room = last ? usedBytes(elementBytes * evaluateDimension(last.size, bindings), target) : 0;
    const missing = this.#arena + bytes + room + pageBytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#grow(missing, sizes);
    if (last) addresses.set(last, this.#memory.buffer.byteLength - room - this.#arena);
    this.#addresses = new Map([
      ...[...addresses].map(([buffer, at]) => [buffer, this.#arena + at] as const),
      ...this.#lasting,
    ]);
    this.#bindings = bindings;
    this.#sizes = sizes;
    this.#gain = gainOf(workOf(this.#lowered.statements, bindings), this.#options.minimumWork);
    this.#table.fill(
      new Int32Array(this.#memory.buffer),
      (buffer) => this.#addressOf(buffer),
      (dimension) => evaluateDimension(dimension, bindings),
    );
  }

  #grow(bytes: number, sizes: string): void {
    try {
      this.#memory.grow(Math.ceil(bytes / pageBytes));
      if (this.#isShared) weigh(this.#memory);
    } catch (cause) {
      const whole = ((this.#memory.buffer.byteLength + bytes) / 2 ** 20).toFixed(0);
      throw new UsageError(
        `a program needs ${whole} MiB for the sizes ${sizes}: more than there is, or than 4 GiB`,
        {
          cause,
        },
      );
    }
  }

  /** The inputs by name, as arrays over their places in memory. */
  #inputs(): [string, NumericArray][] {
    return this.#lowered.buffers.flatMap(({ leaf, size, kind }, index) => {
      if ((kind !== "input" && kind !== "steady") || !leaf || !isOp(leaf, "input")) return [];
      const address = this.#addressOf(this.#lowered.buffers[index] as Buffer);
      const length = evaluateDimension(size, this.#bindings);
      return [[leaf.attributes.name, this.#array(address, length, leaf.dtype === "int32")]];
    });
  }

  #view({ buffer, shape, dtype }: View): NumericArray {
    const length = shape.reduce<number>(
      (product, size) => product * evaluateDimension(size, this.#bindings),
      1,
    );
    return this.#array(this.#addressOf(buffer as Buffer), length, dtype !== "float32");
  }

  #addressOf(buffer: Buffer): number {
    return this.#addresses.get(buffer) ?? 0;
  }

  #array(address: number, length: number, isInteger: boolean): NumericArray {
    const { buffer } = this.#memory;
    return isInteger ? new Int32Array(buffer, address, length) : new Float32Array(buffer, address, length);
  }
}
