/**
 * The one node type of the computational graph: (operation, inputs, attributes) with the shape and dtype that follow.
 * Nodes are frozen, and interned within a program: equal nodes are the same object, so common subexpressions vanish at
 * birth.
 */

import { ShapeError } from "../errors.ts";
import { printShape, type Shape } from "./dimension.ts";
import { isInProgram, known, remember } from "./interning.ts";
import {
  type Attributes,
  type DType,
  factsOf,
  type Kind,
  type OfKind,
  type Operation,
  typeOf,
} from "./operations.ts";

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface Node<Op extends Operation = Operation> extends TensorType {
  readonly op: Op;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes[Op];
  /** Grows with every new node: inputs have smaller numbers, so sorting by it is a topological order. */
  readonly id: number;
  /** Whether it is a variable, or computed from one. */
  readonly readsVariables: boolean;
}

let count = 0;

/** Attributes as text: numbers exactly, bodies and variables by their identity. */
function attributeKey(_name: string, value: unknown): unknown {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return `#${Object.is(value, -0) ? "-0" : value}`;
  if (typeof value === "object" && value !== null && "id" in value) return `#${String(value.id)}`;
  return value;
}

/** Attributes that nobody changes, not even whoever gave a shape. */
function frozen<Given extends object>(attributes: Given): Given {
  const own = { ...attributes } as Record<string, unknown>;
  for (const name in own) if (Array.isArray(own[name])) own[name] = Object.freeze([...own[name]]);
  return Object.freeze(own) as Given;
}

/** What equal nodes have in common, and no others. */
export function nodeKey({ op, inputs, attributes }: Pick<Node, "op" | "inputs" | "attributes">): string {
  return `${op}(${inputs.map(({ id }) => id).join(",")})${JSON.stringify(attributes, attributeKey)}`;
}

/**
 * The node of this operation over these inputs. Outside of programs, what is computed from variables is a new node at
 * each call. Throws ShapeError where the inputs do not fit.
 */
export function node<Op extends Operation>(
  op: Op,
  inputs: readonly Node[],
  attributes: Attributes[Op],
): Node<Op> {
  const key = nodeKey({ op, inputs, attributes });
  const equal = known(key);
  if (equal) return equal as Node<Op>;
  const made = newNode(op, inputs, attributes);
  if (inputs.length === 0) remember(key, made, true);
  else if (isInProgram() || !made.readsVariables) remember(key, made);
  return made;
}

/** A node of its own, equal to no other: the leaf of a variable. */
export function newNode<Op extends Operation>(
  op: Op,
  inputs: readonly Node[],
  attributes: Attributes[Op],
): Node<Op> {
  const { shape, dtype } = typeOf(op, inputs, attributes);
  if (shape.some((size) => typeof size !== "string" && !(Number.isInteger(size) && size >= 0))) {
    const sizes = printShape(shape.map(String));
    throw new ShapeError(`${op}: the shape ${sizes} given, whole numbers from 0 on expected`);
  }
  count += 1;
  return Object.freeze({
    op,
    inputs: Object.freeze([...inputs]),
    attributes: frozen(attributes),
    shape: Object.freeze([...shape]),
    dtype,
    id: count,
    readsVariables: op === "variable" || inputs.some(({ readsVariables }) => readsVariables),
  }) as Node<Op>;
}

/** Narrows a node to one operation, so that its attributes are typed. */
export function isOp<Op extends Operation>(node: Node, op: Op): node is Node<Op> {
  return node.op === op;
}

/** Narrows a node to the operations of one kind. */
export function isKind<K extends Kind>(node: Node, kind: K): node is Node<OfKind<K>> {
  return factsOf(node.op).kind === kind;
}
