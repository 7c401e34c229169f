export function lastValue(h: Float64Array, n: number) {
  let v = NaN;
  for (const x of h) if (!Number.isNaN(x)) v = x;
  return new Float64Array(n).fill(v);
}
export function seasonalNaive(h: Float64Array, m: number, n: number) {
  return Float64Array.from({ length: n }, (_, k) => {
    for (let at = h.length + k - m; at >= 0; at -= m)
      if (at < h.length && !Number.isNaN(h[at]!)) return h[at]!;
    return lastValue(h, 1)[0]!;
  });
}
