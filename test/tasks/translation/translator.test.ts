// Translators as programs use them: one text or many, in any batches, searched or drawn, explained, measured, written and read.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { readTranslator, type Translation, trainTranslator } from "../../../src/tasks/translation/index.ts";
import { BleuCounts } from "../../../src/training/measures/index.ts";
import { reversed } from "./sentences.ts";

const options = {
  ...{ embedding: 16, hidden: 24, batch: 8, dropout: 0, leastCount: 1, learningRate: 0.02, epochs: 12 },
};
const pairs = reversed(120);
const translator = await trainTranslator(pairs, options);
const texts = ["", ...reversed(40, 3, 9).map(({ source }) => source), "  \t", "one  nine two ", "three"];
const mean = (told: readonly Translation[], what: "score" | "logProbability") =>
  told.reduce((sum, one) => sum + (one[what] ?? 0), 0) / told.length;

describe("a translator", () => {
  it("says what it is, and translates", () => {
    expect(translator.form).toMatchObject({
      hidden: 24,
      attention: "additive",
      encoder: "bidirectional-gru",
    });
    expect(translator.validation?.tokenAccuracy).toBeGreaterThan(0.9);
    const told = translator.translate("one two three");
    expect(told).toMatchObject({
      ...{ source: "one two three", text: "THREE TWO ONE", tokens: ["THREE", "TWO", "ONE"] },
      ...{ ended: true, cut: false },
    });
    expect(told.best).toBeUndefined();
    expect(told.logProbability).toBeLessThan(0);
    expect(told.alignment?.source).toEqual(["one", "two", "three"]);
    expect(told.alignment?.target).toEqual(["THREE", "TWO", "ONE", "<end>"]);
    for (const row of told.alignment?.weights ?? []) {
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    }
  });

  it("gives nothing for nothing", () => {
    for (const source of ["", " ", "\t\u00a0\n"]) {
      const nothing = { source, text: "", tokens: [], logProbability: 0, ended: true, cut: false };
      expect(translator.translate(source)).toEqual(nothing);
    }
    expect(translator.translateAll([])).toEqual([]);
  });

  it.each([
    [{}],
    [{ beam: 1 }],
    [{ beam: 3, best: 2, coveragePenalty: 0.2, lengthPenalty: 0.5 }],
    [{ temperature: 1.5, seed: 7 }],
    [{ temperature: 0 }],
    [{ prefix: "TWO", limit: 5 }],
  ])("translates the same to the bit in any batch, and one by one: %j", async (given) => {
    const one = translator.translateAll(texts, { ...given, batch: 1 });
    expect(one).toHaveLength(texts.length);
    expect(one.map(({ source }) => source)).toEqual(texts);
    for (const batch of [2, 7, 100]) expect(translator.translateAll(texts, { ...given, batch })).toEqual(one);
    const streamed: Translation[] = [];
    for await (const told of translator.stream(texts, { ...given, batch: 3 })) streamed.push(told);
    expect(streamed).toEqual(one);
    // What is drawn depends on the number of the text.
    if (!("seed" in given)) expect(texts.map((text) => translator.translate(text, given))).toEqual(one);
    expect(translator.translateAll([...texts].reverse(), { ...given, batch: 5 }).reverse()).toEqual(
      "seed" in given ? expect.anything() : one,
    );
  });

  it("answers each text of a stream before it asks for the next, with a batch of 1", async () => {
    let asked = 0;
    async function* given() {
      for (const text of ["one", "", "two three"]) {
        asked += 1;
        yield text;
      }
    }
    const counts: number[] = [];
    for await (const _ of translator.stream(given(), { batch: 1 })) counts.push(asked);
    expect(counts).toEqual([1, 2, 3]);
  });

  it("finds no worse texts with a wider beam, and the best first", () => {
    const [greedy, zero, ...wider] = [
      translator.translateAll(texts, { beam: 1, lengthPenalty: 0 }),
      translator.translateAll(texts, { temperature: 0 }),
      translator.translateAll(texts, { beam: 4, lengthPenalty: 0 }),
      translator.translateAll(texts, { beam: 12, lengthPenalty: 0 }),
    ];
    expect(zero?.map(({ text }) => text)).toEqual(greedy?.map(({ text }) => text));
    const means = [greedy, ...wider].map((told) => mean(told as Translation[], "logProbability"));
    expect(means).toEqual([...means].sort((a, b) => a - b));
    for (const { best, text, score, alignment } of translator.translateAll(texts.slice(1, 9), {
      beam: 6,
      best: 4,
    })) {
      expect(best?.[0]).toEqual({ ...best?.[0], text, score, alignment });
      const scores = (best ?? []).map((one) => one.score as number);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(new Set(best?.map((one) => one.tokens.join(" "))).size).toBe(best?.length);
    }
  });

  it("draws other texts for other seeds and numbers, the same for the same", () => {
    const same = Array.from({ length: 12 }, () => "four two three one");
    const told = (seed: number) =>
      translator.translateAll(same, { temperature: 3, seed }).map(({ text }) => text);
    expect(told(1)).toEqual(told(1));
    expect(told(2)).not.toEqual(told(1));
    expect(new Set(told(1)).size).toBeGreaterThan(6);
    expect(translator.translate("four two three one", { temperature: 3, seed: 1 }).text).toBe(told(1)[0]);
  });

  it("begins with a prefix, whatever it says, and ends at the limit", () => {
    const { text, tokens } = translator.translate("one two three", { prefix: "FIVE" });
    expect(text).toMatch(/^FIVE/);
    expect(tokens[0]).toBe("FIVE");
    expect(translator.translate("one two", { prefix: "zwölf" }).tokens[0]).toBe("zwölf");
    const cut = translator.translate("one two three", { limit: 2 });
    expect(cut).toMatchObject({ text: "THREE TWO", ended: false });
    expect(cut.alignment?.target).toEqual(["THREE", "TWO"]);
    expect(cut.alignment?.weights).toHaveLength(2);
    const whole = translator.translate("one", { prefix: "FIVE SIX", limit: 2 });
    expect(whole).toMatchObject({ text: "FIVE SIX", ended: false, logProbability: 0 });
    expect(() => translator.translate("one", { prefix: "A B C", limit: 2 })).toThrow(
      new UsageError('prefix "A B C" has 3 tokens, at most 2 expected, the limit'),
    );
  });

  it("reads texts of anything, each in one line", () => {
    const odd = [
      '"one"\ttwo',
      "one\0two",
      "🌲 one 👩‍👩‍👧",
      "שלום one",
      "a\u0301 one",
      "\ud83c",
      "one\r\n\ntwo",
      "<pad> <start> <end> <unk>",
    ];
    const told = translator.translateAll(odd);
    expect(told.map(({ source }) => source)).toEqual(odd);
    for (const { logProbability, tokens } of told) {
      expect(logProbability).toBeLessThan(0);
      expect(tokens).not.toContain("<end>");
    }
    expect(told[6]?.text).toBe(translator.translate("one two").text);
  });

  it("comes back from its bytes, and says the same on every backend", () => {
    const bytes = translator.toBytes();
    const again = readTranslator(bytes);
    expect(again.toBytes()).toEqual(bytes);
    expect(again.validation).toEqual(translator.validation);
    expect(again.form).toEqual(translator.form);
    expect(again.translateAll(texts)).toEqual(translator.translateAll(texts));
    const slow = readTranslator(bytes, "m", { backend: reference }).translateAll(texts.slice(0, 8));
    for (const [at, { text, logProbability }] of slow.entries()) {
      expect(text).toBe(translator.translate(texts[at] as string).text);
      expect(logProbability).toBeCloseTo(translator.translate(texts[at] as string).logProbability, 3);
    }
    expect(() => readTranslator(bytes.slice(0, 99), "half")).toThrow(FormatError);
    expect(() => readTranslator(bytes, 3 as never)).toThrow(UsageError);
    expect(() => readTranslator(bytes, "m", { backend: {} as never })).toThrow(UsageError);
  });

  it("draws what it attended to", () => {
    const drawing = translator.explain("one two");
    expect(drawing.svg()).toMatch(/^<svg[\s\S]*TWO ONE[\s\S]*TWO ← one/);
    expect(drawing.text()).toMatch(/^TWO ONE\n/);
    expect(() => translator.explain(" ")).toThrow("an empty text given, one with words expected");
  });

  it("is measured: BLEU of what it writes, exact ones, what is unknown, cut and empty", async () => {
    const given = [
      ...reversed(30, 5),
      { source: "one nine", target: "NINE ONE" },
      { source: "", target: "ONE" },
    ];
    const found = await translator.evaluate(given, { beam: 2 });
    expect(found).toMatchObject({ pairs: 31, empty: 1, unknownTokens: 1 });
    const told = translator.translateAll(
      given.slice(0, 31).map(({ source }) => source),
      { beam: 2 },
    );
    const bleu = new BleuCounts({ tokens: "13a" });
    for (const [at, { text }] of told.entries()) bleu.add(text, given[at]?.target as string);
    expect(found.bleu).toBe(bleu.report().bleu);
    expect(found.signatures.bleu).toBe(bleu.report().signature);
    const exact = told.filter(({ text }, at) => text === given[at]?.target).length;
    expect(found.exactMatch).toBe(exact / 31);
    expect(exact).toBeGreaterThan(20);
    expect(found.perplexity).toBeCloseTo(Math.exp(found.loss as number), 10);
    expect(found.warning).toBeUndefined();
    expect(found.unfinished).toBeUndefined();
    expect(await translator.evaluate(given, { beam: 2, batch: 1 })).toEqual(found);
    expect((await translator.evaluate(given, { limit: 1 })).unfinished).toBeGreaterThan(10);
    const wrong = given.map(({ source }) => ({ source, target: "nothing of this" }));
    expect((await translator.evaluate(wrong)).warning).toMatch(/^nothing is translated right/);
    expect((await translator.evaluate(given, { bleuTokens: "char" })).signatures.bleu).toContain("char");
  });

  it.each([
    ["translate", () => translator.translate(3 as never), "translate: 3 given, a text expected"],
    ["translateAll", () => translator.translateAll("one" as never), "a list of texts expected"],
    ["translateAll", () => translator.translateAll(["one", 3] as never), "translateAll: text 2: 3 given"],
  ])("%s refuses what is no text", (_, call, message) => {
    expect(call).toThrow(DataError);
    expect(call).toThrow(message);
  });

  it("refuses other calls that are wrong", async () => {
    await expect(translator.stream([null as never]).next()).rejects.toThrow("stream: text 1: null given");
    expect(() => translator.translate("a", { beams: 3 } as never)).toThrow("did you mean beam?");
    expect(() => translator.translate("a", { sourceColumn: "de" } as never)).toThrow(UsageError);
    expect(() => translator.translate("a", { beam: 0 })).toThrow(UsageError);
    await expect(translator.evaluate([])).rejects.toThrow("evaluate: no pairs given");
    await expect(translator.evaluate([{ source: "a" }] as never)).rejects.toThrow(
      "evaluate: pair 1: an object given, { source, target } with two texts expected",
    );
    await expect(translator.evaluate([{ source: "a", target: "" }])).rejects.toThrow(
      "evaluate: every pair has an empty text",
    );
    await expect(translator.evaluate(pairs, { best: 2 } as never)).rejects.toThrow(UsageError);
  });
});

