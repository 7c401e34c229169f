// Captions: what is said of scenes, what grids show of them, and a short training that attends to what it names.
import { randomSource } from "rondo";
import { describe, expect, it } from "vitest";
import {
  alignmentLines,
  captionOf,
  describeScenes,
  drawScene,
  grids,
  isHeldOut,
  type Scene,
  type Thing,
} from "../../examples/captions.ts";

const [circle, square] = [0, 1];
const [red, , blue] = [0, 1, 2];
const smallRedCircle = (cell: number): Thing => ({ size: 0, colour: red, form: circle, cell });
const largeBlueSquare = (cell: number): Thing => ({ size: 1, colour: blue, form: square, cell });

describe("scenes", () => {
  it.each([
    [3, 5, "left of"],
    [5, 4, "right of"],
    [1, 7, "above"],
    [8, 2, "below"],
    [0, 7, "above and left of"],
    [2, 3, "above and right of"],
    [6, 1, "below and left of"],
    [8, 0, "below and right of"],
  ])("are told from the smaller thing: cells %i and %i", (one, other, where) => {
    const right = `a small red circle ${where} a large blue square`;
    expect(captionOf([smallRedCircle(one), largeBlueSquare(other)])).toBe(right);
    expect(captionOf([largeBlueSquare(other), smallRedCircle(one)])).toBe(right);
  });

  it("of things as large as each other are told from the one that is read first", () => {
    const scene: Scene = [smallRedCircle(7), { ...smallRedCircle(2), colour: blue }];
    expect(captionOf(scene)).toBe("a small blue circle above and right of a small red circle");
  });

  it("hold out a fifth of the kinds of things, and of no size, colour or form all", () => {
    const random = randomSource(1, "scenes");
    const known = Array.from({ length: 600 }, () => drawScene(random, false)).flat();
    expect(known.some(isHeldOut)).toBe(false);
    const kinds = new Set(known.map(({ size, colour, form }) => `${size} ${colour} ${form}`));
    expect(kinds.size).toBe(48);
    for (const [part, count] of [
      ["size", 2],
      ["colour", 6],
      ["form", 5],
    ] as const)
      expect(new Set(known.map((thing) => thing[part])).size).toBe(count);
    const unseen = Array.from({ length: 200 }, () => drawScene(random, true));
    expect(unseen.every((scene) => scene.some(isHeldOut) && scene[0].cell !== scene[1].cell)).toBe(true);
  });

  it("are grids in which a cell shows the same wherever it is, but for noise", () => {
    const { data, shape } = grids(
      [
        [smallRedCircle(0), largeBlueSquare(4)],
        [largeBlueSquare(0), smallRedCircle(8)],
      ],
      randomSource(1, "noise"),
    );
    expect(shape).toEqual([9, 2, 30]);
    const cell = (at: number, row: number) => data.slice((at * 2 + row) * 30, (at * 2 + row + 1) * 30);
    const far = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.sqrt(
        Array.from({ length: 24 }, (_, n) => ((a[n] as number) - (b[n] as number)) ** 2).reduce(
          (x, y) => x + y,
        ),
      );
    expect(far(cell(0, 0), cell(8, 1))).toBeLessThan(1.2);
    expect(far(cell(4, 0), cell(0, 1))).toBeLessThan(1.2);
    expect(far(cell(0, 0), cell(4, 0))).toBeGreaterThan(2);
    expect(far(cell(1, 0), cell(2, 0))).toBeLessThan(1.2);
    expect([...cell(7, 0).slice(24)]).toEqual([0, 0, 1, 0, 1, 0]);
  });
});

describe("a short training", () => {
  it("names things that it never saw, and looks at them while it does", async () => {
    const { accuracy, samples } = await describeScenes({
      ...{ updates: 350, test: 100, hidden: 64, size: 48, batch: 48, learningRate: 0.01 },
    });
    expect(accuracy).toBeGreaterThan(0.4);
    let [looked, named] = [0, 0];
    for (const { scene, right, text, attention } of samples.filter(
      (sample) => sample.right === sample.text,
    )) {
      expect(attention?.shape).toEqual([text.split(" ").length + 1, 9]);
      const [first] = [...scene].sort((a, b) => a.size - b.size || a.cell - b.cell) as [Thing, Thing];
      expect(right).toBe(captionOf(scene));
      // The third and fourth words are the colour and the form of the thing that is named first.
      for (const step of [2, 3]) {
        const weights = attention?.data.slice(step * 9, step * 9 + 9) as Float32Array;
        expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 4);
        if (weights.indexOf(Math.max(...weights)) === first.cell) looked += 1;
        named += 1;
      }
    }
    expect(looked / named).toBeGreaterThan(0.7);
  });
});

it("what was looked at is a column for each cell", () => {
  const data = new Float32Array(27);
  data.set([0.25, 0.004, 0, 0, 0, 0, 0, 0, 0.746], 9);
  const [forms, things, first, second] = alignmentLines([smallRedCircle(0), largeBlueSquare(8)], "a small", {
    data,
  });
  expect(forms).toMatch(/^ +red +blue$/);
  expect(things).toMatch(/^ +circle( +\.){7} +square$/);
  expect(first).toBe("a");
  expect(second).toMatch(/^small +25 % +75 %$/);
});
