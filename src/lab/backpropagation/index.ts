/** Backpropagation through time on paper: yesterday and today foretell tomorrow, with every number forwards and backwards. */

import { numbers, real, whole } from "../../options/kinds.ts";
import { type CompletedOptions, option } from "../../options/table.ts";
import { experiment, type MeasuredTrial, type TrialContext } from "../experiment.ts";
import { lessonFigure } from "./figure.ts";
import {
  type Lesson,
  type LessonSettings,
  lossByHand,
  readoutWeights,
  unitWeights,
  weightNames,
  workOut,
} from "./lesson.ts";
import { printed } from "./printed.ts";

/** Beyond it float32 would soon have no numbers left. */
const MOST = 1e4;

const options = {
  x: option(numbers({ repeat: true, from: -MOST, to: MOST }), {
    default: [0.5, 1],
    help: "the inputs, yesterday's first: with more steps than inputs they come again",
    argument: "numbers",
  }),
  steps: option(whole({ from: 1, to: 12 }), {
    help: "steps of the network",
    usually: "as many as there are inputs",
  }),
  w1: option(real({ from: -MOST, to: MOST }), { default: 1.8, help: "weight of the input" }),
  w2: option(real({ from: -MOST, to: MOST }), {
    default: -0.5,
    help: "weight of the feedback, which is the state of the step before",
  }),
  b1: option(real({ from: -MOST, to: MOST }), { default: 0, help: "bias of the unit" }),
  w3: option(real({ from: -MOST, to: MOST }), { default: 1.1, help: "weight of the readout" }),
  b2: option(real({ from: -MOST, to: MOST }), { default: 0, help: "bias of the readout" }),
  target: option(real({ from: -MOST, to: MOST }), {
    default: 1,
    help: "what came tomorrow: the loss is (y - target)²",
  }),
};

const name = "worked out";

function lessonOf({ x, steps, ...weights }: CompletedOptions<typeof options>): LessonSettings {
  const given = x.length === 0 ? [0] : x;
  const inputs = Array.from({ length: steps ?? given.length }, (_, at) => given[at % given.length] as number);
  return { ...weights, x: inputs };
}

export const backpropagation = experiment({
  name: "backpropagation",
  title: "Backpropagation through time, worked out",
  claim:
    "The gradient of a shared weight is a sum: for each step, how the loss sees the last state, times the way back to the step, times what the weight did there.",
  seconds: 1,
  random: false,
  options,
  trials: (settings) => [{ name, run: (context: TrialContext) => workOut(lessonOf(settings), context) }],
  conclude(measured: readonly MeasuredTrial<Lesson>[], settings) {
    const [trial] = measured;
    const given = lessonOf(settings);
    const lesson =
      trial?.measured ?? workOut(given, { backend: undefined, signal: undefined, progress() {} });
    const { values, gradients, paths, explicit, implicit, terms, direct, sum, training, nudged } = lesson;
    const last = given.x.length;
    const error = gradients.h[last - 1] as number;
    const atLast = (text: string) => given.x.map((_, at) => (at === last - 1 ? text : ""));
    const columns = ["", ...given.x.map((_, at) => `step ${at + 1}`)];
    const each = (numbers: readonly number[]) => numbers.map(printed);
    const compared = (other: Lesson["sum"]) =>
      weightNames.map((weight) => `${weight} ${printed(sum[weight])} = ${printed(other[weight])}`).join(", ");
    return {
      tables: [
        {
          title: "Forwards",
          columns,
          rows: [
            ["x", ...each(given.x)],
            ["z = w1 x + w2 h before + b1", ...each(values.z)],
            ["h = relu(z)", ...each(values.h)],
            ["y = w3 h + b2", ...atLast(printed(values.y))],
            [`loss = (y - ${printed(given.target)})²`, ...atLast(printed(values.loss))],
          ],
        },
        {
          title: "Backwards",
          columns,
          rows: [
            ["dloss/dy", ...atLast(printed(gradients.y))],
            ["dloss/dh", ...each(gradients.h)],
            ["dloss/dz", ...each(gradients.z)],
            [`dh${last}/dh`, ...each(paths)],
          ],
        },
        {
          title: `dh/dw: explicit (the state before held fixed) + implicit (by way of the state before)`,
          columns,
          rows: unitWeights.map((weight) => [
            weight,
            ...given.x.map(
              (_, at) => `${printed(explicit[weight]?.[at] ?? 0)} + ${printed(implicit[weight]?.[at] ?? 0)}`,
            ),
          ]),
        },
        {
          title: `dloss/dw: for each step k, dloss/dh${last} · dh${last}/dhk · dhk/dw (explicit)`,
          columns: ["weight", "step k", `dloss/dh${last}`, `dh${last}/dhk`, "dhk/dw", "term"],
          rows: [
            ...unitWeights.flatMap((weight) =>
              given.x.map((_, at) => [
                weight,
                String(at + 1),
                printed(error),
                printed(paths[at] as number),
                printed(explicit[weight]?.[at] ?? 0),
                printed(terms[weight]?.[at] ?? 0),
              ]),
            ),
            ...readoutWeights.map((weight) => [weight, "readout", "", "", "", printed(direct[weight])]),
          ],
        },
        {
          title: "The sums",
          columns: ["weight", "sum of its terms", "gradient in training", "by nudging the weight"],
          rows: weightNames.map((weight) => [
            weight,
            printed(sum[weight]),
            printed(training[weight]),
            printed(nudged[weight]),
          ]),
        },
      ],
      checks: [
        {
          claim: "forwards: what plain arithmetic gives",
          found: `loss ${printed(values.loss)} = ${printed(lossByHand(given))}`,
          holds: isClose(values.loss, lossByHand(given)),
        },
        {
          claim: "the terms of a weight add up to the gradient that training uses",
          found: compared(training),
          holds: weightNames.every((weight) => isClose(sum[weight], training[weight])),
        },
        {
          claim: "and to what the loss changes by when the weight is nudged",
          found: compared(nudged),
          holds: weightNames.every((weight) => isClose(sum[weight], nudged[weight])),
        },
      ],
      notShown: [
        {
          claim: "every step counts alike",
          found: `a change of h reaches the last state times ${each(paths).join(", ")} from step ${given.x.map((_, at) => at + 1).join(", ")}: one factor w2 for each step between`,
        },
      ],
      figure: lessonFigure(given, lesson),
    };
  },
});

/** To the precision of float32. */
function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a), Math.abs(b));
}
