import { assert, boolean, constantFrom, double, integer, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { type BeamSearchOptions, beamSearch } from "../../src/decoding/beam-search.ts";
import { greedySearch } from "../../src/decoding/greedy.ts";
import type { DecoderStep } from "../../src/decoding/step.ts";
import { ShapeError, TrainingError, UsageError } from "../../src/errors.ts";
import { randomModel, type TestModel, testStep } from "../helpers/decoder.ts";
import { everySequence, type SlowHypothesis, slowBeamSearch } from "../helpers/slow-beam-search.ts";

const [START, END] = [0, 1];
const base = { start: START, end: END, limit: 6 };
/** A search for `batch` rows. */
function search(model: TestModel, batch: number, options: BeamSearchOptions) {
  const step = testStep(model, batch * options.beam, (row) => Math.floor(row / options.beam));
  return { found: beamSearch(step, options), calls: step.calls };
}
const plain = ({ tokens, sum, ended }: SlowHypothesis) => ({ tokens, sum, ended });
const found = (list: readonly { tokens: Int32Array; logProbability: number; ended: boolean }[]) =>
  list.map(({ tokens, logProbability, ended }) => ({ tokens: [...tokens], sum: logProbability, ended }));

describe("beam search", () => {
  const anyOptions = record({
    seed: integer({ min: 0, max: 1e6 }),
    tokens: integer({ min: 2, max: 7 }),
    levels: constantFrom(0, 0, 3),
    kind: constantFrom("logits" as const, "logProbabilities" as const),
    memory: constantFrom(0, 0, 3),
    beam: integer({ min: 1, max: 6 }),
    best: integer({ min: 1, max: 6 }),
    limit: integer({ min: 0, max: 7 }),
    least: integer({ min: 0, max: 4 }),
    lengthPenalty: constantFrom(0, 0.6, 1, 2),
    lengthForm: constantFrom("gnmt" as const, "power" as const),
    coverage: double({ min: 0, max: 1, noNaN: true }),
    bans: boolean(),
    noRepeat: integer({ min: 0, max: 3 }),
    prefix: constantFrom([], [2], [0, 0]),
  });

  test("is what a slow and obvious one finds, and ends when that does", () => {
    const run = property(anyOptions, (drawn) => {
      const { seed, tokens, levels, kind, memory, coverage, bans, ...given } = drawn;
      const model = randomModel(seed, { tokens, levels, kind, memory });
      const prefix = given.prefix.filter((token) => token < tokens).slice(0, given.limit);
      const options = {
        ...base,
        ...given,
        prefix,
        best: Math.min(given.best, given.beam),
        coveragePenalty: memory > 0 ? coverage : 0,
        banned: bans ? [0] : [],
      };
      const { found: results, calls } = search(model, 2, options);
      const slow = [0, 1].map((row) => slowBeamSearch(model, row, options, true));
      slow.forEach((expected, row) => {
        expect(found(results[row] ?? [])).toEqual(expected.results.map(plain));
        results[row]?.forEach(({ score, attention }, rank) => {
          const other = expected.results[rank] as SlowHypothesis;
          expect(score).toBe(other.score);
          if (memory === 0 || other.attention.length === 0) return;
          expect([...(attention?.data ?? [])]).toEqual(other.attention.flat());
          expect(attention?.shape).toEqual([other.attention.length, memory]);
        });
        // To go on would find nothing better.
        expect(slowBeamSearch(model, row, options, false).results.map(plain)).toEqual(
          expected.results.map(plain),
        );
      });
      expect(calls).toBe(Math.max(...slow.map(({ steps }) => steps)));
    });
    assert(run, { numRuns: 400, seed: 7 });
  });

  test("as wide as there are sequences finds the best of all", () => {
    for (let seed = 0; seed < 20; seed++) {
      const model = randomModel(seed, { tokens: 4, memory: 3 });
      const options = { ...base, banned: [START], limit: 4, best: 31, beam: 31, coveragePenalty: 0.2 };
      const every = everySequence(model, 0, options);
      expect(every).toHaveLength(31);
      const [given = []] = search(model, 1, options).found;
      expect(found(given)).toEqual(every.map(plain));
      given.forEach(({ score }, rank) => {
        expect(score).toBeCloseTo(every[rank]?.score as number, 12);
      });
    }
  });

  test("of one hypothesis is greedy search, whatever scores it", () => {
    for (let seed = 0; seed < 50; seed++) {
      const model = randomModel(seed, { memory: 2, levels: seed % 2 === 0 ? 3 : 0 });
      const more = {
        ...base,
        limit: 8,
        noRepeat: seed % 3,
        least: seed % 4,
        prefix: [3],
      };
      const greedy = greedySearch(testStep(model, 3), more);
      const beams = search(model, 3, {
        ...more,
        beam: 1,
        coveragePenalty: 0.1,
        lengthPenalty: seed % 5,
      }).found;
      expect(beams.map(([{ score, ...best } = expect.fail("no result")]) => best)).toEqual(greedy);
    }
  });

  test("without a length penalty scores by the logarithm of probability", () => {
    const { found: results } = search(randomModel(3), 2, { ...base, beam: 4, best: 4, lengthPenalty: 0 });
    for (const { score, logProbability } of results.flat()) expect(score).toBe(logProbability);
  });

  test("normalises by length as the papers say", () => {
    const model = randomModel(5, { tokens: 3 });
    const options = { ...base, beam: 3, best: 3 };
    for (const { score, logProbability, tokens, ended } of search(model, 1, {
      ...options,
      lengthPenalty: 0.8,
    }).found[0] ?? []) {
      const length = tokens.length + (ended ? 1 : 0);
      expect(score).toBeCloseTo((logProbability * 6 ** 0.8) / (5 + length) ** 0.8, 12);
    }
    const power = { ...options, lengthPenalty: 1, lengthForm: "power" as const };
    for (const { score, logProbability, tokens, ended } of search(model, 1, power).found[0] ?? [])
      expect(score).toBeCloseTo(logProbability / (tokens.length + (ended ? 1 : 0)), 12);
  });

  test("of a batch is that of each row alone, to the last bit", () => {
    const model = randomModel(11, { tokens: 6, memory: 4 });
    const options = { ...base, beam: 4, best: 3, coveragePenalty: 0.3, noRepeat: 2 };
    const limits = [6, 3, 0, 5, 8];
    const prefixes = [[], [2, 3], [], [4], []];
    const memoryLengths = [4, 2, 3, 1, 4];
    const together = search(model, 5, { ...options, limit: limits, prefix: prefixes, memoryLengths }).found;
    limits.forEach((limit, row) => {
      const step = testStep(model, 4, () => row);
      const prefix = prefixes[row] as number[];
      const alone = beamSearch(step, {
        ...options,
        limit,
        prefix,
        memoryLengths: [memoryLengths[row] as number],
      });
      expect(together[row]).toEqual(alone[0]);
    });
    expect(together[3]?.[0]?.attention?.shape[1]).toBe(1);
  });

  test("that is wider finds hypotheses that are better on average", () => {
    const mean = (beam: number) => {
      let sum = 0;
      for (let seed = 0; seed < 200; seed++) {
        const model = randomModel(seed, { tokens: 8 });
        sum += search(model, 1, { ...base, beam, limit: 8, lengthPenalty: 0 }).found[0]?.[0]?.score as number;
      }
      return sum / 200;
    };
    const scores = [1, 2, 4, 8, 32].map(mean);
    for (let at = 1; at < scores.length; at++) expect(scores[at]).toBeGreaterThan(scores[at - 1] as number);
  });

  test("stops as soon as none can win, and not before", () => {
    // After token 2 END is nearly certain: then no other can catch up, however long it gets.
    const sure: TestModel = {
      tokens: 4,
      scores: (_, history) => (history.at(-1) === 2 ? [0, 12, 0, 0] : [0, 0, 3, 0]),
    };
    expect(search(sure, 1, { ...base, beam: 3, limit: 50 }).calls).toBe(2);
    // All results are wanted: the others have to end too.
    expect(search(sure, 1, { ...base, beam: 3, best: 3, limit: 50 }).calls).toBe(3);
    // A long one wins by its length: the first end is none.
    const patient: TestModel = {
      tokens: 3,
      kind: "logProbabilities",
      scores: (_, { length }) => (length < 9 ? [-50, -1, -0.5] : [-50, -0.01, -50]),
    };
    const [[best] = []] = search(patient, 1, {
      ...base,
      beam: 2,
      limit: 20,
      lengthPenalty: 1,
      lengthForm: "power",
    }).found;
    expect(best?.tokens).toHaveLength(8);
    const [[short] = []] = search(patient, 1, { ...base, beam: 2, limit: 20, lengthPenalty: 0 }).found;
    expect(short?.tokens).toHaveLength(0);
  });

  test("prefers the lower token and the earlier hypothesis among equals", () => {
    const even: TestModel = {
      tokens: 4,
      kind: "logProbabilities",
      scores: () => [-1, Number.NEGATIVE_INFINITY, -1, -1],
    };
    const [list = []] = search(even, 1, { ...base, beam: 4, best: 4, limit: 2 }).found;
    expect(list.map(({ tokens }) => [...tokens])).toEqual([
      [0, 0],
      [0, 2],
      [0, 3],
      [2, 0],
    ]);
  });

  test("gives a hypothesis that nothing may follow as it stands", () => {
    const model = randomModel(2, { tokens: 4 });
    const [[only] = []] = search(model, 1, { ...base, beam: 3, least: 20, limit: 30, noRepeat: 1 }).found;
    expect([...(only?.tokens ?? [])].sort()).toEqual([0, 2, 3]);
    expect(only?.ended).toBe(false);
  });

  test("remembers where long hypotheses looked", () => {
    const model = randomModel(13, { tokens: 6, memory: 3 });
    const options = { ...base, beam: 3, best: 3, least: 70, limit: 70 };
    const { found: results } = search(model, 2, options);
    results.forEach((list, row) => {
      const slow = slowBeamSearch(model, row, options, true).results;
      expect(found(list)).toEqual(slow.map(plain));
      for (const [rank, { attention }] of list.entries()) {
        expect(attention?.shape).toEqual([70, 3]);
        expect([...(attention?.data ?? [])]).toEqual(slow[rank]?.attention.flat());
      }
    });
  });

  test("prefers what looked everywhere, by the coverage penalty", () => {
    const model: TestModel = {
      tokens: 4,
      kind: "logProbabilities",
      scores: (_, { length }) => (length === 1 ? [-20, -20, -0.5, -0.9] : [-20, -0.1, -20, -20]),
      attention: (_, history) => (history.at(-1) === 3 ? [0, 1] : [1, 0]),
    };
    const best = (coveragePenalty: number) => [
      ...(search(model, 1, { ...base, beam: 2, coveragePenalty }).found[0]?.[0]?.tokens ?? []),
    ];
    expect(best(0)).toEqual([2]);
    expect(best(0.2)).toEqual([3]);
  });
});

describe("beam search refuses", () => {
  const step = () => testStep(randomModel(1), 4);
  const options = { ...base, beam: 2 };
  test.each<[string, () => DecoderStep, object, Error]>([
    [
      "no step",
      () => 3 as never,
      {},
      new UsageError("beamSearch: step 3 given, an object with the function next expected"),
    ],
    [
      "no order",
      () => ({ rows: 4, next: step().next }),
      {},
      new UsageError("beamSearch: step an object given, an object with the function reorder expected"),
    ],
    [
      "no rows",
      () => ({ ...step(), rows: 0 }),
      {},
      new UsageError("beamSearch: a step of 0 rows given, a positive integer expected"),
    ],
    [
      "beams that do not fit",
      step,
      { beam: 3 },
      new UsageError("beamSearch: a step of 4 rows given, a multiple of the beam 3 expected"),
    ],
    [
      "no beam",
      step,
      { beam: 0 },
      new UsageError("beamSearch: beam 0 given, a whole number from 1 expected"),
    ],
    [
      "more results than beams",
      step,
      { best: 3 },
      new UsageError("beamSearch: best 3 given, a whole number from 1 to 2, the beam, expected"),
    ],
    [
      "an option that is none",
      step,
      { beams: 3 },
      new UsageError("beamSearch: option beams is unknown: did you mean beam?"),
    ],
    [
      "a negative penalty",
      step,
      { lengthPenalty: -1 },
      new UsageError("beamSearch: lengthPenalty -1 given, a number from 0 expected"),
    ],
    [
      "a penalty that is no number",
      step,
      { coveragePenalty: Number.NaN },
      new UsageError("beamSearch: coveragePenalty NaN given, a number from 0 expected"),
    ],
    [
      "a form that is none",
      step,
      { lengthForm: "wu" },
      new UsageError('beamSearch: lengthForm "wu" given, gnmt, power expected'),
    ],
    [
      "coverage without attention",
      step,
      { coveragePenalty: 1 },
      new UsageError("beamSearch: a coverage penalty given, but the step gives no attention"),
    ],
    [
      "an end beyond the tokens",
      step,
      { end: 5 },
      new UsageError("beamSearch: end: the token 5 given, 0 to 4 expected"),
    ],
    [
      "an end that is none",
      step,
      { end: -1 },
      new UsageError("beamSearch: end -1 given, a token, which is a whole number from 0, expected"),
    ],
    [
      "bans beyond the tokens",
      step,
      { banned: [0, 9] },
      new UsageError("beamSearch: banned: the token 9 given, 0 to 4 expected"),
    ],
    [
      "no end",
      step,
      { banned: [END] },
      new UsageError("beamSearch: the end 1 is banned: a token that may be chosen expected"),
    ],
    [
      "prefixes of other rows",
      step,
      { prefix: [[2]] },
      new ShapeError("beamSearch: 1 prefixes given, 2 expected, one for each row"),
    ],
    [
      "a prefix with an end",
      step,
      { prefix: [END] },
      new UsageError("beamSearch: prefix of row 0: the end 1 given, which no row goes on after"),
    ],
    [
      "a prefix that is no list",
      step,
      { prefix: 3 },
      new UsageError("beamSearch: prefix 3 given, a list expected"),
    ],
    [
      "attention at some steps alone",
      () => {
        const given = step();
        let calls = 0;
        return {
          ...given,
          next: (tokens) => ({ ...given.next(tokens), ...(++calls === 1 && { attention: [1, 2, 3, 4] }) }),
        };
      },
      { least: 3 },
      new ShapeError("beamSearch: the step gives undefined, (1, 4) expected"),
    ],
    [
      "a long prefix",
      step,
      { prefix: [[], [2, 2]], limit: 1 },
      new UsageError("beamSearch: prefix of row 1: 2 tokens given, at most 1 expected, the limit"),
    ],
    [
      "a prefix beyond the tokens",
      step,
      { prefix: [[2], [7]] },
      new UsageError("beamSearch: prefix of row 1: the token 7 given, 0 to 4 expected"),
    ],
    [
      "no limit",
      step,
      { limit: undefined },
      new UsageError("beamSearch: option limit is missing: the most tokens of a row expected"),
    ],
    [
      "a limit that is none",
      step,
      { limit: -1 },
      new UsageError("beamSearch: limit -1 given, a whole number from 0 expected"),
    ],
    [
      "limits of other rows",
      step,
      { limit: [1] },
      new ShapeError("beamSearch: limit: 1 numbers given, 2 expected, one for each row"),
    ],
    [
      "lengths of other rows",
      step,
      { memoryLengths: [1] },
      new ShapeError("beamSearch: memoryLengths: 1 numbers given, 2 expected, one for each row"),
    ],
    [
      "scores that fit no number of tokens",
      () => ({ ...step(), next: () => ({ logits: [1, 2, 3, 4, 5] }) }),
      {},
      new ShapeError("beamSearch: the step gives 5 scores of tokens, a multiple of 4 rows expected"),
    ],
    [
      "no scores",
      () => ({ ...step(), next: () => ({}) }),
      {},
      new UsageError(
        "beamSearch: the step gives undefined, an array `logits` or `logProbabilities` expected",
      ),
    ],
    [
      "NaN",
      () => testStep({ tokens: 5, scores: () => [0, 0, Number.NaN, 0, 0] }, 4),
      {},
      new TrainingError(
        "the logit of token 2 is NaN, a number expected: the model's weights are too large to predict with",
      ),
    ],
    [
      "NaN among probabilities",
      () => testStep({ tokens: 5, kind: "logProbabilities", scores: () => [0, 0, Number.NaN, 0, 0] }, 4),
      {},
      new TrainingError(
        "the logit of token 2 is NaN, a number expected: the model's weights are too large to predict with",
      ),
    ],
    [
      "attention of another size",
      () => ({ ...step(), next: (tokens) => ({ ...step().next(tokens), attention: [1, 2, 3] }) }),
      {},
      new ShapeError("beamSearch: the step gives attention of 3, (S, 4) expected"),
    ],
  ])("%s", (_, given, change, error) => {
    expect(() => beamSearch(given(), { ...options, ...change } as never)).toThrow(error);
  });
});
