// Looks inside of a training: what they tell, that they change nothing, and what is warned of.
import { describe, expect, it } from "vitest";
import { TrainingError } from "../../src/errors.ts";
import {
  adam,
  batchNorm,
  type Cell,
  crossEntropy,
  type DiagnosisEvent,
  dropout,
  embedding,
  float32,
  gru,
  inspect,
  int32,
  linear,
  lstm,
  lstmWith,
  randomSource,
  recurrent,
  rnn,
  rnnRelu,
  sgd,
  Training,
  type TrainingEvent,
  type Variable,
  value,
} from "../../src/index.ts";
import { recall } from "../../src/lab/problems/recall.ts";

type Event = TrainingEvent | DiagnosisEvent;
type Of<Name extends Event["event"]> = Extract<Event, { event: Name }>;
const only = <Name extends Event["event"]>(events: readonly Event[], name: Name) =>
  events.filter((event): event is Of<Name> => event.event === name);

/** A training with all that is random and all that is updated. */
function setup(epochs = 3) {
  const model = {
    norm: batchNorm(3),
    rnn: recurrent(gru, 3, 5, { recurrentDropout: 0.2 }),
    head: linear(5, 2),
  };
  const drop = dropout(0.3);
  const training = new Training({
    model,
    inputs: { x: float32("T", "B", 3), y: int32("B") },
    loss({ x, y }, update) {
      const { output } = model.rnn.apply(model.norm.apply(x, update && { update }));
      return crossEntropy(model.head.apply(drop.apply(output.at(0, 5))), y);
    },
    batches: {
      count: 5,
      at(batch, epoch) {
        const random = randomSource(1, `${epoch} ${batch}`);
        const x = Float32Array.from({ length: 6 * 4 * 3 }, () => random.normal());
        return { x: value(x, [6, 4, 3]), y: [0, 1, 0, 1] };
      },
    },
    epochs,
    clipNorm: 0.5,
    learningRate: 0.01,
  });
  return { model, training };
}

const withoutTime = (events: readonly Event[]) => events.map((event) => ({ ...event, seconds: 0 }));

