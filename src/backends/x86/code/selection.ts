/** From a function's statements to linear code over virtual registers. */

import type { Expression, FunctionReference, Operation } from "../../instructions/expressions.ts";
import type { FunctionCode, Statement } from "../../instructions/functions.ts";
import type { InstructionSet } from "../assembler/assembler.ts";
import { argumentOffsets } from "./arguments.ts";
import { emitTest, select } from "./conditions.ts";
import * as control from "./control-forms.ts";
import { opposite } from "./emission.ts";
import { floatRules } from "./float-rules.ts";
import * as general from "./general-forms.ts";
import { type LinearFunction, type Loop, none, typeNumbers } from "./instruction.ts";
import { integerRules } from "./integer-rules.ts";
import { emitStore, memoryRules, type StoreOperation } from "./memory-rules.ts";
import { type Rule, Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";
import { vectorRules } from "./vector-rules.ts";
import { wideRules } from "./wide-rules.ts";

/** How each operation that gives a value is written. */
const operations: Readonly<Record<Exclude<Operation, StoreOperation>, Rule>> = {
  ...integerRules,
  ...floatRules,
  ...memoryRules,
  ...vectorRules,
  ...wideRules,
};

const callForValue: Rule = (selector, { operands, immediates }, to) => {
  const index = immediates[0] as number;
  const callee = selector.functions[index] as FunctionReference;
  return emitCall(selector, callee, operands, to);
};

const rules: ReadonlyMap<string, Rule> = new Map([
  ...Object.entries(operations),
  ...([
    ["select", select],
    ["call", callForValue],
  ] as const),
]);

/** Writes a call; returns the virtual register of its result, or none. */
function emitCall(
  selector: Selector,
  callee: FunctionReference,
  operands: readonly Expression[],
  to: number,
): number {
  const { offsets, bytes } = argumentOffsets(callee.parameters);
  selector.argumentBytes = Math.max(selector.argumentBytes, bytes);
  // All are computed before the first is put in its place, where a call within another one would write over it.
  const values = operands.map((operand) => (operand.op === "i32.const" ? none : selector.value(operand)));
  values.forEach((value, index) => {
    const type = callee.parameters[index];
    const form = type === "i32" ? general.argument : type === "f32" ? vectors.argumentOne : vectors.argument;
    const immediate = value === none ? (operands[index]?.immediates[0] as number) | 0 : 0;
    selector.emit(form, none, value, none, none, immediate).displacement = offsets[index] as number;
  });
  const result = callee.result === undefined ? none : selector.result(to, typeNumbers[callee.result]);
  selector.emit(control.call, result, none, none, none, callee.index);
  for (let loop = selector.loop; loop !== none; loop = (selector.loops[loop] as Loop).parent)
    (selector.loops[loop] as Loop).calls = true;
  return result;
}

class Statements {
  readonly #selector: Selector;
  /** Labels that the structures around are left to. */
  readonly #targets: number[] = [];

  constructor(selector: Selector) {
    this.#selector = selector;
  }

  write(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    const selector = this.#selector;
    const value = (expression: Expression) => selector.value(expression);
    switch (statement.kind) {
      case "set":
        selector.value(statement.value, statement.local.index);
        return;
      case "store":
        emitStore(selector, statement);
        return;
      case "call":
        emitCall(selector, statement.callee, statement.operands, none);
        return;
      case "drop":
        value(statement.value);
        return;
      case "if":
        this.#if(statement);
        return;
      case "loop":
        this.#loop(statement);
        return;
      case "block":
        this.#inside(selector.labels++, statement.body, true);
        return;
      case "leave":
        this.#jumpWhere(
          statement.condition,
          this.#targets[this.#targets.length - 1 - statement.depth] as number,
        );
        return;
      case "return":
        this.#return(statement.value);
        return;
      case "pause":
        selector.emit(control.pause);
        return;
      case "copy": {
        const operands = [statement.destination, statement.source, statement.bytes].map(value);
        selector.emit(control.copy, none, ...operands);
        return;
      }
      case "fill": {
        const operands = [statement.destination, statement.value, statement.bytes].map(value);
        selector.emit(control.fill, none, ...operands);
      }
    }
  }

  #label(label: number): void {
    this.#selector.emit(control.label, none, none, none, none, label);
  }

  /** The body of a structure, with the label at its end where `isLeft` says so. */
  #inside(label: number, body: readonly Statement[], isLeft: boolean): void {
    this.#targets.push(label);
    this.write(body);
    this.#targets.pop();
    if (isLeft) this.#label(label);
  }

  #jumpWhere(condition: Expression, label: number): void {
    const selector = this.#selector;
    if (condition.op === "i32.const") {
      if (condition.immediates[0] !== 0) selector.emit(control.jump, none, none, none, none, label);
      return;
    }
    const test = emitTest(selector, condition);
    selector.emit(control.jumpIf, none, none, none, none, label).test = test;
  }

  #if({ condition, body, otherwise }: Statement & { readonly kind: "if" }): void {
    const selector = this.#selector;
    const end = selector.labels++;
    const other = otherwise ? selector.labels++ : end;
    const test = emitTest(selector, condition);
    selector.emit(control.jumpIf, none, none, none, none, other).test = opposite(test);
    if (!otherwise) {
      this.#inside(end, body, true);
      return;
    }
    this.#inside(end, body, false);
    selector.emit(control.jump, none, none, none, none, end);
    this.#label(other);
    this.#inside(end, otherwise, true);
  }

  #loop({ body, condition }: Statement & { readonly kind: "loop" }): void {
    const selector = this.#selector;
    const start = selector.labels++;
    const parent = selector.loop;
    const depth = parent === none ? 1 : (selector.loops[parent] as Loop).depth + 1;
    const loop: Loop = { from: selector.code.length, to: 0, parent, depth, calls: false };
    selector.loop = selector.loops.push(loop) - 1;
    this.#label(start);
    this.#inside(start, body, false);
    this.#jumpWhere(condition, start);
    loop.to = selector.code.length;
    selector.loop = parent;
  }

  #return(result: Expression | undefined): void {
    const selector = this.#selector;
    if (!result) selector.emit(control.leave);
    else {
      const form = result.type === "i32" ? control.leave : control.leaveWithVector;
      selector.emit(form, none, selector.value(result));
    }
  }
}

export function selectInstructions(
  { reference, locals, body, lanes }: FunctionCode,
  set: InstructionSet,
  functions: readonly FunctionReference[],
): LinearFunction {
  const selector = new Selector({ lanes, locals }, set, functions, rules);
  selector.emit(control.begin);
  new Statements(selector).write(body);
  if (selector.code.at(-1)?.form.control !== "return") selector.emit(control.leave);
  const { bits, code, types, constants, loops, loopAt, labels, argumentBytes } = selector;
  return {
    ...{ name: reference.name, bits, code, types, locals: locals.length },
    parameters: reference.parameters.length,
    ...{ constants, loops, loopAt, labels, argumentBytes },
  };
}
