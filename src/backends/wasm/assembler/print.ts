/** Functions of the instruction tree as the code entries of a WebAssembly module. */

import type { Expression, Operation, Store, ValueType } from "../../instructions/expressions.ts";
import type { FunctionCode, Statement } from "../../instructions/functions.ts";
import { float32Bytes, float64Bytes, int32Bytes, signed, unsigned } from "./bytes.ts";
import { constantOpcode, demoteOpcode, type OneInstruction, opcodes, shuffleOpcode } from "./opcodes.ts";

export const typeByte: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, vector: 0x7b };

/** The function's code entry: locals, body, end. What was printed before is known. */
export function printFunction(code: FunctionCode): readonly number[] {
  let bytes = printed.get(code);
  if (!bytes) {
    bytes = print(code);
    printed.set(code, bytes);
  }
  return bytes;
}
const printed = new WeakMap<FunctionCode, readonly number[]>();

function print({ reference, locals, body, lanes }: FunctionCode): number[] {
  if (lanes !== 4) throw new Error(`${reference.name} has vectors of ${lanes} lanes, 4 expected`);
  const own = locals.slice(reference.parameters.length);
  const groups: [number, ValueType][] = [];
  for (const type of own) {
    const last = groups[groups.length - 1];
    if (last?.[1] === type) last[0] += 1;
    else groups.push([1, type]);
  }
  const bytes = unsigned(groups.length);
  for (const [count, type] of groups) bytes.push(...unsigned(count), typeByte[type]);
  printStatements(body, bytes);
  bytes.push(0x0b);
  return bytes;
}

function printStatements(statements: readonly Statement[], into: number[]): void {
  for (const statement of statements) printStatement(statement, into);
}

function printStatement(statement: Statement, into: number[]): void {
  const all = (...expressions: Expression[]) => {
    for (const expression of expressions) printExpression(expression, into);
  };
  switch (statement.kind) {
    case "store":
      printMemory(statement, into);
      return;
    case "set":
      all(statement.value);
      into.push(0x21, ...unsigned(statement.local.index));
      return;
    case "call":
      all(...statement.operands);
      into.push(0x10, ...unsigned(statement.callee.index));
      if (statement.callee.result !== undefined) into.push(0x1a);
      return;
    case "drop":
      all(statement.value);
      into.push(0x1a);
      return;
    case "if":
      all(statement.condition);
      into.push(0x04, 0x40);
      printStatements(statement.body, into);
      if (statement.otherwise) {
        into.push(0x05);
        printStatements(statement.otherwise, into);
      }
      into.push(0x0b);
      return;
    case "loop":
      into.push(0x03, 0x40);
      printStatements(statement.body, into);
      all(statement.condition);
      into.push(0x0d, 0, 0x0b);
      return;
    case "block":
      into.push(0x02, 0x40);
      printStatements(statement.body, into);
      into.push(0x0b);
      return;
    case "leave":
      all(statement.condition);
      into.push(0x0d, ...unsigned(statement.depth));
      return;
    case "return":
      if (statement.value) all(statement.value);
      into.push(0x0f);
      return;
    case "pause":
      return;
    case "copy":
      all(statement.destination, statement.source, statement.bytes);
      into.push(0xfc, 0x0a, 0, 0);
      return;
    case "fill":
      all(statement.destination, statement.value, statement.bytes);
      into.push(0xfc, 0x0b, 0);
  }
}

