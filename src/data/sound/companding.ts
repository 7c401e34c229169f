/** Samples of 8 bits on a logarithmic scale, as telephones have them: ITU-T Recommendation G.711, 1988. */

/**
 * The 16-bit sample of a byte in mu-law, from -32124 to 32124: a sign, three bits of exponent e and four of mantissa m, all
 * inverted; 4 (2^e (2 m + 33) - 33).
 */
export function expandMuLaw(byte: number): number {
  const { isHigh, exponent, mantissa } = partsOf(byte ^ 0xff);
  const size = 4 * (2 ** exponent * (2 * mantissa + 33) - 33);
  return isHigh ? 0 - size : size;
}

/**
 * The 16-bit sample of a byte in A-law, from -32256 to 32256: every other bit is inverted; 8 (2 m + 1) where the exponent e is
 * 0, else 8 2^(e - 1) (2 m + 33).
 */
export function expandALaw(byte: number): number {
  const { isHigh, exponent, mantissa } = partsOf(byte ^ 0x55);
  const size = 8 * (exponent === 0 ? 2 * mantissa + 1 : 2 ** (exponent - 1) * (2 * mantissa + 33));
  return isHigh ? size : -size;
}

const partsOf = (byte: number) => ({
  isHigh: byte >= 0x80,
  exponent: (byte >> 4) & 7,
  mantissa: byte & 15,
});
