// Sums of two numbers of four digits. A carry may come from the last digit and go up to the first, which is written first.
import { exactly, type Kind } from "./pairs.ts";

export const addition: Kind = {
  about: "two numbers of four digits: 1234+5678 is 6912",
  pair(draw) {
    const [a, b] = [draw.whole(1000, 9999), draw.whole(1000, 9999)];
    return { source: `${a}+${b}`, target: String(a + b) };
  },
  /** The same two numbers the other way round would tell the sum. */
  contents: ({ source }) => [source.split("+").sort().join("+")],
  counts: { training: 50_000, validation: 500, test: 1000 },
  models: { attention: exactly("characters", { hidden: 128, epochs: 18 }) },
};
