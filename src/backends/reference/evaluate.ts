/**
 * The living definition of every operation, in float64 and plain loops: slow, short and obviously right. A scan is the
 * loop that it stands for.
 */

import { GraphError } from "../../errors.ts";
import { argumentTypes, bodyResults, splitArguments, splitResults } from "../../graph/body.ts";
import { type Bindings, evaluateDimension, type Shape } from "../../graph/dimension.ts";
import { labelRoles, parseLabels } from "../../graph/einsum.ts";
import type { Node } from "../../graph/node.ts";
import type { Operation } from "../../graph/operations.ts";
import { uniform } from "../../graph/threefry.ts";
import { topologicalOrder } from "../../graph/traverse.ts";
import { countOf } from "../../numbers.ts";
import { type Dense, empty, forEachIndex, remap, row, strides } from "./array.ts";

/** What nodes need from outside: sizes, and the values of leaves. */
export interface Context {
  readonly bindings: Bindings;
  /** Values of variables, inputs, and in a body its arguments and its past. */
  leaf(leaf: Node, inputs: readonly Dense[]): Dense;
  /** Results of scans, which are several. */
  readonly scans: Map<Node, Dense[]>;
}

type Evaluation<Op extends Operation> = (inputs: readonly Dense[], node: Node<Op>, context: Context) => Dense;

const at = (values: readonly Dense[], index: number): Dense => values[index] as Dense;
const scalarValue = (value: number): Dense => ({ shape: [], data: Float64Array.of(value) });

/** One number out of the inputs' numbers at each place. */
function pointwise(compute: (...numbers: number[]) => number) {
  return (inputs: readonly Dense[]): Dense => {
    const data = at(inputs, 0).data.map((_, index) =>
      compute(...inputs.map((input) => input.data[index] as number)),
    );
    return { shape: at(inputs, 0).shape, data };
  };
}

function reduce(start: number, combine: (total: number, value: number) => number) {
  return (inputs: readonly Dense[], { attributes }: Node<"sum" | "max">): Dense => {
    const source = at(inputs, 0);
    const { axes } = attributes;
    const result = empty(source.shape.filter((_, axis) => !axes.includes(axis)));
    result.data.fill(start);
    const step = strides(result.shape);
    forEachIndex(source.shape, (index, flat) => {
      const kept = index.filter((_, axis) => !axes.includes(axis));
      const to = kept.reduce((sum, position, axis) => sum + position * (step[axis] as number), 0);
      result.data[to] = combine(result.data[to] as number, source.data[flat] as number);
    });
    return result;
  };
}

const leaf = (inputs: readonly Dense[], node: Node, context: Context) => context.leaf(node, inputs);

/** NaN wherever one of the numbers is NaN, as the comparison of floats demands. */
const largest = (a: number, b: number) => Math.max(a, b);

/** As IEEE 754 has it: JavaScript's 1^y is NaN where y is no number or infinite. */
const power = (x: number, y: number) =>
  x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;

