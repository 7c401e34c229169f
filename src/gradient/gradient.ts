/**
 * Reverse-mode differentiation from graph to graph. Gradients are nodes like any other: they are compiled with the
 * rest, and can be differentiated again.
 */

import { GraphError } from "../errors.ts";
import { full, sumOf } from "../graph/build.ts";
import { printShape } from "../graph/dimension.ts";
import { isOp, type Node } from "../graph/node.ts";
import { dependents, topologicalOrder } from "../graph/traverse.ts";
import { type GradientRule, gradientRules, one } from "./rules.ts";
import { scanGradient } from "./scan.ts";

/**
 * The cotangents of `sources`, given those of `results` (vector-Jacobian product); undefined for a source that the
 * results do not depend on. Results and sources without a gradient (int32, bool) are passed over.
 */
export function pullback(
  results: readonly Node[],
  cotangents: readonly (Node | undefined)[],
  sources: readonly Node[],
): (Node | undefined)[] {
  const wanted = new Set(sources.filter(({ dtype }) => dtype === "float32"));
  const active = dependents(results, (candidate) => wanted.has(candidate));
  const gathered = new Map<Node, Node[]>();
  const ofScans = new Map<Node, (Node | undefined)[]>();
  const give = (to: Node, cotangent: Node | undefined) => {
    if (!cotangent || !active.has(to) || to.dtype !== "float32") return;
    const list = gathered.get(to);
    if (list) list.push(cotangent);
    else gathered.set(to, [cotangent]);
  };
  results.forEach((result, index) => {
    give(result, cotangents[index]);
  });

  const total = new Map<Node, Node>();
  for (const current of topologicalOrder(results).reverse()) {
    if (!active.has(current)) continue;
    if (isOp(current, "scan")) {
      const outputs = ofScans.get(current);
      if (!outputs) continue;
      const needed = current.inputs.map((input) => active.has(input));
      scanGradient(current, outputs, needed).forEach((cotangent, index) => {
        give(current.inputs[index] as Node, cotangent);
      });
      continue;
    }
    const list = gathered.get(current);
    if (!list) continue;
    const cotangent = sumOf(list);
    total.set(current, cotangent);
    if (isOp(current, "output")) {
      const scan = current.inputs[0] as Node;
      const outputs = ofScans.get(scan) ?? [];
      outputs[current.attributes.index] = cotangent;
      ofScans.set(scan, outputs);
      continue;
    }
    const rule = gradientRules[current.op] as GradientRule<typeof current.op>;
    rule(current, cotangent).forEach((given, index) => {
      give(current.inputs[index] as Node, given);
    });
  }
  return sources.map((source) => total.get(source));
}

/**
 * dL/dsource for each source; zeros where L does not depend on it.
 * Throws GraphError where L is not a float32 scalar or a source is not float32.
 */
export function gradientNodes(loss: Node, sources: readonly Node[]): Node[] {
  if (loss.shape.length !== 0 || loss.dtype !== "float32") {
    throw new GraphError(
      `gradient: a ${loss.dtype} of shape ${printShape(loss.shape)} given, a float32 scalar expected`,
    );
  }
  const integer = sources.find(({ dtype }) => dtype !== "float32");
  if (integer) throw new GraphError(`gradient: a source of ${integer.dtype} given, float32 expected`);
  return pullback([loss], [one()], sources).map(
    (cotangent, index) => cotangent ?? full(0, (sources[index] as Node).shape),
  );
}
