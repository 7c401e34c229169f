// chrF by hand, and against the figures of sacreBLEU.
import { describe, expect, test } from "vitest";
import { ChrfCounts } from "../../src/training/measures/index.ts";
import { expectNear } from "../helpers/close.ts";
import { chrfRows, counted, type Pair, texts } from "./sacrebleu-figures.ts";

describe("chrF", () => {
  test("by hand: the F-score of mean precision and mean recall over orders that both have", () => {
    const chrf = new ChrfCounts();
    chrf.add("ab c", "abc d");
    const recall = (3 / 4 + 2 / 3 + 1 / 2) / 3;
    expect(chrf.report().chrf).toBeCloseTo((100 * 5 * recall) / (4 + recall), 10);
    expect(chrf.report()).toMatchObject({
      name: "chrF2",
      signature: "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:rondo.1",
    });
  });

  test.each(chrfRows)("%i references, %o: as sacreBLEU", (references, options, chrf, name, signature) => {
    const report = counted(new ChrfCounts(options), texts.six as Pair[], references).report();
    expectNear([report.chrf], [chrf], 1e-12);
    expect(report).toMatchObject({ name, signature: `${signature}|version:rondo.1` });
  });

  test("is 0 where nothing was added or nothing is alike, and takes characters whole", () => {
    expect(new ChrfCounts().report().chrf).toBe(0);
    const chrf = new ChrfCounts();
    // Two characters of which each half of the first is a half of the second.
    chrf.add("\u{1f600}", "\u{1f601}");
    expect(chrf.report().chrf).toBe(0);
    chrf.add("abcdefg", "abcdefg");
    expect(chrf.report().chrf).toBeGreaterThan(0);
  });

  test("refuses what it does not know", () => {
    const given = (options: object) => () => new ChrfCounts(options);
    expect(given({ characterOrder: 0 })).toThrow(
      "ChrfCounts: characterOrder 0 given, a whole number from 1 expected",
    );
    expect(given({ wordOrder: -1 })).toThrow("a whole number from 0 expected");
    expect(given({ beta: 0 })).toThrow("beta 0 given, a number above 0 expected");
    expect(given({ words: 2 })).toThrow("option words is unknown");
  });
});
