/** The normal distribution. */

import type { RandomSource } from "../../trace/variable.ts";
import { checkParameter } from "./parameters.ts";

/**
 * The number below which lies a share of the normal distribution, to 15 digits. Wichura, "Algorithm AS 241: the percentage points of the
 * normal distribution", Applied Statistics 37, 1988: PPND16. With the deviation 0 it is the mean. Throws UsageError for a share that
 * is not between 0 and 1, a mean that is not finite, and a deviation that is not a number from 0 on.
 */
export function gaussianQuantile(share: number, mean = 0, deviation = 1): number {
  const isShare = (given: number) => given > 0 && given < 1;
  checkParameter("gaussianQuantile", "share", share, isShare, "a number between 0 and 1");
  checkGaussian("gaussianQuantile", mean, deviation);
  return mean + deviation * standardQuantile(share);
}

/** A number drawn from the normal distribution. Throws UsageError as `gaussianQuantile` does. */
export function drawGaussian(source: RandomSource, mean = 0, deviation = 1): number {
  checkGaussian("drawGaussian", mean, deviation);
  return mean + deviation * source.normal();
}

function checkGaussian(where: string, mean: number, deviation: number): void {
  checkParameter(where, "mean", mean, Number.isFinite, "a finite number");
  const isDeviation = (given: number) => given >= 0 && given < Number.POSITIVE_INFINITY;
  checkParameter(where, "deviation", deviation, isDeviation, "a number from 0 on");
}

/** A fraction of polynomials, lowest power first. */
interface Fraction {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

const near: Fraction = {
  above: [
    3.387132872796366, 133.1416678917844, 1971.590950306551, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.080928730123,
  ],
  below: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.7943015866, 39307.89580009271,
    28729.08573572194, 5226.495278852855,
  ],
};
const far: Fraction = {
  above: [
    1.423437110749684, 4.630337846156545, 5.769497221460691, 3.647848324763205, 1.270458252452368,
    0.2417807251774506, 0.02272384498926918, 7.745450142783414e-4,
  ],
  below: [
    1, 2.053191626637759, 1.676384830183804, 0.6897673349851, 0.1481039764274801, 0.01519866656361646,
    5.475938084995345e-4, 1.050750071644417e-9,
  ],
};
const extreme: Fraction = {
  above: [
    6.657904643501104, 5.463784911164114, 1.784826539917291, 0.2965605718285049, 0.02653218952657612,
    1.242660947388078e-3, 2.711555568743488e-5, 2.010334399292288e-7,
  ],
  below: [
    1, 0.5998322065558879, 0.1369298809227358, 0.01487536129085061, 7.868691311456133e-4,
    1.846318317510055e-5, 1.421511758316446e-7, 2.04426310338994e-15,
  ],
};

function standardQuantile(share: number): number {
  const q = share - 0.5;
  if (Math.abs(q) <= 0.425) return q * at(near, 0.180625 - q * q);
  const root = Math.sqrt(-Math.log(q < 0 ? share : 1 - share));
  const distance = root <= 5 ? at(far, root - 1.6) : at(extreme, root - 5);
  return q < 0 ? -distance : distance;
}

function at({ above, below }: Fraction, x: number): number {
  const polynomial = (coefficients: readonly number[]) =>
    coefficients.reduceRight((sum, one) => sum * x + one);
  return polynomial(above) / polynomial(below);
}
