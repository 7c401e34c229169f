import { describe, expect, it } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { type Inspection, inspect, inspector } from "../../src/inspect/index.ts";
import {
  additive,
  attentionPooling,
  embedding,
  gru,
  initialize,
  linear,
  lstm,
  multiHeadAttention,
  recurrent,
  rnn,
  rnnSigmoid,
  stacked,
  textbookGru,
  tokenDecoder,
  withAttention,
} from "../../src/nn/index.ts";
import { float32, int32 } from "../../src/program/compile.ts";
import { stack, zeros } from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import type { Variable } from "../../src/trace/variable.ts";
import { floats } from "../helpers/values.ts";

const [T, B, I, H] = [6, 3, 2, 4];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function lstmModel() {
  const model = { net: { rnn: recurrent(lstm, I, H) }, head: linear(H, 1) };
  return initialize(model, { seed: 5 });
}

function lookAt(names?: readonly string[], lengths = [6, 4, 6]): Inspection {
  const { net, head } = lstmModel();
  return inspect(
    { net, head },
    {
      inputs: { x: float32("T", "B", I), lengths: int32("B") },
      values: { x: floats([T, B, I], 3), lengths },
      loss: ({ x, lengths: ends }) =>
        head
          .apply(net.rnn.apply(x, { lengths: ends }).state.h.at(0, 0))
          .square()
          .mean(),
    },
    names,
  );
}

