// Whole numbers and their English names: data that is generated exactly, in sequences of many different lengths.
import { randomSource } from "rondo";

const units = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
  .concat(" sixteen seventeen eighteen nineteen")
  .split(" ");
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** The name of a whole number from 0 to 999,999, such as "three hundred five thousand forty-two" */
export function nameOf(number: number): string {
  const parts = (size: number, name: string) => {
    const [count, rest] = [Math.floor(number / size), number % size];
    return `${nameOf(count)} ${name}${rest === 0 ? "" : ` ${nameOf(rest)}`}`;
  };
  if (number < 20) return units[number] as string;
  if (number < 100) {
    const unit = number % 10 === 0 ? "" : `-${units[number % 10]}`;
    return `${tens[Math.floor(number / 10) - 2]}${unit}`;
  }
  return number < 1000 ? parts(100, "hundred") : parts(1000, "thousand");
}

/** Different numbers from `least` up to and without `end`, the small and the large ones about equally often. */
export function drawNumbers(count: number, least: number, end: number, seed: number): number[] {
  const random = randomSource(seed, "numbers");
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(Math.floor(least * (end / least) ** random.uniform()));
  return [...drawn];
}