describe("a training in memory", () => {
  const few = reversed(20);
  const small = { embedding: 4, hidden: 4, epochs: 1, batch: 4, leastCount: 1 };

  it("gives the same bits for the same seed, others for another one", async () => {
    const random = { ...small, scheduledSampling: "linear", samplingEnd: 0.3 } as const;
    const [a, b, c] = await Promise.all(
      [random, random, { ...random, seed: 2 }].map((one) => trainTranslator(few, one)),
    );
    expect(b?.toBytes()).toEqual(a?.toBytes());
    expect(c?.toBytes()).not.toEqual(a?.toBytes());
  });

  it("cuts a text to the longest, and says so", async () => {
    const short = await trainTranslator(few, { ...small, longest: 2, validationPairs: few });
    const told = short.translate("one two three four", { beam: 1 });
    expect(told.cut).toBe(true);
    expect(told.tokens.length).toBeLessThanOrEqual(2);
    expect(told.alignment?.source).toEqual(["one", "two"]);
    expect(told.text).toBe(short.translate("one two", { beam: 1 }).text);
    expect(await short.evaluate([{ source: "one two three", target: "ONE" }])).toMatchObject({ cut: 1 });
    const none = await short.evaluate([{ source: "one two three", target: "ONE" }]);
    expect(none.loss).toBeUndefined();
    expect(none.perplexity).toBeUndefined();
  });

  it("copies the word that was attended to for one that is not known, or keeps it", async () => {
    // Known once alone: what comes twice is known, so that every target has a token that is not.
    const names = Array.from({ length: 40 }, (_, at) => `name${at}`);
    const named = names.map((name) => ({ source: `call ${name}`, target: `rufe ${name}` }));
    const copier = await trainTranslator(named, {
      ...{ ...options, epochs: 10, leastCount: 2, validation: 0.1, attention: "dot", encoder: "gru" },
    });
    const told = copier.translate("call Zoë", { beam: 1 });
    expect(told.tokens).toHaveLength(2);
    expect(["call", "Zoë"]).toContain(told.tokens[1]);
    const weights = told.alignment?.weights[1] ?? [];
    expect(told.tokens[1]).toBe(["call", "Zoë"][weights.indexOf(Math.max(...weights))]);
    expect(copier.translate("call Zoë", { beam: 1, unknown: "keep" }).text).toBe("rufe <unk>");
    const blind = await trainTranslator(named, { ...options, epochs: 4, leastCount: 2, attention: "none" });
    expect(blind.translate("call Zoë").tokens).not.toContain("<unk>");
    expect(blind.translate("call Zoë").alignment).toBeUndefined();
    expect(() => blind.explain("call Zoë")).toThrow("a translator without attention attends to nothing");
  });

  it.each([
    [{ sourceTokens: "characters", targetTokens: "subwords" }],
    [{ sourceTokens: "subwords", targetTokens: "characters" }],
    [{ tokens: "subwords", sharedVocabulary: "yes", vocabulary: 264 }],
    [{ tokens: "characters", sharedVocabulary: "yes" }],
  ] as const)("takes tokens of every kind: %j", async (kinds) => {
    const made = await trainTranslator(few, { ...small, ...kinds });
    const odd = ["seven two", "ÿ 🌲", "", "x"];
    const one = made.translateAll(odd, { batch: 1, limit: 6 });
    expect(readTranslator(made.toBytes()).translateAll(odd, { limit: 6 })).toEqual(one);
    expect(made.translate("one", { prefix: "ONE Tw", limit: 20 }).text).toMatch(/^ONE Tw/);
    for (const unknown of ["copy", "keep"] as const) {
      for (const { text, logProbability } of made.translateAll(odd, { temperature: 2, unknown, limit: 9 })) {
        expect(Number.isFinite(logProbability)).toBe(true);
        expect(text).not.toMatch(/<(?:pad|start|end)>/);
      }
    }
  });

  it.each<[string, readonly { source: string; target: string }[]]>([
    ["one pair", [{ source: "a", target: "b" }]],
    ["one word alone", Array.from({ length: 6 }, () => ({ source: "a", target: "a" }))],
    ["equal sources", Array.from({ length: 6 }, (_, at) => ({ source: "a b", target: `c ${at % 2}` }))],
  ])("takes %s", async (_, given) => {
    const made = await trainTranslator(given, { ...small, validation: 0 });
    expect(made.validation).toBeUndefined();
    expect(made.translate("a", { limit: 3 }).logProbability).toBeLessThan(0);
    await expect(trainTranslator(given, small)).rejects.toThrow(DataError);
  });

  it("stops at a signal with the best so far, or refuses where there is none", async () => {
    await expect(trainTranslator(few, { ...small, signal: { aborted: true } })).rejects.toThrow(
      "stopped before the first validation",
    );
    const stop = new AbortController();
    const stopped = await trainTranslator(few, {
      ...{ ...small, epochs: 50, signal: stop.signal },
      onEvent: ({ event, epoch }) => event === "validation" && epoch === 2 && stop.abort(),
    });
    expect(stopped.validation?.loss).toBeGreaterThan(0);
  });

  it.each<[string, object, string]>([
    ["options that do not exist", { hiden: 3 }, "did you mean hidden?"],
    ["what files have", { sourceColumn: "de" }, "option sourceColumn is unknown"],
    ["two parts to validate on", { validation: 0.1, validationPairs: few }, "one of both expected"],
    ["a backend that is none", { backend: 3 }, "backend"],
    ["an optimiser of one's own", { optimizer: { name: "mine" } }, "optimizer"],
    [
      "a dot of two sizes",
      { attention: "dot", hidden: 8 },
      "attention dot: the encoder bidirectional-gru gives 16 numbers a step, the decoder has 8",
    ],
    ["heads that do not fit", { attention: "multi-head", hidden: 6 }, "heads 4: hidden is 6"],
    [
      "windows of heads",
      { attention: "multi-head", local: "monotonic" },
      'local "monotonic" has no meaning: attention is multi-head',
    ],
  ])("refuses %s before it reads pairs", async (_, more, message) => {
    const begun = trainTranslator({ [Symbol.iterator]: () => expect.unreachable() }, more);
    await expect(begun).rejects.toThrow(UsageError);
    await expect(begun).rejects.toThrow(message);
  });

  it.each<[string, unknown, object, string]>([
    ["no pairs", [], {}, "pairs: no pairs given, one or more expected"],
    ["what is no list", 3, {}, "pairs: 3 given, a list of pairs expected"],
    ["what is no pair", [{ source: "a", target: "b" }, "c"], {}, 'pairs: pair 2: "c" given'],
    ["empty targets", [{ source: "a", target: " " }], {}, "pairs: every pair has an empty text"],
    [
      "pairs that are too long",
      reversed(9, 1, 1).map(({ source }) => ({ source: `${source} ${source}`, target: "A" })),
      { longest: 1 },
      "every pair has more than 1 tokens on a side",
    ],
    ["words that are too rare", few, { leastCount: 999 }, "least count 999: no token occurs more than"],
  ])("refuses %s", async (_, given, more, message) => {
    const begun = trainTranslator(given as never, more);
    await expect(begun).rejects.toThrow(DataError);
    await expect(begun).rejects.toThrow(message);
  });
});
