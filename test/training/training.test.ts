// A training of a model that is none of Rondo's own: it learns, stops, goes on to the same bits, keeps the best, and says
// what it is given wrongly.
import { describe, expect, it, vi } from "vitest";
import { FormatError, TrainingError, UsageError } from "../../src/errors.ts";
import { readModel } from "../../src/formats/model.ts";
import {
  adam,
  batchNorm,
  compile,
  concat,
  crossEntropy,
  dropout,
  embedding,
  float32,
  gradient,
  gru,
  int32,
  linear,
  linearDecay,
  meanSquaredError,
  type Optimizer,
  parameters,
  randomSource,
  recurrent,
  reduceOnPlateau,
  reference,
  stateTypes,
  type Tensor,
  Training,
  type TrainingEvent,
  value,
  warmUp,
  zeroState,
  zeros,
} from "../../src/index.ts";

/** Two inputs, two losses, one part that is frozen, dropout, and a state that is carried on. */
function setup(change: object = {}) {
  const model = {
    embed: embedding(5, 4),
    read: linear(3, 4),
    rnn: recurrent(gru, 8, 6),
    kind: linear(6, 2),
    level: linear(6, 1),
  };
  const drop = dropout(0.3);
  const { embed: _, ...trained } = model;
  const training = new Training({
    model,
    parameters: parameters(trained),
    inputs: {
      tokens: int32("T", "B"),
      x: float32("T", "B", 3),
      kinds: int32("T", "B"),
      levels: float32("T", "B", 1),
      state: stateTypes(model.rnn),
    },
    carried: { state: zeroState(model.rnn, 2) },
    loss({ tokens, x, kinds, levels, state }) {
      const read = drop.apply(concat(model.embed.apply(tokens), model.read.apply(x)));
      const { output, state: next } = model.rnn.apply(read, { state });
      const kind = crossEntropy(model.kind.apply(output), kinds);
      const level = meanSquaredError(model.level.apply(output), levels);
      return { loss: kind.add(level.mul(0.5)), carried: { state: next }, measures: { kind, level } };
    },
    batches: { count: 5, at: (batch, epoch) => drawn(`${epoch}.${batch}`) },
    validation: { count: 2, at: (batch) => drawn(`held.${batch}`) },
    targets: ({ tokens }) => tokens.data.length,
    epochs: 4,
    learningRate: 0.02,
    clipNorm: 1,
    seed: 4,
    ...change,
  });
  return { model, training };
}

/** A batch of 7 steps of 2 rows, the same for the same name. */
function drawn(name: string) {
  const random = randomSource(9, name);
  const tokens = Int32Array.from({ length: 14 }, () => Math.floor(5 * random.uniform()));
  return {
    tokens: value(tokens, [7, 2]),
    x: value(
      Float32Array.from({ length: 42 }, () => random.normal()),
      [7, 2, 3],
    ),
    kinds: value(
      tokens.map((token) => Number(token > 2)),
      [7, 2],
    ),
    levels: value(
      Float32Array.from(tokens, (token) => token / 5),
      [7, 2, 1],
    ),
  };
}

/** Runs to the end; the model's file, every checkpoint, and what happened. */
async function finish({ training }: ReturnType<typeof setup>) {
  const events: TrainingEvent[] = [];
  const checkpoints: Uint8Array[] = [];
  const models: Uint8Array[] = [];
  const end = await training.run({
    onEvent: (event) => events.push(event),
    onCheckpoint: (bytes) => checkpoints.push(bytes),
    onModel: (bytes) => models.push(bytes),
    checkpointEvery: 1e-9,
  });
  const losses = events.flatMap((event) => (event.event === "step" ? [event.loss] : []));
  const validations = events.flatMap((event) => (event.event === "validation" ? [event] : []));
  return { end, events, losses, validations, checkpoints, models };
}

