// BLEU by hand, and against the figures of sacreBLEU.
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { BleuCounts } from "../../src/training/measures/index.ts";
import { expectNear } from "../helpers/close.ts";
import { bleuRows, counted, type Pair, texts } from "./sacrebleu-figures.ts";

describe("BLEU", () => {
  test("by hand: each n-gram counts as often as in one of the references", () => {
    const bleu = new BleuCounts();
    bleu.add("The cat is on the mat.", ["The cat sat on the mat.", "There is a cat on the mat."]);
    const { signature, ...report } = bleu.report();
    expect(signature).toBe("nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:rondo.1");
    expect(report).toMatchObject({
      matches: [7, 4, 2, 1],
      ngrams: [7, 6, 5, 4],
      length: 7,
      referenceLength: 7,
      brevityPenalty: 1,
    });
    expectNear(report.precisions, [100, 400 / 6, 40, 25], 1e-12);
    expect(report.bleu).toBeCloseTo(100 * ((4 / 6) * (2 / 5) * (1 / 4)) ** (1 / 4), 10);
    expect(report.bleu).toBeCloseTo(50.81327481546149, 10);
  });

  test("a word that is said over and over counts as often as a reference has it, and a short text is punished", () => {
    const bleu = new BleuCounts({ tokens: "none", smoothing: "none" });
    bleu.add("the the the the the the the", "the cat is on the mat");
    expect(bleu.report().matches).toEqual([2, 0, 0, 0]);
    expect(bleu.report().bleu).toBe(0);
    const short = new BleuCounts({ tokens: "none" });
    short.add("a b c d", "a b c d e f");
    expect(short.report().brevityPenalty).toBeCloseTo(Math.exp(1 - 6 / 4), 12);
    expect(short.report().bleu).toBeCloseTo(100 * Math.exp(-0.5), 10);
  });

  test("of references that are as near the shorter counts", () => {
    const bleu = new BleuCounts({ tokens: "none" });
    bleu.add("a b c", ["a b c d e", "a b c d", "a b"]);
    expect(bleu.report().referenceLength).toBe(2);
  });

  test.each(bleuRows)(
    "%s texts, %i references, %o: as sacreBLEU",
    (name, references, options, bleu, precisions, signature) => {
      const report = counted(new BleuCounts(options), texts[name] as Pair[], references).report();
      expectNear([report.bleu], [bleu], 1e-12);
      expectNear(report.precisions, precisions, 1e-12);
      expect(report.signature).toBe(`${signature}|version:rondo.1`);
    },
  );

  test("counts of references that differ are told, and nothing is 0", () => {
    const bleu = counted(new BleuCounts(), texts.six as Pair[]);
    bleu.add("The cat", "The cat");
    expect(bleu.report().signature).toMatch(/^nrefs:var\|/);
    const none = new BleuCounts().report();
    expect(none).toMatchObject({ bleu: 0, precisions: [0, 0, 0, 0], length: 0, referenceLength: 0 });
    expect(none.signature).toMatch(/^nrefs:0\|/);
    const empty = new BleuCounts();
    empty.add("", "a b");
    expect(empty.report()).toMatchObject({ bleu: 0, brevityPenalty: 0 });
  });

  test("what is right in all is 100, and no more", () => {
    for (const text of ["A b", "a b c d e f g", "One, two; three!"]) {
      const bleu = new BleuCounts({ effectiveOrder: true });
      bleu.add(text, text);
      expect(bleu.report().bleu).toBeLessThanOrEqual(100);
      expect(bleu.report().bleu).toBeCloseTo(100, 10);
    }
  });

  test.each([
    ["13a", "U.S. costs 3.14-3.5, don't (a/b)", "U . S . costs 3.14 - 3.5 , don't ( a / b )"],
    ["13a", "&quot;x&quot; &amp; y <skipped>&lt;z&gt; tie-\nup a\nb", '" x " & y < z > tieup a b'],
    ["none", " a.b  c\u00a0d\n", "a.b c d"],
    ["char", "a\u{1f600} b", "a \u{1f600} b"],
  ] as const)("%s takes %o apart", (tokens, text, apart) => {
    const words = apart.split(" ");
    const bleu = new BleuCounts({ tokens });
    bleu.add(text, text);
    expect(bleu.report().length).toBe(words.length);
    // Equal tokens are what the text and the text taken apart have in common.
    const same = new BleuCounts({ tokens });
    same.add(text, apart);
    expect(same.report().matches[0]).toBe(words.length);
  });

  test("refuses what it does not know", () => {
    const given = (options: object) => () => new BleuCounts(options);
    expect(given({ tokens: "13A" })).toThrow('BleuCounts: tokens "13A" given, did you mean 13a?');
    expect(given({ tokens: "intl" })).toThrow("13a, none, char expected");
    expect(given({ smoothing: "epsilon" })).toThrow("exp, none, floor, add-k expected");
    expect(given({ smoothingValue: 1 })).toThrow("smoothingValue 1 given for exp, none expected");
    for (const smoothingValue of [0, -1, Number.NaN, "1"])
      expect(given({ smoothing: "floor", smoothingValue })).toThrow("a number above 0 expected");
    expect(given({ lowerCase: true })).toThrow(
      "BleuCounts: option lowerCase is unknown: did you mean lowercase?",
    );
    expect(given({ tokens: "13A" })).toThrow(UsageError);
  });
});
