// Small pictures, painted form by form: square ones, of one channel (grey) or three (red, green and blue), each from 0 to 1. Edges are soft, as
// a camera sees them, so that a form may stand anywhere and be of any size.
import type { RandomSource } from "rondo";

/** How far a point lies outside of a form of radius 1 around 0, in radii, less than 0 inside; y grows downwards. */
const outsideOf: Readonly<Record<string, (x: number, y: number) => number>> = {
  circle: (x, y) => Math.hypot(x, y) - 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.85,
  triangle: (x, y) => Math.max(y, Math.sqrt(3 / 4) * Math.abs(x) - y / 2) - 0.55,
  star(x, y) {
    // Five points: each is the first one, turned, and the same on both sides of its middle.
    const fifth = (2 * Math.PI) / 5;
    const angle = Math.atan2(x, -y);
    const folded = Math.abs(angle - fifth * Math.round(angle / fifth));
    const [across, along] = [Math.hypot(x, y) * Math.sin(folded), Math.hypot(x, y) * Math.cos(folded)];
    return Math.cos(STAR) * across + Math.sin(STAR) * (along - 1.15);
  },
  cross: (x, y) =>
    Math.min(Math.max(Math.abs(x) - 0.34, Math.abs(y) - 1), Math.max(Math.abs(y) - 0.34, Math.abs(x) - 1)),
};

/** Half the angle of a star's point. */
const STAR = 0.42;

export const forms = Object.keys(outsideOf);

/** Where a form stands, in pixels from the upper left corner, and how large it is. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export class Picture {
  /** (side, side, channels). */
  readonly data: Float32Array;
  readonly side: number;
  readonly channels: number;

  /** A picture of its own, or over numbers that are there, such as those of one picture of a batch. */
  constructor(side: number, channels: number, data = new Float32Array(side * side * channels)) {
    this.side = side;
    this.channels = channels;
    this.data = data;
  }

  /** A ground of one colour. */
  fill(colour: readonly number[]): void {
    this.#blend(() => 1, colour);
  }

  /** A form of a colour, over what is there. */
  paint(form: string, { x, y, radius }: Spot, colour: readonly number[]): void {
    const outside = outsideOf[form] as (x: number, y: number) => number;
    const reach = 1.2 * radius + 1;
    this.#blend((row, column) => {
      const [down, across] = [row + 0.5 - y, column + 0.5 - x];
      if (Math.abs(down) > reach || Math.abs(across) > reach) return 0;
      return Math.min(1, Math.max(0, 0.5 - radius * outside(across / radius, down / radius)));
    }, colour);
  }

  /** A bar of so many pixels, from edge to edge, over what is there. */
  bar(upright: boolean, start: number, width: number, colour: readonly number[]): void {
    this.#blend((row, column) => {
      const at = upright ? column : row;
      return Math.min(1, Math.max(0, Math.min(at + 1, start + width) - Math.max(at, start)));
    }, colour);
  }

  /** Noise of a standard deviation, on every number by itself. */
  addNoise(deviation: number, random: RandomSource): void {
    for (let at = 0; at < this.data.length; at++) {
      this.data[at] = (this.data[at] as number) + deviation * random.normal();
    }
  }

  /** `cover` says how much of a pixel is painted, from 0 to 1. */
  #blend(cover: (row: number, column: number) => number, colour: readonly number[]): void {
    const { side, channels, data } = this;
    for (let pixel = 0; pixel < side * side; pixel++) {
      const part = cover(Math.floor(pixel / side), pixel % side);
      if (part === 0) continue;
      for (let channel = 0; channel < channels; channel++) {
        const at = pixel * channels + channel;
        data[at] = (data[at] as number) + part * ((colour[channel] as number) - (data[at] as number));
      }
    }
  }
}

/** A number from `least` to `most`. */
export const between = (least: number, most: number, random: RandomSource) =>
  least + (most - least) * random.uniform();

/** One of some things. */
export const among = <Item>(items: readonly Item[], random: RandomSource) =>
  items[Math.floor(items.length * random.uniform())] as Item;
