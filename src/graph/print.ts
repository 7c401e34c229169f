/** Prints a graph as a list of definitions, one node a line, bodies of scans indented. */

import { bodyResults } from "./body.ts";
import { printShape } from "./dimension.ts";
import type { Node } from "./node.ts";
import { isOp } from "./node.ts";
import { topologicalOrder } from "./traverse.ts";

const dtypes = { float32: "", int32: "i", bool: "b" } as const;

/** The nodes that the results need, with short names in order of appearance, then the results. */
export function printGraph(results: readonly Node[], indent = ""): string {
  const names = new Map<Node, string>();
  const lines = topologicalOrder(results).flatMap((current) => {
    const name = `%${names.size}`;
    names.set(current, name);
    const inputs = current.inputs.map((input) => names.get(input)).join(", ");
    const details = describe(current);
    const type = isOp(current, "scan") ? "" : `: ${dtypes[current.dtype]}${printShape(current.shape)}`;
    const line = `${indent}${name} = ${current.op}(${inputs})${details === "" ? "" : ` {${details}}`}${type}`;
    if (!isOp(current, "scan")) return [line];
    const { body } = current.attributes;
    return [line, printGraph(bodyResults(body), `${indent}    `)];
  });
  return [...lines, `${indent}-> ${results.map((result) => names.get(result)).join(", ")}`].join("\n");
}

function describe(current: Node): string {
  if (isOp(current, "variable")) return current.attributes.variable.name;
  if (isOp(current, "scan")) {
    const { body, length, reverse, recompute } = current.attributes;
    const counts = `${body.states.length} states, ${body.sequences.length} sequences, ${body.captures.length} captures`;
    return `${length} steps${reverse ? " reversed" : ""}${recompute ? " recomputed" : ""}, ${counts}, ${body.outputs.length} outputs`;
  }
  return Object.entries(current.attributes)
    .filter(([key]) => key !== "shape" && key !== "dtype" && key !== "scope")
    .map(([key, value]) => `${key} ${Array.isArray(value) ? `(${value.join(", ")})` : String(value)}`)
    .join(", ");
}
