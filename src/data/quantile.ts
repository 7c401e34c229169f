/** Quantiles of numbers that were seen. */

/** The quantile of sorted numbers, of which there is at least one, by linear interpolation (Hyndman and Fan 1996, definition 7). */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (above - below) * (at - Math.floor(at));
}
