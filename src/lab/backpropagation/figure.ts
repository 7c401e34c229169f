/** The picture of the lesson: the network unrolled, values forwards and gradients backwards, and the terms of each weight's gradient. */

import type { Figure, FigureEdge, FigureNode } from "../../draw/figures/figure.ts";
import { type Lesson, type LessonSettings, readoutWeights, unitWeights } from "./lesson.ts";
import { printed } from "./printed.ts";

export function lessonFigure(
  { x, target, w1, w2, w3 }: LessonSettings,
  { values, gradients, terms, direct }: Lesson,
): Figure {
  const nodes: FigureNode[] = [];
  const edges: FigureEdge[] = [];
  const add = (node: Omit<FigureNode, "forwards" | "backwards">, value: number, back?: number) =>
    nodes.push({
      ...node,
      forwards: printed(value),
      ...(back !== undefined && { backwards: printed(back) }),
    });
  for (const [at, input] of x.entries()) {
    const [k, column] = [at + 1, at];
    const isOpen = (values.z[at] as number) > 0;
    add({ id: `x ${k}`, column, row: 0, text: `x_{${k}}` }, input);
    add(
      { id: `z ${k}`, column, row: 1, text: `z_{${k}} = w_{1} x_{${k}} + w_{2} h_{${at}} + b_{1}` },
      values.z[at] as number,
      gradients.z[at] as number,
    );
    add(
      { id: `h ${k}`, column, row: 2, text: `h_{${k}} = relu(z_{${k}})` },
      values.h[at] as number,
      gradients.h[at] as number,
    );
    edges.push({ from: `x ${k}`, to: `z ${k}`, label: `× w_{1} = ${printed(w1)}` });
    edges.push({ from: `z ${k}`, to: `h ${k}`, label: `slope ${isOpen ? 1 : 0}` });
    if (at > 0) edges.push({ from: `h ${at}`, to: `z ${k}`, label: `× w_{2} = ${printed(w2)}` });
  }
  const [last, column] = [x.length, x.length - 1];
  add({ id: "y", column, row: 3, text: `y = w_{3} h_{${last}} + b_{2}` }, values.y, gradients.y);
  add({ id: "loss", column, row: 4, text: `loss = (y − ${printed(target)})²` }, values.loss, 1);
  edges.push({ from: `h ${last}`, to: "y", label: `× w_{3} = ${printed(w3)}` });
  edges.push({ from: "y", to: "loss", label: `slope ${printed(gradients.y)}` });
  return {
    title: "The network unrolled: values forwards, gradients of the loss backwards",
    graph: {
      nodes,
      edges,
      key: { forwards: "black: the value", backwards: "red: how the loss changes with it" },
    },
    panels: [
      {
        title: "What each step adds to the gradient of a weight",
        x: { label: "weight" },
        y: { label: "term" },
        bars: [
          ...unitWeights.flatMap((weight) =>
            x.map((_, at) => ({
              group: weight,
              name: `step ${at + 1}`,
              values: [shown(terms[weight]?.[at] ?? 0)],
            })),
          ),
          ...readoutWeights.map((weight) => ({
            group: weight,
            name: "readout",
            values: [shown(direct[weight])],
          })),
        ],
      },
    ],
  };
}

/** What is nothing but rounding is drawn as nothing. */
const shown = (value: number) => (Math.abs(value) < 1e-6 ? 0 : value);
