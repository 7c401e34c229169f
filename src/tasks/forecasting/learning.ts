/** A forecaster that goes on learning along a stream: from each window, once what it forecast has come. */

import { printGiven } from "../../checks.ts";
import { DataError, TrainingError, UsageError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { real, whole, yes } from "../../options/kinds.ts";
import { completeOptions, type OptionsOf, option } from "../../options/table.ts";
import type { Variable } from "../../trace/variable.ts";
import { divergedAdvice } from "../../training/diverged.ts";
import { raiseOnDrift } from "../../training/raise-on-drift.ts";
import { Replay, type ReplayState } from "../../training/replay.ts";
import { type BatchRow, BatchRows, type PlainRow } from "../../training/rows.ts";
import { constant, type ScheduleMemory } from "../../training/schedules.ts";
import { compileUpdate } from "../../training/update.ts";
import type { ForecastModel, WindowForecast } from "./model.ts";
import type { ForecastSettings } from "./options.ts";
import { batchOf, updateOf } from "./training.ts";
import type { Place } from "./windows.ts";

/** How a forecaster learns along a stream. */
export const learningOptions = {
  learningRate: option(real({ from: 0 }), {
    argument: "rate",
    help: "--learn: of each update",
    usually: "the training's",
  }),
  every: option(whole({ from: 1 }), {
    default: 1,
    flag: "learn-every",
    argument: "rows",
    help: "--learn: windows of an update, so many rows apart",
  }),
  replay: option(whole({ from: 0 }), {
    default: 0,
    argument: "windows",
    help: "--learn: earlier windows beside those of each update",
  }),
  memory: option(whole({ from: 1 }), {
    default: 500,
    argument: "windows",
    help: "--learn: windows that replay chooses from, a sample of all that came",
  }),
  raise: option(real({ from: 1, remark: ", which raises nothing" }), {
    default: 1,
    argument: "factor",
    help: "--learn: how many times the rate rises where the error does",
  }),
};

/** As flags, beside the one that asks for it. */
export const streamOptions = {
  learn: option(yes(), { help: "with --follow: go on learning from what came" }),
  ...learningOptions,
};

export type StreamLearning = OptionsOf<typeof learningOptions>;

/** What a learner has, as plain JSON. */
export interface LearnerState {
  readonly updates: number;
  /** The weights of the network and what the optimiser keeps, by name. */
  readonly numbers: Readonly<Record<string, readonly number[]>>;
  /** Windows that wait for an update. */
  readonly waiting: readonly PlainRow[];
  readonly replay: ReplayState;
  readonly rates: ScheduleMemory;
}

/** Learns from windows as they are completed. Several streams of one forecaster share one. */
export class StreamLearner {
  readonly #model: ForecastModel;
  readonly #update: ReturnType<typeof compileUpdate>;
  readonly #rows: BatchRows<object>;
  readonly #memory: Replay<object>;
  readonly #every: number;
  readonly #replay: number;
  readonly #schedule: ReturnType<typeof constant> | undefined;
  #waiting: BatchRow[] = [];
  #rates: ScheduleMemory = {};

  /** Throws UsageError for options out of their range. */
  constructor(model: ForecastModel, settings: ForecastSettings, given: StreamLearning = {}) {
    const { learningRate = settings.learningRate, ...options } = completeOptions(
      "stream: learn",
      learningOptions,
      given,
    );
    const { every, replay, memory, raise } = options;
    const update = updateOf(model, settings);
    this.#model = model;
    this.#update = compileUpdate({ ...update, backend: model.backend });
    this.#rows = new BatchRows("stream", update.inputs);
    this.#memory = new Replay<object>({ inputs: update.inputs, capacity: memory, seed: settings.seed });
    this.#every = every;
    this.#replay = replay;
    const steady = learningRate === 0 ? undefined : constant(learningRate);
    this.#schedule = steady && (raise > 1 ? raiseOnDrift(steady, { factor: raise }) : steady);
  }

  /** A window whose every step has come: an update, once there are enough of them. Throws TrainingError where it or what it made is not finite. */
  learn(place: Place): void {
    this.#waiting.push(...this.#rows.split(batchOf([place], this.#model, () => 1)));
    if (this.#waiting.length < this.#every) return;
    const fresh = this.#rows.join(this.#waiting);
    const { step } = this.#update.state;
    const rate = this.#schedule?.rate({ step, epoch: 0 }, this.#rates) ?? 0;
    const { loss } = this.#update.run(this.#memory.mix(fresh, this.#replay) as never, rate);
    this.#rates = this.#schedule?.observe(loss, this.#rates) ?? {};
    this.#memory.add(fresh);
    this.#waiting = [];
    if (rate === 0) return;
    this.#model.learnt += 1;
    const stray = this.#variables().find(([, { value }]) => !Array.from(value).every(Number.isFinite));
    if (stray) throw diverged(`${stray[0]} is not finite`, this.#model);
  }

  save(): LearnerState {
    return {
      updates: this.#update.state.step,
      numbers: Object.fromEntries(
        this.#variables().map(([name, variable]) => [name, Array.from<number>(variable.value)]),
      ),
      waiting: this.#waiting.map((row) => this.#rows.plain(row)),
      replay: this.#memory.save(),
      rates: this.#rates,
    };
  }

  /** Goes on from what `save` gave, the weights of the network included. Throws DataError, before anything changes, for what does not fit. */
  restore(state: LearnerState): void {
    const { updates, numbers, waiting, replay, rates } = (
      isObject(state) ? state : {}
    ) as Partial<LearnerState>;
    const variables = this.#variables();
    const rows = Array.isArray(waiting) ? waiting.map((row) => this.#rows.read(row)) : [undefined];
    const fits =
      Number.isSafeInteger(updates) &&
      isObject(numbers) &&
      isObject(rates) &&
      rows.every((row) => row !== undefined) &&
      variables.every(([name, { count }]) => {
        const list: unknown = numbers[name];
        return Array.isArray(list) && list.length === count && list.every(Number.isFinite);
      });
    if (!fits) {
      throw new DataError(
        `stream: ${printGiven(state)} given for what was learnt, a state of this forecaster expected`,
      );
    }
    this.#memory.restore(replay as ReplayState);
    for (const [name, variable] of variables)
      variable.value = (numbers as LearnerState["numbers"])[name] ?? [];
    this.#update.state.step = updates as number;
    this.#model.learnt = updates as number;
    this.#waiting = rows as BatchRow[];
    this.#rates = rates as ScheduleMemory;
  }

  #variables(): (readonly [string, Variable])[] {
    const { parameters, state } = this.#update;
    return parameters.flatMap((parameter, at) => [
      [parameter.name, parameter] as const,
      ...Object.values(state.slots[at] ?? {}).map((slot) => [slot.name, slot] as const),
    ]);
  }
}

/** Throws TrainingError where what was learnt along streams forecasts what is no number. */
export function requireFiniteForecast({ point, quantiles }: WindowForecast, model: ForecastModel): void {
  if (model.learnt === 0) return;
  const stray = [point, ...quantiles].flatMap((values) => [...values]).find((one) => !Number.isFinite(one));
  if (stray !== undefined) throw diverged(`the forecast is ${stray}`, model);
}

/** Of updates that were made: nothing is as it was before them. */
function diverged(what: string, { learnt }: ForecastModel): TrainingError {
  return new TrainingError(`stream: ${what} after update ${learnt}: ${divergedAdvice}`);
}

/** The options of learning among others. Throws UsageError for some of them without the one that asks for it. */
export function learningOf(options: Readonly<Record<string, unknown>>): StreamLearning | undefined {
  const names = Object.keys(learningOptions).filter((name) => options[name] !== undefined);
  if (options.learn === true) return Object.fromEntries(names.map((name) => [name, options[name]]));
  const [name] = names;
  if (name !== undefined) {
    throw new UsageError(
      `${name} ${printGiven(options[name])} is of a forecaster that goes on learning: --learn expected`,
    );
  }
  return undefined;
}