export const evaluations: { [Op in Operation]: Evaluation<Op> } = {
  variable: leaf,
  input: leaf,
  argument: leaf,
  past: leaf,
  constant: (_inputs, { attributes }) => scalarValue(attributes.value),
  iota: (_inputs, { attributes }, { bindings }) => {
    const size = evaluateDimension(attributes.size, bindings);
    return { shape: [size], data: Float64Array.from({ length: size }, (_, index) => index) };
  },
  dimension: (_inputs, { attributes }, { bindings }) =>
    scalarValue(evaluateDimension(attributes.dimension, bindings)),

  negate: pointwise((a = 0) => -a),
  exp: pointwise((a = 0) => Math.exp(a)),
  log: pointwise((a = 0) => Math.log(a)),
  tanh: pointwise((a = 0) => Math.tanh(a)),
  sigmoid: pointwise((a = 0) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)))),
  sqrt: pointwise((a = 0) => Math.sqrt(a)),
  floor: pointwise((a = 0) => Math.floor(a)),
  sin: pointwise((a = 0) => Math.sin(a)),
  cos: pointwise((a = 0) => Math.cos(a)),
  not: pointwise((a) => (a === 0 ? 1 : 0)),
  stopGradient: pointwise((a = 0) => a),
  convert: (inputs, { attributes }) =>
    pointwise((a = 0) =>
      attributes.dtype === "int32" ? Math.trunc(a) : attributes.dtype === "bool" ? Number(a !== 0) : a,
    )(inputs),
  add: pointwise((a = 0, b = 0) => a + b),
  subtract: pointwise((a = 0, b = 0) => a - b),
  multiply: pointwise((a = 0, b = 0) => a * b),
  divide: pointwise((a = 0, b = 0) => a / b),
  power: pointwise((x = 0, y = 0) => power(x, y)),
  maximum: pointwise(largest as (...numbers: number[]) => number),
  minimum: pointwise((a = 0, b = 0) => Math.min(a, b)),
  less: pointwise((a = 0, b = 0) => Number(a < b)),
  lessEqual: pointwise((a = 0, b = 0) => Number(a <= b)),
  equal: pointwise((a, b) => Number(a === b)),
  and: pointwise((a = 0, b = 0) => a * b),
  or: pointwise((a = 0, b = 0) => Math.max(a, b)),
  select: pointwise((condition, a = 0, b = 0) => (condition === 0 ? b : a)),
  random: pointwise((key0 = 0, key1 = 0, counter = 0) => uniform(key0, key1, counter)),

  sum: reduce(0, (total, value) => total + value),
  max: reduce(Number.NEGATIVE_INFINITY, largest),

  einsum: (inputs, { attributes }) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const labels = parseLabels(attributes.labels);
    const { inner } = labelRoles(labels);
    const step = (source: Dense, axes: string, label: string) =>
      strides(source.shape)[axes.indexOf(label)] ?? 0;
    const size = (label: string) => a.shape[labels.a.indexOf(label)] ?? b.shape[labels.b.indexOf(label)] ?? 0;
    const outer = [...labels.result];
    const result = empty(outer.map(size));
    const stepsOf = (list: readonly string[]) =>
      list.map((label) => [step(a, labels.a, label), step(b, labels.b, label)] as const);
    const [outerSteps, innerSteps] = [stepsOf(outer), stepsOf(inner)];
    const innerShape = inner.map(size);
    const offset = (index: number[], steps: readonly (readonly [number, number])[], side: 0 | 1) =>
      index.reduce((sum, position, axis) => sum + position * (steps[axis]?.[side] ?? 0), 0);
    forEachIndex(result.shape, (index, flat) => {
      const [fromA, fromB] = [offset(index, outerSteps, 0), offset(index, outerSteps, 1)];
      let sum = 0;
      forEachIndex(innerShape, (position) => {
        const left = a.data[fromA + offset(position, innerSteps, 0)] as number;
        sum += left * (b.data[fromB + offset(position, innerSteps, 1)] as number);
      });
      result.data[flat] = sum;
    });
    return result;
  },

  reshape: (inputs, { shape }, context) => ({ shape: shapeOf(shape, context), data: at(inputs, 0).data }),
  transpose: (inputs, { attributes, shape }, context) => {
    const { permutation } = attributes;
    return remap(at(inputs, 0), shapeOf(shape, context), (index) => {
      const origin: number[] = [];
      permutation.forEach((axis, position) => {
        origin[axis] = index[position] as number;
      });
      return origin;
    });
  },
  broadcast: (inputs, { attributes, shape }, context) =>
    remap(at(inputs, 0), shapeOf(shape, context), (index) =>
      attributes.axes.map((axis) => index[axis] as number),
    ),
  slice: (inputs, { attributes, shape }, context) => {
    const start = evaluateDimension(attributes.start, context.bindings);
    return remap(at(inputs, 0), shapeOf(shape, context), (index) =>
      index.map((position, axis) => (axis === attributes.axis ? position + start : position)),
    );
  },
  pad: (inputs, { attributes, shape }, context) => {
    const before = evaluateDimension(attributes.before, context.bindings);
    const source = at(inputs, 0);
    return remap(source, shapeOf(shape, context), (index) => {
      const position = (index[attributes.axis] as number) - before;
      const inside = position >= 0 && position < (source.shape[attributes.axis] as number);
      return inside ? index.map((other, axis) => (axis === attributes.axis ? position : other)) : undefined;
    });
  },
  concat: (inputs, { attributes, shape }, context) => {
    const { axis } = attributes;
    const result = empty(shapeOf(shape, context));
    const step = strides(result.shape);
    let start = 0;
    for (const part of inputs) {
      forEachIndex(part.shape, (index, flat) => {
        const to = index.reduce(
          (sum, position, other) => sum + (position + (other === axis ? start : 0)) * (step[other] as number),
          0,
        );
        result.data[to] = part.data[flat] as number;
      });
      start += part.shape[axis] as number;
    }
    return result;
  },
  flip: (inputs, { attributes, shape }, context) => {
    const to = shapeOf(shape, context);
    return remap(at(inputs, 0), to, (index) =>
      index.map((position, axis) =>
        axis === attributes.axis ? (to[axis] as number) - 1 - position : position,
      ),
    );
  },

  gather: (inputs, { shape }, context) => {
    const [table, indices] = [at(inputs, 0), at(inputs, 1)];
    const result = empty(shapeOf(shape, context));
    const size = countOf(table.shape.slice(1));
    indices.data.forEach((index, position) => {
      if (index >= 0 && index < (table.shape[0] as number))
        result.data.set(row(table, index).data, position * size);
    });
    return result;
  },
  scatterAdd: (inputs, { shape }, context) => {
    const [indices, updates] = [at(inputs, 0), at(inputs, 1)];
    const result = empty(shapeOf(shape, context));
    const size = countOf(result.shape.slice(1));
    indices.data.forEach((index, position) => {
      if (index >= 0 && index < (result.shape[0] as number)) {
        addTo(row(result, index).data, updates.data.subarray(position * size, (position + 1) * size));
      }
    });
    return result;
  },

  scan: (inputs, node, context) => {
    const results = runScan(node, inputs, context);
    context.scans.set(node, results);
    return scalarValue(0);
  },
  output: (_inputs, { inputs, attributes }, context) =>
    context.scans.get(inputs[0] as Node)?.[attributes.index] ?? fail("the scan of an output has not run"),
};

