/**
 * Schedules of the learning rate. A schedule is a pure function of the position in training, and of what validations have
 * shown; that memory is plain JSON, kept by the caller.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";

/** Where training stands: `step` updates are done, `epoch` whole passes over the data. */
export interface SchedulePosition {
  readonly step: number;
  readonly epoch: number;
}

/** What a schedule remembers of validations, as JSON. */
export type ScheduleMemory = Readonly<Record<string, number>>;

export interface Schedule {
  /** The learning rate of the update that follows. */
  rate(position: SchedulePosition, memory: ScheduleMemory): number;
  /** The memory after a validation with this loss; it starts as {}. */
  observe(loss: number, memory: ScheduleMemory): ScheduleMemory;
  /** Whether it changes by what validations show, and never without them. */
  readonly needsValidation?: boolean | undefined;
}

/** Throws UsageError for what is no schedule, such as a learning rate. */
export function checkSchedule(where: string, schedule: Schedule): void {
  const given: Partial<Schedule> | null = schedule;
  if (typeof given?.rate === "function" && typeof given.observe === "function") return;
  throw new UsageError(
    `${where}: schedule ${printGiven(schedule)} given, a schedule such as constant(0.001) expected`,
  );
}

const remembersNothing = (_: number, memory: ScheduleMemory) => memory;

/** The same rate always. */
export function constant(rate: number): Schedule {
  requirePositive("learning rate", rate);
  return { rate: () => rate, observe: remembersNothing };
}

export interface StepDecaySettings {
  /** Epochs between reductions. */
  every: number;
  /** What the rate is multiplied with; default 0.1. */
  factor?: number | undefined;
  /** Epochs before the first one that counts; default 0. */
  hold?: number | undefined;
}

/**
 * rate * factor^floor(epoch / every): torch.optim.lr_scheduler.StepLR, stepped each epoch. The first `hold` epochs do not
 * count: with hold 4, every 1 and factor 0.5 the first five have the whole rate, the sixth half of it.
 */
export function stepDecay(rate: number, options: StepDecaySettings): Schedule {
  checkOptions("stepDecay", options, { every: "a whole number from 1", factor: true, hold: true });
  const { every, factor = 0.1, hold = 0 } = options;
  requirePositive("learning rate", rate);
  requireCount("decay every", every);
  requirePositive("decay factor", factor);
  if (!Number.isInteger(hold) || hold < 0) {
    throw new UsageError(`decay hold ${printGiven(hold)}: expected a whole number from 0`);
  }
  return {
    rate: ({ epoch }) => rate * factor ** Math.floor(Math.max(0, epoch - hold) / every),
    observe: remembersNothing,
  };
}

export interface CosineSettings {
  /** The updates until the minimum. */
  steps: number;
  /** The lowest rate; default 0. */
  minimum?: number | undefined;
}

/** Half a cosine from rate to minimum over `steps` updates (Loshchilov and Hutter 2017, no restarts), then the minimum. */
export function cosine(rate: number, options: CosineSettings): Schedule {
  checkOptions("cosine", options, { steps: "a whole number from 1", minimum: true });
  const { steps, minimum = 0 } = options;
  requirePositive("learning rate", rate);
  requireCount("cosine steps", steps);
  requireMinimum(minimum, rate);
  return {
    rate: ({ step }) =>
      minimum + ((rate - minimum) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2,
    observe: remembersNothing,
  };
}

export interface LinearSettings {
  /** The updates until the minimum. */
  steps: number;
  /** The lowest rate; default 0. */
  minimum?: number | undefined;
}

/** A straight line from rate to minimum over `steps` updates, then the minimum: torch.optim.lr_scheduler.LinearLR to an end. */
export function linearDecay(rate: number, options: LinearSettings): Schedule {
  checkOptions("linearDecay", options, { steps: "a whole number from 1", minimum: true });
  const { steps, minimum = 0 } = options;
  requirePositive("learning rate", rate);
  requireCount("linear steps", steps);
  requireMinimum(minimum, rate);
  return {
    rate: ({ step }) => minimum + (rate - minimum) * (1 - Math.min(step, steps) / steps),
    observe: remembersNothing,
  };
}

export interface PlateauSettings {
  /** What the rate is multiplied with; below 1, default 0.1. */
  factor?: number;
  /** How many validations without improvement are borne; default 10. */
  patience?: number;
  /** An improvement is a loss below best - threshold * |best|; 0 or more, default 1e-4. */
  threshold?: number;
  /** The rate does not fall below it; default 0. */
  minimum?: number;
}

/**
 * Reduce when the validation loss no longer falls: torch.optim.lr_scheduler.ReduceLROnPlateau, mode min, relative
 * threshold, here relative to the size of the loss, so that losses below 0 do as well. A loss that is NaN is no improvement.
 */
export function reduceOnPlateau(rate: number, settings: PlateauSettings = {}): Schedule {
  checkOptions("reduceOnPlateau", settings, {
    factor: true,
    patience: true,
    threshold: true,
    minimum: true,
  });
  const { factor = 0.1, patience = 10, threshold = 1e-4, minimum = 0 } = settings;
  requirePositive("learning rate", rate);
  if (!(factor > 0 && factor < 1)) {
    throw new UsageError(`decay factor ${printGiven(factor)}: expected a number above 0 and below 1`);
  }
  if (!Number.isInteger(patience) || patience < 0) {
    throw new UsageError(`plateau patience ${printGiven(patience)}: expected a whole number from 0`);
  }
  if (!(threshold >= 0 && threshold < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`plateau threshold ${printGiven(threshold)}: expected a number from 0`);
  }
  requireMinimum(minimum, rate);
  return {
    needsValidation: true,
    rate: (_, { reductions = 0 }) => Math.max(minimum, rate * factor ** reductions),
    observe(loss, { best, waited = 0, reductions = 0 }) {
      const bar = best === undefined ? Number.POSITIVE_INFINITY : best - threshold * Math.abs(best);
      if (loss < bar) return { best: loss, waited: 0, reductions };
      const reduces = waited + 1 > patience;
      return {
        ...(best !== undefined && { best }),
        waited: reduces ? 0 : waited + 1,
        reductions: reductions + (reduces ? 1 : 0),
      };
    },
  };
}

/** The first `steps` updates go up in equal parts to what `schedule` says: update k (from 1) has k / steps of it. */
export function warmUp(schedule: Schedule, steps: number): Schedule {
  checkSchedule("warmUp", schedule);
  requireCount("warm-up", steps);
  return {
    rate: (position, memory) => schedule.rate(position, memory) * Math.min(1, (position.step + 1) / steps),
    observe: schedule.observe,
    needsValidation: schedule.needsValidation,
  };
}

/** A schedule as plain JSON; each kind has settings of its own. */
export interface ScheduleDescription {
  readonly kind: ScheduleKind;
  /** Updates of warm-up; default 0, none. Any kind. */
  readonly warmUp?: number;
  /** step: epochs between reductions; default 1. */
  readonly every?: number;
  /** step: epochs before the first one that counts; default 0. */
  readonly hold?: number;
  /** step, plateau: what the rate is multiplied with; default 0.1. */
  readonly factor?: number;
  /** linear, cosine, plateau: the lowest rate; default 0. */
  readonly minimum?: number;
  /** plateau: how many validations without improvement are borne; default 10. */
  readonly patience?: number;
}

export const SCHEDULE_KINDS = ["constant", "step", "linear", "cosine", "plateau"] as const;
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];

