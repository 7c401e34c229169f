/**
 * What is seen inside of a function while it is traced. Layers tell the observer of the trace, where there is one, what they
 * compute: it may make results of that, and have zeros added to it, whose gradient is the gradient with respect to it. What the
 * steps of a scan tell becomes a sequence, as their outputs do. Without an observer nothing is told, and nothing is computed.
 */

import type { Shape } from "../graph/dimension.ts";
import { isKind, isOp, type Node } from "../graph/node.ts";
import { currentTrace } from "./current.ts";
import type { Tensor } from "./tensor.ts";

/** What something is to those who look: a part of a state, a gate or another value that a step shows, and so on. */
export type ObservedKind = "state" | "gate" | "output" | "attention" | "input";

/** A function whose values lie within bounds that its slope vanishes at. */
export type Squashing = "sigmoid" | "tanh";

/** Where in a weight stand the square matrices that multiply a state: one for each gate. */
export interface StateMatrix {
  /** As the cell calls it, such as "weight_hh". */
  readonly name: string;
  readonly weight: Tensor;
  /** How many rows and columns each has. */
  readonly size: number;
  readonly count: number;
  /** The axis of the weight along which they stand one after the other. */
  readonly axis: 0 | 1;
}

/** A layer, or one of its passes along time, as it tells what it computes. */
export interface ObservedPlace {
  /** What finds the layer in its model: the record of its weights. */
  readonly weights: object;
  /** The pass, as weights are named: "l0", "l1_reverse". None of a layer without passes. */
  readonly pass?: string | undefined;
  /** Whether it goes from the last step to the first. */
  readonly reverse?: boolean | undefined;
  /** Its weights, where they are not all of the layer's. */
  readonly variables?: readonly Tensor[] | undefined;
  /** The matrices that multiply its state. */
  readonly matrices?: readonly StateMatrix[] | undefined;
}

/** Stands in what is told where a row has ended: a power of two that no state comes near, and not NaN, which states may become. */
export const ENDED = -(2 ** 127);

/** What is told of a tensor, besides its values. */
export interface Observed {
  readonly place: ObservedPlace;
  /** Its name within the place, such as "h". */
  readonly name: string;
  readonly kind: ObservedKind;
  /** How many axes of steps there are: the first ones. After them comes the batch. */
  readonly stepAxes: number;
  /** What it was computed by, where that is one of these. */
  readonly squashing?: Squashing | undefined;
}

export interface Observer {
  see(what: Observed, tensor: Tensor): void;
  /** Zeros of this shape that a tensor shall have added; undefined where its gradient is not asked for. */
  probe(what: Observed, shape: Shape): Tensor | undefined;
}

/** Whether somebody looks. */
export function isObserved(): boolean {
  return currentTrace()?.observer !== undefined;
}

/** What `build` returns, seen by `observer`, in the trace in progress. */
export function withObserver<Result>(observer: Observer | undefined, build: () => Result): Result {
  const trace = currentTrace();
  if (!trace) return build();
  const outer = trace.observer;
  trace.observer = observer;
  try {
    return build();
  } finally {
    trace.observer = outer;
  }
}

/** What something that is told of goes through on its way to the observer of a function around. */
export interface Passage {
  /** What becomes of a tensor. */
  see(tensor: Tensor): Tensor;
  /** The shape that zeros are asked for in, for one that they are asked for in within. */
  readonly outside?: (shape: Shape) => Shape;
  /** What becomes of zeros, on their way inwards. */
  readonly inwards?: (zeros: Tensor) => Tensor;
  /** What is told besides. */
  readonly told?: (what: Observed) => Observed;
}

/** What `build` returns; what it tells goes through a passage. */
export function observedThrough<Result>(
  { see, outside = (shape) => shape, inwards = (zeros) => zeros, told = (what) => what }: Passage,
  build: () => Result,
): Result {
  const outer = currentTrace()?.observer;
  if (!outer) return build();
  return withObserver(
    {
      see: (what, tensor) => outer.see(told(what), see(tensor)),
      probe(what, shape) {
        const zeros = outer.probe(told(what), outside(shape));
        return zeros && inwards(zeros);
      },
    },
    build,
  );
}

/**
 * Tells of a tensor, and gives what the function goes on with: the tensor, with zeros added to it where its gradient is asked for.
 */
export function observed(what: Observed, tensor: Tensor): Tensor {
  const observer = currentTrace()?.observer;
  if (!observer) return tensor;
  const told = { ...what, squashing: squashingOf(tensor.node) };
  const zeros = observer.probe(told, tensor.shape);
  const probed = zeros ? tensor.add(zeros) : tensor;
  observer.see(told, probed);
  return probed;
}

/** Tells of a tensor whose gradient nobody asks for. It is made where somebody looks, and only there. */
export function tell(what: Observed, make: () => Tensor): void {
  const observer = currentTrace()?.observer;
  if (!observer) return;
  const tensor = make();
  observer.see({ ...what, squashing: squashingOf(tensor.node) }, tensor);
}

/** The function that gave a node its values, through layout. */
function squashingOf(node: Node): Squashing | undefined {
  if (isOp(node, "sigmoid") || isOp(node, "tanh")) return node.op;
  const [source] = node.inputs;
  return source && isKind(node, "view") ? squashingOf(source) : undefined;
}
