/** The figure of a gradient through time: the steps with their states and the gradients that come back, and what each step adds for each weight. */

import type { GradientTerms } from "../../inspect/gradient-terms.ts";
import type { Figure, FigureEdge, FigureNode } from "./figure.ts";

/** A state of more numbers is shown by its norm. */
const SHOWN = 3;
const MOST_STEPS = 12;

/**
 * A figure of `gradientTerms`: a box for each step, with its state in black and dL/ds in red, arrows with the norm of ds_k/ds_{k-1}, and bars
 * with the norm of what each step adds to the gradient of each weight. States of more than three numbers are shown by their norms. Of more than
 * 12 steps the boxes of the last 12 are drawn.
 */
export function gradientFigure({ loss, steps, terms, sum }: GradientTerms): Figure {
  const first = Math.max(0, steps.length - MOST_STEPS);
  const nodes: FigureNode[] = [];
  const edges: FigureEdge[] = [];
  for (const [column, { state, total, direct, jacobian }] of steps.slice(first).entries()) {
    const k = first + column + 1;
    const isNorm = state.length > SHOWN;
    nodes.push({
      id: `s ${k}`,
      column,
      row: 0,
      text: isNorm ? `|s_{${k}}|` : `s_{${k}}`,
      forwards: shown(state),
      backwards: shown(total),
    });
    if (column > 0)
      edges.push({ from: `s ${k - 1}`, to: `s ${k}`, label: `|J_{${k}}| = ${short(norm(jacobian.flat()))}` });
    if (direct.every((slope) => slope === 0)) continue;
    nodes.push({ id: `L ${k}`, column, row: 1, text: "L reads", backwards: shown(direct) });
    edges.push({ from: `s ${k}`, to: `L ${k}` });
  }
  return {
    title: `Backpropagation through time: L = ${short(loss)}`,
    graph: {
      nodes,
      edges,
      key: { forwards: "black: the state", backwards: "red: the gradient of the loss" },
    },
    panels: [
      {
        title: "What each step adds to the gradient of a weight",
        x: { label: "weight" },
        y: { label: "norm of its terms" },
        bars: Object.keys(sum).flatMap((weight) =>
          steps.map((_, at) => ({
            group: weight,
            name: `step ${at + 1}`,
            values: [norm(added(terms, weight, at + 1))],
          })),
        ),
      },
    ],
  };
}

/** The terms of a step, for all steps that the loss reads. */
function added(terms: GradientTerms["terms"], weight: string, step: number): number[] {
  const [first = [], ...others] = terms
    .filter(({ at }) => at === step)
    .map(({ values }) => values[weight] ?? []);
  return first.map((value, at) => others.reduce((sum, other) => sum + (other[at] as number), value));
}

const norm = (numbers: readonly number[]) => Math.hypot(...numbers);
const short = (value: number) => String(Number(value.toPrecision(3))).replace("-", "−");
const shown = (numbers: readonly number[]) =>
  numbers.length > SHOWN ? short(norm(numbers)) : numbers.map(short).join(", ");