function fail(message: string): never {
  throw new GraphError(message);
}

function shapeOf(shape: Shape, { bindings }: Context): number[] {
  return shape.map((dimension) => evaluateDimension(dimension, bindings));
}

function addTo(target: Float64Array, source: Float64Array): void {
  source.forEach((value, index) => {
    target[index] = (target[index] as number) + value;
  });
}

/** The values of the results. */
export function evaluate(results: readonly Node[], context: Context): Dense[] {
  const values = new Map<Node, Dense>();
  for (const current of topologicalOrder(results)) {
    const inputs = current.inputs.map((input) => values.get(input) as Dense);
    const evaluation = evaluations[current.op] as Evaluation<Operation>;
    values.set(current, evaluation(inputs, current, context));
  }
  return results.map((result) => values.get(result) as Dense);
}

/** The loop that a scan stands for. */
function runScan(node: Node<"scan">, inputs: readonly Dense[], { bindings }: Context): Dense[] {
  const { body, length, reverse } = node.attributes;
  const { states: init, sequences, captures } = splitArguments(body, inputs);
  let states = init;
  const steps = evaluateDimension(length, bindings);
  const sizes = (shape: Shape) => shape.map((dimension) => evaluateDimension(dimension, bindings));
  const outputs = body.outputs.map(({ shape }) => empty([steps, ...sizes(shape)]));
  const inboxes = body.inboxes.map(({ shape }) => empty([steps, ...sizes(shape)]));
  const results = bodyResults(body);
  for (let count = 0; count < steps; count += 1) {
    const t = reverse ? steps - 1 - count : count;
    const given = [
      ...states,
      ...sequences.map((sequence) => row(sequence, t)),
      ...captures,
      ...inboxes.map((inbox) => row(inbox, t)),
    ];
    if (given.length !== argumentTypes(body).length) fail("a scan's inputs do not fit its body");
    const values = evaluate(results, {
      bindings,
      scans: new Map(),
      leaf: (leafNode, indices) =>
        leafNode.op === "past"
          ? readPast(leafNode as Node<"past">, outputs, indices[0], count, reverse)
          : argumentOf(leafNode, given),
    });
    const { next, outputs: made, sends } = splitResults(body, values);
    states = next.map(({ shape, data }) => ({ shape, data: data.slice() }));
    outputs.forEach((output, index) => {
      row(output, t).data.set(at(made, index).data);
    });
    for (const { inbox, index, value } of sends) sendValue(at(inboxes, inbox), index, value);
  }
  return [...states, ...outputs];
}

function argumentOf(leafNode: Node, given: readonly Dense[]): Dense {
  if (leafNode.op !== "argument") fail(`a body refers to the ${leafNode.op} of another graph`);
  return at(given, (leafNode as Node<"argument">).attributes.index);
}

/** Output of an earlier step; `done` steps are done, in the order of processing. */
function readPast(
  { attributes }: Node<"past">,
  outputs: readonly Dense[],
  index: Dense | undefined,
  done: number,
  reverse: boolean,
): Dense {
  const output = at(outputs, attributes.output);
  const steps = output.shape[0] as number;
  const inOrder = (t: number) => (reverse ? steps - 1 - t : t);
  if (!index) {
    const from = done - attributes.distance;
    return from < 0 ? empty(output.shape.slice(1)) : row(output, inOrder(from));
  }
  const result = empty(output.shape.slice(1));
  const size = countOf(output.shape.slice(2));
  index.data.forEach((t, position) => {
    if (t < 0 || t >= steps || inOrder(t) >= done) return;
    result.data.set(row(output, t).data.subarray(position * size, (position + 1) * size), position * size);
  });
  return result;
}

function sendValue(inbox: Dense, index: Dense, value: Dense): void {
  const size = countOf(inbox.shape.slice(2));
  index.data.forEach((t, rowIndex) => {
    if (t < 0 || t >= (inbox.shape[0] as number)) return;
    addTo(
      row(inbox, t).data.subarray(rowIndex * size, (rowIndex + 1) * size),
      value.data.subarray(rowIndex * size, (rowIndex + 1) * size),
    );
  });
}
