/** Where several products read the same wires, these join once and fan out, as [h, x] does in textbooks. */

import type { Diagram, Vertex, Wire } from "./diagram.ts";
import { plain } from "./text.ts";

export function joinCommonInputs({ vertices, wires }: Diagram): Diagram {
  const inputsOf = (id: string) => wires.filter(({ to }) => to === id).map(({ from }) => from);
  const groups = new Map<string, string[]>();
  for (const { id, kind } of vertices) {
    const inputs = kind === "product" ? inputsOf(id).sort() : [];
    if (inputs.length > 1) groups.set(inputs.join(" "), [...(groups.get(inputs.join(" ")) ?? []), id]);
  }
  const joins: Vertex[] = [];
  let joined: readonly Wire[] = wires;
  for (const members of groups.values()) {
    const [first, ...others] = members;
    if (first === undefined || others.length === 0) continue;
    const inputs = inputsOf(first);
    const id = `join ${joins.length}`;
    const texts = inputs.map((input) => vertices.find((vertex) => vertex.id === input)?.text[0] ?? "");
    joins.push({ id, kind: "join", text: [], title: `[${texts.map(plain).join(", ")}]` });
    joined = [
      ...joined.filter(({ to }) => !members.includes(to)),
      ...inputs.map((from) => ({ from, to: id })),
      ...members.map((to) => ({ from: id, to })),
    ];
  }
  return { vertices: [...vertices, ...joins], wires: joined };
}
