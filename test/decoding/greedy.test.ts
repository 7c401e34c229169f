import { describe, expect, test } from "vitest";
import { beamSearch } from "../../src/decoding/beam-search.ts";
import { generateTokens } from "../../src/decoding/generate.ts";
import { type Decoded, greedySearch, sampleSequences } from "../../src/decoding/greedy.ts";
import { ShapeError, TrainingError, UsageError } from "../../src/errors.ts";
import {
  embedding,
  gru,
  initialize,
  linear,
  recurrent,
  type StateOf,
  stateTypes,
} from "../../src/nn/index.ts";
import { float32, int32, value } from "../../src/program/compile.ts";
import { compileSteps } from "../../src/program/steps.ts";
import { concat, logSoftmax } from "../../src/trace/functions.ts";
import { randomModel, type TestModel, testStep } from "../helpers/decoder.ts";
import { numbers } from "../helpers/values.ts";

const [START, END] = [0, 1];
const base = { start: START, end: END, limit: 8 };
const tokensOf = (list: readonly Decoded[]) => list.map(({ tokens }) => [...tokens]);
/** The step of one row as a function from a token to its logits, as a stream has it. */
const single = (model: TestModel, row: number) => {
  const step = testStep(model, 1, () => row);
  return (token: number) => step.next(Int32Array.of(token)).logits as ArrayLike<number>;
};

describe("greedy search", () => {
  test("takes the likeliest token until END, each row for itself", () => {
    for (let seed = 0; seed < 20; seed++) {
      const model = randomModel(seed, { tokens: 6 });
      const expected = [0, 1, 2].map((row) => [
        ...generateTokens(single(model, row), [START], { temperature: 0, end: END, length: 8 }),
      ]);
      expect(tokensOf(greedySearch(testStep(model, 3), base))).toEqual(expected);
    }
  });

  test("tells how likely a row is, where it looked, and whether it ended", () => {
    const model: TestModel = {
      tokens: 3,
      scores: (row, { length }) => (length > row + 1 ? [0, Math.log(2), 0] : [0, 0, Math.log(6)]),
      attention: (_, { length }) => [1 / length, 1 - 1 / length],
    };
    const [first, second, third] = greedySearch(testStep(model, 3), {
      ...base,
      limit: [8, 2, 3],
      memoryLengths: [2, 1, 2],
    });
    expect(first?.tokens).toEqual(Int32Array.of(2));
    expect(first?.ended).toBe(true);
    expect(first?.logProbability).toBeCloseTo(Math.log(6 / 8) + Math.log(2 / 4), 6);
    expect(first?.attention).toEqual({ data: Float32Array.of(1, 0, 1 / 2, 1 / 2), shape: [2, 2] });
    expect(second).toMatchObject({ tokens: Int32Array.of(2, 2), ended: false });
    expect(second?.attention).toEqual({ data: Float32Array.of(1, 1 / 2), shape: [2, 1] });
    expect(third).toMatchObject({ tokens: Int32Array.of(2, 2, 2), ended: false });
    expect(third?.logProbability).toBeCloseTo(3 * Math.log(6 / 8), 6);
  });

  test("takes logarithms of probabilities as they are", () => {
    const model = randomModel(4, { kind: "logProbabilities" });
    const other = randomModel(4);
    const [given, expected] = [model, other].map((one) => greedySearch(testStep(one, 2), base));
    expect(tokensOf(given as Decoded[])).toEqual(tokensOf(expected as Decoded[]));
    given?.forEach(({ logProbability }, row) => {
      expect(logProbability).toBeCloseTo(expected?.[row]?.logProbability as number, 5);
    });
  });

  test("begins with a prefix, which costs nothing", () => {
    const model = randomModel(6, { tokens: 6 });
    const [given] = greedySearch(testStep(model, 1), { ...base, prefix: [3, 4] });
    expect([...(given?.tokens.subarray(0, 2) ?? [])]).toEqual([3, 4]);
    const rest = [
      ...generateTokens(single(model, 0), [START, 3, 4], { temperature: 0, end: END, length: 6 }),
    ];
    expect(tokensOf([given as Decoded])).toEqual([[3, 4, ...rest]]);
    const [only] = greedySearch(testStep(model, 1), { ...base, prefix: [3, 4], limit: 2 });
    expect(only).toEqual({ tokens: Int32Array.of(3, 4), logProbability: 0, ended: false });
  });

  test("takes no token that is banned, no early END, and nothing that repeats", () => {
    const wish: TestModel = { tokens: 5, scores: () => [5, 9, 4, 3, 2] };
    const given = (options: object) => tokensOf(greedySearch(testStep(wish, 1), { ...base, ...options }))[0];
    expect(given({})).toEqual([]);
    expect(given({ least: 3 })).toEqual([0, 0, 0]);
    expect(given({ least: 3, banned: [START, 2] })).toEqual([3, 3, 3]);
    expect(given({ least: 4, noRepeat: 1 })).toEqual([0, 2, 3, 4]);
    expect(given({ least: 8, noRepeat: 2 })).toEqual([0, 0, 2, 0, 3, 0, 4, 0]);
    expect(given({ least: 6, noRepeat: 3 })).toEqual([0, 0, 0, 2, 0, 0]);
    // Nothing is left after four tokens.
    expect(given({ least: 8, noRepeat: 1 })).toEqual([0, 2, 3, 4]);
    expect(given({ least: 1, banned: [0, 2, 3, 4] })).toEqual([]);
  });
});

