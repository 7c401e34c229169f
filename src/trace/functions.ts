/** Functions over tensors, as equations are written: sigmoid(x.dot(W).add(b)), lerp(h, n, z), concat(h, x). */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Dimension, type Shape, sizeOf, subtractDimensions } from "../graph/dimension.ts";
import { node } from "../graph/node.ts";
import type { DType } from "../graph/operations.ts";
import { aligned, broadcastShapes, expand } from "./align.ts";
import { expectWithin } from "./expectation.ts";
import { constantOf, readShape } from "./number.ts";
import { expectTensors, located, Tensor, type TensorLike } from "./tensor.ts";

/** A function of one tensor. */
const ofTensor = (name: string, of: (x: Tensor) => Tensor) => (x: Tensor) => {
  expectTensors(name, x);
  return of(x);
};

export const sigmoid = ofTensor("sigmoid", (x) => x.sigmoid());
export const tanh = ofTensor("tanh", (x) => x.tanh());
/** max(x, 0); the gradient at 0 is 0. */
export const relu = ofTensor("relu", (x) => where(x.lessEqual(0), 0, x));
export const exp = ofTensor("exp", (x) => x.exp());
export const log = ofTensor("log", (x) => x.log());
export const sqrt = ofTensor("sqrt", (x) => x.sqrt());
export const sin = ofTensor("sin", (x) => x.sin());
export const cos = ofTensor("cos", (x) => x.cos());
export const abs = ofTensor("abs", (x) => x.abs());
export const sign = ofTensor("sign", (x) => x.sign());
export const floor = ofTensor("floor", (x) => x.floor());
export const ceil = ofTensor("ceil", (x) => x.ceil());
export const round = ofTensor("round", (x) => x.round());

/** `base` to the power of `exponent`, as the method of Tensor; one of them may be a number. */
export function pow(base: TensorLike, exponent: TensorLike): Tensor {
  if (base instanceof Tensor) return base.pow(exponent);
  expectTensors("pow", exponent);
  const { dtype } = exponent as Tensor;
  return located(() => new Tensor(constantOf("pow", base, dtype))).pow(exponent);
}

/** (1 - weight) a + weight b. */
export function lerp(a: Tensor, b: Tensor, weight: Tensor): Tensor {
  expectTensors("lerp", a, b, weight);
  return a.add(weight.mul(b.sub(a)));
}

/** Join along the last axis: concat(h, x) of (B, H) and (B, I) is (B, H + I). */
export function concat(...parts: Tensor[]): Tensor {
  checkList("concat", parts);
  return join(parts, -1);
}

/** Join along any axis. */
export function join(parts: readonly Tensor[], axis: number): Tensor {
  checkList("join", parts);
  const at = axis < 0 ? (parts[0]?.shape.length ?? 0) + axis : axis;
  return located(
    () =>
      new Tensor(
        build.concat(
          parts.map((part) => part.node),
          at,
        ),
      ),
  );
}

/** Tensors of one shape as the elements of a new axis; -1 is the last. */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  checkList("stack", parts);
  const rank = parts[0]?.shape.length ?? 0;
  const at = axis < 0 ? rank + 1 + axis : axis;
  if (!(Number.isInteger(at) && at >= 0 && at <= rank)) {
    located(() => {
      throw new ShapeError(`stack: axis ${printGiven(axis)} given, ${-rank - 1} to ${rank} expected`);
    });
  }
  return join(
    parts.map((part) => part.reshape([...part.shape.slice(0, at), 1, ...part.shape.slice(at)])),
    at,
  );
}

function checkList(where: string, parts: readonly Tensor[]): void {
  if (!Array.isArray(parts) || parts.length === 0) {
    located(() => {
      throw new ShapeError(`${where}: ${printGiven(parts)} given, a list of tensors expected`);
    });
  }
  expectTensors(where, ...parts);
}

/** a where the condition holds, else b. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  expectTensors("where", condition);
  return located(() => {
    const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : "float32";
    const values = [a, b].map((value) =>
      value instanceof Tensor ? value.node : constantOf("where", value, dtype),
    );
    const shape = values.reduce<Shape>(
      (all, value) => broadcastShapes("where", all, value.shape),
      condition.shape,
    );
    const inputs = [condition.node, ...values].map((value) => expand(value, shape));
    return new Tensor(build.elementwise("select", ...inputs));
  });
}

/**
 * The numbers within limits: those below `low` become `low`, those above `high` become `high`. The gradient is 1 from limit
 * to limit, these included, and 0 outside. Throws ShapeError unless `low` is at most `high`.
 */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  expectTensors("clamp", x);
  if (!(low <= high)) {
    located(() => {
      const given = `${printGiven(low)} and ${printGiven(high)}`;
      throw new ShapeError(`clamp: the limits ${given} given, two numbers expected, the lower one first`);
    });
  }
  return where(x.less(low), low, where(scalar(high, x.dtype).less(x), high, x));
}

/** The product of two tensors by labels, as in einsum("tbh,bh->tb", keys, query). */
export function einsum(labels: string, a: Tensor, b: Tensor): Tensor {
  expectTensors("einsum", a, b);
  return located(() => new Tensor(build.einsum(a.node, b.node, labels)));
}

export function scalar(value: number, dtype: DType = "float32"): Tensor {
  return located(() => new Tensor(constantOf("scalar", value, dtype)));
}
export function full(value: number, shape: Shape, dtype: DType = "float32"): Tensor {
  return located(
    () => new Tensor(build.broadcast(constantOf("full", value, dtype), readShape("full", shape), [])),
  );
}
export const zeros = (shape: Shape, dtype: DType = "float32"): Tensor => full(0, shape, dtype);
export const zerosLike = ofTensor("zerosLike", ({ shape, dtype }) => full(0, shape, dtype));

/** 0, 1, ..., size - 1 as int32 (size). */
export function range(size: Dimension): Tensor {
  return located(() => {
    const [own] = readShape("range", [size]) as [Dimension];
    return new Tensor(node("iota", [], { size: own }));
  });
}

/** 1 at its index and 0 elsewhere, float32 (..., size), for each of the indices int32 (...). */
export function oneHot(indices: Tensor, size: Dimension): Tensor {
  expectTensors("oneHot", indices);
  expectWithin(indices, 0, subtractDimensions(size, 1));
  return range(size)
    .equal(indices.reshape([...indices.shape, 1]))
    .convert("float32");
}

/** e^x / sum e^x along an axis, shifted by the maximum so that it does not overflow. */
export function softmax(x: Tensor, axis = -1): Tensor {
  expectTensors("softmax", x);
  const shifted = x.sub(x.max(axis, { keep: true }).stopGradient()).exp();
  return shifted.div(shifted.sum(axis, { keep: true }));
}

/** log softmax along an axis. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  expectTensors("logSoftmax", x);
  const shifted = x.sub(x.max(axis, { keep: true }).stopGradient());
  return shifted.sub(shifted.exp().sum(axis, { keep: true }).log());
}

/**
 * Uniform float32 in [0, 1) of the given shape from a key, an int32 tensor (2): the same key gives the same numbers.
 * Threefry-2x32 (Salmon et al. 2011) of the key and each element's position.
 */
export function randomUniform(key: Tensor, shape: Shape): Tensor {
  expectTensors("randomUniform", key);
  return located(() => {
    const own = readShape("randomUniform", shape);
    const counter = build.reshape(node("iota", [], { size: sizeOf(own) }), own);
    return new Tensor(aligned("random", key.at(0, 0).node, key.at(0, 1).node, counter));
  });
}
