/** Running an experiment: trial by trial, each kept as it is measured, so that one that was stopped goes on. */

import { type BackendChoice, backendReport } from "../backends/choice.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, RondoError, UsageError } from "../errors.ts";
import { withNulls } from "../formats/json.ts";
import { checkSignal, type StopSignal } from "../long-work.ts";
import { checkSeed } from "../nn/random.ts";
import { type CompletedOptions, completeOptions, type OptionTable } from "../options/table.ts";
import {
  type Conclusion,
  type Experiment,
  type MeasuredTrial,
  type Measurement,
  stopIf,
  type Trial,
} from "./experiment.ts";

/** What is kept of trials that are done, such as lines of a file. */
export interface TrialStore {
  /** The trials of former runs, of any experiments and settings. */
  readonly kept: readonly KeptTrial[];
  keep(trial: KeptTrial): void;
}

/** A trial that was measured, and what it follows from. */
export interface KeptTrial extends MeasuredTrial<Measurement> {
  readonly experiment: string;
  readonly settings: object;
}

/** Where a run is. */
export interface RunProgress {
  /** The trial that runs, such as "GRU, seed 2". */
  readonly trial: string;
  /** How many are done, with the share of the one that runs, of how many. */
  readonly done: number;
  readonly trials: number;
}

export interface RunExperimentOptions {
  /** Those that differ from the defaults, by their names in the experiment's table. */
  readonly settings?: object | undefined;
  /** Default 1, 2 and 3, or 1 where chance has no part in it. */
  readonly seeds?: readonly number[] | undefined;
  readonly backend?: BackendChoice | undefined;
  readonly signal?: StopSignal | undefined;
  readonly store?: TrialStore | undefined;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
}

/** What an experiment showed. */
export interface ExperimentRun extends Conclusion {
  readonly name: string;
  readonly settings: object;
  /** Whether these are the usual settings, which what is expected of the figures is for. */
  readonly usual: boolean;
  readonly seeds: readonly number[];
  /** What its programs ran on. */
  readonly backend: string;
  /** Of all trials together, those of former runs included. */
  readonly seconds: number;
  readonly trials: readonly MeasuredTrial<Measurement>[];
}

/**
 * Runs an experiment for some seeds. Throws UsageError for settings or seeds that do not fit, before anything runs, and `Stopped`
 * once the signal is aborted; what the store has is not run again.
 */
export async function runExperiment(
  experiment: Experiment,
  options: RunExperimentOptions = {},
): Promise<ExperimentRun> {
  checkOptions("runExperiment", options, {
    settings: true,
    seeds: true,
    backend: true,
    signal: true,
    store: true,
    onProgress: true,
  });
  const { name, random = true } = experiment;
  const { backend, signal, store, onProgress } = options;
  const { seeds = random ? [1, 2, 3] : [1] } = options;
  checkSignal("runExperiment", signal);
  checkSeeds(name, seeds, random);
  const settings = completeOptions(`experiment ${name}`, experiment.options, options.settings);
  const key = (trial: string, seed: number) => JSON.stringify([name, settings, trial, seed]);
  const known = new Map(
    (store?.kept ?? []).map((kept) => [
      JSON.stringify([kept.experiment, kept.settings, kept.name, kept.seed]),
      kept,
    ]),
  );
  const all = seeds.flatMap((seed) => trialsOf(experiment, settings, seed).map((trial) => ({ trial, seed })));
  const trials: MeasuredTrial<Measurement>[] = [];
  for (const { trial, seed } of all) {
    const before = known.get(key(trial.name, seed));
    if (before) {
      const { seconds, measured } = before;
      trials.push({ name: trial.name, seed, seconds, measured });
      continue;
    }
    stopIf(signal);
    const tell = (share: number) =>
      onProgress?.({
        trial: random ? `${trial.name}, seed ${seed}` : trial.name,
        done: trials.length + Math.min(1, share),
        trials: all.length,
      });
    tell(0);
    const started = performance.now();
    const found = await trial.run({ backend, signal, progress: tell });
    const measured = withNulls(found ?? null) as Measurement;
    const seconds = (performance.now() - started) / 1000;
    const done = { name: trial.name, seed, seconds, measured };
    trials.push(done);
    store?.keep({ experiment: name, settings, ...done });
  }
  return {
    name,
    settings,
    usual: JSON.stringify(settings) === JSON.stringify(completeOptions(name, experiment.options, {})),
    seeds,
    backend: backendName(backend),
    seconds: trials.reduce((sum, { seconds }) => sum + seconds, 0),
    trials,
    ...concluded(experiment, trials, { settings, kept: known.size > 0 }),
  };
}

/** The trials of a seed. Throws UsageError for two of one name: the second would take what was kept of the first for its own. */
function trialsOf(
  { name, trials }: Experiment,
  settings: CompletedOptions<OptionTable>,
  seed: number,
): readonly Trial<Measurement>[] {
  const all = trials(settings, seed);
  const names = new Set<string>();
  for (const trial of all) {
    if (names.has(trial.name)) {
      throw new UsageError(
        `experiment ${name}: two trials are called ${printGiven(trial.name)}, names that differ expected`,
      );
    }
    names.add(trial.name);
  }
  return all;
}

/** What trials show. Throws DataError where that fails with trials that were kept: they may be damaged. */
function concluded(
  { name, conclude }: Experiment,
  trials: readonly MeasuredTrial<Measurement>[],
  { settings, kept }: { readonly settings: CompletedOptions<OptionTable>; readonly kept: boolean },
): Conclusion {
  try {
    return conclude(trials, settings);
  } catch (error) {
    if (!kept || error instanceof RondoError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new DataError(
      `experiment ${name}: what was kept of its trials is none of its measurements: ${message}`,
      {
        cause: error,
      },
    );
  }
}

function backendName(backend: BackendChoice | undefined): string {
  if (backend === undefined || backend === "auto") return backendReport().name;
  return typeof backend === "string" ? backend : backend.name;
}

function checkSeeds(name: string, seeds: readonly number[], random: boolean): void {
  if (!Array.isArray(seeds) || seeds.length === 0) {
    throw new UsageError(`experiment ${name}: seeds ${printGiven(seeds)} given, one or more expected`);
  }
  for (const seed of seeds) checkSeed(seed, `experiment ${name}: `);
  if (new Set(seeds).size < seeds.length) {
    throw new UsageError(`experiment ${name}: seeds ${seeds.join(", ")} given, each once expected`);
  }
  if (!random && seeds.length > 1) {
    throw new UsageError(`experiment ${name}: seeds ${seeds.join(", ")} given, but chance has no part in it`);
  }
}