describe("a model of one's own", () => {
  it("learns, shows the parts of its loss, and leaves what is frozen", async () => {
    const made = setup({ epochs: 12 });
    const before = made.model.embed.weights.weight.value;
    const { end, events, losses, validations } = await finish(made);
    expect(end).toBe("finished");
    expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] as number));
    expect(made.model.embed.weights.weight.value).toEqual(before);
    const step = events[0] as Extract<TrainingEvent, { event: "step" }>;
    expect(Object.keys(step.measures ?? {})).toEqual(["kind", "level"]);
    expect((step.measures?.kind ?? 0) + 0.5 * (step.measures?.level ?? 0)).toBeCloseTo(step.loss, 6);
    expect(step.tokens).toBe(14);
    expect(validations).toHaveLength(12);
    expect(made.training.progress).toMatchObject({ step: 60, epoch: 12, batch: 0, tokens: 60 * 14 });
  });

  it("goes on from any checkpoint to the same bits", async () => {
    const whole = await finish(setup());
    expect(whole.checkpoints).toHaveLength(24);
    for (const at of [0, 3, 4, 5, 12]) {
      const rest = setup();
      rest.training.restore(whole.checkpoints[at] as Uint8Array, "c");
      const { losses, models } = await finish(rest);
      const done = rest.training.updates - losses.length;
      expect(losses).toEqual(whole.losses.slice(done));
      expect(models.at(-1)).toEqual(whole.models.at(-1));
      const [end, expected] = [rest.training, setup().training];
      expected.restore(whole.checkpoints.at(-1) as Uint8Array);
      expect(end.progress).toEqual({ ...expected.progress, seconds: end.progress.seconds });
    }
  });

  it("is stopped by a signal, with a checkpoint to go on from", async () => {
    const whole = await finish(setup());
    const stop = new AbortController();
    const first = setup();
    let checkpoint: Uint8Array = new Uint8Array();
    const end = await first.training.run({
      signal: stop.signal,
      onEvent: (event) => event.step === 7 && stop.abort(),
      onCheckpoint: (bytes) => {
        checkpoint = bytes;
      },
    });
    expect(end).toBe("interrupted");
    const second = setup();
    second.training.restore(checkpoint);
    expect(second.training.progress.step).toBe(7);
    expect((await finish(second)).losses).toEqual(whole.losses.slice(7));
  });

  it("goes on to the same numbers where a backend computes in float64", async () => {
    const change = { backend: reference, epochs: 1 };
    const whole = await finish(setup(change));
    const rest = setup(change);
    rest.training.restore(whole.checkpoints[2] as Uint8Array);
    expect((await finish(rest)).losses).toEqual(whole.losses.slice(3));
  });

  it("draws by the seed", async () => {
    const [a, b, c] = [setup(), setup(), setup({ seed: 5 })];
    const [first, same, other] = [await finish(a), await finish(b), await finish(c)];
    expect(first.losses).toEqual(same.losses);
    expect(first.losses).not.toEqual(other.losses);
  });

  it("keeps the model that validated best, which reads back into a new one", async () => {
    const script = [3, 1, 2, 0.5, 4];
    const made = setup({ validation: () => script[made.training.progress.epoch], epochs: 5 });
    const { models, validations } = await finish(made);
    expect(validations.map(({ improved }) => improved)).toEqual([true, true, false, true, false]);
    expect(models).toHaveLength(3);
    const fresh = setup().model;
    readModel(models.at(-1) as Uint8Array, fresh);
    expect(fresh.kind.weights.weight.value).not.toEqual(made.model.kind.weights.weight.value);
    expect(fresh.embed.weights.weight.value).toEqual(made.model.embed.weights.weight.value);
  });

  it("keeps the model that is best by a measure of one's own", async () => {
    const script = [0.5, 0.7, 0.6, 0.8];
    const made = setup({
      validation: () => ({
        loss: made.training.progress.epoch,
        accuracy: script[made.training.progress.epoch],
      }),
      criterion: ({ accuracy }: { accuracy: number }) => 1 - accuracy,
    });
    const { models, validations } = await finish(made);
    expect(validations.map(({ improved }) => improved)).toEqual([true, true, false, true]);
    expect(models).toHaveLength(3);
    expect(() => setup({ criterion: 1 })).toThrow("Training: criterion 1 given, a function expected");
  });

  it("stops early, with the measures of its own validation in the events", async () => {
    const { end, validations } = await finish(
      setup({ validation: async () => ({ loss: 1, accuracy: 0.5 }), patience: 2, epochs: 20 }),
    );
    expect(end).toBe("stopped early");
    expect(validations).toHaveLength(3);
    expect(validations[0]).toMatchObject({ loss: 1, accuracy: 0.5, improved: true, epoch: 1 });
  });

  it("waits for batches that come later, and gives the same", async () => {
    const later = { count: 5, at: async (batch: number, epoch: number) => drawn(`${epoch}.${batch}`) };
    expect((await finish(setup({ batches: later }))).losses).toEqual((await finish(setup())).losses);
  });

  it("asks for each batch by its number and its epoch, both from 0", async () => {
    const asked: string[] = [];
    const model = { head: linear(1, 1) };
    const at = (batch: number, epoch: number) => {
      asked.push(`${epoch}.${batch}`);
      return { x: [[1]] };
    };
    const options = {
      model,
      inputs: { x: float32("B", 1) },
      loss: ({ x }: { x: Tensor }) => model.head.apply(x).square().mean(),
      batches: { count: 2, at },
      epochs: 3,
    };
    await new Training(options).run();
    expect(asked).toEqual(["0.0", "0.1", "1.0", "1.1", "2.0", "2.1"]);
  });

  it("carries the state on within an epoch, and starts each afresh", async () => {
    const model = { rnn: recurrent(gru, 1, 3) };
    const training = new Training({
      model,
      inputs: { x: float32("T", "B", 1), state: stateTypes(model.rnn) },
      carried: { state: zeroState(model.rnn, 1) },
      loss({ x, state }) {
        const { output, state: next } = model.rnn.apply(x, { state });
        return { loss: output.square().mean(), carried: { state: next } };
      },
      batches: { count: 2, at: () => ({ x: [[[1]], [[-1]]] }) },
      optimizer: still,
      learningRate: 1,
      epochs: 2,
    });
    const losses: number[] = [];
    await training.run({ onEvent: (event) => event.event === "step" && losses.push(event.loss) });
    expect(losses[1]).not.toBe(losses[0]);
    expect(losses.slice(2)).toEqual(losses.slice(0, 2));
  });

  it.each([
    [undefined, "carries state.h on, but the loss returns nothing for it"],
    [{ state: { c: 1 } }, "carries state.h on, but the loss returns nothing for it"],
  ])("refuses a loss that returns %o for what is carried on", (returned, message) => {
    const model = { rnn: recurrent(gru, 1, 3) };
    const make = () =>
      new Training({
        model,
        inputs: { x: float32("T", "B", 1), state: stateTypes(model.rnn) },
        carried: { state: zeroState(model.rnn, 1) },
        loss: ({ x, state }) => ({
          loss: model.rnn.apply(x, { state }).output.mean(),
          carried: returned as never,
        }),
        batches: { count: 2, at: () => ({ x: [[[1]], [[-1]]] }) },
        epochs: 2,
      });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });
});

