/**
 * The one node type of the computational graph: (operation, inputs, attributes) with the shape and dtype that follow.
 * Nodes are frozen and interned: equal nodes are the same object, so common subexpressions vanish at birth.
 */

import { ShapeError } from "../errors.ts";
import { printShape, type Shape } from "./dimension.ts";
import type { Attributes, DType, Operation } from "./operations.ts";
import { typeRules } from "./types.ts";

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
}

const table = new Map<string, WeakRef<Node>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (!table.get(key)?.deref()) table.delete(key);
});
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

/** The node of this operation over these inputs. Throws ShapeError where the inputs do not fit. */
export function node<Op extends Operation>(
  op: Op,
  inputs: readonly Node[],
  attributes: Attributes[Op],
): Node<Op> {
  const key = `${op}(${inputs.map(({ id }) => id).join(",")})${JSON.stringify(attributes, attributeKey)}`;
  const known = table.get(key)?.deref();
  if (known) return known as Node<Op>;
  const { shape, dtype } = typeRules[op](inputs, attributes);
  if (shape.some((size) => typeof size !== "string" && !(Number.isInteger(size) && size >= 0))) {
    const sizes = printShape(shape.map(String));
    throw new ShapeError(`${op}: the shape ${sizes} given, whole numbers from 0 on expected`);
  }
  count += 1;
  const made = Object.freeze({
    op,
    inputs: Object.freeze([...inputs]),
    attributes: frozen(attributes),
    shape: Object.freeze([...shape]),
    dtype,
    id: count,
  }) as Node<Op>;
  table.set(key, new WeakRef(made as Node));
  forgotten.register(made, key);
  return made;
}

/** Narrows a node to one operation, so that its attributes are typed. */
export function isOp<Op extends Operation>(node: Node, op: Op): node is Node<Op> {
  return node.op === op;
}
