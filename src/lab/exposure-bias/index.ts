/** Exposure bias: a network that was only ever given the truth goes astray on its own; scheduled sampling is the remedy, and not always one. */

import { randomSource } from "../../nn/random.ts";
import { real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { inverseSigmoidSampling, linearSampling } from "../../training/sampling-schedules.ts";
import { below } from "../bounds.ts";
import { experiment, type MeasuredTrial } from "../experiment.ts";
import { mackeyGlass, windowsOf } from "../problems/mackey-glass.ts";
import { twoSines } from "../problems/sines.ts";
import { listed, ofTrial } from "../seeds.ts";
import { exposureFigure } from "./figure.ts";
import { type Foretold, type Mode, measure, type Problem } from "./measure.ts";

export const problems = ["Mackey-Glass", "two sines"] as const;

const teacher = "teacher forcing";
const half = "linear to a half";
const linear = "linear";
const sigmoid = "inverse sigmoid";
const through = "linear, with gradient";

/** The modes, for a training of so many updates. */
const modesOf = (updates: number): readonly Mode[] => [
  { name: teacher, probability: () => 0 },
  { name: half, probability: linearSampling({ updates: updates / 2, end: 0.5 }) },
  { name: linear, probability: linearSampling({ updates: updates / 2 }) },
  { name: sigmoid, probability: inverseSigmoidSampling({ k: updates / 12 }) },
  { name: through, probability: linearSampling({ updates: updates / 2 }), through: true },
];

export const exposureBias = experiment({
  name: "exposure-bias",
  title: "Exposure bias",
  claim:
    "A network trained on true inputs alone does not know its own mistakes: running freely it drifts away, and scheduled sampling helps.",
  seconds: 20,
  options: {
    hidden: option(whole({ from: 1 }), { default: 32, help: "units of the GRU", argument: "units" }),
    batch: option(whole({ from: 1 }), { default: 32, help: "rows of an update", argument: "rows" }),
    updates: option(whole({ from: 1 }), { default: 600, help: "updates of each training" }),
    learningRate: option(real({ above: 0 }), {
      default: 0.005,
      help: "learning rate, a fifth of it in the last 30 % of the updates",
      argument: "rate",
    }),
    context: option(whole({ from: 1 }), { default: 10, help: "true values that every window begins with" }),
    horizon: option(whole({ from: 1 }), { default: 40, help: "values after them" }),
    windows: option(whole({ from: 1 }), { default: 500, help: "windows to measure on" }),
  },
  trials(settings, seed) {
    const series = {
      training: once(() => seriesOf(seed, "training")),
      test: once(() => seriesOf(seed, "test")),
    };
    const given: readonly Problem[] = [
      { name: problems[0], rows: (random, sizes, part) => windowsOf(series[part](), random, sizes) },
      { name: problems[1], rows: twoSines },
    ];
    return given.flatMap((problem) =>
      modesOf(settings.updates).map((mode) => ({
        name: `${problem.name}, ${mode.name}`,
        run: (context) => measure(problem, mode, settings, seed, context),
      })),
    );
  },
  conclude(measured: readonly MeasuredTrial<Foretold>[], settings) {
    const of = (problem: string, mode: string, found: (one: Foretold) => number) =>
      ofTrial(measured, `${problem}, ${mode}`, found);
    const rms = (problem: string, mode: string) => of(problem, mode, (one) => one.rms);
    const oneStep = (problem: string, mode: string) => of(problem, mode, (one) => one.oneStep);
    /** As a part of the error after teacher forcing, seed by seed. */
    const part = (problem: string, mode: string) =>
      rms(problem, mode).map((one, at) => one / (rms(problem, teacher)[at] as number));
    const [glass, sines] = problems;
    const modes = modesOf(settings.updates);
    return {
      tables: problems.map((problem) => ({
        title: `${problem}: root mean square error`,
        columns: ["training", `free run, ${settings.horizon} steps`, "one step"],
        rows: modes.map(({ name }) => [
          name,
          listed(rms(problem, name), 3),
          listed(oneStep(problem, name), 3),
        ]),
      })),
      checks: [
        below(
          "Mackey-Glass: linear sampling, as a part of teacher forcing's error",
          part(glass, linear),
          0.85,
        ),
        below("Mackey-Glass: the same with the gradient through own outputs", part(glass, through), 0.6),
        below("two sines: linear to a half, as a part of teacher forcing's error", part(sines, half), 0.85),
        below("two sines: linear with the gradient through own outputs", part(sines, through), 0.4),
      ],
      notShown: [
        {
          claim: "scheduled sampling always helps",
          found: `on two sines linear sampling up to 1 ends at ${listed(rms(sines, linear), 3)}, teacher forcing at ${listed(rms(sines, teacher), 3)}`,
        },
        {
          claim: "it costs nothing",
          found: `the error of a single step on Mackey-Glass is ${listed(oneStep(glass, linear), 3)} in place of ${listed(oneStep(glass, teacher), 3)}`,
        },
      ],
      figure: exposureFigure(
        problems.map((problem) => ({
          problem,
          modes: modes.map(({ name }) => ({
            name,
            found: ofTrial(measured, `${problem}, ${name}`, (one) => one),
          })),
        })),
        { ...settings, shown: [teacher, through] },
      ),
    };
  },
});

const seriesOf = (seed: number, part: string) =>
  mackeyGlass(randomSource(seed, `Mackey-Glass ${part} series`), 6000);

/** What is made when it is first asked for. */
function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
