// Videos: a short training that tells how forms move, and a network that is shown frames as they come.
import { expect, it } from "vitest";
import { classes, FRAMES } from "../../examples/pictures/films.ts";
import { drawFilms, filmRows, followFilm, networks, watch } from "../../examples/videos.ts";

const short = { features: 32, hidden: 32, batch: 24, epochs: 1, updates: 110, learningRate: 0.01, test: 96 };

it("a short training tells motions by frames in their order, and frame by frame", async () => {
  const { score, follow } = await watch("gru", short);
  expect(score.motion).toBeGreaterThan(0.5); // chance is 1/8, and 1/2 the most that can be known without their order
  expect(score.both).toBeLessThanOrEqual(Math.min(score.form, score.motion));
  // What was trained is what is streamed: the same films are right, one frame at a time.
  const { films, frames, right } = drawFilms(16, "test 0", 1);
  const size = frames.data.length / FRAMES / 16;
  const alone = films.map((_, row) =>
    Float32Array.from({ length: FRAMES * size }, (_, at) => {
      const frame = Math.floor(at / size);
      return frames.data[(frame * 16 + row) * size + (at % size)] as number;
    }),
  );
  const thoughts = alone.map((own) => followFilm(follow as NonNullable<typeof follow>, own));
  const told = thoughts.map((own) => (own.at(-1) as number[]).indexOf(Math.max(...(own.at(-1) as number[]))));
  const share = told.filter((said, row) => said === right[row]).length / 16;
  expect(Math.abs(share - score.both)).toBeLessThan(0.4);
  for (const probabilities of thoughts.flat()) {
    expect(probabilities.length).toBe(classes.length);
    expect(probabilities.reduce((sum, one) => sum + one)).toBeCloseTo(1, 4);
  }
  const [row] = filmRows(films.slice(0, 1), thoughts, alone);
  expect(row?.title).toContain(`"${classes[told[0] as number]}"`);
  expect(row?.tiles.length).toBe(FRAMES);
}, 120_000);

it("networks without a memory do not follow films", async () => {
  expect(networks).toEqual(["gru", "lstm", "any-order", "one-frame"]);
  for (const network of networks.slice(2)) {
    const { score, follow } = await watch(network, { ...short, batch: 4, updates: 2 });
    expect(follow).toBeUndefined();
    expect(score.motion).toBeLessThan(0.5);
  }
});
