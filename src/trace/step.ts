/**
 * Tracing one step of a scan: the step runs on placeholders, and what it built becomes a closed body whose captures are
 * inputs of the scan.
 */

import { ShapeError } from "../errors.ts";
import type { BodyParts } from "../graph/body.ts";
import * as build from "../graph/build.ts";
import { type Dimension, printShape } from "../graph/dimension.ts";
import { isKind, isOp, type Node, node, type TensorType } from "../graph/node.ts";
import {
  bodyArguments,
  dependents,
  rebuild,
  scanOutput,
  topologicalOrder,
  withInputs,
} from "../graph/traverse.ts";
import { expand } from "./align.ts";
import { currentTrace } from "./current.ts";
import { expectOfScan } from "./expectation.ts";
import { located, Tensor } from "./tensor.ts";
import { leaves, mapTree } from "./tree.ts";

/** Outputs of earlier steps, earlier in the order of processing. */
export interface Past<Output> {
  /** The output `distance` steps back; zeros before the start. */
  back(distance: number): Output;
  /** The output of step `index[b]` for each row b (int32 (B), outputs (B, ...)); -1 reads zeros. That step must be done already. */
  at(index: Tensor): Output;
}

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
export const tensorsOf = (tree: unknown) => leaves(tree, isTensor).map(([, tensor]) => tensor);

/** The same tree with other tensors, taken in order. */
export function refill<T>(tree: T, tensors: readonly Tensor[]): T {
  let at = 0;
  return mapTree(tree, isTensor, () => tensors[at++] as Tensor) as T;
}

let scopes = 0;

interface Traced<Output> {
  readonly init: readonly Tensor[];
  readonly sequences: readonly Tensor[];
  readonly length: Dimension;
  readonly reverse: boolean;
  readonly recompute?: boolean;
  /** Tensors like one step's output: what a read of the past gives. */
  readonly history?: unknown;
  step(states: Tensor[], slices: Tensor[], past: Past<Output>): readonly [Tensor[], Output];
}

/** Trace a step into a body, close it over what it captures, and build the scan. */
export function traceStep<Output>({
  init,
  sequences,
  length,
  reverse,
  recompute = false,
  history,
  step,
}: Traced<Output>) {
  return located(() => {
    scopes += 1;
    const scope = scopes;
    const argument = ({ shape, dtype }: TensorType, index: number) =>
      node("argument", [], { index, scope, shape, dtype });
    const sliceTypes = sequences.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
    const missed = currentTrace()?.random.undropped;
    const missedBefore = missed?.length ?? 0;
    const own = [...init, ...sliceTypes].map(argument);
    const tensors = own.map((leaf) => new Tensor(leaf));
    const past = pastOf<Output>(history, scope);
    const [next, output] = step(tensors.slice(0, init.length), tensors.slice(init.length), past);
    const standsFor = (from: readonly Tensor[], first: number) =>
      new Map(from.map(({ node: source }, index) => [own[first + index] as Node, source]));
    expectOfScan(standsFor(sequences, init.length), standsFor(init, 0));
    if (history !== undefined && describe(history) !== describe(output)) {
      throw new ShapeError(
        `scan: a step puts out {${describe(output)}}, but history is {${describe(history)}}`,
      );
    }
    const outputs = tensorsOf(output);
    const results = [...next, ...outputs].map((tensor) => tensor.node);
    const captured = captures(results, scope);
    const parts: BodyParts = {
      states: own.slice(0, init.length).map(typeOf),
      sequences: own.slice(init.length).map(typeOf),
      captures: captured.map(typeOf),
      inboxes: [],
      next: [],
      outputs: [],
      sends: [],
    };
    const closedArguments = bodyArguments(parts);
    const known = new Map<Node, Node>(
      [...own, ...captured].map((leaf, index) => [leaf, closedArguments[index] as Node]),
    );
    const closed = rebuild(
      results,
      (original, inputs) => closePast(withInputs(original, inputs), scope),
      known,
    );
    const built = build.scan({
      body: { ...parts, next: closed.slice(0, init.length), outputs: closed.slice(init.length) },
      length,
      reverse,
      recompute,
      init: init.map((tensor) => tensor.node),
      sequences: sequences.map((tensor) => tensor.node),
      captures: captured,
    });
    // What dropped nothing within the step did so in the scan.
    if (missed && missed.length > missedBefore) {
      const reached = new Set(topologicalOrder(results));
      const within = missed.slice(missedBefore).find(({ node: noted }) => reached.has(noted));
      if (within) missed.push({ node: built, where: within.where });
    }
    const result = (index: number) => new Tensor(scanOutput(built, index));
    return {
      final: init.map((_, index) => result(index)),
      outputs: refill(
        output,
        outputs.map((_, index) => result(init.length + index)),
      ),
    };
  });
}

const typeOf = ({ shape, dtype }: TensorType): TensorType => ({ shape, dtype });

/** Reads of the past stand in the graph as leaves of the scope; closing gives them the finished body's. */
function closePast(rebuilt: Node, scope: number): Node {
  return isOp(rebuilt, "past") && rebuilt.attributes.scope === scope
    ? node("past", rebuilt.inputs, { ...rebuilt.attributes, scope: 0 })
    : rebuilt;
}

function pastOf<Output>(form: unknown, scope: number): Past<Output> {
  const read = (inputs: readonly Tensor[], distance: number): Output => {
    let output = 0;
    return mapTree(form, isTensor, (tensor: Tensor) => {
      const index = inputs.map((input) => expand(input.node, tensor.shape.slice(0, 1)));
      const read = node("past", index, { output, distance, scope, shape: tensor.shape, dtype: tensor.dtype });
      output += 1;
      return new Tensor(read);
    }) as Output;
  };
  return {
    back(distance) {
      if (!Number.isInteger(distance) || distance < 1) {
        throw new ShapeError(`scan: past.back(${distance}) given, a positive number of steps expected`);
      }
      return read([], distance);
    },
    at: (index) => read([index], 0),
  };
}

/** The paths, dtypes and shapes of a tree of tensors. */
function describe(tree: unknown): string {
  return leaves(tree, isTensor)
    .map(([path, { shape, dtype }]) => `${path === "" ? "" : `${path}: `}${dtype} ${printShape(shape)}`)
    .join(", ");
}

/** What a step takes from outside: the outermost nodes that no step changes. Numbers, sizes and repetition stay inside. */
function captures(results: readonly Node[], scope: number): Node[] {
  const isOwn = (candidate: Node) => isKind(candidate, "bound") && candidate.attributes.scope === scope;
  const inside = dependents(results, isOwn);
  const fromOutside = dependents(
    results,
    (candidate) => candidate.inputs.length === 0 && !isKind(candidate, "number"),
  );
  const found = new Set<Node>();
  const visit = (candidate: Node) => {
    if (inside.has(candidate) || !fromOutside.has(candidate) || isOp(candidate, "broadcast"))
      candidate.inputs.forEach(visit);
    else found.add(candidate);
  };
  results.forEach(visit);
  return [...found].sort((a, b) => a.id - b.id);
}
