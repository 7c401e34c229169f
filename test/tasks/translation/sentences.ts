// Pairs for tests of translators: words in capitals and the other way round.
import { randomSource } from "../../../src/nn/random.ts";

const words = "one two three four five six seven eight".split(" ");

/** Sources of up to `most` words, and targets of the same words backwards in capitals. */
export function reversed(count: number, seed = 1, most = 4) {
  const random = randomSource(seed, "pairs");
  const below = (limit: number) => Math.floor(random.uniform() * limit);
  return Array.from({ length: count }, () => {
    const source = Array.from({ length: 1 + below(most) }, () => words[below(words.length)] as string);
    return { source: source.join(" "), target: source.toReversed().join(" ").toUpperCase() };
  });
}

/** Lines of a text, a tab and its translation. */
export const tabbed = (pairs: readonly { readonly source: string; readonly target: string }[]) =>
  pairs.map(({ source, target }) => `${source}\t${target}\n`).join("");
