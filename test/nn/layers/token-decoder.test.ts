// A decoder of tokens: along time as step by step, with a context, a readout, attention, and reading what it drew itself.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { UsageError } from "../../../src/errors.ts";
import {
  additive,
  crossEntropy,
  embedding,
  gru,
  initialize,
  parameters,
  recurrent,
  tokenDecoder,
  withAttention,
  withKey,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { stack } from "../../../src/trace/functions.ts";
import { integerTensor, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [V, E, H, M, T, B, S, C] = [7, 3, 4, 5, 6, 2, 3, 2];
const tokens = value(
  Int32Array.from({ length: T * B }, (_, at) => (at * 5 + 1) % V),
  [T, B],
);
const attending = () => recurrent(withAttention(gru, additive({ units: 3 })), E, H, { memory: M });
const memoryTypes = { values: float32("S", "B", M), lengths: int32("B") };
const memory = { values: randomValue([S, B, M], 2), lengths: value(Int32Array.of(3, 2), [B]) };
const states = { h: float32(1, "B", H), context: float32(1, "B", M) };
const start = { h: randomValue([1, B, H], 3), context: randomValue([1, B, M], 4) };
const float = (given: { shape: readonly number[]; data: ArrayLike<number> }) => ({
  shape: given.shape,
  data: Float32Array.from(given.data),
});

describe.each([reference, wasm])("$name", (backend) => {
  const { decoder } = initialize({ decoder: tokenDecoder(V, attending(), { readout: 4 }) }, { seed: 5 });
  const inputs = { tokens: int32("T", "B"), state: states, memory: memoryTypes };
  const given = {
    tokens,
    state: { h: float(start.h), context: float(start.context) },
    memory: { values: float(memory.values), lengths: memory.lengths },
  };

  it("scores the same tokens along time and step by step, and shows where it looked", () => {
    const along = compile(
      ({ tokens: read, state, memory: told }) => {
        const { logits, shown } = decoder.apply(read, { state: state as never, memory: told });
        return { logits, attention: shown.attention?.[0] as never };
      },
      { inputs, backend },
    )(given) as never as Record<"logits" | "attention", { data: Float32Array; shape: number[] }>;
    const byStep = compile(
      ({ tokens: read, state, memory: told }) => {
        let before = state as never;
        const found = Array.from({ length: T }, (_, t) => {
          const { logits, state: next } = decoder.step(read.at(0, t), { state: before, memory: told });
          before = next as never;
          return logits;
        });
        return stack(found);
      },
      { inputs: { ...inputs, tokens: int32(T, "B") }, backend },
    )(given);
    expect(along.logits.shape).toEqual([T, B, V]);
    expect(along.attention.shape).toEqual([T, S, B]);
    for (const [at, one] of byStep.data.entries()) expect(along.logits.data[at]).toBeCloseTo(one, 4);
    for (let t = 0; t < T; t++) {
      const row = (b: number) => [0, 1, 2].map((s) => along.attention.data[(t * S + s) * B + b] as number);
      expect(row(0).reduce((sum, one) => sum + one)).toBeCloseTo(1, 5);
      expect(row(1)[2]).toBe(0);
    }
  });

  it("reads what is right with the probability 0 of drawing, else what it drew", () => {
    const scores = compile(
      ({ tokens: read, state, memory: told, probability, key }) =>
        withKey(key, () => decoder.sample(read, probability, { state: state as never, memory: told }).logits),
      { inputs: { ...inputs, probability: float32(), key: int32(2) }, backend },
    );
    const forced = compile(
      ({ tokens: read, state, memory: told }) =>
        decoder.apply(read, { state: state as never, memory: told }).logits,
      { inputs, backend },
    )(given);
    const of = (probability: number, key: number) =>
      scores({
        ...given,
        probability: value([probability], []),
        key: value(Int32Array.of(key, 7), [2]),
      }).data;
    const never = of(0, 1);
    for (const [at, one] of forced.data.entries()) expect(never[at]).toBeCloseTo(one, 4);
    const always = of(1, 1);
    // Nothing is drawn before the first token; from the second on its own tokens are read.
    const first = B * V;
    expect(Array.from(always.slice(0, first))).toEqual(Array.from(never.slice(0, first)));
    expect(Array.from(always.slice(first))).not.toEqual(Array.from(never.slice(first)));
    expect(Array.from(of(1, 1))).toEqual(Array.from(always));
    expect(Array.from(of(1, 2))).not.toEqual(Array.from(always));
  });
});

describe("what it draws", () => {
  it("has the probabilities of its scores", () => {
    const rows = 4000;
    const { decoder } = initialize({ decoder: tokenDecoder(3, recurrent(gru, 1, 1)) }, { seed: 1 });
    for (const variable of Object.values(parameters(decoder))) {
      variable.value = new Float32Array(variable.count);
    }
    const { embedding: vectors, rnn, head } = decoder.weights;
    const probabilities = [0.6, 0.3, 0.1];
    if (head.weights.bias) head.weights.bias.value = Float32Array.from(probabilities, Math.log);
    // What was read shows: only the vector of token 2 makes the state negative, that of token 0 leaves it at 0.
    vectors.weights.weight.value = Float32Array.of(0, 1, -1);
    const { weight_ih_l0: fromRead } = (rnn as ReturnType<typeof recurrent<"h", "weight_ih">>).weights;
    if (fromRead) fromRead.value = Float32Array.of(0, 0, 3);
    const run = compile(
      ({ read, h, key, probability }) =>
        withKey(key, () => decoder.sample(read, probability, { state: { h } }).state.h),
      {
        inputs: {
          ...{ read: int32(2, rows), h: float32(1, rows, 1), key: int32(2), probability: float32() },
        },
      },
    );
    const states = run({
      read: value(new Int32Array(2 * rows), [2, rows]),
      h: value(new Float32Array(rows), [1, rows, 1]),
      key: value(Int32Array.of(3, 4), [2]),
      probability: value([1], []),
    }).data;
    const share = (is: (state: number) => boolean) => Array.from(states).filter(is).length / rows;
    expect(share((state) => state === 0)).toBeCloseTo(0.6, 1.5);
    expect(share((state) => state > 0)).toBeCloseTo(0.3, 1.5);
    expect(share((state) => state < 0)).toBeCloseTo(0.1, 1.5);
  });
});

describe("a decoder", () => {
  it("learns through its readout, its context and its vectors", () => {
    const model = {
      decoder: tokenDecoder(V, recurrent(gru, E + C, H), { context: C, readout: 3 }),
    };
    const steps = () => stack(Array.from({ length: T }, (_, t) => integerTensor((3 * t) % V, (t + 1) % V)));
    const found = checkModelGradient(
      model,
      ({ h, context }) =>
        crossEntropy(model.decoder.apply(steps(), { state: { h }, context }).logits, steps()),
      { h: randomValue([1, B, H], 1), context: randomValue([B, C], 2) },
    );
    expect(found).toBe(Object.keys(parameters(model)).length);
  });

  it("refuses sizes that do not fit, a missing context, and one that nobody reads", () => {
    const rnn = recurrent(gru, E, H);
    expect(() => tokenDecoder(0, rnn)).toThrow(UsageError);
    expect(() => tokenDecoder(V, rnn, { context: E })).toThrow(
      "tokenDecoder: recurrent(gru) reads 3, more than the context of 3 expected",
    );
    expect(() => tokenDecoder(V, rnn, { embedding: embedding(V, E + 1) })).toThrow(
      "tokenDecoder: an embedding of (7, 4) given, (7, 3) expected",
    );
    expect(() => tokenDecoder(V, rnn, { dropout: 1 })).toThrow(/dropout/);
    expect(() => tokenDecoder(V, rnn, { contexts: 2 } as never)).toThrow(/contexts/);
    const traced = (decoder: ReturnType<typeof tokenDecoder<{ h: never }>>, call: object) =>
      compile(({ read, h }) => decoder.apply(read, { state: { h }, ...call } as never).logits, {
        inputs: { read: int32("T", "B"), h: float32(1, "B", H) },
        backend: reference,
      });
    const reading = tokenDecoder(V, recurrent(gru, E + C, H), { context: C });
    expect(() => traced(reading as never, {})).toThrow("tokenDecoder: no context given, (B, 2) expected");
    expect(() => traced(tokenDecoder(V, rnn) as never, { context: {} })).toThrow(
      "tokenDecoder: a context given, none expected",
    );
  });
});
