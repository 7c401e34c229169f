// Many to one: the waves, the files of series, and that short trainings tell classes apart.
import { readFileSync } from "node:fs";
import { DataError } from "rondo";
import { describe, expect, it } from "vitest";
import { classify, readSeries, waves } from "../../examples/many-to-one.ts";
import { realData } from "../helpers/real-data.ts";

describe("waves", () => {
  it("are of four shapes and many lengths, the same with the same seed", () => {
    const examples = waves(200, 1);
    const lengths = examples.map(({ steps }) => steps.length);
    expect(new Set(examples.map(({ label }) => label)).size).toBe(4);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([20, 60]);
    expect(waves(200, 1)).toEqual(examples);
    expect(waves(200, 2)).not.toEqual(examples);
  });
});

describe("a file of series", () => {
  it("is read step by step, comments and header left out", () => {
    const { examples, channels } = readSeries("#about\n@data\n1,2,3:4,5,6:yes\n\n7:8:no\n", "f.ts");
    expect(channels).toBe(2);
    expect(examples).toEqual([
      { steps: Float32Array.of(1, 4, 2, 5, 3, 6), label: "yes" },
      { steps: Float32Array.of(7, 8), label: "no" },
    ]);
  });

  it.each(["1,2:3:a", "1,x:3,4:a", "1:2:a\n1:a", ":1:a", "a"])(
    "is refused where a row is not whole: %j",
    (text) => {
      expect(() => readSeries(text, "f.ts")).toThrow(DataError);
      expect(() => readSeries(text, "f.ts")).toThrow(/^f\.ts: row \d: /);
    },
  );
});

describe("short trainings", () => {
  it("tell waves apart far better than chance", async () => {
    const accuracy = await classify(waves(240, 1), waves(100, 2), 1, {
      hidden: 24,
      epochs: 12,
      learningRate: 0.01,
    });
    expect(accuracy).toBeGreaterThan(0.5);
  });

  it("tell nine speakers apart by a vowel", async (context) => {
    const [training, test] = ["TRAIN", "TEST"].map((part) =>
      readSeries(readFileSync(realData(`japanese-vowels/JapaneseVowels_${part}.ts`, context), "utf8"), part),
    ) as [ReturnType<typeof readSeries>, ReturnType<typeof readSeries>];
    expect([training.examples.length, test.examples.length, training.channels]).toEqual([270, 370, 12]);
    const accuracy = await classify(training.examples, test.examples, 12, {
      hidden: 32,
      epochs: 15,
      learningRate: 0.005,
    });
    expect(accuracy).toBeGreaterThan(0.9);
  });
});
