// The loop on a task without a network: the order of what happens, where it stops, and going on from any checkpoint.
import { describe, expect, it } from "vitest";
import { TrainingError, UsageError } from "../../src/errors.ts";
import {
  type LoopOptions,
  runTraining,
  type TrainingEvent,
  type Validation,
} from "../../src/training/loop.ts";
import { startOfTraining, type TrainingProgress } from "../../src/training/progress.ts";
import { constant, reduceOnPlateau } from "../../src/training/schedules.ts";

interface Found extends Validation {
  readonly perplexity: number;
}

interface Setup {
  progress?: TrainingProgress;
  losses?: (step: number) => number;
  norms?: (step: number) => number;
  /** Null where nothing is held out. */
  validations?: readonly number[] | null;
  options?: Partial<LoopOptions<Found>>;
}

/** Two epochs of three batches; what happens is a list of words. */
function setup({ progress = startOfTraining(), losses, norms, validations = [3, 2], options }: Setup = {}) {
  const happened: string[] = [];
  const checkpoints: TrainingProgress[] = [];
  const events: TrainingEvent<Found>[] = [];
  const run = runTraining<Found>({
    task: {
      startEpoch: () => happened.push("start"),
      step(batch, rate) {
        happened.push(`step ${batch} at ${rate}`);
        const step = progress.step + 1;
        return { loss: losses?.(step) ?? 1 / step, gradientNorm: norms?.(step) ?? 1, tokens: 10 };
      },
      validate:
        validations === null
          ? undefined
          : async () => {
              happened.push("validate");
              const loss = validations[progress.epoch] ?? 1;
              return { loss, perplexity: Math.exp(loss) };
            },
      keep: (found) => happened.push(found ? `keep ${Math.log(found.perplexity)}` : "keep"),
      checkpoint() {
        happened.push("checkpoint");
        checkpoints.push(structuredClone(progress));
      },
    },
    progress,
    epochs: 2,
    batches: 3,
    schedule: constant(0.5),
    patience: 0,
    checkpointEvery: 1000,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { run, happened, checkpoints, events, progress };
}

const epoch = ["start", "step 0 at 0.5", "step 1 at 0.5", "step 2 at 0.5"];

it("trains, validates, keeps the best, and writes a checkpoint after each epoch", async () => {
  const { run, happened, events, checkpoints } = setup();
  expect(await run).toBe("finished");
  const after = (loss: number) => ["validate", `keep ${loss}`, "checkpoint"];
  expect(happened).toEqual([...epoch, ...after(3), ...epoch, ...after(2)]);
  expect(events.map(({ event }) => event)).toEqual(
    [1, 2].flatMap(() => ["step", "step", "step", "validation"]),
  );
  expect(events[4]).toMatchObject({
    event: "step",
    step: 4,
    epoch: 2,
    tokens: 40,
    loss: 0.25,
    learningRate: 0.5,
  });
  expect(events[7]).toMatchObject({ event: "validation", step: 6, epoch: 2, tokens: 60, improved: true });
  expect(checkpoints.at(-1)).toMatchObject({ step: 6, epoch: 2, batch: 0, tokens: 60, best: 2, waited: 0 });
});

it("keeps the model of every epoch where nothing is held out", async () => {
  const { run, happened } = setup({ validations: null });
  expect(await run).toBe("finished");
  expect(happened).toEqual([...epoch, "keep", "checkpoint", ...epoch, "keep", "checkpoint"]);
});

it("does not keep a model that is worse, and stops where patience ends", async () => {
  const { run, happened, progress } = setup({
    validations: [2, 3, 1.5, 1.5, 1.7, 1],
    options: { epochs: 9, patience: 2 },
  });
  expect(await run).toBe("stopped early");
  expect(happened.filter((word) => word.startsWith("keep"))).toEqual(["keep 2", "keep 1.5"]);
  expect(progress).toMatchObject({ epoch: 5, best: 1.5, waited: 2 });
});

it("keeps the model whose validation is smallest by the criterion, which patience and the schedule go by too", async () => {
  const { run, happened, progress } = setup({
    validations: [2, 3, 4, 1, 0],
    options: {
      ...{ epochs: 9, batches: 1, patience: 2, criterion: ({ loss }) => 10 - loss },
      schedule: reduceOnPlateau(1, { factor: 0.5, patience: 0 }),
    },
  });
  expect(await run).toBe("stopped early");
  expect(happened.filter((word) => word.startsWith("keep"))).toEqual(["keep 2", "keep 3", "keep 4"]);
  expect(happened.filter((word) => word.startsWith("step")).at(-1)).toBe("step 0 at 0.5");
  expect(progress).toMatchObject({ epoch: 5, best: 6, waited: 2 });
});

it("refuses a criterion that is no function, or has no number", async () => {
  await expect(setup({ options: { criterion: 3 as never } }).run).rejects.toThrow(
    "runTraining: criterion 3 given, a function expected",
  );
  await expect(setup({ options: { criterion: () => Number.NaN } }).run).rejects.toThrow(
    "criterion returned NaN, a finite number expected",
  );
});

it("tells the schedule what validation showed", async () => {
  const { run, happened } = setup({
    validations: [1, 1, 1],
    options: { epochs: 3, batches: 1, schedule: reduceOnPlateau(1, { factor: 0.5, patience: 0 }) },
  });
  await run;
  expect(happened.filter((word) => word.startsWith("step"))).toEqual([
    "step 0 at 1",
    "step 0 at 1",
    "step 0 at 0.5",
  ]);
});

it("writes checkpoints when time has come, in the middle of an epoch too", async () => {
  const { run, checkpoints } = setup({ options: { checkpointEvery: 1e-9 } });
  await run;
  expect(checkpoints.map(({ epoch, batch }) => [epoch, batch])).toEqual([
    ...[1, 2, 3].map((batch) => [0, batch]),
    [1, 0],
    ...[1, 2, 3].map((batch) => [1, batch]),
    [2, 0],
  ]);
});

it("goes on from any of its checkpoints as if nothing had been", async () => {
  const whole = setup({ options: { checkpointEvery: 1e-9 } });
  await whole.run;
  for (const progress of whole.checkpoints) {
    const rest = setup({ progress: structuredClone(progress) });
    expect(await rest.run).toBe("finished");
    const done = 2 * 3 - progress.step;
    expect(rest.happened.filter((word) => word.startsWith("step"))).toHaveLength(done);
    const { seconds: _, ...end } = rest.progress;
    const { seconds: __, ...expected } = whole.progress;
    expect(end).toEqual(expected);
    expect(rest.progress.seconds).toBeGreaterThanOrEqual(progress.seconds);
  }
});

describe("a stop signal", () => {
  it("ends with a checkpoint before the next step", async () => {
    const stop = new AbortController();
    const { run, happened, checkpoints } = setup({
      losses: (step) => {
        if (step === 2) stop.abort();
        return 1;
      },
      options: { signal: stop.signal },
    });
    expect(await run).toBe("interrupted");
    expect(happened.slice(-2)).toEqual(["step 1 at 0.5", "checkpoint"]);
    expect(checkpoints.at(-1)).toMatchObject({ step: 2, batch: 2, epoch: 0 });
  });

  it("that comes during validation leaves the validation to be done", async () => {
    const stop = new AbortController();
    const { run, checkpoints, happened } = setup({
      losses: () => 1,
      options: {
        signal: stop.signal,
        task: {
          startEpoch() {},
          step: () => ({ loss: 1, gradientNorm: 1, tokens: 1 }),
          async validate(signal) {
            stop.abort();
            return signal?.aborted ? undefined : { loss: 1, perplexity: 1 };
          },
          keep: () => expect.unreachable(),
          checkpoint: () => happened.push("checkpoint"),
        },
      },
    });
    expect(await run).toBe("interrupted");
    expect(happened).toEqual(["checkpoint"]);
    expect(checkpoints).toEqual([]);
  });

  it("is heard while training: the thread is handed back", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    const started = performance.now();
    const { run } = setup({
      losses: () => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        return 1;
      },
      options: { batches: 1_000_000, signal: stop.signal },
    });
    expect(await run).toBe("interrupted");
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("divergence", () => {
  const bad = [Number.NaN, Number.POSITIVE_INFINITY];
  it.each(bad)("a loss of %d ends training, and nothing is written", async (loss) => {
    const { run, happened } = setup({ losses: (step) => (step === 3 ? loss : 1) });
    await expect(run).rejects.toThrow(TrainingError);
    await expect(run).rejects.toThrow(
      `the loss is ${loss} at step 3: training diverged; try a lower learning rate`,
    );
    expect(happened).toEqual(epoch);
  });

  it.each(bad)("gradients of norm %d end training", async (norm) => {
    const { run } = setup({ norms: (step) => (step === 2 ? norm : 1) });
    await expect(run).rejects.toThrow(`the norm of the gradients is ${norm} at step 2`);
  });

  it("a validation loss of NaN ends training before the model is kept", async () => {
    const { run, happened } = setup({ validations: [Number.NaN] });
    await expect(run).rejects.toThrow("the validation loss is NaN at step 3");
    expect(happened).toEqual([...epoch, "validate"]);
  });

  it("so does a finite one with a measure that is not", async () => {
    const { run, happened } = setup({ validations: [800] });
    await expect(run).rejects.toThrow(TrainingError);
    await expect(run).rejects.toThrow(
      "the validation loss is 800, its perplexity Infinity, at step 3: training diverged; try a lower",
    );
    expect(happened).toEqual([...epoch, "validate"]);
  });
});

it("refuses a second run of a training that runs, before anything changes; afterwards it goes on", async () => {
  const progress = startOfTraining();
  const first = setup({ progress });
  const second = setup({ progress });
  await expect(second.run).rejects.toThrow(
    new UsageError("this training runs already: wait for its run to end, or stop it by its signal"),
  );
  expect(second.happened).toEqual([]);
  expect(await first.run).toBe("finished");
  expect(progress.step).toBe(6);
  expect(await setup({ progress, options: { epochs: 3 } }).run).toBe("finished");
  expect(progress.epoch).toBe(3);
});

it("refuses a signal and a listener that are none, before anything changes", async () => {
  for (const [options, message] of [
    [
      { signal: new AbortController() },
      "runTraining: signal an AbortController given, an AbortSignal expected",
    ],
    [{ signal: true }, "runTraining: signal true given, an AbortSignal expected"],
    [{ onEvent: "x" }, 'runTraining: onEvent "x" given, a function expected'],
  ] as const) {
    const { run, happened } = setup({ options: options as never });
    await expect(run).rejects.toThrow(new UsageError(message));
    expect(happened).toEqual([]);
  }
});
