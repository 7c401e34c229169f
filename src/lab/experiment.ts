/** What an experiment of the lab is: a claim of the teaching, trials that measure it, and what they show together. */

import type { BackendChoice } from "../backends/choice.ts";
import { printGiven } from "../checks.ts";
import type { Figure } from "../draw/figures/figure.ts";
import { UsageError } from "../errors.ts";
import type { StopSignal } from "../long-work.ts";
import type { CompletedOptions, OptionTable } from "../options/table.ts";

/** What a trial measures: plain JSON, in which a number that is not finite stands as null. */
export type Measurement =
  | null
  | boolean
  | number
  | string
  | readonly Measurement[]
  | { readonly [name: string]: Measurement };

/** What a trial runs with. */
export interface TrialContext {
  readonly backend: BackendChoice | undefined;
  readonly signal: StopSignal | undefined;
  /** Tells how much of the trial is done, from 0 to 1. */
  progress(share: number): void;
}

/** A part of an experiment that is run by itself, such as one network on one problem; what it measures follows from the settings and the seed. */
export interface Trial<Measured> {
  /** Each of a seed has another one: "tanh, orthogonal". */
  readonly name: string;
  /** Throws `Stopped` once the signal is aborted. */
  run(context: TrialContext): Measured | Promise<Measured>;
}

export interface MeasuredTrial<Measured> {
  readonly name: string;
  readonly seed: number;
  /** How long it took. */
  readonly seconds: number;
  readonly measured: Measured;
}

/** Figures as a table of texts. */
export interface ResultTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Something that was to be seen, and whether it was. */
export interface Check {
  /** "An LSTM whose forget gate starts open keeps the cue for 100 steps" */
  readonly claim: string;
  /** With the bound: "accuracy 1.00, 1.00, 0.99 (above 0.95)" */
  readonly found: string;
  readonly holds: boolean;
}

/** Something that textbooks claim and these runs do not show. */
export interface NotShown {
  readonly claim: string;
  readonly found: string;
}

/** What the trials of an experiment show together. */
export interface Conclusion {
  readonly tables: readonly ResultTable[];
  readonly checks: readonly Check[];
  readonly notShown: readonly NotShown[];
  readonly figure: Figure;
}

export interface Experiment<Table extends OptionTable = OptionTable, Measured = Measurement> {
  /** What the command calls it: "vanishing". */
  readonly name: string;
  /** "Gradients along time" */
  readonly title: string;
  /** What the teaching claims, in a line. */
  readonly claim: string;
  /** About how long three seeds take on two cores. */
  readonly seconds: number;
  /** Every setting. */
  readonly options: Table;
  /** Whether chance has a part in it: an experiment without runs for one seed. Default true. */
  readonly random?: boolean | undefined;
  /** The trials of a seed, in the order in which they run. Throws UsageError for settings that contradict themselves. */
  trials(settings: CompletedOptions<Table>, seed: number): readonly Trial<Measured>[];
  /** What those trials show, one or more, of any seeds. */
  conclude(measured: readonly MeasuredTrial<Measured>[], settings: CompletedOptions<Table>): Conclusion;
}

/** An experiment, with the types of its settings and measurements. Throws UsageError for one without a name, trials or a conclusion. */
export function experiment<const Table extends OptionTable, Measured extends Measurement>(
  parts: Experiment<Table, Measured>,
): Experiment {
  const { name, trials, conclude } = parts as Partial<Experiment<Table, Measured>>;
  if (typeof name !== "string" || typeof trials !== "function" || typeof conclude !== "function") {
    throw new UsageError(`experiment: ${printGiven(parts)} given, a name, trials and conclude expected`);
  }
  return parts as unknown as Experiment;
}

/** Thrown where an experiment is told to stop; what was measured until then is kept. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Throws `Stopped` once a signal is aborted. */
export function stopIf(signal: StopSignal | undefined): void {
  if (signal?.aborted) throw new Stopped("the experiment was stopped");
}

/** A number as a measurement: null where it is not finite. */
export const measurable = (value: number): number | null => (Number.isFinite(value) ? value : null);