/** An optimiser of one's own that leaves everything as it is. */
const still: Optimizer = {
  name: "still",
  settings: {},
  slots: {},
  scalars: () => ({}),
  update: (parameter) => ({ parameter, slots: {} }),
};

describe("validation by batches", () => {
  const rows = (count: number, at: number) => ({
    x: value(new Float32Array(count).fill(at), [count, 1]),
    y: value(new Float32Array(count).fill(1), [count, 1]),
  });
  it("may take a gradient through what drops in a training", async () => {
    const model = { head: linear(2, 1) };
    const drop = dropout(0.5);
    const training = new Training({
      model,
      inputs: { x: float32("B", 2) },
      loss({ x }) {
        const y = model.head.apply(drop.apply(x)).sum();
        return y.square().add((gradient(y, x) as Tensor).square().sum());
      },
      batches: { count: 1, at: () => ({ x: [[1, 2]] }) },
      validation: { count: 1, at: () => ({ x: [[1, 2]] }) },
      epochs: 1,
    });
    expect(await training.run()).toBe("finished");
  });

  it("is the mean over targets, with nothing dropped, updated or drawn", async () => {
    const model = { norm: batchNorm(1), head: linear(1, 1) };
    const drop = dropout(0.5);
    const given: unknown[] = [];
    const loss = ({ x, y }: ReturnType<typeof tensors>, update?: never, key?: unknown) => {
      given.push(key);
      return meanSquaredError(model.head.apply(drop.apply(model.norm.apply(x, { update }))), y);
    };
    const tensors = (_: never) => null as never as { x: never; y: never };
    const training = new Training({
      model,
      inputs: { x: float32("B", 1), y: float32("B", 1) },
      loss: loss as never,
      batches: { count: 1, at: () => rows(4, 2) },
      validation: { count: 2, at: (batch) => (batch === 0 ? rows(3, 2) : rows(1, -1)) },
      targets: ({ x }) => x.data.length,
      epochs: 1,
    });
    let found = Number.NaN;
    await training.run({
      onEvent(event) {
        if (event.event === "validation") found = event.loss;
      },
    });
    const { weight, bias } = model.head.weights;
    const { running_mean: mean, running_var: variance } = model.norm.weights;
    const norm = model.norm.weights;
    const predict = (x: number) => {
      const scaled = (x - (mean.value[0] as number)) / Math.sqrt((variance.value[0] as number) + 1e-5);
      const normed = scaled * (norm.weight.value[0] as number) + (norm.bias.value[0] as number);
      return (weight.value[0] as number) * normed + (bias?.value[0] as number);
    };
    expect(mean.value[0]).toBeCloseTo(0.2, 6);
    expect(found).toBeCloseTo((3 * (predict(2) - 1) ** 2 + (predict(-1) - 1) ** 2) / 4, 5);
    expect(given.map((key) => key !== undefined)).toEqual([true, false]);
  });
});

