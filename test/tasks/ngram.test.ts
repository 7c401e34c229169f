// The n-gram baseline: against its definition, as a probability distribution, and on real text.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitForValidation } from "../../src/data/split.ts";
import { decodeText } from "../../src/data/text.ts";
import { Vocabulary } from "../../src/data/vocabulary.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { readFileBytes } from "../../src/node/files.ts";
import { trainNgram } from "../../src/tasks/ngram.ts";
import { realData } from "../helpers/real-data.ts";

/** Witten-Bell smoothing as it is defined, counting from scratch at every call. */
function definition(tokens: number[], context: number[], token: number, vocabulary: number): number {
  const followers: number[] = [];
  for (let at = context.length; at < tokens.length; at++) {
    if (context.every((one, back) => tokens[at - context.length + back] === one))
      followers.push(tokens[at] as number);
  }
  const shorter =
    context.length === 0 ? 1 / vocabulary : definition(tokens, context.slice(1), token, vocabulary);
  const distinct = new Set(followers).size;
  const count = followers.filter((one) => one === token).length;
  return followers.length === 0 ? shorter : (count + distinct * shorter) / (followers.length + distinct);
}

const V = 5;
const streams = fc.array(fc.nat(V - 1), { minLength: 1, maxLength: 60 });
const contexts = fc.array(fc.nat(V - 1), { maxLength: 6 });
const orders = fc.integer({ min: 1, max: 4 });

describe("an n-gram model", () => {
  it("is what its definition says, and sums to 1 over the vocabulary, whatever the context", () => {
    fc.assert(
      fc.property(streams, contexts, orders, (stream, context, order) => {
        const model = trainNgram(Int32Array.from(stream), { order, vocabulary: V });
        let sum = 0;
        for (let token = 0; token < V; token++) {
          const probability = model.probability(context, token);
          const used = order === 1 ? [] : context.slice(-(order - 1));
          expect(probability).toBeCloseTo(definition(stream, used, token, V), 12);
          expect(probability).toBeGreaterThan(0);
          sum += probability;
        }
        expect(sum).toBeCloseTo(1, 12);
      }),
    );
  });

  it("scores every token but the first, from the tokens before it", () => {
    const stream = [0, 1, 2, 0, 1, 3, 0, 1, 2];
    const held = [1, 2, 0, 1];
    const model = trainNgram(Int32Array.from(stream), { order: 3, vocabulary: V });
    const nats =
      Math.log(definition(stream, [1], 2, V)) +
      Math.log(definition(stream, [1, 2], 0, V)) +
      Math.log(definition(stream, [2, 0], 1, V));
    expect(model.natsPerToken(Int32Array.from(held))).toBeCloseTo(-nats / 3, 12);
  });

  it("counts right when its tables have grown many times", () => {
    const vocabulary = 3000;
    let state = 1;
    const tokens = Int32Array.from({ length: 20_000 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % vocabulary;
    });
    const model = trainNgram(tokens, { order: 3, vocabulary });
    const list = [...tokens];
    for (let at = 100; at < 20_000; at += 3000) {
      const context = list.slice(at - 2, at);
      const token = list[at] as number;
      expect(model.probability(context, token)).toBeCloseTo(definition(list, context, token, vocabulary), 12);
    }
    let sum = 0;
    for (let token = 0; token < vocabulary; token++) sum += model.probability(list.slice(500, 502), token);
    expect(sum).toBeCloseTo(1, 10);
  });

  it("refuses what it cannot count", () => {
    const tokens = Int32Array.of(0, 1, 2);
    expect(() => trainNgram(tokens, { order: 0, vocabulary: 3 })).toThrow(UsageError);
    expect(() => trainNgram(tokens, { order: 1.5, vocabulary: 3 })).toThrow("order 1.5");
    expect(() => trainNgram(tokens, { vocabulary: 2 })).toThrow(
      "token 2 at 2: expected a whole number below 2",
    );
    expect(() => trainNgram(new Int32Array(0), { vocabulary: 2 })).toThrow(DataError);
    const model = trainNgram(tokens, { vocabulary: 3 });
    expect(() => model.natsPerToken(Int32Array.of(1))).toThrow("has 1 token:");
    expect(() => model.natsPerToken(Int32Array.of(1, 3))).toThrow("token 3 at 1");
    expect(() => model.probability([0, -1], 0)).toThrow("token -1 at 1");
  });
});

describe("on Tiny Shakespeare", () => {
  it("a longer context scores better, from single characters to trigrams and beyond", (context) => {
    const path = realData("tinyshakespeare/input.txt", context);
    const text = decodeText(readFileBytes(path), path);
    const vocabulary = Vocabulary.build("characters", text);
    const { training, validation } = splitForValidation(vocabulary.encode(text), 0.1);
    expect([vocabulary.size, training.length, validation.length]).toEqual([65, 1_003_854, 111_540]);
    const scores = [1, 2, 3, 4, 5].map((order) =>
      trainNgram(training, { order, vocabulary: vocabulary.size }).natsPerToken(validation),
    );
    // Found by a second, independent program for orders 1, 2, 3 and 5.
    const expected = [3.34731, 2.48574, 2.0492, 1.77376, 1.66879];
    for (const [at, score] of scores.entries()) expect(score).toBeCloseTo(expected[at] as number, 4);
  });
});

it("refuses numbers that are no tokens", () => {
  const model = trainNgram(Int32Array.of(0, 1, 0), { vocabulary: 2 });
  for (const wrong of [Number.NaN, 0.5, "1", undefined]) {
    const tokens = [0, wrong] as unknown as Int32Array;
    expect(() => trainNgram(tokens, { vocabulary: 2 })).toThrow(/^tokens: .* given at 1, int32 expected$/);
    expect(() => model.natsPerToken(tokens)).toThrow(DataError);
    expect(() => model.probability(tokens, 0)).toThrow(DataError);
    expect(() => model.probability([0], wrong as number)).toThrow(DataError);
  }
});
