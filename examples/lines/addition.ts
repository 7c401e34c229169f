// Sums of two numbers of four digits. A carry may come from the last digit and go up to the first, which is written first: by
// columns that come to 9, of which the training has more than chance would give.
import { type Draw, exactly, type Kind } from "./pairs.ts";

/** Another number, which makes 9 with some digits of the first. */
function towardsNine(draw: Draw, a: number): number {
  const digits = Array.from(String(a), (digit, column) => {
    const least = column === 0 ? 1 : 0;
    return draw.chance(0.2) ? Math.max(least, 9 - Number(digit)) : draw.whole(least, 9);
  });
  return Number(digits.join(""));
}

export const addition: Kind = {
  about: "two numbers of four digits: 1234+5678 is 6912",
  pair(draw, part) {
    const a = draw.whole(1000, 9999);
    const b = part === "training" ? towardsNine(draw, a) : draw.whole(1000, 9999);
    return { source: `${a}+${b}`, target: String(a + b) };
  },
  /** The same two numbers the other way round would tell the sum. */
  contents: ({ source }) => [source.split("+").sort().join("+")],
  counts: { training: 50_000, validation: 500, test: 1000 },
  models: { attention: exactly("characters", { hidden: 128, epochs: 8, batch: 32 }) },
};
