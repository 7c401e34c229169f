/** The errors of float32 results, in units in the last place. */

/** The distance of two float32 around `x`, in float64. */
function unitInLastPlace(x: number): number {
  const magnitude = Math.abs(x);
  let exponent = Math.max(-126, Math.floor(Math.log2(magnitude)));
  if (2 ** exponent > magnitude) exponent = Math.max(-126, exponent - 1);
  return 2 ** (exponent - 23);
}

export const largestFloat = (2 - 2 ** -23) * 2 ** 127;

/** The error of `got` in units in the last place of the exact value; infinite where the kinds differ. */
export function errorOf(got: number, value: number): number {
  if (Number.isNaN(value)) return Number.isNaN(got) ? 0 : Infinity;
  if (Math.abs(value) > largestFloat) return got === Math.fround(value) ? 0 : Infinity;
  return Math.abs(got - value) / unitInLastPlace(value);
}
