/** The drawing of one step: states enter and leave, x enters, and what the step shows leaves. */

import type { Node } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { type Diagram, DiagramBuilder } from "./diagram.ts";
import { joinCommonInputs } from "./join.ts";
import { partNames, weightName } from "./names.ts";
import { drawer, type Source } from "./simplify.ts";
import type { Step } from "./step.ts";

export function cellDiagram({ states, inputs, pasts, memories, output }: Step): Diagram {
  const diagram = new DiagramBuilder();
  const entries = new Map<Node, Source>();
  const names = states.map(({ name }) => name);
  const results = [...states.map(({ next }) => next), output];
  const nodes = new Set(topologicalOrder(results));

  // What no equation uses is not drawn.
  states.forEach(({ name, node }, part) => {
    if (!nodes.has(node)) return;
    const vertex = diagram.add({ kind: "state", text: [`${name}_{t−1}`], part }, [], `state ${name}`);
    entries.set(node, { vertex, symbol: name });
  });
  for (const { name, node } of inputs.filter((entry) => nodes.has(entry.node))) {
    const vertex = diagram.add({ kind: "input", text: [`${name}_{t}`] }, [], name);
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
    diagram.add({ kind: "next", text: [`${name}_{t}`], part }, [wireOf(next)], `next ${name}`);
  });
  diagram.add({ kind: "output", text: ["y_{t}"] }, [wireOf(output)], "y");
  return joinCommonInputs(diagram);
}
