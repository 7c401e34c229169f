/** Numbers as one writes them on paper. */

/** Six digits at most, and no zeros at the end. */
export function printed(value: number): string {
  const rounded = Number(value.toPrecision(6));
  const small = Math.abs(rounded) < 1e-7 ? 0 : rounded;
  return String(small).replace("-", "−");
}
