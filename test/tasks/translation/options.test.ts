// The options of a translator: what is filled in, what contradicts itself, and how scheduled sampling goes up.
import { describe, expect, it } from "vitest";
import { FormatError, UsageError } from "../../../src/errors.ts";
import { optionRows, optionsOfJson } from "../../../src/options/table.ts";
import {
  completePrediction,
  evaluationOptions,
  predictionOptions,
} from "../../../src/tasks/translation/decoding-options.ts";
import {
  checkTranslationOptions,
  completeForm,
  completeSettings,
  encoderOf,
  type Form,
  type TranslationSettings,
  translationOptions,
} from "../../../src/tasks/translation/options.ts";
import { ownProbability } from "../../../src/tasks/translation/scheduled-sampling.ts";

it("names of flags stand for one option each", () => {
  for (const table of [translationOptions, evaluationOptions, predictionOptions]) {
    const flags = optionRows(table).map(({ flag, path }) => flag ?? path.at(-1));
    expect(new Set(flags).size).toBe(flags.length);
  }
});

describe("form and settings", () => {
  it("are filled in, and the same again out of JSON", () => {
    const form = completeForm({ epochs: 3, hidden: 32 });
    expect(form).toMatchObject({
      encoder: "bidirectional-gru",
      decoder: "gru",
      attention: "additive",
      hidden: 32,
      longest: 100,
    });
    expect(optionsOfJson<Form>("file", JSON.parse(JSON.stringify(form)), completeForm)).toEqual(form);
    const settings = completeSettings({ tokens: "characters", targetTokens: "words", hidden: 3 }, 29_000);
    expect(settings).toMatchObject({
      ...{ sourceTokens: "characters", targetTokens: "words", validation: 0.1 },
      ...{ batch: 64, learningRate: 0.001, labelSmoothing: 0.1, optimizer: "adam", clip: 1 },
    });
    const read = optionsOfJson<TranslationSettings>("file", JSON.parse(JSON.stringify(settings)), (json) =>
      completeSettings(json, 29_000),
    );
    expect(JSON.stringify(read)).toBe(JSON.stringify(settings));
    const { samplingEnd: _, ...damaged } = settings;
    expect(() =>
      optionsOfJson<TranslationSettings>("file", damaged, (json) => completeSettings(json, 1)),
    ).toThrow(new FormatError("file: samplingEnd is missing"));
    expect(completeSettings({}, 20).batch).toBe(2);
  });

  it.each<[object, string]>([
    [{ encoder: "both-gru" }, 'encoder "both-gru" is unknown: expected rnn, bidirectional-rnn'],
    [
      { attention: "self" },
      'attention "self" is unknown: expected none, dot, general, additive, location, multi-head',
    ],
    [{ vocabulary: 4 }, "vocabulary 4: expected a whole number from 5"],
    [{ longest: 0 }, "longest 0: expected a whole number from 1"],
    [{ samplingEnd: 0, scheduledSampling: "linear" }, "sampling end 0: expected a number above 0 to below 1"],
    [{ heads: 2 }, "heads 2 has no meaning: attention is additive, multi-head expected"],
    [{ attention: "none", attend: "after" }, 'attend "after" has no meaning: attention is none'],
    [{ attention: "none", coverage: 1 }, "coverage 1 has no meaning: attention is none"],
    [{ context: "start" }, 'context "start" has no meaning: attention is additive, none expected'],
    [{ reach: 3 }, "reach 3 has no meaning: local is none"],
    [{ samplingEnd: 0.5 }, "sampling end 0.5 has no meaning: scheduled sampling is none"],
    [
      { sharedVocabulary: "yes", sourceTokens: "characters" },
      "shared vocabulary yes: the tokens are characters and words, the same of both sides expected",
    ],
    [{ validation: 0, patience: 3 }, "patience needs a validation loss, but validation is 0"],
  ])("that contradict themselves are refused: %j", (options, message) => {
    expect(() => checkTranslationOptions(options, false)).toThrow(UsageError);
    expect(() => checkTranslationOptions(options, false)).toThrow(message);
  });

  it("that fit are taken, and say how a file is read", () => {
    for (const options of [
      { attention: "none", context: "every-step" },
      { attention: "multi-head", heads: 8, attend: "after" },
      { local: "predictive", reach: 5, coverage: 1 },
      { scheduledSampling: "exponential", samplingEnd: 0.5 },
      { sharedVocabulary: "yes", tokens: "characters", patience: 2 },
    ]) {
      expect(checkTranslationOptions(options, false)).toMatchObject({ sourceColumn: "source" });
    }
    expect(checkTranslationOptions({ targetColumn: "de" }, true).targetColumn).toBe("de");
    expect(() => checkTranslationOptions({ validation: 0.2 }, true)).toThrow(
      new UsageError("validation and pairs to validate on given: one of both expected"),
    );
  });

  it("name an encoder's cell and directions", () => {
    expect(encoderOf("bidirectional-lstm")).toEqual({ cell: "lstm", bidirectional: true });
    expect(encoderOf("gru")).toEqual({ cell: "gru", bidirectional: false });
  });
});

