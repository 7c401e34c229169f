// Short films of a form that moves in one of eight ways, behind a bar and in noise. What stands in the frame of the middle is the same for all
// ways, and a film shown backwards is a film of another way: who sees one frame cannot tell the way at all, and who sees the frames, but not
// their order, is right in one of two at most.
import { type RandomSource, value } from "rondo";
import { among, between, Picture, type Spot } from "./painting.ts";

/** Pixels across and down, and frames: an odd number, so that one is in the middle. */
export const [SIDE, FRAMES] = [20, 13];

/** How far into a film a frame is, from -1/2 to 1/2. */
const timeOf = (frame: number) => frame / (FRAMES - 1) - 0.5;

/** What is drawn of a film besides its form and way. */
interface Course {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** How much it does of what it does: from 0 to 1. */
  readonly speed: number;
  /** Where on a circle it is in the middle, in turns. */
  readonly turn: number;
}

const line = (across: number, down: number) => (time: number, course: Course) => {
  const way = (6 + 4 * course.speed) * time;
  return { ...course, x: course.x + across * way, y: course.y + down * way };
};
const circle = (direction: number) => (time: number, course: Course) => {
  const around = 3 + course.speed / 2;
  const angle = (turns: number) => 2 * Math.PI * turns;
  const [start, end] = [angle(course.turn), angle(course.turn + direction * time)];
  return {
    ...course,
    x: course.x + around * (Math.cos(end) - Math.cos(start)),
    y: course.y + around * (Math.sin(end) - Math.sin(start)),
  };
};
const size = (direction: number) => (time: number, course: Course) => ({
  ...course,
  radius: course.radius * (2 + course.speed) ** (direction * time),
});

/** The ways to move, each by where a form is at a time; a way and the next one are each other backwards. */
const ways: Readonly<Record<string, (time: number, course: Course) => Spot>> = {
  ...{ left: line(-1, 0), right: line(1, 0), up: line(0, -1), down: line(0, 1) },
  ...{ clockwise: circle(1), counterclockwise: circle(-1) },
  ...{ growing: size(1), shrinking: size(-1) },
};

export const motions = Object.keys(ways);
/** Forms that are told apart in few pixels. */
export const shown = ["circle", "triangle", "cross"];

/** What a film shows, as people say it: "cross growing". */
export const classes = shown.flatMap((form) => motions.map((motion) => `${form} ${motion}`));

export interface Film {
  readonly form: string;
  readonly motion: string;
  readonly course: Course;
  /** How bright the form is. */
  readonly light: number;
  readonly bar: { readonly upright: boolean; readonly start: number };
}

export const classOf = ({ form, motion }: Film): number => classes.indexOf(`${form} ${motion}`);

export function drawFilm(random: RandomSource): Film {
  const middle = () => SIDE / 2 + between(-2.5, 2.5, random);
  return {
    form: among(shown, random),
    motion: among(motions, random),
    course: {
      ...{ x: middle(), y: middle(), radius: between(3.2, 4.2, random) },
      ...{ speed: random.uniform(), turn: random.uniform() },
    },
    light: between(0.6, 1, random),
    bar: { upright: random.uniform() < 0.5, start: between(0, SIDE - BAR, random) },
  };
}

/** Pixels that the bar hides, and how bright it is. */
const [BAR, BAR_LIGHT] = [3, 0.4];
/** How much noise there is in each number, and how far a form shakes, in pixels. */
const [NOISE, SHAKE] = [0.1, 0.25];

/** A frame of a film, onto a picture. */
export function paintFrame(
  picture: Picture,
  { form, motion, course, light, bar }: Film,
  frame: number,
  random: RandomSource,
): void {
  const { x, y, radius } = (ways[motion] as (typeof ways)[string])(timeOf(frame), course);
  const shake = () => SHAKE * random.normal();
  picture.fill([0]);
  picture.paint(form, { x: x + shake(), y: y + shake(), radius }, [light]);
  picture.bar(bar.upright, bar.start, BAR, [BAR_LIGHT]);
  picture.addNoise(NOISE, random);
}

/** Films as (frames, B, side, side, 1). */
export function paintFilms(films: readonly Film[], random: RandomSource) {
  const pixels = SIDE * SIDE;
  const data = new Float32Array(FRAMES * films.length * pixels);
  for (let frame = 0; frame < FRAMES; frame++) {
    films.forEach((film, row) => {
      const start = (frame * films.length + row) * pixels;
      paintFrame(new Picture(SIDE, 1, data.subarray(start, start + pixels)), film, frame, random);
    });
  }
  return value(data, [FRAMES, films.length, SIDE, SIDE, 1]);
}
