// Pictures that examples make up: areas of forms, files that are PNG, films that are another one backwards, and scenes with what is said of them.
import { inflateSync } from "node:zlib";
import { randomSource } from "rondo";
import { describe, expect, it } from "vitest";
import {
  classes,
  classOf,
  drawFilm,
  type Film,
  FRAMES,
  motions,
  paintFilms,
  paintFrame,
  SIDE,
} from "../../examples/pictures/films.ts";
import { forms, Picture } from "../../examples/pictures/painting.ts";
import { png } from "../../examples/pictures/png.ts";
import {
  areHeldApart,
  captionOf,
  drawScene,
  isHeldOut,
  noveltyOf,
  paintScenes,
  type Scene,
  type Thing,
} from "../../examples/pictures/scenes.ts";
import { sheetSvg } from "../../examples/pictures/sheet.ts";

describe("painting", () => {
  const sum = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((total, one) => total + one, 0);

  it("covers the area of a form, wherever it stands", () => {
    // The inner corner of a star's point, by the law of sines.
    const inner = (1.15 * Math.sin(0.42)) / Math.sin(0.42 + Math.PI / 5);
    const areas: Record<string, number> = {
      circle: Math.PI,
      square: 1.7 ** 2,
      triangle: 3 * Math.sqrt(3) * 0.55 ** 2,
      star: 5 * 1.15 * inner * Math.sin(Math.PI / 5),
      cross: 2 * 2 * 0.68 - 0.68 ** 2,
    };
    expect(Object.keys(areas)).toEqual(forms);
    for (const [form, area] of Object.entries(areas))
      for (const [x, y, radius] of [
        [12, 12, 8],
        [11.3, 13.6, 5.5],
      ] as const) {
        const picture = new Picture(24, 1);
        picture.paint(form, { x, y, radius }, [1]);
        expect(Math.abs(sum(picture.data) / (area * radius ** 2) - 1), form).toBeLessThan(0.03);
      }
  });

  it("lies over what was there, in its colour alone", () => {
    const picture = new Picture(6, 3);
    picture.fill([0.5, 0.5, 0.5]);
    picture.bar(true, 1.5, 2, [1, 0, 0]);
    const row = Array.from(picture.data.slice(0, 18));
    const [half, full, ground] = [
      [0.75, 0.25, 0.25],
      [1, 0, 0],
      [0.5, 0.5, 0.5],
    ];
    expect(row).toEqual([ground, half, full, half, ground, ground].flat());
  });
});

it("a PNG has its size, its colour type and its rows", () => {
  const bytes = Buffer.from(png([0, 1, 0.5, 2, -1, 0.2], { width: 3, height: 2, channels: 1 }));
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24], bytes[25]]).toEqual([3, 2, 8, 0]);
  const start = bytes.indexOf("IDAT");
  const rows = inflateSync(bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start - 4)));
  expect([...rows]).toEqual([0, 0, 255, 128, 0, 255, 0, 51]);
  expect(png([1, 0, 0], { width: 1, height: 1, channels: 3 })[25]).toBe(2);
});

it("a sheet has a picture once, however often it is shown, and no sign that is a tag's", () => {
  const tiles = [
    { image: "data:x", over: "data:y", text: "50 %" },
    { image: "data:x", text: "" },
  ];
  const drawn = sheetSvg("a < b", [{ title: "one", tiles }]);
  expect(drawn).toContain("<title>a &#60; b</title>");
  expect(drawn.match(/<image /g)?.length).toBe(2);
  expect(drawn.match(/<use href="#p[01]"/g)).toEqual([
    '<use href="#p0"',
    '<use href="#p1"',
    '<use href="#p0"',
  ]);
});

