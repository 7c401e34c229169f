/** What is seen of more points than there are pixels. */

/** Points of a pixel that are kept: the first, the last, and the least and greatest of each list. */
const MOST_OF_PIXEL = 8;

/**
 * The numbers of the points that are seen where `x` is drawn `pixels` wide: all of few points; of many the first and last of
 * each pixel, the least and greatest of each list, and one that is missing, so that peaks and gaps stay (Jugel et al. 2014, "M4").
 */
export function thinned(
  x: readonly number[],
  lists: readonly (readonly number[])[],
  pixels: number,
): number[] {
  const all = x.map((_, at) => at);
  if (x.length <= MOST_OF_PIXEL * pixels) return all;
  const [start, end] = [x[0] as number, x.at(-1) as number];
  const pixelOf = (at: number) => Math.floor((((x[at] as number) - start) / (end - start)) * pixels);
  const kept: number[] = [];
  for (let from = 0; from < x.length; ) {
    let to = from + 1;
    while (to < x.length && pixelOf(to) === pixelOf(from)) to += 1;
    const seen = new Set([from, to - 1]);
    for (const list of lists) for (const at of extremes(list, from, to)) seen.add(at);
    kept.push(...[...seen].sort((a, b) => a - b));
    from = to;
  }
  return kept;
}

/** The numbers of the least, the greatest and the first missing of some values, as far as there are such. */
function extremes(values: readonly number[], from: number, to: number): number[] {
  let [least, greatest, missing] = [-1, -1, -1];
  for (let at = from; at < to; at++) {
    const value = values[at] as number;
    if (!Number.isFinite(value)) {
      if (missing < 0) missing = at;
      continue;
    }
    if (least < 0 || value < (values[least] as number)) least = at;
    if (greatest < 0 || value > (values[greatest] as number)) greatest = at;
  }
  return [least, greatest, missing].filter((at) => at >= 0);
}
