// The three families: what is read of a treebank, and short trainings of each on sentences that are made up.
import { DataError, randomSource } from "rondo";
import { describe, expect, it } from "vitest";
import {
  families,
  readSentences,
  type Sentence,
  summaryOf,
  trainFamily,
} from "../../examples/three-families.ts";

/** A sentence of some words, put together from the left; one of them says whether it is good or bad, behind "not" the other way round. */
function sentenceOf(random: { uniform(): number }): string {
  const word = (choices: string) => {
    const list = choices.split(" ");
    return list[Math.floor(random.uniform() * list.length)] as string;
  };
  const fill = () =>
    Array.from({ length: Math.floor(random.uniform() * 3) }, () => word("a the film plot it"));
  const [good, isDenied] = [random.uniform() < 0.5, random.uniform() < 0.5];
  const words = [
    ...fill(),
    ...(isDenied ? ["not"] : []),
    good ? word("good fine") : word("bad dull"),
    ...fill(),
  ];
  const label = good === isDenied ? 1 : 3;
  const [first, ...rest] = words.map((one) => `(2 ${one})`);
  const phrase = rest.reduce((before, next) => `(2 ${before} ${next})`, first as string);
  return phrase.replace("(2 ", `(${label} `);
}

const treebank = (count: number, seed: number) => {
  const random = randomSource(seed, "sentences");
  return Array.from({ length: count }, () => sentenceOf(random)).join("\n");
};

describe("sentences of a treebank", () => {
  it("have the label of their roots, and of two classes those that are not neutral", async () => {
    const text = "(4 (2 really) (3 works))\n(2 so)\n(1 (2 so) (0 bad))\n";
    const told = (all: Sentence[]) => all.map(({ words, label }) => `${words.join(" ")}: ${label}`);
    expect(told(await readSentences(text, "t", 5))).toEqual(["really works: 4", "so: 2", "so bad: 1"]);
    expect(told(await readSentences(text, "t", 2))).toEqual(["really works: 1", "so bad: 0"]);
    await expect(readSentences("(2 so)\n(7 so)", "t", 5)).rejects.toThrow(DataError);
    await expect(readSentences("(2 so)\n(7 so)", "t", 5)).rejects.toThrow(
      "t: line 2: the label 7 given, 0 to 4 expected",
    );
  });

  it("are told by each family after a short training", async () => {
    const [training, held, test] = (await Promise.all(
      [400, 100, 100].map((count, at) => readSentences(treebank(count, at), "made up", 2)),
    )) as [Sentence[], Sentence[], Sentence[]];
    const lines: string[] = [];
    for (const name of Object.keys(families)) {
      const found = trainFamily(
        name,
        { training, held, test },
        {
          ...{ embedding: 12, tree: 16, chain: 12, windows: 8, classes: 2 },
          ...{ epochs: 12, batch: 16, learningRate: 0.02, dropout: 0.1, seed: 1 },
          report: (line) => lines.push(line),
        },
      );
      expect(found.held, name).toBeGreaterThan(0.95);
      expect(found.test, name).toBeGreaterThan(0.9);
      expect(found.vectors).toBe(12 * 11); // ten words, and the unknown one
    }
    expect(lines).toHaveLength(3 * 13);
    expect(lines.at(-1)).toMatch(/^convolutions: best after epoch \d+, held out \d+\.\d %, test \d+\.\d %$/);
  });
});

it("several seeds are told by their mean, the least and the most", () => {
  expect(summaryOf([0.4])).toBe("40.0 %");
  expect(summaryOf([0.4, 0.38, 0.405])).toBe("39.5 % (38.0 to 40.5)");
});