describe("films", () => {
  const random = randomSource(1, "films");
  const silent = { uniform: () => 0.5, normal: () => 0 };
  const frameOf = (film: Film, frame: number) => {
    const picture = new Picture(SIDE, 1);
    paintFrame(picture, film, frame, silent);
    return Array.from(picture.data);
  };

  it("are each another one backwards, and the same in the middle", () => {
    const far = (a: readonly number[], b: readonly number[]) =>
      Math.max(...a.map((one, at) => Math.abs(one - (b[at] as number))));
    for (let at = 0; at < 20; at++) {
      const film = drawFilm(random);
      const other = motions[motions.indexOf(film.motion) ^ 1] as string;
      for (let frame = 0; frame < FRAMES; frame++) {
        const back = frameOf({ ...film, motion: other }, FRAMES - 1 - frame);
        expect(far(frameOf(film, frame), back)).toBeLessThan(1e-5);
      }
      for (const motion of motions)
        expect(
          far(frameOf(film, (FRAMES - 1) / 2), frameOf({ ...film, motion }, (FRAMES - 1) / 2)),
        ).toBeLessThan(1e-5);
      expect(far(frameOf(film, 0), frameOf(film, 3))).toBeGreaterThan(0.1);
    }
  });

  it("are of every class, and the same with the same random numbers", () => {
    const films = Array.from({ length: 600 }, () => drawFilm(random));
    expect(new Set(films.map(classOf)).size).toBe(classes.length);
    const [one, again] = [1, 1].map((seed) => paintFilms(films.slice(0, 3), randomSource(seed, "noise")));
    expect(one?.shape).toEqual([FRAMES, 3, SIDE, SIDE, 1]);
    expect(one).toEqual(again);
  });
});

const [circle, square, star] = [0, 1, 3];
const [red, green, blue] = [0, 1, 2];
const thing = (size: number, colour: number, form: number, cell: number): Thing => ({
  size,
  colour,
  form,
  cell,
});

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
    const scene = [thing(0, red, circle, one), thing(1, blue, square, other)];
    const right = `a small red circle ${where} a large blue square`;
    expect(captionOf(scene)).toBe(right);
    expect(captionOf([...scene].reverse())).toBe(right);
  });

  it("of three things are told from the first one", () => {
    const scene = [thing(1, green, star, 3), thing(1, blue, square, 7), thing(0, red, circle, 4)];
    const right = "a small red circle right of a large green star , above a large blue square";
    expect(captionOf(scene)).toBe(right);
  });

  it("are new as scenes, as pairs or as kinds, and of no size, colour or form all are held out", () => {
    const random = randomSource(1, "scenes");
    const known = Array.from({ length: 800 }, () => drawScene(random, "scene"));
    const kinds = new Set(known.flat().map(({ size, colour, form }) => `${size} ${colour} ${form}`));
    expect(kinds.size).toBe(52);
    const pairsOf = (scene: Scene) =>
      scene.flatMap((one, at) => scene.slice(at + 1).map((other) => [one, other] as const));
    for (const scene of known) {
      expect(scene.some(isHeldOut)).toBe(false);
      expect(pairsOf(scene).some((pair) => areHeldApart(...pair))).toBe(false);
      expect(new Set(scene.map(({ cell }) => cell)).size).toBe(scene.length);
    }
    for (const novelty of ["pair", "kind"] as const)
      for (let at = 0; at < 100; at++) {
        const scene = drawScene(random, novelty);
        expect(noveltyOf(scene)).toBe(novelty);
        expect(scene.some(isHeldOut)).toBe(novelty === "kind");
      }
  });

  it("are pictures whose things have their colour where they stand", () => {
    const random = randomSource(2, "pictures");
    const { data, shape } = paintScenes([[thing(1, red, square, 0), thing(1, blue, square, 8)]], random);
    expect(shape).toEqual([1, 36, 36, 3]);
    const at = (row: number, column: number) =>
      Array.from(data.slice(3 * (36 * row + column), 3 * (36 * row + column) + 3));
    const [r, g, b] = at(6, 6) as [number, number, number];
    expect(r - Math.max(g, b)).toBeGreaterThan(0.3);
    const [far, further, most] = at(30, 30) as [number, number, number];
    expect(most - Math.max(far, further)).toBeGreaterThan(0.3);
  });
});
