// BLEU and chrF by hand, and against the figures of sacreBLEU 2.6.0, which were computed outside of this project.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import {
  BleuCounts,
  type BleuOptions,
  ChrfCounts,
  type ChrfOptions,
} from "../../src/training/measures/index.ts";
import { expectNear } from "../helpers/close.ts";
import { realData } from "../helpers/real-data.ts";

type Pair = readonly [prediction: string, references: readonly string[]];

const texts: Readonly<Record<string, readonly Pair[]>> = {
  six: [
    ["The cat is on the mat.", ["There is a cat on the mat.", "The cat sat on the mat."]],
    [
      `He said: "I don't know" (twice).`,
      [`He said: "I do not know" (twice).`, `"I don't know", he said twice.`],
    ],
    [
      "It costs 1,000.50 dollars -- or 20-30 % more.",
      ["It costs 1,000.50 dollars, or 20-30% more!", "That is 1,000.50 dollars or more."],
    ],
    ["A", ["A b", "The letter A"]],
    ["  Two birds , one stone .", ["two birds, one stone.", "Two Birds, with one stone"]],
    ["", ["nothing", "none at all"]],
  ],
  long: [["a cat was here too , and", ["here was a cat"]]],
  short: [["A dog", ["A cat"]]],
};

const bleuRows: readonly (readonly [string, number, BleuOptions, number, number[], string])[] = [
  [
    "six",
    1,
    {},
    59.281698572294424,
    [86.84210526315789, 72.72727272727273, 62.06896551724138, 48.0],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp",
  ],
  [
    "six",
    2,
    {},
    70.30423375362966,
    [97.36842105263158, 84.84848484848484, 72.41379310344827, 56.0],
    "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp",
  ],
  [
    "six",
    1,
    { lowercase: true },
    62.39573075266446,
    [89.47368421052632, 75.75757575757575, 65.51724137931035, 52.0],
    "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp",
  ],
  [
    "six",
    2,
    { lowercase: true },
    73.00172513299229,
    [97.36842105263158, 87.87878787878788, 75.86206896551724, 60.0],
    "nrefs:2|case:lc|eff:no|tok:13a|smooth:exp",
  ],
  [
    "six",
    1,
    { tokens: "none" },
    17.393806668122593,
    [57.142857142857146, 30.434782608695652, 15.789473684210526, 3.3333333333333335],
    "nrefs:1|case:mixed|eff:no|tok:none|smooth:exp",
  ],
  [
    "six",
    2,
    { tokens: "none" },
    21.088416695425355,
    [78.57142857142857, 47.82608695652174, 15.789473684210526, 3.3333333333333335],
    "nrefs:2|case:mixed|eff:no|tok:none|smooth:exp",
  ],
  [
    "six",
    1,
    { tokens: "char" },
    78.09365477653557,
    [95.0, 89.47368421052632, 83.51648351648352, 78.16091954022988],
    "nrefs:1|case:mixed|eff:no|tok:char|smooth:exp",
  ],
  [
    "six",
    2,
    { tokens: "char" },
    85.61018712779426,
    [98.0, 94.73684210526316, 91.20879120879121, 87.35632183908046],
    "nrefs:2|case:mixed|eff:no|tok:char|smooth:exp",
  ],
  [
    "six",
    1,
    { smoothing: "add-k", smoothingValue: 2 },
    61.348203064842075,
    [86.84210526315789, 74.28571428571429, 64.51612903225806, 51.851851851851855],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[2.00]",
  ],
  [
    "six",
    2,
    { smoothing: "add-k", smoothingValue: 2 },
    71.92204346294734,
    [97.36842105263158, 85.71428571428571, 74.19354838709677, 59.25925925925926],
    "nrefs:2|case:mixed|eff:no|tok:13a|smooth:add-k[2.00]",
  ],
  [
    "long",
    1,
    { smoothing: "exp" },
    15.619699684601283,
    [57.142857142857146, 16.666666666666668, 10.0, 6.25],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp",
  ],
  [
    "long",
    1,
    { smoothing: "none" },
    0.0,
    [57.142857142857146, 16.666666666666668, 0.0, 0.0],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:none",
  ],
  [
    "long",
    1,
    { smoothing: "floor" },
    8.307018474412793,
    [57.142857142857146, 16.666666666666668, 2.0, 2.5],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.10]",
  ],
  [
    "long",
    1,
    { smoothing: "floor", smoothingValue: 0.5 },
    18.575057999133602,
    [57.142857142857146, 16.666666666666668, 10.0, 12.5],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.50]",
  ],
  [
    "long",
    1,
    { smoothing: "add-k" },
    27.16083786563511,
    [57.142857142857146, 28.571428571428573, 16.666666666666668, 20.0],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[1.00]",
  ],
  [
    "long",
    1,
    { smoothing: "add-k", smoothingValue: 0.25 },
    13.376143914608884,
    [57.142857142857146, 20.0, 4.761904761904762, 5.882352941176471],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[0.25]",
  ],
  [
    "short",
    1,
    { smoothing: "exp", effectiveOrder: false },
    0.0,
    [50.0, 50.0, 0.0, 0.0],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp",
  ],
  [
    "short",
    1,
    { smoothing: "exp", effectiveOrder: true },
    49.99999999999999,
    [50.0, 50.0, 0.0, 0.0],
    "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:exp",
  ],
  [
    "short",
    1,
    { smoothing: "none", effectiveOrder: false },
    0.0,
    [50.0, 0.0, 0.0, 0.0],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:none",
  ],
  [
    "short",
    1,
    { smoothing: "none", effectiveOrder: true },
    0.0,
    [50.0, 0.0, 0.0, 0.0],
    "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:none",
  ],
  [
    "short",
    1,
    { smoothing: "floor", effectiveOrder: false },
    0.0,
    [50.0, 10.0, 0.0, 0.0],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.10]",
  ],
  [
    "short",
    1,
    { smoothing: "floor", effectiveOrder: true },
    22.360679774997894,
    [50.0, 10.0, 0.0, 0.0],
    "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:floor[0.10]",
  ],
  [
    "short",
    1,
    { smoothing: "add-k", effectiveOrder: false },
    70.71067811865471,
    [50.0, 50.0, 100.0, 100.0],
    "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[1.00]",
  ],
  [
    "short",
    1,
    { smoothing: "add-k", effectiveOrder: true },
    70.71067811865471,
    [50.0, 50.0, 100.0, 100.0],
    "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:add-k[1.00]",
  ],
];