describe("options of translating", () => {
  it("look for the best, or draw at random where a temperature is given", () => {
    const { temperature, ...usual } = completePrediction({});
    expect(temperature).toBeUndefined();
    expect(usual).toMatchObject({ beam: 5, best: 1, unknown: "copy", lengthPenalty: 1 });
    expect(completePrediction({ temperature: 0.7, topK: 5, seed: 3 })).toMatchObject({ topK: 5, topP: 1 });
  });

  it.each<[Record<string, unknown>, string]>([
    [{ topP: 0.5 }, "top p 0.5: of drawing at random, which a temperature asks for"],
    [{ temperature: 1, beam: 3 }, "beam 3: of looking for the best, not of drawing at random"],
    [{ best: 6 }, "best 6: the beam finds 5, a wider beam expected"],
    [{ beam: 0 }, "beam 0: expected a whole number from 1"],
  ])("that contradict each other are refused: %j", (options, message) => {
    expect(() => completePrediction(options)).toThrow(new UsageError(message));
  });
});

describe("scheduled sampling", () => {
  const at = (
    scheduledSampling: "none" | "linear" | "exponential" | "inverse-sigmoid",
    samplingEnd: number,
  ) => ownProbability({ scheduledSampling, samplingEnd }, 1000);

  it("is as the paper has it", () => {
    expect([0, 500, 1000, 2000].map(at("linear", 0.5))).toEqual([0, 0.25, 0.5, 0.5]);
    expect(at("exponential", 0.25)(500)).toBeCloseTo(0.5, 12);
    expect([0, 1000, 5000].map(at("none", 0.5))).toEqual([0, 0, 0]);
    // k / (k + exp(update / k)), with the k that comes to a half where k = exp(1000 / k).
    const half = at("inverse-sigmoid", 0.5);
    let k = 200;
    for (let step = 0; step < 200; step++) k = (k + 1000 / Math.log(k)) / 2;
    for (const update of [0, 300, 700, 1000]) {
      expect(half(update)).toBeCloseTo(1 - k / (k + Math.exp(update / k)), 6);
    }
  });

  it.each(["linear", "exponential", "inverse-sigmoid"] as const)(
    "%s goes up from nearly 0 until the end",
    (kind) => {
      for (const end of [0.01, 0.25, 0.75, 0.99]) {
        for (const updates of [1, 10, 453 * 6, 1e6]) {
          const own = ownProbability({ scheduledSampling: kind, samplingEnd: end }, updates);
          expect(own(updates)).toBeCloseTo(1 - end, 6);
          expect(own(2 * updates)).toBe(own(updates));
          const values = Array.from({ length: 11 }, (_, tenth) => own((tenth * updates) / 10));
          for (const [place, value] of values.entries()) {
            expect(value).toBeGreaterThanOrEqual(place === 0 ? 0 : (values[place - 1] as number));
            expect(value).toBeLessThan(1);
          }
        }
      }
    },
  );
});
