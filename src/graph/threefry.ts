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
  encrypt(pair, key0, key1, counter0, counter1);
  return [(pair[0] as number) >>> 0, (pair[1] as number) >>> 0];
}
const pair = new Int32Array(2);

/**
 * `threefry` of as many counters as `into` has pairs of words: of `counter0`, of the one after it, and so on. Its rounds are
 * written out, in int32 throughout, and so millions of weights start in a second.
 */
// biome-ignore format: a round on a line
export function encrypt(into: Int32Array, firstKey: number, secondKey: number, counter0: number, counter1: number): void {
  const [key0, key1] = [firstKey | 0, secondKey | 0];
  const key2 = key0 ^ key1 ^ threefryParity;
  for (let at = 0; at < into.length; at += 2) {
    let x = (counter0 + at / 2 + key0) | 0;
    let y = (counter1 + key1) | 0;
    x = (x + y) | 0; y = rotate(y, 13) ^ x;
    x = (x + y) | 0; y = rotate(y, 15) ^ x;
    x = (x + y) | 0; y = rotate(y, 26) ^ x;
    x = (x + y) | 0; y = rotate(y, 6) ^ x;
    x = (x + key1) | 0; y = (y + key2 + 1) | 0;
    x = (x + y) | 0; y = rotate(y, 17) ^ x;
    x = (x + y) | 0; y = rotate(y, 29) ^ x;
    x = (x + y) | 0; y = rotate(y, 16) ^ x;
    x = (x + y) | 0; y = rotate(y, 24) ^ x;
    x = (x + key2) | 0; y = (y + key0 + 2) | 0;
    x = (x + y) | 0; y = rotate(y, 13) ^ x;
    x = (x + y) | 0; y = rotate(y, 15) ^ x;
    x = (x + y) | 0; y = rotate(y, 26) ^ x;
    x = (x + y) | 0; y = rotate(y, 6) ^ x;
    x = (x + key0) | 0; y = (y + key1 + 3) | 0;
    x = (x + y) | 0; y = rotate(y, 17) ^ x;
    x = (x + y) | 0; y = rotate(y, 29) ^ x;
    x = (x + y) | 0; y = rotate(y, 16) ^ x;
    x = (x + y) | 0; y = rotate(y, 24) ^ x;
    x = (x + key1) | 0; y = (y + key2 + 4) | 0;
    x = (x + y) | 0; y = rotate(y, 13) ^ x;
    x = (x + y) | 0; y = rotate(y, 15) ^ x;
    x = (x + y) | 0; y = rotate(y, 26) ^ x;
    x = (x + y) | 0; y = rotate(y, 6) ^ x;
    x = (x + key2) | 0; y = (y + key0 + 5) | 0;
    into[at] = x;
    into[at + 1] = y;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** A float32 uniform in [0, 1): the upper 24 bits of `threefry(key0, key1, counter, row)[0]`, divided by 2^24. */
export function uniform(key0: number, key1: number, counter: number, row = 0): number {
  encrypt(pair, key0, key1, counter, row);
  return ((pair[0] as number) >>> 8) * 2 ** -24;
}