describe("sampled sequences", () => {
  const model = randomModel(9, { tokens: 12 });

  test("are what generateTokens draws in row number 0", () => {
    for (const sampling of [
      {},
      { temperature: 0.5 },
      { topK: 3 },
      { topP: 0.6 },
      { temperature: 0, topK: 2 },
    ]) {
      const expected = [
        ...generateTokens(single(model, 0), [START, 5], { ...sampling, seed: 3, end: END, length: 7 }),
      ];
      const [given] = sampleSequences(testStep(model, 1), { ...base, ...sampling, seed: 3, prefix: [5] });
      expect(tokensOf([given as Decoded])).toEqual([[5, ...expected]]);
    }
  });

  test("depend on the seed and a row's number, not on its neighbours", () => {
    const options = { ...base, seed: 2 ** 40 + 5, temperature: 2 };
    const batch = sampleSequences(testStep(model, 6), { ...options, numbers: [4, 9, 2, 7, 7, 0] });
    [4, 9, 2, 7, 7, 0].forEach((number, row) => {
      const [alone] = sampleSequences(
        testStep(model, 1, () => row),
        { ...options, numbers: [number] },
      );
      expect(alone).toEqual(batch[row]);
    });
    const same: TestModel = { ...model, scores: (_, history) => model.scores(0, history) };
    const rows = tokensOf(sampleSequences(testStep(same, 8), options)).map(String);
    expect(new Set(rows).size).toBeGreaterThan(5);
    expect(tokensOf(sampleSequences(testStep(same, 8), { ...options, seed: 1 })).map(String)).not.toEqual(
      rows,
    );
    const equal = sampleSequences(testStep(same, 2), { ...options, numbers: [7, 7] });
    expect(equal[0]).toEqual(equal[1]);
  });

  test("come as often as they are likely", () => {
    const even: TestModel = { tokens: 4, scores: () => [0, Math.log(5), Math.log(2), Math.log(2)] };
    const drawn = sampleSequences(testStep(even, 4000), { ...base, limit: 1, banned: [0] });
    const part = (wanted: string) => drawn.filter(({ tokens }) => String(tokens) === wanted).length / 4000;
    expect(part("")).toBeCloseTo(5 / 9, 1);
    expect(part("2")).toBeCloseTo(2 / 9, 1);
    expect(part("3")).toBeCloseTo(2 / 9, 1);
    expect(part("0")).toBe(0);
    expect(drawn.find(({ tokens }) => tokens[0] === 2)?.logProbability).toBeCloseTo(Math.log(2 / 10), 6);
  });

  test("keep to the rules", () => {
    const rows = sampleSequences(testStep(model, 50), { ...base, least: 4, banned: [3, 4], noRepeat: 1 });
    for (const { tokens } of rows) {
      expect(tokens.length).toBeGreaterThanOrEqual(4);
      expect(new Set(tokens).size).toBe(tokens.length);
      expect([...tokens]).not.toContain(3);
    }
    const [none] = sampleSequences(testStep(model, 1), {
      ...base,
      least: 9,
      limit: 9,
      banned: [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    });
    expect(none).toMatchObject({ tokens: new Int32Array(0), ended: false });
  });

  test("and greedy search refuse what they cannot use", () => {
    const step = testStep(model, 2);
    const sampled = (options: object) => () => sampleSequences(step, { ...base, ...options });
    expect(sampled({ temperature: -1 })).toThrow(UsageError);
    expect(sampled({ seed: 0.5 })).toThrow("seed 0.5: expected a whole number from 0 to 2^53 - 1");
    expect(sampled({ numbers: [1] })).toThrow(ShapeError);
    expect(sampled({ end: 12 })).toThrow("sampleSequences: end: the token 12 given, 0 to 11 expected");
    expect(() => greedySearch(step, { ...base, noRepeat: -1 })).toThrow(
      "greedySearch: noRepeat -1 given, a whole number from 0 expected",
    );
    expect(() => greedySearch({ rows: 1, next: () => ({ logits: [1, Number.NaN] }) }, base)).toThrow(
      TrainingError,
    );
    expect(() => greedySearch({ rows: 1, next: () => ({ logits: [1, Infinity] }) }, base)).toThrow(
      TrainingError,
    );
    let calls = 0;
    const changing = { rows: 1, next: () => ({ logits: ++calls === 1 ? [3, 1] : [1, 2, 3] }) };
    expect(() => greedySearch(changing, base)).toThrow(
      new ShapeError("greedySearch: the step gives 3 scores of tokens, 2 expected"),
    );
  });
});

describe("compiled steps decode", () => {
  const [V, H, M] = [20, 16, 8];
  const model = initialize(
    { embed: embedding(V, H), rnn: recurrent(gru, H + M, H), head: linear(H + M, V) },
    { seed: 4 },
  );
  type State = StateOf<typeof model.rnn>;
  const decoder = compileSteps(
    (token, before: State, { values }) => {
      const weights = values.tanh().mean(2).exp();
      const attention = weights.div(weights.sum(0, { keep: true }));
      const context = values.mul(attention.reshape(["S", "B", 1])).sum(0);
      const { output, state } = model.rnn.step(concat(model.embed.apply(token), context), before);
      const logits = model.head.apply(concat(output, context)).mul(4);
      return [state, { logProbabilities: logSoftmax(logits), attention }];
    },
    { inputs: int32("B"), state: stateTypes(model.rnn), memory: { values: float32("S", "B", M) } },
  );
  const S = 5;
  const rows = 7;
  const states = Float32Array.from(numbers(rows * H, 3));
  const memories = Float32Array.from(numbers(S * rows * M, 4));
  /** Steps of these rows of the batch, `repeat` times each. */
  const begin = (chosen: readonly number[], repeat = 1) =>
    decoder.begin({
      state: {
        h: value(Float32Array.from(chosen.flatMap((row) => [...states.subarray(row * H, (row + 1) * H)])), [
          1,
          chosen.length,
          H,
        ]),
      },
      memory: {
        values: value(
          Float32Array.from({ length: S * chosen.length * M }, (_, at) => {
            const [s, row] = [Math.floor(at / (chosen.length * M)), Math.floor(at / M) % chosen.length];
            return memories[(s * rows + (chosen[row] as number)) * M + (at % M)] as number;
          }),
          [S, chosen.length, M],
        ),
      },
      repeat,
    });
  const every = Array.from({ length: rows }, (_, row) => row);
  const options = { ...base, limit: 12 };

  test("rows of a batch as each alone", () => {
    const beams = { ...options, beam: 4, best: 4, coveragePenalty: 0.2, noRepeat: 2 };
    const together = {
      greedy: greedySearch(begin(every), options),
      sampled: sampleSequences(begin(every), { ...options, seed: 8 }),
      beams: beamSearch(begin(every, 4), beams),
    };
    for (const row of every) {
      expect(greedySearch(begin([row]), options)).toEqual([together.greedy[row]]);
      expect(sampleSequences(begin([row]), { ...options, seed: 8, numbers: [row] })).toEqual([
        together.sampled[row],
      ]);
      expect(beamSearch(begin([row], 4), beams)).toEqual([together.beams[row]]);
    }
    expect(new Set(tokensOf(together.greedy).map(String)).size).toBeGreaterThan(1);
  });

  test("hypotheses whose probabilities the model gives to their tokens", () => {
    const beams = beamSearch(begin(every, 5), { ...options, beam: 5, best: 5 });
    beams.forEach((list, row) => {
      for (const { tokens, logProbability, ended, attention } of list) {
        const forced = greedySearch(begin([row]), { ...options, prefix: tokens, limit: tokens.length });
        expect(forced[0]?.attention?.data ?? new Float32Array(0)).toEqual(
          attention?.data.subarray(0, S * tokens.length),
        );
        const live = begin([row]);
        let sum = 0;
        [START, ...tokens].forEach((token, at) => {
          const next = at < tokens.length ? tokens[at] : END;
          if (at === tokens.length && !ended) return;
          sum += live.next([token]).logProbabilities[next as number] as number;
        });
        expect(sum).toBeCloseTo(logProbability, 5);
      }
    });
  });
});