/** The value of an expression, left on the stack. */
function printExpression(expression: Expression, into: number[]): void {
  const { op, operands, immediates } = expression;
  const [first, second] = operands as [Expression, Expression];
  const twice = (lanes: readonly number[]) => {
    printExpression(first, into);
    printExpression(first, into);
    into.push(...shuffleOpcode, ...shuffleBytes(lanes));
  };
  const both = (lanes: readonly number[]) => {
    printExpression(first, into);
    printExpression(second, into);
    into.push(...shuffleOpcode, ...shuffleBytes(lanes));
  };
  switch (op as Operation | "local" | "select" | "call") {
    case "local":
      into.push(0x20, ...unsigned((expression as Expression & { readonly index: number }).index));
      return;
    case "select":
      for (const operand of operands) printExpression(operand, into);
      into.push(0x1c, 1, typeByte[expression.type]);
      return;
    case "call":
      for (const operand of operands) printExpression(operand, into);
      into.push(0x10, ...unsigned(immediates[0] as number));
      return;
    case "i32.const":
      into.push(0x41, ...signed(immediates[0] as number));
      return;
    case "f32.const":
      into.push(0x43, ...float32Bytes(immediates[0] as number));
      return;
    case "i32xN.iota":
      into.push(...constantOpcode, ...[0, 1, 2, 3].flatMap(int32Bytes));
      return;
    case "i32xN.const":
      into.push(...constantOpcode, ...repeated(int32Bytes(immediates[0] as number), 4));
      return;
    case "f32xN.const":
      into.push(...constantOpcode, ...repeated(float32Bytes(immediates[0] as number), 4));
      return;
    case "f64xN.const":
      into.push(...constantOpcode, ...repeated(float64Bytes(immediates[0] as number), 2));
      return;
    case "i64xN.const":
      into.push(...constantOpcode, ...repeated(immediates.flatMap(int32Bytes), 2));
      return;
    case "i8x16.const":
      into.push(...constantOpcode, ...immediates);
      return;
    case "vector.shuffle":
      both(immediates);
      return;
    case "vector.exchange": {
      const distance = immediates[0] as number;
      twice([0, 1, 2, 3].map((lane) => lane ^ distance));
      return;
    }
    case "vector.even":
      both([0, 2, 4, 6]);
      return;
    case "vector.odd":
      both([1, 3, 5, 7]);
      return;
    case "f64xN.promote_high_f32xN":
      printHigh(first, "f64xN.promote_low_f32xN", into);
      return;
    case "f64xN.convert_high_i32xN_s":
      printHigh(first, "f64xN.convert_low_i32xN_s", into);
      return;
    case "f64xN.convert_high_i32xN_u":
      printHigh(first, "f64xN.convert_low_i32xN_u", into);
      return;
    case "f64xN.demote_to_f32xN":
      printExpression(first, into);
      into.push(...demoteOpcode);
      printExpression(second, into);
      into.push(...demoteOpcode, ...shuffleOpcode, ...shuffleBytes([0, 1, 4, 5]));
      return;
    default:
      if (immediates.length > 0 || isAtomic(op)) printMemory(expression, into);
      else {
        for (const operand of operands) printExpression(operand, into);
        into.push(...opcodeOf(op));
      }
  }
}

/** An operation of the first two lanes, on the last two. */
function printHigh(operand: Expression, low: OneInstruction, into: number[]): void {
  printExpression(operand, into);
  printExpression(operand, into);
  into.push(...shuffleOpcode, ...shuffleBytes([2, 3, 2, 3]), ...opcodes[low]);
}

const isAtomic = (op: string) => op.startsWith("atomics.");

/** Loads, stores and atomics, which have an alignment (of 4 bytes, as a power of two) and an offset; and what takes the number of a lane. */
function printMemory({ op, operands, immediates }: Expression | Store, into: number[]): void {
  for (const operand of operands) printExpression(operand, into);
  if (op.endsWith(".extract_lane")) {
    into.push(...opcodeOf(op), immediates[0] as number);
    return;
  }
  // All that wait are woken; who waits does so for ever.
  if (op === "atomics.notify") into.push(0x41, 0x7f);
  if (op === "atomics.wait") into.push(0x42, 0x7f);
  const [offset = 0, ...lane] = immediates;
  into.push(...opcodeOf(op), 2, ...unsigned(offset), ...lane);
  if (op === "vector.store64_low") into.push(0);
}

function opcodeOf(op: string): readonly number[] {
  const opcode = opcodes[op as OneInstruction];
  if (!opcode) throw new Error(`${op} is no operation`);
  return opcode;
}

function repeated(bytes: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => bytes).flat();
}

const shuffleBytes = (lanes: readonly number[]) =>
  lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]);
