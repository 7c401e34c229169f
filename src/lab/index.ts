/** The experiments of the lab: what `import ... from "rondo/lab"` offers, in Node and in browsers. */

import { expectedNames, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { alternatives } from "./alternatives/index.ts";
import { backpropagation } from "./backpropagation/index.ts";
import { cells } from "./cells/index.ts";
import { checkpointing } from "./checkpointing/index.ts";
import { comparison } from "./comparison/index.ts";
import { drift } from "./drift/index.ts";
import type { Experiment } from "./experiment.ts";
import { exploding } from "./exploding/index.ts";
import { exposureBias } from "./exposure-bias/index.ts";
import { familiesExperiment } from "./families/index.ts";
import { forgetGate } from "./forget-gate/index.ts";
import { optimisers } from "./optimisers/index.ts";
import { overfitting } from "./overfitting/index.ts";
import { recallExperiment } from "./recall/index.ts";
import { truncated } from "./truncated/index.ts";
import { vanishing } from "./vanishing/index.ts";
import { wordVectors } from "./word-vectors/index.ts";

export type {
  Figure,
  FigureAxis,
  FigureBar,
  FigureDots,
  FigureEdge,
  FigureGraph,
  FigureHeat,
  FigureLine,
  FigureNode,
  FigurePanel,
  FigureRule,
} from "../draw/figures/figure.ts";
export { gradientFigure } from "../draw/figures/gradient-terms.ts";
export { type FigureSvgOptions, figureSvg } from "../draw/figures/svg.ts";
export { type FigureTextOptions, figureText } from "../draw/figures/text.ts";
export {
  choice,
  type Kind,
  type NumbersRange,
  numbers,
  type Range,
  real,
  whole,
  yes,
} from "../options/kinds.ts";
export { type OptionFacts, option } from "../options/table.ts";
export type {
  Check,
  Conclusion,
  Experiment,
  MeasuredTrial,
  Measurement,
  NotShown,
  ResultTable,
  Trial,
  TrialContext,
} from "./experiment.ts";
export { experiment, Stopped } from "./experiment.ts";
export { printRun } from "./print.ts";
export {
  type ExperimentRun,
  type KeptTrial,
  type RunExperimentOptions,
  type RunProgress,
  runExperiment,
  type TrialStore,
} from "./run.ts";

/** All experiments, in the order of the teaching. */
export const experiments: readonly Experiment[] = [
  backpropagation,
  vanishing,
  exploding,
  recallExperiment,
  forgetGate,
  truncated,
  checkpointing,
  optimisers,
  wordVectors,
  overfitting,
  exposureBias,
  drift,
  comparison,
  cells,
  alternatives,
  familiesExperiment,
];

/** The experiment of a name. Throws UsageError where there is none, with the name that may have been meant. */
export function experimentOf(name: string): Experiment {
  const found = experiments.find((one) => one.name === name);
  if (found) return found;
  const names = experiments.map((one) => one.name);
  const [meant, ...others] = names.filter((one) => name.length > 2 && one.startsWith(name));
  if (meant !== undefined && others.length === 0) {
    throw new UsageError(`there is no experiment ${printGiven(name)}: did you mean ${meant}?`);
  }
  throw new UsageError(`there is no experiment ${printGiven(name)}: ${expectedNames(name, names)}`);
}
