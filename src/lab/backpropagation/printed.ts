/** Numbers as one writes them on paper. */

/** Six digits at most, and no zeros at the end; what is smaller than float32 tells beside 1 is 0. */
export function printed(value: number): string {
  const rounded = Number(value.toPrecision(6));
  const small = Math.abs(rounded) < 1e-6 ? 0 : rounded;
  return String(small).replace("-", "−");
}
