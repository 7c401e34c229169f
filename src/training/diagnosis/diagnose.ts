/**
 * Looks inside of a training every so many updates: at the batch of an update, before it, with the same random numbers, in a program of
 * its own. What the training computes stays the same to the bit.
 */

import { inspectionOf } from "../../inspect/inspect.ts";
import type { Asked } from "../../inspect/names.ts";
import { type LookProgram, lookProgram } from "../../inspect/program.ts";
import { int32, type Update, value } from "../../program/compile.ts";
import { withKey } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Variable } from "../../trace/variable.ts";
import { stepKey } from "../step.ts";
import { lossParts, type UpdateOptions } from "../update.ts";
import { type Diagnosis, diagnosisOf, type Found } from "./diagnosis.ts";
import { type TrainingWarning, Watch } from "./watch.ts";

/** The gradients with respect to states, what is saturated, and the norms of weights. */
const asked: Asked = {
  has: (name, aspect) =>
    aspect === "saturation" || aspect === "weights" || (aspect === "gradient" && !name.endsWith(".input")),
  check: () => {},
};

/** What was seen before an update, and the weights as they were. */
export interface Look {
  readonly found: Found;
  readonly before: ReadonlyMap<Variable, ArrayLike<number>>;
}

/** What a look and the updates since the last one tell. */
export interface Told {
  readonly diagnosis: Diagnosis | undefined;
  readonly warnings: readonly TrainingWarning[];
}

export class Diagnoser<Inputs> {
  readonly #options: UpdateOptions<Inputs>;
  #program: LookProgram | undefined;

  constructor(options: UpdateOptions<Inputs>) {
    this.#options = options;
  }

  /** Looks at a batch before the update after `step` others. */
  look(data: unknown, step: number): Look {
    this.#program ??= this.#compile();
    const { plan, run } = this.#program;
    const key = value(stepKey(this.#options.seed ?? 1, step), [2]);
    const found = inspectionOf(plan, run({ data, key }));
    const weights = [...plan.weightGroups.values()].flat();
    return { found, before: new Map(weights.map((weight) => [weight, weight.value])) };
  }

  /** The length of the update of each layer since a look, over that of its weights. */
  updates({ found, before }: Look): Record<string, number> {
    const groups = this.#program?.plan.weightGroups ?? new Map<string, Variable[]>();
    return Object.fromEntries(
      [...groups].map(([name, weights]) => {
        const steps = weights.map((weight) => distance(weight.value, before.get(weight) ?? []));
        return [name, Math.hypot(...steps) / (found.weights[name]?.value ?? 0)];
      }),
    );
  }

  /** The passes that have gates, by name, for those who say what to try. */
  get gated(): ReadonlySet<string> {
    return new Set(this.#program?.plan.gated);
  }

  #compile(): LookProgram {
    const { model, inputs, loss: build, backend } = this.#options;
    type Given = { readonly data: never; readonly key: Tensor };
    // As in an update: statistics are those of the batch, and what becomes of them is nobody's.
    const update: Update = () => {};
    const loss = ({ data, key }: Given) => withKey(key, () => lossParts(build(data, update, key)).loss);
    return lookProgram(
      model,
      { inputs: { data: inputs, key: int32(2) }, loss: loss as never, backend },
      asked,
    );
  }
}

/** A run that is looked at every so many updates. */
export class DiagnosedRun<Inputs> {
  readonly #diagnoser: Diagnoser<Inputs>;
  readonly #every: number;
  readonly #clipNorm: number | undefined;
  readonly #watch: Watch;
  #look: Look | undefined;
  #updates = 0;
  #clipped = 0;

  constructor(
    diagnoser: Diagnoser<Inputs>,
    { every, clipNorm }: { readonly every: number; readonly clipNorm: number | undefined },
  ) {
    this.#diagnoser = diagnoser;
    this.#every = every;
    this.#clipNorm = clipNorm;
    this.#watch = new Watch({ clips: clipNorm !== undefined });
  }

  /** Before the update after `step` others, on this batch. */
  before(data: unknown, step: number): void {
    this.#look = (step + 1) % this.#every === 0 ? this.#diagnoser.look(data, step) : undefined;
  }

  /** After that update. */
  after({ loss, gradientNorm }: { readonly loss: number; readonly gradientNorm: number }): Told {
    this.#updates += 1;
    if (this.#clipNorm !== undefined && gradientNorm > this.#clipNorm) this.#clipped += 1;
    const warnings = this.#watch.update(loss, gradientNorm);
    const look = this.#look;
    if (!look) return { diagnosis: undefined, warnings };
    const clipped = this.#clipNorm === undefined ? null : this.#clipped / this.#updates;
    this.#updates = 0;
    this.#clipped = 0;
    return {
      diagnosis: diagnosisOf(look.found, this.#diagnoser.updates(look), clipped),
      warnings: [...warnings, ...this.#watch.look(look.found, { clipped, gated: this.#diagnoser.gated })],
    };
  }

  /** Where the update has failed, for its numbers were not finite. */
  diverged(): readonly TrainingWarning[] {
    return this.#watch.diverged();
  }
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += ((a[at] as number) - (b[at] as number)) ** 2;
  return Math.sqrt(sum);
}
