// Rows that a classifier learns in a moment: which of three sets the words are from.
import { randomSource } from "../../../src/nn/random.ts";

const words = {
  sea: ["ship", "wave", "salt", "sail", "fish"],
  wood: ["tree", "leaf", "moss", "deer", "root"],
  town: ["road", "shop", "door", "lamp", "tram"],
};

/** Rows of three to eight words, the labels in turn. */
export function rows(count: number, seed = 1): { text: string; label: string }[] {
  const random = randomSource(seed, "rows");
  const names = Object.keys(words) as (keyof typeof words)[];
  return Array.from({ length: count }, (_, at) => {
    const label = names[at % names.length] as keyof typeof words;
    const length = 3 + Math.floor(6 * random.uniform());
    const chosen = Array.from({ length }, () => words[label][Math.floor(5 * random.uniform())]);
    return { text: chosen.join(" "), label };
  });
}

export const tabbed = (given: { text: string; label: string }[]) =>
  given.map(({ text, label }) => `${label}\t${text}\n`).join("");
