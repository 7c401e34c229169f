/** The drawing of one step, or of one node of a tree: states enter and leave, x enters, and what the step shows leaves. */

import type { Node } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { type Diagram, DiagramBuilder } from "./diagram.ts";
import { joinCommonInputs } from "./join.ts";
import { partNames, weightName } from "./names.ts";
import { drawer, type Source } from "./simplify.ts";
import type { Step } from "./step.ts";

/** How a step writes what enters and leaves: h_{t−1} becomes h_{t}; in a tree h_{1} and h_{2} of children become h. */
const WRITTEN = {
  time: { before: (name: string) => `${name}_{t−1}`, now: (name: string) => `${name}_{t}` },
  tree: { before: (name: string, child: number) => `${name}_{${child + 1}}`, now: (name: string) => name },
} as const;

export function cellDiagram({ over, states, inputs, pasts, memories, output }: Step): Diagram {
  const { before, now } = WRITTEN[over];
  const diagram = new DiagramBuilder();
  const entries = new Map<Node, Source>();
  const names = states.map(({ name }) => name);
  const results = [...states.map(({ next }) => next), output];
  const nodes = new Set(topologicalOrder(results));

  // What no equation uses is not drawn.
  states.forEach(({ name, nodes: own }, part) => {
    own.forEach((node, child) => {
      if (!nodes.has(node)) return;
      const text = before(name, child);
      const id = over === "time" ? `state ${name}` : `state ${text}`;
      const vertex = diagram.add({ kind: "state", text: [text], part }, [], id);
      entries.set(node, { vertex, symbol: over === "time" ? name : text });
    });
  });
  for (const { name, node } of inputs.filter((entry) => nodes.has(entry.node))) {
    const vertex = diagram.add({ kind: "input", text: [now(name)] }, [], name);
    entries.set(node, { vertex, symbol: name });
  }
  for (const { name, distance, node } of pasts.filter((entry) => nodes.has(entry.node))) {
    const text = `${name}_{t−${distance}}`;
    const vertex = diagram.add({ kind: "past", text: [text], part: names.indexOf(name) }, [], text);
    entries.set(node, { vertex, symbol: text });
  }

  for (const { name, node } of memories.filter((entry) => nodes.has(entry.node))) {
    const vertex = diagram.add({ kind: "input", text: [name], title: "memory" }, [], `memory ${name}`);
    entries.set(node, { vertex, symbol: name });
  }

  const weights = [...nodes].filter((node) => !entries.has(node)).flatMap((node) => weightName(node) ?? []);
  const wireOf = drawer(results, { diagram, entries, partName: partNames(names, weights), states: names });
  states.forEach(({ name, next }, part) => {
    diagram.add({ kind: "next", text: [now(name)], part }, [wireOf(next)], `next ${name}`);
  });
  diagram.add({ kind: "output", text: [now("y")] }, [wireOf(output)], "y");
  return joinCommonInputs(diagram);
}
