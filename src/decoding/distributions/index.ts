import type { RandomSource } from "../../trace/variable.ts";
export function gaussianQuantile(p: number, m: number, d: number) {
  let lo = -10,
    hi = 10;
  for (let i = 0; i < 60; i++) {
    const x = (lo + hi) / 2;
    const t = 1 / (1 + 0.2316419 * Math.abs(x));
    const c =
      1 -
      (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
        t *
        (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    const F = x < 0 ? 1 - c : c;
    if (F < p) lo = x;
    else hi = x;
  }
  return m + d * lo;
}
export function negativeBinomialQuantile(p: number, m: number, a: number) {
  const r = 1 / a,
    q = r / (r + m);
  let P = q ** r,
    F = P,
    y = 0;
  while (F < p && y < 1e6) {
    P *= ((y + r) / (y + 1)) * (1 - q);
    y++;
    F += P;
  }
  return y;
}
export function drawGaussian(s: RandomSource, m: number, d: number) {
  return m + d * s.normal();
}
export function drawNegativeBinomial(s: RandomSource, m: number, a: number) {
  return negativeBinomialQuantile(s.uniform(), m, a);
}
