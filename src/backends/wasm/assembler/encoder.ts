/**
 * A small WebAssembly encoder: statements and functions become the bytes of a module. It knows nothing of graphs.
 */

import { type Bytes, flatten, unsigned } from "./bytes.ts";
import {
  type Expression,
  type FunctionReference,
  f32x4,
  type I32,
  type Local,
  typeByte,
  type V128,
  type ValueType,
} from "./instructions.ts";

/** Writes the body of one function: statements are appended in the order of the calls. */
export class FunctionBuilder {
  readonly #parameterCount: number;
  /** Whether `multiplyAdd` is one instruction. */
  readonly fused: boolean;
  readonly #locals: ValueType[] = [];
  #body: (number | Bytes)[] = [];

  constructor(parameterCount: number, fused: boolean) {
    this.#parameterCount = parameterCount;
    this.fused = fused;
  }

  /** A fresh local; starts at zero, or at `initial`. */
  local<Type extends ValueType>(type: Type, initial?: Expression<Type>): Local<Type> {
    const index = this.#parameterCount + this.#locals.length;
    this.#locals.push(type);
    const local = localAt(type, index);
    if (initial) this.set(local, initial);
    return local;
  }

  set<Type extends ValueType>(local: Local<Type>, value: Expression<Type>): void {
    this.#body.push(value.code, 0x21, ...unsigned(local.index));
  }

  /** a b + c in float32 lanes; one instruction in a fused module. */
  multiplyAdd(a: V128, b: V128, c: V128): V128 {
    return this.fused ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
  }

  /** c - a b, likewise. */
  multiplySubtract(a: V128, b: V128, c: V128): V128 {
    return this.fused ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
  }

  /** Append a statement made by one of the `store` instructions. */
  emit(statement: Bytes): void {
    this.#body.push(statement);
  }

  /** Call a function for its effect; a result is dropped. */
  call(callee: FunctionReference, ...operands: Expression[]): void {
    for (const operand of operands) this.#body.push(operand.code);
    this.#body.push(0x10, ...unsigned(callee.index));
    if (callee.result !== undefined) this.#body.push(0x1a);
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.#body.push(condition.code, 0x04, 0x40);
    then();
    if (otherwise) {
      this.#body.push(0x05);
      otherwise();
    }
    this.#body.push(0x0b);
  }

  /** `while (condition) body`; the test stands at the end of the loop, with one more before it. */
  while(condition: I32, body: () => void): void {
    this.if(condition, () => this.doWhile(condition, body));
  }

  /** `do body while (condition)`. */
  doWhile(condition: I32, body: () => void): void {
    this.#body.push(0x03, 0x40);
    body();
    this.#body.push(condition.code, 0x0d, 0, 0x0b);
  }

  /** A block that `leaveIf` within it can leave. */
  block(body: () => void): void {
    this.#body.push(0x02, 0x40);
    body();
    this.#body.push(0x0b);
  }

  /** Leaves the structure `depth` levels out: 0 is the innermost block, branch of an if, or loop (which starts again). */
  leaveIf(condition: I32, depth: number): void {
    this.#body.push(condition.code, 0x0d, ...unsigned(depth));
  }

  /** Evaluate for its effect. */
  drop(value: Expression): void {
    this.#body.push(value.code, 0x1a);
  }

  return(value?: Expression): void {
    if (value) this.#body.push(value.code);
    this.#body.push(0x0f);
  }

  copyMemory(destination: I32, source: I32, bytes: I32): void {
    this.#body.push(destination.code, source.code, bytes.code, 0xfc, 0x0a, 0, 0);
  }

  fillMemory(destination: I32, value: I32, bytes: I32): void {
    this.#body.push(destination.code, value.code, bytes.code, 0xfc, 0x0b, 0);
  }

  /** The function's code entry: locals, body, end. */
  toBytes(): number[] {
    const groups: [number, ValueType][] = [];
    for (const type of this.#locals) {
      const last = groups[groups.length - 1];
      if (last?.[1] === type) last[0] += 1;
      else groups.push([1, type]);
    }
    const bytes = [
      ...unsigned(groups.length),
      ...groups.flatMap(([count, type]) => [...unsigned(count), typeByte[type]]),
    ];
    flatten(this.#body, bytes);
    bytes.push(0x0b);
    return bytes;
  }
}

function localAt<Type extends ValueType>(type: Type, index: number): Local<Type> {
  return { type, index, code: [0x20, ...unsigned(index)] };
}

type Locals<Types extends readonly ValueType[]> = { [Key in keyof Types]: Local<Types[Key]> };

/** Collects functions and writes the module, whose memory is imported as `environment.memory`. */
export class ModuleBuilder {
  readonly #functions: { reference: FunctionReference; code: number[] | undefined; exported: boolean }[] = [];
  /** Whether `multiplyAdd` takes instructions of relaxed SIMD, which not every engine has. */
  readonly fused: boolean;

