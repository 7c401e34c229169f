/** Activations beside sigmoid, tanh and relu. Each is right at both ends, infinities included, and so is its gradient. */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { clamp, scalar, where } from "./functions.ts";
import { expectTensors, type Tensor, type TensorLike } from "./tensor.ts";

/** log(1 + e^x): relu without its corner. Its gradient is sigmoid(x). */
export function softplus(x: Tensor): Tensor {
  expectTensors("softplus", x);
  const isNegative = x.less(0);
  return where(isNegative, 0, x).add(logOnePlus(where(isNegative, x, x.neg()).exp()));
}

/** log(sigmoid(x)) = -softplus(-x), of its own size also where sigmoid(x) is 0 or 1 in float32. Its gradient is sigmoid(-x). */
export function logSigmoid(x: Tensor): Tensor {
  expectTensors("logSigmoid", x);
  return softplus(x.neg()).neg();
}

/** log(1 + y) for finite y above -1, also where 1 + y rounds. Kahan, as in Goldberg 1991, theorem 4. */
export function logOnePlus(y: Tensor): Tensor {
  const sum = y.add(1);
  const added = sum.sub(1);
  const isLost = added.equal(0);
  return where(isLost, y, y.mul(sum.log()).div(where(isLost, 1, added)));
}

/** x where it is positive, else slope x; the gradient at 0 is the slope. Maas, Hannun and Ng 2013. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  expectTensors("leakyRelu", x);
  checkFactor("leakyRelu", "slope", slope);
  return where(x.lessEqual(0), x.mul(slope), x);
}

/** x where it is positive, else alpha (e^x - 1), also near 0. Clevert, Unterthiner and Hochreiter 2016. */
export function elu(x: Tensor, alpha = 1): Tensor {
  expectTensors("elu", x);
  checkFactor("elu", "alpha", alpha);
  const isNegative = x.lessEqual(0);
  const below = where(isNegative, x, 0);
  // e^x - 1 = tanh(x / 2) (e^x + 1), which does not cancel.
  const power = below.mul(0.5).tanh().mul(below.exp().add(1));
  return where(isNegative, power.mul(alpha), x);
}

export interface GeluOptions {
  /** "erf": x Phi(x), with the normal distribution Phi within 3e-7 in float32. "tanh": an approximation within 5e-4 of it. Default "erf". */
  readonly form?: "erf" | "tanh" | undefined;
}

/**
 * x Phi(x), where Phi is the distribution function of the standard normal, or in its "tanh" form
 * x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): torch.nn.functional.gelu. Hendrycks and Gimpel, "Gaussian error linear
 * units", 2016.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  expectTensors("gelu", x);
  checkOptions("gelu", options, { form: true });
  const { form = "erf" } = options;
  if (form !== "erf" && form !== "tanh")
    throw new UsageError(`gelu: form ${printGiven(form)} given, erf, tanh expected`);
  // Beyond 15 the factor of x is 0 or 1 in float32, and 0 times infinity would be NaN.
  const low = where(x.less(-15), -15, x);
  const inner = clamp(x, -15, 15);
  if (form === "erf") return low.mul(normalDistribution(inner));
  const cubic = inner.add(inner.mul(inner).mul(inner).mul(0.044715));
  return low.mul(cubic.mul(2 * Math.sqrt(2 / Math.PI)).sigmoid()); // (1 + tanh(u)) / 2 = sigmoid(2 u), which does not cancel
}

/**
 * Coefficients of P, such that erfc(z) = t exp(P(t) - z^2) with t = 2 / (2 + z) for z from 0 to 10.6, to 3e-9 of its value.
 * The form is of Numerical Recipes, 6.2; the coefficients interpolate at the zeros of a Chebyshev polynomial.
 */
const tail = [
  -1.26553981028, 1.00079855077, 0.365040717699, 0.15386357893, -0.398254347042, 0.748299095212,
  -1.70373992797, 1.68047228712, -0.394298598855, -0.475434460643, 0.368480856759, -0.0796879441441,
];

/** The distribution function of the standard normal for x from -15 to 15: of its own size also where it is close to 0. */
function normalDistribution(x: Tensor): Tensor {
  const isNegative = x.less(0);
  const z = where(isNegative, x.neg(), x).mul(Math.SQRT1_2);
  const t = scalar(2).div(z.add(2));
  const highest: TensorLike = tail.at(-1) as number;
  const exponent = tail
    .slice(0, -1)
    .reduceRight<TensorLike>((sum, coefficient) => t.mul(sum).add(coefficient), highest) as Tensor;
  const beyond = t.mul(exponent.sub(z.square()).exp()).mul(0.5);
  return where(isNegative, beyond, scalar(1).sub(beyond));
}

function checkFactor(where: string, what: string, factor: number): void {
  if (Number.isFinite(factor)) return;
  throw new UsageError(`${where}: ${what} ${printGiven(factor)} given, a number expected`);
}