describe("learning rates and optimisers", () => {
  const line = (change: object) => {
    const model = { head: linear(1, 1) };
    const at = () => ({ x: [[1]], y: [[2]] });
    return new Training({
      model,
      inputs: { x: float32("B", 1), y: float32("B", 1) },
      loss: ({ x, y }) => meanSquaredError(model.head.apply(x), y),
      batches: { count: 2, at },
      epochs: 2,
      ...change,
    });
  };
  const rates = async (change: object) => {
    const found: number[] = [];
    await line(change).run({ onEvent: (e) => e.event === "step" && found.push(e.learningRate) });
    return found;
  };

  it("a number, a schedule, or the optimiser's usual one", async () => {
    expect(await rates({})).toEqual([0.001, 0.001, 0.001, 0.001]);
    expect(await rates({ learningRate: 0.1 })).toEqual([0.1, 0.1, 0.1, 0.1]);
    expect(await rates({ learningRate: linearDecay(1, { steps: 4 }) })).toEqual([1, 0.75, 0.5, 0.25]);
    const line = (updates: number) => linearDecay(1, { steps: updates });
    expect(await rates({ learningRate: line })).toEqual([1, 0.75, 0.5, 0.25]);
    const plateau = reduceOnPlateau(1, { factor: 0.5, patience: 0 });
    expect(await rates({ learningRate: plateau, validation: () => 1, epochs: 3 })).toEqual([
      ...[1, 1],
      ...[1, 1],
      ...[0.5, 0.5],
    ]);
  });

  it("an optimiser of one's own needs a rate, keeps its slots in checkpoints, and goes on", async () => {
    const heavy: Optimizer = {
      name: "heavy ball",
      settings: { friction: 0.5 },
      slots: { speed: 0 },
      scalars: (_, rate) => ({ rate }),
      update(parameter, gradient, { speed }, { rate }) {
        const next = (speed as typeof parameter).mul(0.5).sub(gradient.mul(rate as typeof parameter));
        return { parameter: parameter.add(next), slots: { speed: next } };
      },
    };
    expect(() => line({ optimizer: heavy })).toThrow("learning rate: none given, which the optimizer heavy");
    const run = async (training: ReturnType<typeof line>) => {
      const losses: number[] = [];
      const checkpoints: Uint8Array[] = [];
      await training.run({
        onEvent: (event) => event.event === "step" && losses.push(event.loss),
        onCheckpoint: (bytes) => checkpoints.push(bytes),
      });
      return { losses, checkpoints };
    };
    const whole = await run(line({ optimizer: heavy, learningRate: 0.1, epochs: 4 }));
    const rest = line({ optimizer: heavy, learningRate: 0.1, epochs: 4 });
    rest.restore(whole.checkpoints[1] as Uint8Array);
    expect((await run(rest)).losses).toEqual(whole.losses.slice(4));
    expect(() => line({ epochs: 4 }).restore(whole.checkpoints[1] as Uint8Array, "old")).toThrow(
      'old: written by a training with optimizer "heavy ball", this one has "adam"',
    );
  });

  it("runs on any backend", async () => {
    await line({ backend: reference }).run();
  });
});