describe("a training that is looked at", () => {
  it("computes the same bits, and resumes to the same bits and the same diagnoses", async () => {
    const [plain, looked, resumed] = [setup(), setup(), setup()];
    const events: { plain: Event[]; looked: Event[]; resumed: Event[] } = {
      plain: [],
      looked: [],
      resumed: [],
    };
    await plain.training.run({ onEvent: (event) => events.plain.push(event) });
    const checkpoints: Uint8Array[] = [];
    await looked.training.run({
      diagnose: 4,
      onEvent: (event) => events.looked.push(event),
      onDiagnosis: (event) => events.looked.push(event),
      onCheckpoint: (bytes) => checkpoints.push(bytes),
    });
    expect(withoutTime(only(events.looked, "step"))).toEqual(withoutTime(events.plain));
    const values = ({ model }: ReturnType<typeof setup>) =>
      [model.norm, model.rnn, model.head].flatMap(({ weights }) =>
        Object.values<Variable>(weights as never).map((weight) => [...weight.value]),
      );
    expect(values(looked)).toEqual(values(plain));

    expect(only(events.looked, "diagnosis").map(({ step }) => step)).toEqual([4, 8, 12]);
    resumed.training.restore(checkpoints[0] as Uint8Array);
    expect(resumed.training.progress.step).toBe(5);
    await resumed.training.run({ diagnose: 4, onDiagnosis: (event) => events.resumed.push(event) });
    expect(values(resumed)).toEqual(values(plain));
    const told = (of: readonly Event[]) => withoutTime(only(of, "diagnosis").filter(({ step }) => step > 8));
    expect(told(events.resumed)).toEqual(told(events.looked));
  });

  it("tells norms by layer and along time, how far an update goes, what is clipped and what is saturated", async () => {
    const model = { embed: embedding(4, 3), rnn: recurrent(lstm, 3, 5, { layers: 2 }), head: linear(5, 4) };
    const tokens = value(
      Int32Array.from({ length: 80 }, (_, at) => (at * 7) % 4),
      [40, 2],
    );
    const inputs = { x: int32("T", "B"), y: int32("T", "B") };
    const loss = ({
      x,
      y,
    }: {
      x: Parameters<typeof model.embed.apply>[0];
      y: Parameters<typeof crossEntropy>[1];
    }) => crossEntropy(model.head.apply(model.rnn.apply(model.embed.apply(x)).output), y);
    const training = new Training({
      model,
      inputs,
      loss,
      batches: { count: 4, at: () => ({ x: tokens, y: tokens }) },
      epochs: 1,
      optimizer: sgd(),
      learningRate: 0.5,
      clipNorm: 1e-3,
    });
    const events: Event[] = [];
    const before = new Map<Variable, Float32Array>();
    const weights = Object.values<Variable>(model.rnn.weights).filter(({ name }) => name.endsWith("_l1"));
    let seen: ReturnType<typeof inspect> | undefined;
    await training.run({
      diagnose: 4,
      onDiagnosis: (event) => events.push(event),
      onEvent(event) {
        if (event.event !== "step" || event.step !== 3) return;
        for (const weight of weights) before.set(weight, weight.value as Float32Array);
        seen = inspect(model, { inputs, loss, values: { x: tokens, y: tokens } });
      },
    });
    const [diagnosis] = only(events, "diagnosis") as [Of<"diagnosis">];
    expect(diagnosis.step).toBe(4);
    expect(Object.keys(diagnosis.layers)).toEqual(["embed", "rnn.l0", "rnn.l1", "head"]);
    expect(diagnosis.clipped).toBe(1);
    const length = (of: (weight: Variable) => Float32Array) =>
      Math.hypot(...weights.flatMap((weight) => [...of(weight)]));
    const went = length(
      (weight) => weight.value.map((x, at) => x - (before.get(weight)?.[at] ?? 0)) as Float32Array,
    );
    expect(diagnosis.layers["rnn.l1"]?.update).toBeCloseTo(
      went / length((weight) => before.get(weight) as Float32Array),
      6,
    );
    expect(diagnosis.layers["rnn.l1"]?.gradient).toBeCloseTo(seen?.weights["rnn.l1"]?.gradient ?? 0, 6);
    const pass = diagnosis.passes["rnn.l0"] as Of<"diagnosis">["passes"][string];
    expect(pass.lags).toHaveLength(33);
    expect([pass.lags[0], pass.lags.at(-1)]).toEqual([0, 39]);
    const [h, c] = ["h", "c"].map((part) => seen?.gradients[`rnn.l0.${part}`]?.lags ?? []) as [
      number[],
      number[],
    ];
    for (const [at, lag] of pass.lags.entries())
      expect(pass.gradient[at]).toBeCloseTo(Math.hypot(h[lag] as number, c[lag] as number), 6);
    expect(pass.saturation).toEqual(
      Object.fromEntries(
        ["i", "f", "g", "o"].map((gate) => [gate, seen?.saturation[`rnn.l0.${gate}`]?.share]),
      ),
    );
    expect(only(events, "warning")).toEqual([]);
  });

  it.each([-1, 0.5, "100"])("refuses to be looked at every %s updates", (diagnose) => {
    expect(() => setup().training.run({ diagnose: diagnose as number })).toThrow(
      `run: diagnose ${JSON.stringify(diagnose)} given, a whole number of updates, or 0 for never, expected`,
    );
  });

  it("may have no layer that runs along time", async () => {
    const model = { head: linear(2, 1) };
    const events: Event[] = [];
    await new Training({
      model,
      inputs: float32("B", 2),
      loss: (x) => model.head.apply(x).square().mean(),
      batches: { count: 2, at: () => [[1, 2]] },
      epochs: 1,
    }).run({ diagnose: 1, onDiagnosis: (event) => events.push(event) });
    const [{ passes, layers, clipped } = {} as Of<"diagnosis">] = only(events, "diagnosis");
    expect([passes, Object.keys(layers), clipped]).toEqual([{}, ["head"], null]);
  });
});

/** The warnings of so many updates on a task, looked at every 10 updates. */
async function warningsOf(
  cell: Cell<never, never>,
  {
    delay,
    updates = 40,
    input = 1,
    ...options
  }: { delay: number; updates?: number; input?: number } & Record<string, unknown>,
) {
  const model = { rnn: recurrent(cell as unknown as Cell<"h", string>, 8, 32), head: linear(32, 4) };
  const random = randomSource(1, "recall");
  const training = new Training({
    model,
    inputs: { x: float32("T", "B", 8), y: int32("B") },
    loss: ({ x, y }) => crossEntropy(model.head.apply(model.rnn.apply(x.mul(input)).state.h.at(0, 0)), y),
    batches: { count: updates, at: () => recall(random, { delay, batch: 16 }) },
    epochs: 1,
    learningRate: 0.003,
    clipNorm: 1,
    ...options,
  });
  const warnings: Of<"warning">[] = [];
  const failure = await training
    .run({ diagnose: 10, onDiagnosis: (event) => event.event === "warning" && warnings.push(event) })
    .catch((error: unknown) => error);
  return { warnings, failure };
}
const any = (of: unknown) => of as Cell<never, never>;

