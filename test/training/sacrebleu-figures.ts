/** Texts, and figures of sacreBLEU 2.6.0 for them, which were computed outside of this project. */

import type { BleuOptions, ChrfOptions } from "../../src/training/measures/index.ts";

export type Pair = readonly [prediction: string, references: readonly string[]];

export const texts: Readonly<Record<string, readonly Pair[]>> = {
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

/** Which texts, how many references of each, options, BLEU, the precisions, and the signature but for its version. */
export const bleuRows: readonly (readonly [string, number, BleuOptions, number, number[], string])[] = [
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

/** Of the texts `six`: how many references of each, options, chrF, its name, and the signature but for its version. */
export const chrfRows: readonly (readonly [number, ChrfOptions, number, string, string])[] = [
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

/** Adds a prediction with its first references, one after the other. */
export function counted<Counts extends { add(prediction: string, references: readonly string[]): void }>(
  counts: Counts,
  pairs: readonly Pair[],
  references = Number.POSITIVE_INFINITY,
): Counts {
  for (const [prediction, right] of pairs) counts.add(prediction, right.slice(0, references));
  return counts;
}
