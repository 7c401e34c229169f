/** Functions and modules of instructions: what a target prints. They know nothing of graphs. */

import {
  type Expression,
  type FunctionReference,
  f32xN,
  type I32,
  type Local,
  type Store,
  type ValueType,
  type Vector,
} from "./expressions.ts";

/** Statements run in order; a structure holds others. */
export type Statement =
  | Store
  | { readonly kind: "set"; readonly local: Local; readonly value: Expression }
  /** For its effect: a result is dropped. */
  | {
      readonly kind: "call";
      readonly callee: FunctionReference;
      readonly operands: readonly Expression[];
    }
  | { readonly kind: "drop"; readonly value: Expression }
  | {
      readonly kind: "if";
      readonly condition: I32;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[] | undefined;
    }
  /** `do body while (condition)`. */
  | { readonly kind: "loop"; readonly body: readonly Statement[]; readonly condition: I32 }
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  /** Leaves the structure `depth` levels out: 0 is the innermost block, branch of an if, or loop (which starts again). */
  | { readonly kind: "leave"; readonly condition: I32; readonly depth: number }
  | { readonly kind: "return"; readonly value: Expression | undefined }
  /** A moment in which other threads have the core. */
  | { readonly kind: "pause" }
  | { readonly kind: "copy"; readonly destination: I32; readonly source: I32; readonly bytes: I32 }
  | { readonly kind: "fill"; readonly destination: I32; readonly value: I32; readonly bytes: I32 };

/** A function: its parameters are the first of its locals. */
export interface FunctionCode {
  readonly reference: FunctionReference;
  readonly locals: readonly ValueType[];
  readonly body: readonly Statement[];
  /** Lanes of 32 bits in its vectors. */
  readonly lanes: number;
  readonly exported: boolean;
}

/** What functions of a module are written for. */
export interface Instructions {
  /** Lanes of 32 bits in a vector. */
  readonly lanes: number;
  /** Whether a multiplication and the addition after it are one instruction, rounded once. */
  readonly fused: boolean;
  /** Whether some lanes of a vector can be stored: `store_first`. */
  readonly masked: boolean;
}

/** Writes the body of one function: statements are appended in the order of the calls. */
export class FunctionBuilder {
  readonly lanes: number;
  readonly fused: boolean;
  readonly masked: boolean;
  readonly #locals: ValueType[];
  #body: Statement[] = [];

  constructor(parameters: readonly ValueType[], { lanes, fused, masked }: Instructions) {
    this.#locals = [...parameters];
    this.lanes = lanes;
    this.fused = fused;
    this.masked = masked;
  }

  /** A fresh local; starts at zero, or at `initial`. */
  local<Type extends ValueType>(type: Type, initial?: Expression<Type>): Local<Type> {
    const local = localAt(type, this.#locals.length);
    this.#locals.push(type);
    if (initial) this.set(local, initial);
    return local;
  }

  set<Type extends ValueType>(local: Local<Type>, value: Expression<Type>): void {
    this.#body.push({ kind: "set", local, value });
  }

  /** a b + c in float32 lanes; one instruction in a fused module. */
  multiplyAdd(a: Vector, b: Vector, c: Vector): Vector {
    return this.fused ? f32xN.relaxed_madd(a, b, c) : f32xN.add(c, f32xN.mul(a, b));
  }

  /** c - a b, likewise. */
  multiplySubtract(a: Vector, b: Vector, c: Vector): Vector {
    return this.fused ? f32xN.relaxed_nmadd(a, b, c) : f32xN.sub(c, f32xN.mul(a, b));
  }

  /** Append a statement made by one of the `store` instructions. */
  emit(statement: Store): void {
    this.#body.push(statement);
  }

  /** Call a function for its effect; a result is dropped. */
  call(callee: FunctionReference, ...operands: Expression[]): void {
    this.#body.push({ kind: "call", callee, operands });
  }

  if(condition: I32, body: () => void, otherwise?: () => void): void {
    this.#body.push({
      ...{ kind: "if", condition, body: this.#inside(body) },
      otherwise: otherwise && this.#inside(otherwise),
    });
  }