type Settings = Omit<ScheduleDescription, "kind" | "warmUp">;

const DEFAULTS: Record<ScheduleKind, Settings> = {
  constant: {},
  step: { every: 1, factor: 0.1, hold: 0 },
  linear: { minimum: 0 },
  cosine: { minimum: 0 },
  plateau: { factor: 0.1, minimum: 0, patience: 10 },
};

/** The description with every default filled in, that of the usual kind where it names none. Throws UsageError for a kind or a setting that does not exist. */
export function completeSchedule(
  description: Partial<ScheduleDescription>,
  usual: ScheduleKind = "constant",
): ScheduleDescription {
  if (typeof description !== "object" || description === null) {
    throw new UsageError(
      `schedule ${printGiven(description)} given, an object such as { kind: "cosine" } expected`,
    );
  }
  const { kind = usual, warmUp = 0, ...given } = description;
  if (!SCHEDULE_KINDS.includes(kind)) {
    throw new UsageError(`schedule ${printGiven(kind)} is unknown: expected ${SCHEDULE_KINDS.join(", ")}`);
  }
  const settings: Record<string, number> = { ...DEFAULTS[kind] };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(settings, name)) {
      const kinds = SCHEDULE_KINDS.filter((other) => Object.hasOwn(DEFAULTS[other], name));
      const others = kinds.length === 0 ? "" : `: it is of ${kinds.join(" and ")}`;
      throw new UsageError(`schedule ${kind} has no setting ${name}${others}`);
    }
    settings[name] = value;
  }
  return { kind, warmUp, ...settings };
}

/**
 * The schedule of a description, for a training of `steps` updates that starts with `learningRate`.
 * Throws UsageError for an unknown kind, a setting that the kind does not have, or a value out of range.
 */
export function createSchedule(
  description: ScheduleDescription,
  { learningRate, steps }: { learningRate: number; steps: number },
): Schedule {
  const {
    kind,
    warmUp: updates = 0,
    every = 1,
    hold,
    factor,
    minimum,
    patience,
  } = completeSchedule(description);
  const makers: Record<ScheduleKind, () => Schedule> = {
    constant: () => constant(learningRate),
    step: () => stepDecay(learningRate, { every, hold, factor }),
    linear: () => linearDecay(learningRate, { steps, minimum }),
    cosine: () => cosine(learningRate, { steps, minimum }),
    plateau: () => reduceOnPlateau(learningRate, { factor, patience, minimum }),
  };
  const schedule = makers[kind]();
  return updates === 0 ? schedule : warmUp(schedule, updates);
}

function requirePositive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new UsageError(`${name} ${printGiven(value)}: expected a number above 0`);
  }
}

function requireCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`${name} ${printGiven(value)}: expected a whole number from 1`);
  }
}

function requireMinimum(minimum: number, rate: number): void {
  if (!(minimum >= 0 && minimum <= rate)) {
    throw new UsageError(
      `minimum learning rate ${printGiven(minimum)}: expected a number from 0 to the learning rate, ${rate}`,
    );
  }
}
