/** Bringing nodes of a body out of its loop: computed for all steps at once, with time as a new first axis. */

import { broadcast, concat, einsum, reshape, slice, transpose } from "../../graph/build.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { freshLabel, joinLabels, parseLabels } from "../../graph/einsum.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import type { OpenScan } from "../../graph/open-scan.ts";
import { withInputs } from "../../graph/traverse.ts";

/** A node outside of the loop; `timed` ones have time in front, the others are the same at every step. */
export interface Lifted {
  readonly node: Node;
  readonly timed: boolean;
}

/** Lifts nodes of one scan's body; undefined for what depends on a state or the past, or is better left inside. */
export function lifter(open: OpenScan): (candidate: Node) => Lifted | undefined {
  const known = new Map<Node, Lifted | undefined>();
  for (const { argument, source } of open.sequences) known.set(argument, { node: source, timed: true });
  for (const { argument, source } of open.captures) known.set(argument, { node: source, timed: false });
  const { length } = open.course;
  const lift = (candidate: Node): Lifted | undefined => {
    if (!known.has(candidate)) known.set(candidate, derive(candidate));
    return known.get(candidate);
  };
  const derive = (candidate: Node): Lifted | undefined => {
    if (isKind(candidate, "bound") || isKind(candidate, "scan") || isKind(candidate, "output"))
      return undefined;
    const inputs = candidate.inputs.map(lift);
    if (inputs.some((input) => input === undefined)) return undefined;
    const lifted = inputs as Lifted[];
    if (lifted.every(({ timed }) => !timed)) {
      return {
        node: withInputs(
          candidate,
          lifted.map(({ node }) => node),
        ),
        timed: false,
      };
    }
    return overTime(candidate, lifted, length);
  };
  return lift;
}

/** A node again with time in front of its timed inputs; undefined for work that is better left in the loop. */
export function overTime(candidate: Node, inputs: readonly Lifted[], length: Dimension): Lifted | undefined {
  const [first, second] = inputs;
  if (!first) return undefined;
  if (isOp(candidate, "einsum") && second)
    return { node: einsumOverTime(candidate, first, second), timed: true };
  if (isOp(candidate, "slice")) {
    const { axis, start, size } = candidate.attributes;
    return { node: slice(first.node, axis + 1, start, size), timed: true };
  }
  if (isOp(candidate, "reshape"))
    return { node: reshape(first.node, [length, ...candidate.shape]), timed: true };
  if (isOp(candidate, "transpose")) {
    return {
      node: transpose(first.node, [0, ...candidate.attributes.permutation.map((axis) => axis + 1)]),
      timed: true,
    };
  }
  if (isOp(candidate, "broadcast")) {
    const axes = [0, ...candidate.attributes.axes.map((axis) => axis + 1)];
    return { node: broadcast(first.node, [length, ...candidate.shape], axes), timed: true };
  }
  if (isOp(candidate, "concat")) {
    const parts = inputs.map(({ node, timed }) =>
      timed
        ? node
        : broadcast(
            node,
            [length, ...node.shape],
            node.shape.map((_, axis) => axis + 1),
          ),
    );
    return { node: concat(parts, candidate.attributes.axis + 1), timed: true };
  }
  return undefined;
}

/** The products of all steps as one product, with a label for time. */
export function einsumOverTime(candidate: Node<"einsum">, a: Lifted, b: Lifted): Node {
  const labels = parseLabels(candidate.attributes.labels);
  const time = freshLabel(labels.a, labels.b, labels.result);
  const timed = ({ timed: isTimed }: Lifted, axes: string) => (isTimed ? time + axes : axes);
  return einsum(
    a.node,
    b.node,
    joinLabels({ a: timed(a, labels.a), b: timed(b, labels.b), result: time + labels.result }),
  );
}