  /** `while (condition) body`; the test stands at the end of the loop, with one more before it. */
  while(condition: I32, body: () => void): void {
    this.if(condition, () => this.doWhile(condition, body));
  }

  /** `do body while (condition)`. */
  doWhile(condition: I32, body: () => void): void {
    this.#body.push({ kind: "loop", body: this.#inside(body), condition });
  }

  /** A block that `leaveIf` within it can leave. */
  block(body: () => void): void {
    this.#body.push({ kind: "block", body: this.#inside(body) });
  }

  /** Leaves the structure `depth` levels out: 0 is the innermost block, branch of an if, or loop (which starts again). */
  leaveIf(condition: I32, depth: number): void {
    this.#body.push({ kind: "leave", condition, depth });
  }

  /** Evaluate for its effect. */
  drop(value: Expression): void {
    this.#body.push({ kind: "drop", value });
  }

  /** In a loop that looks for what another thread does: a moment in which others have the core, where the target can. */
  pause(): void {
    this.#body.push({ kind: "pause" });
  }

  return(value?: Expression): void {
    this.#body.push({ kind: "return", value });
  }

  copyMemory(destination: I32, source: I32, bytes: I32): void {
    this.#body.push({ kind: "copy", destination, source, bytes });
  }

  fillMemory(destination: I32, value: I32, bytes: I32): void {
    this.#body.push({ kind: "fill", destination, value, bytes });
  }

  /** What has been written, with the locals that it has. */
  finish(): { readonly locals: readonly ValueType[]; readonly body: readonly Statement[] } {
    return { locals: this.#locals, body: this.#body };
  }

  #inside(write: () => void): readonly Statement[] {
    const outer = this.#body;
    const own: Statement[] = [];
    this.#body = own;
    write();
    this.#body = outer;
    return own;
  }
}

function localAt<Type extends ValueType>(type: Type, index: number): Local<Type> {
  return { type, op: "local", index, operands: [], immediates: [] };
}

type Locals<Types extends readonly ValueType[]> = { [Key in keyof Types]: Local<Types[Key]> };

/** Collects the functions of a program. */
export class ModuleBuilder {
  readonly instructions: Instructions;
  readonly #functions: { reference: FunctionReference; code: FunctionCode | undefined; exported: boolean }[];

  /** A module that begins with all functions of another one, which are printed once and then known. */
  constructor(instructions: Instructions, beginning?: ModuleBuilder) {
    this.instructions = instructions;
    this.#functions = beginning ? [...beginning.#functions] : [];
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

  /** Write the body of a declared function, whose vectors have the lanes of the module unless it says otherwise. */
  define(
    reference: FunctionReference,
    write: (builder: FunctionBuilder, parameters: Local[]) => void,
    lanes = this.instructions.lanes,
  ): void {
    const entry = this.#functions[reference.index];
    if (!entry || entry.code) throw new Error(`${reference.name} is not declared, or defined twice`);
    const builder = new FunctionBuilder(reference.parameters, { ...this.instructions, lanes });
    write(builder, reference.parameters.map(localAt));
    entry.code = { reference, ...builder.finish(), lanes, exported: entry.exported };
  }

  /** Declare and define at once; parameters arrive typed. */
  function<const Types extends readonly ValueType[]>(
    name: string,
    parameters: Types,
    result: ValueType | undefined,
    write: (builder: FunctionBuilder, ...parameters: Locals<Types>) => void,
    { exported = false, lanes = this.instructions.lanes }: { exported?: boolean; lanes?: number } = {},
  ): FunctionReference {
    const reference = this.declare(name, parameters, result, exported);
    const define = (builder: FunctionBuilder, locals: Local[]) =>
      write(builder, ...(locals as unknown as Locals<Types>));
    this.define(reference, define, lanes);
    return reference;
  }

  /** All functions, by their index. */
  get functions(): readonly FunctionCode[] {
    return this.#functions.map(({ reference, code }) => {
      if (!code) throw new Error(`${reference.name} is declared and never defined`);
      return code;
    });
  }
}
