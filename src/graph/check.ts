/**
 * The checker: what a legal graph is. Nodes are checked when they are made; this checks what holds of a whole graph, and
 * once more that every node follows the rules of its operation, for those who rewrite graphs.
 */

import { GraphError, ShapeError } from "../errors.ts";
import { argumentTypes, type Body, bodyResults } from "./body.ts";
import { sameShape } from "./dimension.ts";
import { known } from "./interning.ts";
import { isOp, type Node, newNode, nodeKey, type TensorType } from "./node.ts";
import type { DType, Operation } from "./operations.ts";
import { topologicalOrder } from "./traverse.ts";
import { printType } from "./types.ts";

/** The least and most inputs of each operation. */
const arity: Record<Operation, readonly [least: number, most: number]> = {
  variable: [0, 0],
  input: [0, 0],
  argument: [0, 0],
  constant: [0, 0],
  iota: [0, 0],
  dimension: [0, 0],
  past: [0, 1],
  negate: [1, 1],
  exp: [1, 1],
  log: [1, 1],
  tanh: [1, 1],
  sigmoid: [1, 1],
  sqrt: [1, 1],
  not: [1, 1],
  stopGradient: [1, 1],
  convert: [1, 1],
  add: [2, 2],
  subtract: [2, 2],
  multiply: [2, 2],
  divide: [2, 2],
  maximum: [2, 2],
  minimum: [2, 2],
  less: [2, 2],
  lessEqual: [2, 2],
  equal: [2, 2],
  and: [2, 2],
  or: [2, 2],
  select: [3, 3],
  random: [3, 3],
  sum: [1, 1],
  max: [1, 1],
  einsum: [2, 2],
  reshape: [1, 1],
  transpose: [1, 1],
  broadcast: [1, 1],
  slice: [1, 1],
  pad: [1, 1],
  concat: [1, Number.POSITIVE_INFINITY],
  flip: [1, 1],
  gather: [2, 2],
  scatterAdd: [2, 2],
  scan: [0, Number.POSITIVE_INFINITY],
  output: [1, 1],
};

/** Throws GraphError, naming the node and the problem, where the graph of these results is not legal. */
export function checkGraph(results: readonly Node[]): void {
  checkBlock(results, undefined, "");
}

/** Check the nodes of a program, or of one body. */
function checkBlock(results: readonly Node[], body: Body | undefined, where: string): void {
  const inputs = new Map<string, Node>();
  for (const current of topologicalOrder(results)) {
    const report = (problem: string): never => {
      throw new GraphError(`${current.op} ${current.id}, ${printType(current)}${where}: ${problem}`);
    };
    const problem =
      inputProblem(current) ??
      typeProblem(current) ??
      attributeProblem(current) ??
      (body ? bodyLeafProblem(current, body) : programLeafProblem(current));
    if (problem) report(problem);
    if (isOp(current, "input")) {
      const { name } = current.attributes;
      const other = inputs.get(name) ?? current;
      if (other !== current) report(`the input ${name} is declared as ${printType(other)} too`);
      inputs.set(name, current);
    }
    if (isOp(current, "scan")) {
      const problem = scanProblem(current.attributes.body);
      if (problem) report(problem);
      checkBlock(
        bodyResults(current.attributes.body),
        current.attributes.body,
        ` in scan ${current.id}${where}`,
      );
    }
  }
}

function inputProblem({ op, inputs, id }: Node): string | undefined {
  const [least, most] = arity[op];
  if (inputs.length < least || inputs.length > most)
    return `${inputs.length} inputs given, ${least === most ? least : `${least} or more`} expected`;
  const later = inputs.find((input) => input.id >= id);
  return later && `its input ${later.op} ${later.id} is younger than itself`;
}

/** The operation's own rules, asked again; equal nodes of a program must be the same object. */
function typeProblem(current: Node): string | undefined {
  if ((known(nodeKey(current)) ?? current) !== current) return "another node is equal to it";
  try {
    const type = newNode(current.op, current.inputs, current.attributes);
    return sameType(type, current) ? undefined : `its operation gives ${printType(type)}`;
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
}

const isCount = (value: number, least = 0) => Number.isInteger(value) && value >= least;
const isSize = (value: number | string) => typeof value === "string" || isCount(value);

function attributeProblem(current: Node): string | undefined {
  if (isOp(current, "constant")) {
    const { value, dtype } = current.attributes;
    return isExact(value, dtype) ? undefined : `${value} is no ${dtype}`;
  }
  if (isOp(current, "sum") || isOp(current, "max")) {
    if (current.attributes.axes.length === 0) return "it has no axes to go over";
  }
  if (isOp(current, "broadcast")) {
    const { axes } = current.attributes;
    if (new Set(axes).size !== axes.length) return `two axes become one in (${axes.join(", ")})`;
  }
  if (isOp(current, "past")) {
    const { distance } = current.attributes;
    const byIndex = current.inputs.length === 1;
    if (byIndex ? distance !== 0 : !isCount(distance, 1)) return `it reads ${distance} steps back`;
  }
  if (isOp(current, "scan") && !isSize(current.attributes.length))
    return `${current.attributes.length} steps asked for`;
  return undefined;
}

/** Whether a dtype has this number. */
function isExact(value: number, dtype: DType): boolean {
  if (dtype === "bool") return value === 0 || value === 1;
  return dtype === "int32" ? (value | 0) === value : Object.is(Math.fround(value), value);
}

function programLeafProblem(current: Node): string | undefined {
  return isOp(current, "argument") || isOp(current, "past")
    ? "it belongs to a scan, and stands outside of one"
    : undefined;
}

/** Bodies are closed: what they read comes through their arguments. */
function bodyLeafProblem(current: Node, body: Body): string | undefined {
  if (isOp(current, "variable") || isOp(current, "input")) return "a step may read it as a capture only";
  if (!isOp(current, "argument") && !isOp(current, "past")) return undefined;
  if (current.attributes.scope !== 0) return `it belongs to the unfinished scan ${current.attributes.scope}`;
  const type = isOp(current, "argument")
    ? argumentTypes(body)[current.attributes.index]
    : body.outputs[current.attributes.output];
  if (type && sameType(type, current)) return undefined;
  const source = isOp(current, "argument")
    ? `argument ${current.attributes.index}`
    : `output ${current.attributes.output}`;
  return `${source} is ${type ? printType(type) : "missing"}`;
}

function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** What the rule of scan does not see: how many results a body has, and what it sends. */
function scanProblem({ states, next, inboxes, sends }: Body): string | undefined {
  if (next.length !== states.length) return `the step gives ${next.length} of ${states.length} states`;
  for (const { inbox, index, value } of sends) {
    const type = inboxes[inbox];
    if (!type) return `something is sent to inbox ${inbox} of ${inboxes.length}`;
    if (!sameType(type, value)) return `${printType(value)} is sent to inbox ${inbox} of ${printType(type)}`;
    if (index.dtype !== "int32" || index.shape.length !== 1 || index.shape[0] !== value.shape[0])
      return `${printType(value)} is sent to the steps ${printType(index)}`;
  }
  return undefined;
}
