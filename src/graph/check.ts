/**
 * The checker: what a legal graph is. Nodes are checked when they are made; this checks what holds of a whole graph, and
 * once more that every node follows the rules of its operation, for those who rewrite graphs.
 */

import { GraphError, ShapeError } from "../errors.ts";
import { argumentTypes, type Body, bodyResults } from "./body.ts";
import { sameShape } from "./dimension.ts";
import { known } from "./interning.ts";
import { isKind, isOp, type Node, newNode, nodeKey, type TensorType } from "./node.ts";
import type { DType } from "./operations.ts";
import { topologicalOrder } from "./traverse.ts";
import { printType } from "./types.ts";

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

function inputProblem({ inputs, id }: Node): string | undefined {
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
  if (isKind(current, "reduction") && current.attributes.axes.length === 0)
    return "it has no axes to go over";
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
  return isKind(current, "bound") ? "it belongs to a scan, and stands outside of one" : undefined;
}

/** Bodies are closed: what they read comes through their arguments. */
function bodyLeafProblem(current: Node, body: Body): string | undefined {
  if (isKind(current, "given")) return "a step may read it as a capture only";
  if (!isKind(current, "bound")) return undefined;
  if (current.attributes.scope !== 0) return `it belongs to the unfinished scan ${current.attributes.scope}`;
  const [source, type] = sourceOf(current, body);
  return type && sameType(type, current) ? undefined : `${source} is ${type ? printType(type) : "missing"}`;
}

/** What a leaf of a body stands for. */
function sourceOf(leaf: Node, body: Body): readonly [string, TensorType | undefined] {
  if (isOp(leaf, "past")) {
    const { output } = leaf.attributes;
    return [`output ${output}`, body.outputs[output]];
  }
  const { index } = (leaf as Node<"argument">).attributes;
  return [`argument ${index}`, argumentTypes(body)[index]];
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
