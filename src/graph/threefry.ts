/**
 * Counter-based random numbers: Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", 2011). A number is a function of its key and counter alone: no state is kept here or anywhere.
 */

/** The third word of the extended key is this, `key0` and `key1`, exclusive-or. */
export const threefryParity = 0x1bd11bda;

/** Bits by which each of the 20 rounds rotates; the key is added before the first and after every fourth. */
export const threefryRotations: readonly number[] = [0, 1, 2, 3, 4].flatMap((group) =>
  group % 2 === 0 ? [13, 15, 26, 6] : [17, 29, 16, 24],
);

/** Encrypts the counter under the key; all four words, and both results, are unsigned 32-bit integers. */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const key = [key0, key1, key0 ^ key1 ^ threefryParity];
  let x = (counter0 + key0) | 0;
  let y = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const amount = threefryRotations[round] as number;
    x = (x + y) | 0;
    y = ((y << amount) | (y >>> (32 - amount))) ^ x;
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      x = (x + (key[group % 3] as number)) | 0;
      y = (y + (key[(group + 1) % 3] as number) + group) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}

/** A float32 uniform in [0, 1): the upper 24 bits of `threefry(key0, key1, counter, 0)[0]`, divided by 2^24. */
export function uniform(key0: number, key1: number, counter: number): number {
  return (threefry(key0, key1, counter, 0)[0] >>> 8) * 2 ** -24;
}