describe("refused while it runs, by its own name", () => {
  /** A training of which one part is wrong. */
  const run = (change: object) => {
    const model = { head: linear(1, 1) };
    return new Training({
      model,
      inputs: { x: float32("B", 1) },
      loss: ({ x }) => model.head.apply(x).mean(),
      batches: { count: 2, at: () => ({ x: [[1]] }) },
      epochs: 1,
      ...change,
    }).run();
  };
  it.each<[string, object, string]>([
    [
      "no batch",
      { batches: { count: 2, at() {} } },
      "batches.at(0, 0) returned undefined, the values of the",
    ],
    ["no held-out batch", { validation: { count: 1, at: () => null } }, "validation.at(0, 0) returned null"],
    [
      "targets of nothing",
      { targets: () => undefined },
      "targets returned undefined, a number above 0 expected",
    ],
    ["targets of NaN", { targets: () => Number.NaN }, "targets returned NaN, a number above 0 expected"],
    ["a validation of words", { validation: () => "3" }, 'the validation returned "3", a loss or'],
    ["a validation of nothing", { validation: () => undefined }, "the validation returned undefined"],
    [
      "a validation without a loss",
      { validation: () => ({ accuracy: 1 }) },
      "the validation returned an object, a loss or",
    ],
  ])("%s", async (_, change, message) => {
    await expect(run(change)).rejects.toThrow(UsageError);
    await expect(run(change)).rejects.toThrow(`Training: ${message}`);
  });

  it("a validation loss that is no number is not an update's", async () => {
    await expect(run({ validation: () => Number.NaN })).rejects.toThrow(
      "the validation loss is NaN at step 2: training diverged",
    );
  });

  it("restore", async () => {
    const { training } = setup();
    const bytes = training.checkpoint();
    const running = training.run();
    expect(() => training.restore(bytes)).toThrow("this training runs already");
    await running;
  });
});