  constructor(fused = false) {
    this.fused = fused;
  }

  /** Announce a function, so that others may call it before its body is written. */
  declare(
    name: string,
    parameters: readonly ValueType[],
    result?: ValueType,
    exported = false,
  ): FunctionReference {
    const reference = { index: this.#functions.length, name, parameters, result };
    this.#functions.push({ reference, code: undefined, exported });
    return reference;
  }

  /** Write the body of a declared function. */
  define(reference: FunctionReference, write: (builder: FunctionBuilder, parameters: Local[]) => void): void {
    const entry = this.#functions[reference.index];
    if (!entry || entry.code) throw new Error(`${reference.name} is not declared, or defined twice`);
    const builder = new FunctionBuilder(reference.parameters.length, this.fused);
    write(builder, reference.parameters.map(localAt));
    entry.code = builder.toBytes();
  }

  /** Declare and define at once; parameters arrive typed. */
  function<const Types extends readonly ValueType[]>(
    name: string,
    parameters: Types,
    result: ValueType | undefined,
    write: (builder: FunctionBuilder, ...parameters: Locals<Types>) => void,
    exported = false,
  ): FunctionReference {
    const reference = this.declare(name, parameters, result, exported);
    this.define(reference, (builder, locals) => write(builder, ...(locals as unknown as Locals<Types>)));
    return reference;
  }

  /** The module's bytes. `shared` memories need a maximum, in pages of 64 KiB. */
  toBytes(
    memory: { initial: number; maximum?: number; shared?: boolean } = { initial: 0 },
  ): Uint8Array<ArrayBuffer> {
    const name = (text: string) => {
      const bytes = [...new TextEncoder().encode(text)];
      return [...unsigned(bytes.length), ...bytes];
    };
    const types: string[] = [];
    const typeIndex = this.#functions.map(({ reference }) => {
      const results = reference.result === undefined ? [] : [typeByte[reference.result]];
      const bytes = [
        0x60,
        ...unsigned(reference.parameters.length),
        ...reference.parameters.map((type) => typeByte[type]),
        ...unsigned(results.length),
        ...results,
      ].join(",");
      const known = types.indexOf(bytes);
      return known >= 0 ? known : types.push(bytes) - 1;
    });
    const limits =
      memory.maximum === undefined
        ? [0, ...unsigned(memory.initial)]
        : [memory.shared ? 3 : 1, ...unsigned(memory.initial), ...unsigned(memory.maximum)];
    const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
    const codes = this.#functions.map(({ reference, code }) => {
      if (!code) throw new Error(`${reference.name} is declared and never defined`);
      return code;
    });
    const exports = this.#functions
      .filter(({ exported }) => exported)
      .map(({ reference }) => [...name(reference.name), 0, ...unsigned(reference.index)]);
    const sections: [number, number[]][] = [
      [1, vector(types.map((type) => type.split(",").map(Number)))],
      [2, vector([[...name("environment"), ...name("memory"), 2, ...limits]])],
      [3, vector(typeIndex.map(unsigned))],
      [7, vector(exports)],
    ];
    const head = sections.flatMap(([id, bytes]) => [id, ...unsigned(bytes.length), ...bytes]);
    const codeSize = codes.map((code) => unsigned(code.length));
    const count = unsigned(codes.length);
    const length = codes.reduce(
      (sum, code, index) => sum + code.length + (codeSize[index]?.length ?? 0),
      count.length,
    );
    const start = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...head, 10, ...unsigned(length), ...count];
    // Names, so that profiles and stack traces tell which kernel they are about.
    const names = vector(
      this.#functions.map(({ reference }) => [...unsigned(reference.index), ...name(reference.name)]),
    );
    const section = [...name("name"), 1, ...unsigned(names.length), ...names];
    const tail = [0, ...unsigned(section.length), ...section];
    const bytes = new Uint8Array(start.length + length - count.length + tail.length);
    bytes.set(start);
    bytes.set(tail, bytes.length - tail.length);
    let at = start.length;
    codes.forEach((code, index) => {
      const size = codeSize[index] ?? [];
      bytes.set(size, at);
      bytes.set(code, at + size.length);
      at += size.length + code.length;
    });
    return bytes;
  }
}