describe("a warning", () => {
  it("of gradients that vanish in a vanilla network names gated cells", async () => {
    const { warnings } = await warningsOf(any(rnn), { delay: 100 });
    expect(warnings.map(({ kind }) => kind)).toEqual(["vanishing"]);
    expect(warnings[0]?.message).toMatch(
      /^gradients vanish in rnn\.l0: \d+e-\d+ of it arrives 100 steps back, so that nothing is learnt from there: try a gated cell \(lstm, gru\) with initialize "uniform-gates", or for short memories initialize "orthogonal"$/,
    );
    expect(warnings[0]?.step).toBe(30);
  });

  it("of gradients that vanish in an LSTM as it starts names starts of its gates, and these help", async () => {
    const { warnings } = await warningsOf(any(lstm), { delay: 100 });
    expect(warnings.map(({ kind }) => kind)).toEqual(["vanishing"]);
    expect(warnings[0]?.message).toContain(
      'try to start its gates so that they keep the state: initialize "uniform-gates"',
    );
    expect(warnings[0]?.message).toContain("lstmWith({ chrono: 101 })");
    expect((await warningsOf(any(lstmWith({ chrono: 101 })), { delay: 100 })).warnings).toEqual([]);
    expect((await warningsOf(any(lstmWith({ forgetBias: 5 })), { delay: 100 })).warnings).toEqual([]);
  });

  it("of gradients that explode comes before or as a training diverges", async () => {
    const { warnings, failure } = await warningsOf(any(rnnRelu), {
      delay: 50,
      clipNorm: undefined,
      optimizer: sgd(),
      learningRate: 30,
    });
    expect(failure).toBeInstanceOf(TrainingError);
    expect(warnings.map(({ kind }) => kind)).toEqual(["exploding"]);
    expect(warnings[0]?.message).toMatch(
      /^gradients explode: .*: try to clip their norm \(clipNorm 1\), or a lower learning rate$/,
    );
  });

  it("of gradients that explode comes where almost all updates are clipped and the loss rises", async () => {
    const { warnings } = await warningsOf(any(gru), {
      delay: 10,
      optimizer: sgd(),
      learningRate: 20,
      clipNorm: 0.5,
      updates: 200,
    });
    expect(warnings.map(({ kind }) => kind)).toContain("exploding");
    expect(warnings.find(({ kind }) => kind === "exploding")?.message).toMatch(
      /try a lower learning rate, or stronger clipping$/,
    );
  });

  it("of saturated units names their inputs", async () => {
    const { warnings } = await warningsOf(any(rnn), { delay: 5, input: 500 });
    expect(warnings.map(({ kind }) => kind)).toContain("saturated");
    expect(warnings.find(({ kind }) => kind === "saturated")?.message).toMatch(
      /^units are saturated in rnn\.l0: \d+ % of what they give or more, and there they hardly learn: try inputs of scale 1, /,
    );
  });

  it("does not come where a network learns", async () => {
    expect((await warningsOf(any(gru), { delay: 5, updates: 100 })).warnings).toEqual([]);
    const text = Int32Array.from({ length: 64 * 9 }, (_, at) => (at * at) % 7);
    const model = { embed: embedding(7, 4), rnn: recurrent(lstm, 4, 32), head: linear(32, 7) };
    const warnings: string[] = [];
    await new Training({
      model,
      inputs: { x: int32("T", "B"), y: int32("T", "B") },
      loss: ({ x, y }) => crossEntropy(model.head.apply(model.rnn.apply(model.embed.apply(x)).output), y),
      batches: {
        count: 60,
        at: () => ({ x: value(text.slice(0, 512), [64, 8]), y: value(text.slice(8, 520), [64, 8]) }),
      },
      epochs: 1,
      optimizer: adam(),
      clipNorm: 1,
    }).run({
      diagnose: 5,
      onDiagnosis: (event) => event.event === "warning" && warnings.push(event.message),
    });
    expect(warnings).toEqual([]);
  });
});
