/**
 * Prints a lowered program: its buffers, its setup, then its statements, loops indented. A view is printed as its buffer, where in
 * it the view starts, its shape, and its strides where there are gaps.
 */

import { type Dimension, printShape, stridesOf } from "../../graph/dimension.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import { factsOf } from "../../graph/operations.ts";
import {
  type Buffer,
  isScalar,
  isTrailing,
  type LoopStatement,
  type LoweredProgram,
  type MapStatement,
  type Offset,
  type Operand,
  type ProductAxis,
  type RowsStatement,
  type Statement,
  type View,
} from "./program.ts";

const dtypes = { float32: "", int32: "i", bool: "b" } as const;

/** The program, one statement a line; maps have a line for each node that they compute and each place they write. */
export function printProgram({ buffers, setup, statements, results }: LoweredProgram): string {
  return [
    ...buffers.map((buffer) => `${nameOf(buffer)}: ${buffer.kind} of ${buffer.size}`),
    ...(setup.length > 0 ? ["once:", ...indented(printStatements(setup))] : []),
    ...printStatements(statements),
    `-> ${results.map(printView).join(", ")}`,
  ].join("\n");
}

function printStatements(statements: readonly Statement[]): string[] {
  return statements.flatMap((statement) => {
    const [first = "", ...rest] = printStatement(statement);
    return [first + printSplit(statement), ...rest];
  });
}

/** Along which axis threads share a statement. */
function printSplit(statement: Statement): string {
  if (!("split" in statement) || !statement.split) return "";
  const { axis } = statement.split;
  if (typeof axis === "number") return ` {split along axis ${axis}}`;
  return ` {split along ${typeof axis === "object" ? `outer axis ${axis.outer}` : axis}}`;
}

function printStatement(statement: Statement): string[] {
  switch (statement.kind) {
    case "loop":
      return printLoop(statement);
    case "blocks":
      return [
        `for ${statement.size} of ${statement.rows} rows at a time:`,
        ...indented(statement.body.flatMap(printStatement)),
      ];
    case "map":
      return printMap(statement);
    case "product": {
      const { a, b, c, outer, m, n, k, accumulate, packed } = statement;
      const around = outer.map(({ size }) => `, for each of ${size}`).join("");
      const right = packed ? nameOf(packed) : printView(b);
      const sizes = [m, n, k].map(({ size }: ProductAxis) => size).join(" x ");
      return [`${printView(c)} ${accumulate ? "+=" : "="} ${printView(a)} . ${right}, ${sizes}${around}`];
    }
    case "pack":
      return [`${nameOf(statement.packed)} = pack ${printView(statement.b)}`];
    case "gather":
    case "scatter":
      return [printRows(statement)];
    default:
      return [statement.kind];
  }
}

function printLoop({ loop, count, reverse, body }: LoopStatement): string[] {
  const head = `for t${loop} in 0..${count}${reverse ? ", from the last" : ""}:`;
  return [head, ...indented(printStatements(body))];
}

function printMap({ space, reduced, nodes, operands, writes }: MapStatement): string[] {
  const names = new Map<Node, string>();
  const nameOfInput = (input: Node) => {
    const operand = operands.get(input);
    return names.get(input) ?? (operand ? printOperand(operand) : input.op);
  };
  const lines = nodes.map((node) => {
    names.set(node, `%${names.size}`);
    const dtype = isOp(node, "convert") ? ` to ${node.dtype}` : "";
    return `${names.get(node)} = ${node.op}(${node.inputs.map(nameOfInput).join(", ")})${dtype}`;
  });
  const stores = writes.map(({ from, to, wide }) => {
    const isAdded = "op" in from && isKind(from, "reduction") && !isTrailing(reduced, space.length);
    const { repeats } = isAdded ? factsOf(from.op) : {};
    const sign = repeats ? `${factsOf(repeats).symbol}=` : "=";
    const through = wide?.buffer ? ` through ${nameOf(wide.buffer)}` : "";
    return `${printView(to)} ${sign} ${"op" in from ? names.get(from) : printOperand(from)}${through}`;
  });
  if (lines.length === 0 && stores.length === 1) return stores;
  const axes = reduced.length > 0 ? `, reducing axes ${reduced.join(", ")}` : "";
  return [`over ${printShape(space)}${axes}:`, ...indented([...lines, ...stores])];
}

function printRows({ kind, table, stride, first, end, index, rows, wide }: RowsStatement): string {
  const range = `${printOffset(first) || 0}..${printOffset(end) || 0}`;
  const source = `${printView(table)} at ${stride} * ${printView(index)} in ${range}`;
  if (kind === "gather") return `${printView(rows)} = rows ${source}`;
  return `rows ${source} += ${printView(rows)}${wide ? ` through ${nameOf(wide)}` : ""}`;
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
const nameOf = ({ label, id }: Buffer) => `${label}#${id}`;

function printOffset({ base, counters }: Offset): string {
  const moves = counters
    .filter(({ stride }) => stride !== 0)
    .map(({ loop, stride }) => (stride === 1 ? `t${loop}` : `${parenthesised(stride)}*t${loop}`));
  return [...(base === 0 ? [] : [String(base)]), ...moves].join(" + ");
}

function parenthesised(size: Dimension): string {
  return /[+-]/.test(String(size).slice(1)) ? `(${size})` : String(size);
}

function printView({ buffer, offset, shape, strides, dtype }: View): string {
  const at = printOffset(offset);
  const whole = stridesOf(shape);
  const hasGaps = strides.some((stride, axis) => shape[axis] !== 1 && stride !== whole[axis]);
  const gaps = hasGaps ? ` by ${printShape(strides)}` : "";
  return `${buffer ? nameOf(buffer) : "positions"}${at ? `[${at}]` : ""}${dtypes[dtype]}${printShape(shape)}${gaps}`;
}

function printOperand(operand: Operand): string {
  if (!isScalar(operand)) return printView(operand);
  return typeof operand.scalar === "number" ? String(operand.scalar) : `size ${operand.scalar.dimension}`;
}