describe("what is seen of an LSTM", () => {
  const found = lookAt();
  it("has full names", () => {
    expect(Object.keys(found.states)).toEqual(["net.rnn.l0.h", "net.rnn.l0.c"]);
    expect(Object.keys(found.gates)).toEqual(["i", "f", "g", "o"].map((gate) => `net.rnn.l0.${gate}`));
    expect(Object.keys(found.gradients)).toEqual(["net.rnn.l0.input", "net.rnn.l0.h", "net.rnn.l0.c"]);
    expect(Object.keys(found.saturation)).toEqual(["i", "f", "g", "o"].map((gate) => `net.rnn.l0.${gate}`));
    expect(found.radius["net.rnn.l0.weight_hh"]).toHaveLength(4);
    expect(Object.keys(found.weights)).toEqual(["net.rnn.l0", "head"]);
    expect([found.outputs, found.attention]).toEqual([{}, {}]);
    expect(JSON.stringify(found).length).toBeGreaterThan(100);
  });

  it("is what the equations give, and NaN where a row has ended", () => {
    const { weights } = lstmModel().net.rnn;
    const [ih, hh, bi, bh] = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map(
      (name) => (weights as Record<string, Variable>)[name]?.value as Float32Array,
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const x = floats([T, B, I], 3).data;
    const at = (name: "h" | "c" | "i" | "f" | "g" | "o", t: number, b: number, unit: number) => {
      const { shape, data } = (found.states[`net.rnn.l0.${name}`] ?? found.gates[`net.rnn.l0.${name}`]) as {
        shape: number[];
        data: Float32Array;
      };
      expect(shape).toEqual([T, B, H]);
      return data[(t * B + b) * H + unit] as number;
    };
    for (let t = 0; t < T; t++)
      for (let b = 0; b < B; b++)
        for (let unit = 0; unit < H; unit++) {
          if (b === 1 && t >= 4) {
            expect(at("h", t, b, unit)).toBeNaN();
            expect(at("f", t, b, unit)).toBeNaN();
            continue;
          }
          const affine = (gate: number) => {
            const row = gate * H + unit;
            let sum = (bi[row] as number) + (bh[row] as number);
            for (let k = 0; k < I; k++)
              sum += (ih[row * I + k] as number) * (x[(t * B + b) * I + k] as number);
            for (let k = 0; k < H && t > 0; k++) sum += (hh[row * H + k] as number) * at("h", t - 1, b, k);
            return sum;
          };
          const [i, f, g, o] = [
            sigmoid(affine(0)),
            sigmoid(affine(1)),
            Math.tanh(affine(2)),
            sigmoid(affine(3)),
          ] as const;
          const c = f * (t > 0 ? at("c", t - 1, b, unit) : 0) + i * g;
          for (const [name, value] of Object.entries({ i, f, g, o, c, h: o * Math.tanh(c) }))
            expect(at(name as "i", t, b, unit)).toBeCloseTo(value, 5);
        }
  });

  it("are the norms of weights and of their gradient", () => {
    const { head } = lstmModel();
    const all = [...(head.weights.weight as Variable).value, ...(head.weights.bias as Variable).value];
    expect(found.weights.head?.value).toBeCloseTo(Math.hypot(...all), 5);
    expect(found.weights["net.rnn.l0"]?.gradient).toBeGreaterThan(0);
  });
});

describe("names", () => {
  it("are full ones or consecutive parts, and nothing else is looked at", () => {
    const empty = {
      states: {},
      gates: {},
      outputs: {},
      attention: {},
      gradients: {},
      saturation: {},
      radius: {},
      weights: {},
    };
    const all = lookAt();
    const { loss } = all;
    const f = { "net.rnn.l0.f": all.gates["net.rnn.l0.f"] };
    expect(lookAt(["net.rnn.l0.f.values"])).toEqual({ ...empty, loss, gates: f });
    expect(f["net.rnn.l0.f"]?.squashing).toBe("sigmoid");
    const c = all.gradients["net.rnn.l0.c"];
    expect(lookAt(["c.gradient"])).toEqual({ ...empty, loss, gradients: { "net.rnn.l0.c": c } });
    expect(lookAt(["radius"])).toEqual({ ...empty, loss, radius: all.radius });
    expect(lookAt(["head"])).toEqual({ ...empty, loss, weights: { head: all.weights.head } });
    expect(lookAt(["net"])).toEqual({ ...all, weights: { "net.rnn.l0": all.weights["net.rnn.l0"] } });
    expect(lookAt([])).toEqual({ ...empty, loss });
  });

  it.each([
    ["net.rmn.l0.h", "did you mean net.rnn.l0.h?"],
    ["gradeint", "did you mean gradient?"],
    ["net.rnn.l0.q", "did you mean net.rnn.l0.h?"],
    ["net.rnn.l0.hh", "did you mean net.rnn.l0.h?"],
    ["net.rnn.l0.inputs", "did you mean net.rnn.l0.input?"],
    [
      "gates",
      "a layer, a state or gate such as net.rnn.l0.h, or one of values, gradient, saturation, radius, weights expected",
    ],
    ["H", "did you mean h?"],
  ])("that do not exist are refused with the nearest: %s", (name, message) => {
    expect(() => lookAt(["rnn", name])).toThrow(UsageError);
    expect(() => lookAt([name])).toThrow(`inspect: the name "${name}" is unknown: ${message}`);
  });

  it("are refused where they are no list", () => {
    expect(() => lookAt("h" as never)).toThrow('inspect: names "h" given, a list of names expected');
  });
});

it("a window of one step is refused, also of several layers", () => {
  const model = initialize({ rnn: stacked(recurrent(gru, I, H), recurrent(rnn, H, H)) }, { seed: 1 });
  const look = inspector(model, {
    inputs: float32("T", "B", I),
    loss: (x) => model.rnn.apply(x).output.sum(),
  });
  expect(() => look(floats([1, B, I]))).toThrow(DataError);
  expect(() => look(floats([1, B, I]))).toThrow(
    "inspector: a window of 1 step given, 2 or more expected to see anything along time",
  );
  expect(Object.keys(look(floats([2, B, I])).states)).toEqual(["rnn.0.l0.h", "rnn.1.l0.h"]);
});

describe("states that are no numbers", () => {
  const model = initialize({ rnn: recurrent(rnn, I, H) }, { seed: 1 });
  const look = (bad: readonly number[], reverse = false) => {
    const x = floats([T, B, I]);
    const data = Float32Array.from(x.data);
    for (const at of bad) data[at] = Number.NaN;
    return inspect(model, {
      inputs: { x: float32("T", "B", I), lengths: int32("B") },
      values: { x: { ...x, data }, lengths: [6, 2, 5] },
      loss: ({ x, lengths }) => {
        const { output } = model.rnn.apply(x, { lengths });
        return (reverse ? output.square() : output).sum();
      },
    });
  };
  // Row 1 ends after two steps: what stands behind is never read.
  const within = (3 * B + 2) * I;
  const behind = (3 * B + 1) * I;

  it("make gradients and saturation NaN, not a row that has ended", () => {
    for (const isSquare of [false, true]) {
      const { loss, gradients, saturation, states } = look([within], isSquare);
      const { steps, lags } = gradients["rnn.l0.h"] ?? { steps: [], lags: [] };
      expect(loss).toBeNaN();
      expect(states["rnn.l0.h"]?.data[(3 * B + 2) * H]).toBeNaN();
      for (const step of [0, 1, 2]) expect(steps[step]).toBeNaN();
      expect(steps[5]).toBeGreaterThan(0);
      expect(lags[4]).toBeNaN();
      expect(saturation["rnn.l0.h"]?.share).toBeNaN();
    }
  });

  it("behind the end of a row change nothing", () => {
    expect(look([behind])).toEqual(look([]));
  });
});

describe("saturation", () => {
  const share = (scale: number, cell: typeof rnn | typeof rnnSigmoid) => {
    const model = initialize({ rnn: recurrent(cell, I, H) }, { seed: 1 });
    for (const weight of Object.values<Variable>(model.rnn.weights))
      weight.value = weight.value.map((x) => scale * x);
    const { saturation, states } = inspect(model, {
      inputs: { x: float32("T", "B", I), lengths: int32("B") },
      values: { x: floats([T, B, I]), lengths: [6, 2, 5] },
      loss: ({ x, lengths }) => model.rnn.apply(x, { lengths }).output.sum(),
    });
    const numbers = [...(states["rnn.l0.h"]?.data ?? [])].filter((x) => !Number.isNaN(x));
    expect(numbers).toHaveLength(13 * H);
    return { ...saturation["rnn.l0.h"], numbers };
  };

  it.each([1, 4, 30])("of tanh, at %d times the usual weights", (scale) => {
    const { share: found, kind, numbers } = share(scale, rnn);
    expect(kind).toBe("tanh");
    expect(found).toBeCloseTo(numbers.filter((x) => Math.abs(x) > 0.99).length / numbers.length, 6);
    expect(found).toBeGreaterThan(scale === 30 ? 0.5 : -1);
  });

  it.each([1, 30])("of sigmoid, at %d times the usual weights", (scale) => {
    const { share: found, kind, numbers } = share(scale, rnnSigmoid);
    expect(kind).toBe("sigmoid");
    expect(found).toBeCloseTo(numbers.filter((x) => x < 0.01 || x > 0.99).length / numbers.length, 6);
  });
});

it("the spectral radius is that of the part of a matrix that multiplies the state", () => {
  const model = initialize({ rnn: recurrent(textbookGru, I, 2) }, { seed: 1 });
  const weight = (model.rnn.weights as Record<string, Variable>).W_n_l0 as Variable;
  // (2, 2 + I): a rotation by a right angle, twice as long.
  weight.value = [0, -2, 9, 9, 2, 0, 9, 9];
  const found = inspect(
    model,
    { inputs: float32("T", "B", I), values: floats([T, B, I]), loss: (x) => model.rnn.apply(x).output.sum() },
    ["radius"],
  );
  expect(Object.keys(found.radius)).toEqual(["rnn.l0.W_z", "rnn.l0.W_r", "rnn.l0.W_n"]);
  expect(found.radius["rnn.l0.W_n"]).toEqual([2]);
});

describe("attention", () => {
  it("of a cell, of several heads and of pooling is told with steps and rows first", () => {
    const [S, M] = [5, 3];
    const model = initialize(
      {
        decoder: recurrent(withAttention(gru, additive({ units: 4 })), I, H, { memory: M }),
        heads: multiHeadAttention(4, { heads: 2 }),
        pool: attentionPooling(4),
      },
      { seed: 1 },
    );
    const { attention, outputs, gates } = inspect(model, {
      inputs: { x: float32("T", "B", I), memory: float32("S", "B", M), ends: int32("B") },
      values: { x: floats([T, B, I], 1), memory: floats([S, B, M], 2), ends: [5, 2, 3] },
      loss: ({ x, memory, ends }) => {
        const { state } = model.decoder.apply(x, { memory: { values: memory, lengths: ends } });
        const { output } = model.heads.apply(
          x.sum(2, { keep: true }).broadcastTo(["T", "B", 4]),
          memory.sum(2, { keep: true }).broadcastTo(["S", "B", 4]),
        );
        return model.pool.apply(output).output.sum().add(state.h.sum());
      },
    });
    expect(Object.keys(attention)).toEqual(["decoder.l0.attention", "heads.attention", "pool.attention"]);
    expect(Object.keys(outputs)).toEqual(["decoder.l0.output"]);
    expect(Object.keys(gates)).toEqual(["decoder.l0.r", "decoder.l0.z", "decoder.l0.n"]);
    const shapes = Object.values(attention).map(({ shape }) => shape);
    expect(shapes).toEqual([
      [T, B, S],
      [T, B, 2, S],
      [1, B, T],
    ]);
    for (const { data, shape } of Object.values(attention)) {
      const width = shape.at(-1) as number;
      for (let row = 0; row < data.length / width; row++) {
        const sum = data.slice(row * width, (row + 1) * width).reduce((a, b) => a + b);
        expect(sum).toBeCloseTo(1, 5);
      }
    }
    const [of] = Object.values(attention) as unknown as [{ data: Float32Array }];
    // The second row has two steps to attend to.
    expect([...of.data.slice(S, 2 * S)].map((weight) => weight > 0)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("a layer", () => {
  it("that the loss runs twice has a name for each time", () => {
    const model = initialize({ rnn: recurrent(gru, I, H) }, { seed: 1 });
    const found = inspect(model, {
      inputs: { a: float32("T", "B", I), b: float32("T", "B", I) },
      values: { a: floats([T, B, I], 1), b: floats([T, B, I], 2) },
      loss: ({ a, b }) => model.rnn.apply(a).output.sum().add(model.rnn.apply(b).output.sum()),
    });
    expect(Object.keys(found.states)).toEqual(["rnn.l0.h", "rnn#2.l0.h"]);
    expect(Object.keys(found.gradients)).toHaveLength(4);
    expect(Object.keys(found.weights)).toEqual(["rnn.l0"]);
    expect(found.states["rnn.l0.h"]).not.toEqual(found.states["rnn#2.l0.h"]);
  });

  const model = initialize({ rnn: recurrent(lstm, I, H) }, { seed: 1 });
  const { weights: _, ...whole } = inspect(model, {
    backend: reference,
    inputs: float32(T, B, I),
    values: floats([T, B, I], 1),
    loss: (x) => model.rnn.apply(x).output.square().sum(),
  });
  const start = { h: zeros([1, B, H]), c: zeros([1, B, H]) };

  it("that is run step by step is seen as a sequence", () => {
    const found = inspect(model, {
      backend: reference,
      inputs: float32(T, B, I),
      values: floats([T, B, I], 1),
      loss(x) {
        let state = start as { readonly h: Tensor; readonly c: Tensor };
        const outputs = Array.from({ length: T }, (_, t) => {
          const stepped = model.rnn.step(x.at(0, t), state);
          state = stepped.state;
          return stepped.output;
        });
        return stack(outputs).square().sum();
      },
    });
    for (const [name, { steps }] of Object.entries(whole.gradients))
      for (const [t, norm] of steps.entries()) expect(found.gradients[name]?.steps[t]).toBeCloseTo(norm, 9);
    expect(found.states).toEqual(whole.states);
  });

  it("that takes steps within a scan of one's own is seen as a sequence", () => {
    const found = inspect(model, {
      backend: reference,
      inputs: float32(T, B, I),
      values: floats([T, B, I], 1),
      loss(x) {
        const { outputs } = scan(
          (state: typeof start, { x: now }) => {
            const { output, state: next } = model.rnn.step(now, state);
            return [next, output] as const;
          },
          { init: start, inputs: { x }, checkpoint: 4 },
        );
        return outputs.square().sum();
      },
    });
    for (const [name, { steps }] of Object.entries(whole.gradients))
      for (const [t, norm] of steps.entries()) expect(found.gradients[name]?.steps[t]).toBeCloseTo(norm, 9);
    expect(found.states["rnn.l0.h"]).toEqual(whole.states["rnn.l0.h"]);
  });

  it("of a decoder that reads what it writes is seen too", () => {
    const decoder = initialize(
      { decoder: tokenDecoder(5, recurrent(gru, 3, H), { embedding: embedding(5, 3) }) },
      { seed: 1 },
    );
    const { states, gradients } = inspect(decoder, {
      inputs: int32("T", "B"),
      values: [
        [0, 0],
        [1, 2],
        [3, 4],
      ],
      loss: (tokens) =>
        decoder.decoder
          .sample(tokens, zeros([]), { state: { h: zeros([1, tokens.size(1), H]) } })
          .logits.sum(),
    });
    expect(states["decoder.rnn.l0.h"]?.shape).toEqual([3, 2, H]);
    expect(gradients["decoder.rnn.l0.h"]?.steps.every((norm) => norm > 0)).toBe(true);
  });
});

it("gradients far below what float32 can square are told", () => {
  const model = initialize({ rnn: recurrent(rnn, I, H) }, { seed: 1 });
  for (const weight of Object.values<Variable>(model.rnn.weights))
    weight.value = weight.value.map((x) => 0.02 * x);
  const { gradients } = inspect(
    model,
    {
      inputs: float32("T", "B", I),
      values: floats([20, B, I]),
      loss: (x) => model.rnn.apply(x).state.h.sum(),
    },
    ["h.gradient"],
  );
  const { steps, lags } = gradients["rnn.l0.h"] as { steps: number[]; lags: number[] };
  expect(steps).toEqual(lags.toReversed());
  const slopes = lags.slice(2).map((norm, k) => norm / (lags[k + 1] as number));
  expect(lags[18]).toBeGreaterThan(0);
  expect(lags[18]).toBeLessThan(1e-23);
  for (const slope of slopes.slice(0, 15)) expect(slope).toBeLessThan(0.2);
});