const chrfRows: readonly (readonly [number, ChrfOptions, number, string, string])[] = [
  [1, {}, 77.21537307283734, "chrF2", "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no"],
  [2, {}, 79.8907103849353, "chrF2", "nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no"],
  [1, { wordOrder: 2 }, 75.51564449324994, "chrF2++", "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no"],
  [2, { wordOrder: 2 }, 78.34562578743392, "chrF2++", "nrefs:2|case:mixed|eff:yes|nc:6|nw:2|space:no"],
  [
    1,
    { wordOrder: 1, lowercase: true },
    78.55743277723572,
    "chrF2+",
    "nrefs:1|case:lc|eff:yes|nc:6|nw:1|space:no",
  ],
  [
    2,
    { wordOrder: 1, lowercase: true },
    81.11696308850998,
    "chrF2+",
    "nrefs:2|case:lc|eff:yes|nc:6|nw:1|space:no",
  ],
  [1, { whitespace: true }, 73.26761720070294, "chrF2", "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:yes"],
  [2, { whitespace: true }, 75.52186986494887, "chrF2", "nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:yes"],
  [
    1,
    { beta: 1, characterOrder: 3 },
    85.44392135780734,
    "chrF1",
    "nrefs:1|case:mixed|eff:yes|nc:3|nw:0|space:no",
  ],
  [
    2,
    { beta: 1, characterOrder: 3 },
    86.70262673256434,
    "chrF1",
    "nrefs:2|case:mixed|eff:yes|nc:3|nw:0|space:no",
  ],
  [1, { beta: 3 }, 76.66108009889702, "chrF3", "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no"],
  [2, { beta: 3 }, 79.47918991373353, "chrF3", "nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no"],
];

function counted<Counts extends { add(prediction: string, references: readonly string[]): void }>(
  counts: Counts,
  pairs: readonly Pair[],
  references = Number.POSITIVE_INFINITY,
): Counts {
  for (const [prediction, right] of pairs) counts.add(prediction, right.slice(0, references));
  return counts;
}

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

test.each([
  ["BleuCounts", () => new BleuCounts()],
  ["ChrfCounts", () => new ChrfCounts()],
] as const)("%s refuses what is no text, and no reference, and keeps its counts", (name, make) => {
  const counts = make();
  counts.add("a b", "a b");
  const before = counts.report();
  expect(() => counts.add(["a"] as never, "a")).toThrow(
    `${name}: prediction an array of 1 given, a text expected`,
  );
  expect(() => counts.add("a", ["a", 3] as never)).toThrow(`${name}: reference 3 given, a text expected`);
  expect(() => counts.add("a", [])).toThrow(
    `${name}: references an array of 0 given, a text or a list of texts expected`,
  );
  expect(() => counts.add("a", undefined as never)).toThrow(DataError);
  expect(counts.report()).toEqual(before);
});

/** Words left out, put in and changed places with those before, by how many there were. */
function perturbed(lines: readonly string[]): string[] {
  let count = 0;
  return lines.map((line) => {
    const words: string[] = [];
    for (const word of line.split(" ")) {
      count += 1;
      if (count % 7 === 0) continue;
      if (count % 11 === 0) words.push("the");
      if (count % 13 === 0 && words.length > 0) words.splice(words.length - 1, 0, word);
      else words.push(word);
    }
    return words.join(" ");
  });
}

const thousand: Readonly<Record<string, readonly number[]>> = {
  en: [
    45.22468825375756, 45.24466160140054, 42.91501180139445, 76.16927283177145, 71.37863748447076,
    71.52534507752002,
  ],
  de: [
    45.23779023602293, 45.23779023602293, 42.56820449924454, 77.58527421822384, 73.99355318937346,
    73.41816602840125,
  ],
};

for (const [language, expected] of Object.entries(thousand)) {
  test(`of a thousand sentences of Multi30k (${language}), as sacreBLEU`, (context) => {
    const path = realData(`multi30k/raw/test_2016_flickr.${language}.gz`, context);
    const lines = gunzipSync(readFileSync(path)).toString("utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(1000);
    const pairs = perturbed(lines).map((line, at) => [line, [lines[at] as string]] as const);
    const bleus = [{}, { lowercase: true }, { tokens: "none" }, { tokens: "char" }] as const;
    const figures = [
      ...bleus.map((options) => counted(new BleuCounts(options), pairs).report().bleu),
      ...[{}, { wordOrder: 2 }].map((options) => counted(new ChrfCounts(options), pairs).report().chrf),
    ];
    expectNear(figures, expected, 1e-12);
  });
}
