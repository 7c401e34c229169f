// Captions: a short training whose sentences have their form, name things that are there, and look at the picture word by word.
import { expect, it } from "vitest";
import { attentionRow, describePictures, exactOf, words } from "../../examples/captions.ts";

const short = {
  size: 32,
  hidden: 48,
  batch: 16,
  epochs: 1,
  updates: 450,
  learningRate: 0.006,
  test: 40,
  beam: 2,
};

it("a short training says sentences of things that are there", async () => {
  const { weights, samples } = await describePictures("attention", short);
  expect(weights).toBeGreaterThan(10_000);
  const all = Object.values(samples).flat();
  expect(all.length).toBe(120);
  const thing = "a (small|large) \\S+ \\S+";
  const where = "(above|below|left of|right of)";
  const form = new RegExp(
    `^${thing} ${where}( and ${where})? ${thing}( , ${where}( and ${where})? ${thing})?$`,
  );
  expect(all.filter(({ text }) => form.test(text)).length / all.length).toBeGreaterThan(0.7);
  const named = all.map(({ text, right }) => text.split(" ")[2] === right.split(" ")[2]);
  expect(named.filter(Boolean).length / all.length).toBeGreaterThan(0.35); // one colour in six by chance
  const [one] = samples.scene as [(typeof all)[0]];
  expect(one.attention?.shape).toEqual([one.text.split(" ").length + 1, 81]);
  const row = attentionRow(one);
  expect(row.tiles.map(({ text }) => text)).toEqual(["", ...one.text.split(" ")]);
  expect(
    exactOf([
      { ...one, text: one.right },
      { ...one, text: "a" },
    ]),
  ).toBe(0.5);
}, 120_000);

it("a picture as a whole is a memory of one place", async () => {
  const { samples } = await describePictures("vector", { ...short, batch: 2, updates: 2, test: 4 });
  for (const { text, attention } of samples.kind) {
    expect(attention?.shape[1]).toBe(1);
    expect(words.encode(text).length).toBeLessThanOrEqual(30);
  }
});