describe("refused", () => {
  const given = {
    model: { head: linear(1, 1) },
    inputs: { x: float32("B", 1) },
    loss: ({ x }: { x: never }) => (x as { sum(): never }).sum(),
    batches: { count: 1, at: () => ({ x: [[1]] }) },
    epochs: 1,
  };
  it.each<[object, string]>([
    [{ loss: undefined }, "Training: option loss is missing: a function expected"],
    [{ batches: [] }, "Training: batches an array of 0 given, { count, at(batch, epoch) } expected"],
    [{ batches: { count: 0, at() {} } }, "Training: batches.count 0 given, a whole number from 1 expected"],
    [{ validation: 3 }, "Training: validation 3 given, { count, at(batch, epoch) } expected"],
    [{ epochs: 0 }, "Training: epochs 0 given, a whole number from 1 expected"],
    [{ epochs: undefined }, "Training: option epochs is missing: a whole number from 1 expected"],
    [{ patience: -1 }, "Training: patience -1 given, a whole number from 0 expected"],
    [{ patience: 2 }, "patience 2 given without a validation"],
    [{ optimizer: "adam" }, 'Training: optimizer "adam" given, an optimiser such as adam() expected'],
    [{ learningRate: -1 }, "Training: learning rate -1 given"],
    [{ learningRate: "1" }, 'Training: schedule "1" given, a schedule such as'],
    [
      { carried: { x: 3 } },
      "Training: carried: 3 given for x, a tree of values such as zeroState(layer, 32)",
    ],
    [{ seed: 1.5 }, "seed 1.5"],
    [{ epoch: 3 }, "Training: option epoch is unknown: did you mean epochs?"],
    [{ metadata: { model: "x" } }, 'Training: model "x" given, a function expected'],
    [{ model: {} }, "a model without weights given"],
    [{ parameters: [3] }, "parameter 0 is 3, a variable expected"],
    [{ parameters: linear(1, 1).weights }, "Training: parameters: weight is no weight of the model"],
    [{ loss: () => 3 }, "Training: the loss returned 3, a tensor or { loss, carried, measures } expected"],
    [{ loss: () => undefined }, "Training: the loss returned undefined, a tensor or"],
    [
      { carried: { h: { data: new Float32Array(1), shape: [1] } } },
      "carries h on, which is none of the inputs",
    ],
    [{ learningRate: reduceOnPlateau(1) }, "Training: a schedule by validations given, without a validation"],
    [{ learningRate: () => 0.1 }, "Training: schedule 0.1 given, a schedule such as"],
    [
      { learningRate: () => warmUp(reduceOnPlateau(1), 3) },
      "Training: a schedule by validations given, without a validation",
    ],
  ])("%o", (change, message) => {
    const make = () => new Training({ ...given, ...change } as never);
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  it.each([
    ["a number", 3, "the measure part is 3, a scalar tensor expected"],
    ["a vector", zeros([2]), "the measure part is float32 (2), a scalar tensor expected"],
  ])("a measure that is %s", (_, part, message) => {
    const model = { head: linear(1, 1) };
    const loss = ({ x }: { x: Tensor }) => ({
      loss: model.head.apply(x).mean(),
      measures: { part: part as Tensor },
    });
    expect(() => new Training({ ...given, model, loss } as never)).toThrow(`Training: ${message}`);
  });

  it("a layer that the model does not have", () => {
    const [model, outside] = [{ head: linear(1, 1) }, linear(1, 1)];
    const loss = ({ x }: { x: Tensor }) => model.head.apply(outside.apply(x)).mean();
    expect(() => new Training({ ...given, model, loss } as never)).toThrow(
      "Training: the loss reads weight of linear(1, 1), which is no weight of the model: put its layer into the model",
    );
  });

  it("a checkpoint of another training", async () => {
    const { checkpoints } = await finish(setup());
    const bytes = checkpoints[2] as Uint8Array;
    const restore = (change: object) => () => setup(change).training.restore(bytes, "run/c");
    expect(restore({ seed: 9 })).toThrow(FormatError);
    expect(restore({ seed: 9 })).toThrow("run/c: written by a training with seed 4, this one has 9");
    expect(restore({ clipNorm: 2 })).toThrow("with clipNorm 1, this one has 2");
    expect(restore({ clipLayerNorm: 2 })).toThrow("with clipLayerNorm null, this one has 2");
    expect(restore({ optimizer: adam({ beta1: 0.8 }) })).toThrow("with optimizerSettings");
    expect(restore({ learningRate: 0.5, epochs: 9, patience: 1 })).not.toThrow();
    expect(restore({ batches: { count: 6, at: () => drawn("") } })).toThrow("with batches 5, this one has 6");
    expect(() => setup().training.restore("run" as never)).toThrow('"run" given, the bytes of a checkpoint');
    expect(() => setup().training.restore(bytes.subarray(0, 99), "run/c")).toThrow("run/c: cut short");
  });

  it("two runs at once, and unknown options of a run", async () => {
    const { training } = setup();
    const run = training.run();
    await expect(training.run()).rejects.toThrow("this training runs already");
    await run;
    expect(() => training.run({ onEpoch() {} } as never)).toThrow("option onEpoch is unknown");
    expect(() => training.run({ onModel: 3 } as never)).toThrow("run: onModel 3 given, a function expected");
  });

  it("a loss that is no longer finite: an error, and no checkpoint", async () => {
    const written = vi.fn();
    const { training } = setup({ learningRate: 1e39, clipNorm: undefined });
    await expect(training.run({ onCheckpoint: written })).rejects.toThrow(TrainingError);
    expect(written).not.toHaveBeenCalled();
  });
});

it("compiled functions use what was trained", async () => {
  const { model, training } = setup();
  await training.run();
  const level = compile(({ h }) => model.level.apply(h), { inputs: { h: float32("B", 6) } });
  expect(Number.isFinite(level({ h: [[1, 2, 3, 4, 5, 6]] }).data[0])).toBe(true);
  expect(adam().name).toBe("adam");
});
