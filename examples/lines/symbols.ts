// Rows of letters to be written again, or backwards: the next letter never follows from those before it, so that all of them
// have to be kept, or looked up.
import { type Draw, exactly, type Kind, type Pair, type Part } from "./pairs.ts";

const letters = "abcdefghijklmnopqrstuvwxyz".split("");

/** Rows to test on have exactly `longest` letters, those to train on from 3 to so many. */
function letterRow(draw: Draw, part: Part, longest: number): string {
  const length = part === "training" ? draw.whole(3, longest) : longest;
  return Array.from({ length }, () => draw.one(letters)).join("");
}

const backwards = (row: string) => row.split("").reverse().join("");

function reversal(longest: number) {
  return (draw: Draw, part: Part): Pair => {
    const source = letterRow(draw, part, longest);
    return { source, target: backwards(source) };
  };
}

const learning = exactly("characters", { hidden: 96, epochs: 4 });
const fifty = exactly("characters", { hidden: 96, epochs: 4, batch: 32 });

export const copy: Kind = {
  about: "20 letters again",
  pair(draw, part) {
    const source = letterRow(draw, part, 20);
    return { source, target: source };
  },
  counts: { training: 20_000, validation: 500, test: 1000 },
  models: { attention: learning },
};

export const reverse: Kind = {
  about: "20 letters backwards",
  pair: reversal(20),
  counts: { training: 20_000, validation: 500, test: 1000 },
  models: { attention: learning },
};

export const reverse50: Kind = {
  about: "50 letters backwards, with attention and without",
  pair: reversal(50),
  counts: { training: 12_000, validation: 500, test: 1000 },
  models: {
    attention: fifty,
    "no attention": [...fifty, "--attention", "none"],
  },
};
