/** Losses of predicted distributions: how improbable the targets are. */

import { logOnePlus } from "../../trace/activations.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { scalar, where } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { elementLoss, type RegressionLossOptions } from "./elements.ts";

/** log(2 pi) / 2 */
const logRootTwoPi = Math.log(2 * Math.PI) / 2;

/**
 * The mean (or sum) of -log p(y) = log d + ((y - m) / d)^2 / 2 + log(2 pi) / 2 of targets y under the normal distribution with
 * mean m and standard deviation d, all float32 of one shape. Salinas et al., "DeepAR: probabilistic forecasting with
 * autoregressive recurrent networks", 2020. The deviation has to be positive, else the loss is NaN: such as softplus(x) + 1e-6.
 * Loss and gradient are finite for deviations from 1e-6 to 1e6 and targets up to 1e6 from their means.
 * Throws ShapeError where the shapes differ.
 */
export function gaussianLikelihood(
  mean: Tensor,
  deviation: Tensor,
  targets: Tensor,
  options: RegressionLossOptions = {},
): Tensor {
  const parts = [
    { tensor: mean, neutral: 0 },
    { tensor: deviation, neutral: 1 },
    { tensor: targets, neutral: 0 },
  ] as const;
  return elementLoss("gaussianLikelihood", parts, options, ([centre, spread, target]) =>
    target.sub(centre).div(spread).square().mul(0.5).add(spread.log()).add(logRootTwoPi),
  );
}

/**
 * The mean (or sum) of -log P(y) of counts y under the negative binomial distribution with mean m and dispersion a, whose variance
 * is m + a m^2, all float32 of one shape:
 *
 *     P(y) = Gamma(y + 1/a) / (y! Gamma(1/a)) (1 / (1 + a m))^(1/a) (a m / (1 + a m))^y
 *
 * Salinas et al. 2020, as above. Mean and dispersion have to be positive, else the loss is NaN: such as softplus(x) + 1e-6. For
 * counts from 0 to 1e6, and means and dispersions from 1e-6 to 1e6, it is finite and within 1e-5 in float32, and so is its gradient
 * by mean and dispersion.
 * Counts that a program is given have to be from 0 on, or it throws DataError; one below 0 that it computed makes the loss NaN.
 * Throws ShapeError where the shapes differ.
 */
export function negativeBinomialLikelihood(
  mean: Tensor,
  dispersion: Tensor,
  targets: Tensor,
  options: RegressionLossOptions = {},
): Tensor {
  const parts = [
    { tensor: mean, neutral: 1 },
    { tensor: dispersion, neutral: 1 },
    { tensor: targets, neutral: 0 },
  ] as const;
  return elementLoss("negativeBinomialLikelihood", parts, options, ([centre, spread, count]) => {
    expectWithin(count, 0, Number.POSITIVE_INFINITY);
    const cost = costOfMean(centre, spread, count).add(leastCost(spread, count));
    const isOutside = count.less(0).or(centre.less(0)).or(spread.less(0));
    return where(isOutside, Number.NaN, cost);
  });
}

/*
 * The logarithms of the gamma function are of the size of y log y, and what is left of their difference is of the size of log y. So
 * they are never computed: all terms below are of the size of the result, as in Loader, "Fast and accurate computation of binomial
 * probabilities", 2000. In terms of the dispersion a, not of r = 1/a, they stay exact where a is small.
 */

/**
 * log P(y) with the mean y - log P(y) with the mean m: r g((y - m) a / A) + y g((m - y) / (y A)) with A = 1 + a m, B = 1 + a y and
 * g(s) = s - log(1 + s). It is 0 at m = y.
 */
function costOfMean(mean: Tensor, dispersion: Tensor, count: Tensor): Tensor {
  const a = dispersion.mul(mean).add(1);
  const b = dispersion.mul(count).add(1);
  const error = count.sub(mean);
  const ofShape = beyondLog(error.mul(dispersion).div(a), b.div(a)).div(dispersion);
  const isZero = count.equal(0);
  const some = where(isZero, 1, count);
  const ofSome = some.mul(beyondLog(mean.sub(some).div(some.mul(a)), mean.mul(b).div(some.mul(a))));
  return ofShape.add(where(isZero, mean.div(a), ofSome));
}

/** g(s) = s - log(1 + s), from s and 1 + s, each exact. Near 0 it is the series of log(1 + s) = 2 artanh(u) without its first term. */
function beyondLog(s: Tensor, onePlus: Tensor): Tensor {
  const isNear = s.abs().less(0.25);
  const near = where(isNear, s, 0);
  const u = near.div(near.add(2));
  const square = u.square();
  const series = [5, 3].reduce((sum, k) => sum.mul(square).add(1 / k), square.mul(1 / 9).add(1 / 7));
  const ofSeries = near.mul(u).sub(u.mul(square).mul(series).mul(2));
  return where(isNear, ofSeries, s.sub(onePlus.log()));
}

/** log Gamma(z + 1) = (z + 1/2) log(z + c) - z - c + log(2 pi) / 2 + log A(z), A(z) = one + sum of terms[j] / (z + j + 1). */
const lanczos = {
  /** c */
  shift: 5.5,
  one: 1,
  terms: [76.18009173, -86.50532033, 24.01409824, -1.231739572, 1.208650974e-3, -5.395239385e-6],
} as const;

/**
 * -log P(y) with the mean y: G(y) + [G(r) - log r] - [G(y + r) - log(y + r)] with G(z) = log Gamma(z + 1) - z log z + z.
 * Lanczos, "A precision approximation of the gamma function", 1964, with the coefficients of Numerical Recipes, 6.1: to 2e-7,
 * as they are float32.
 */
function leastCost(dispersion: Tensor, count: Tensor): Tensor {
  const { shift, one, terms } = lanczos;
  const sumOf = (term: (coefficient: number, j: number) => Tensor) =>
    terms.map((coefficient, at) => term(coefficient, at + 1)).reduce((sum, next) => sum.add(next));
  const isZero = count.equal(0);
  const some = where(isZero, 1, count);
  const ofCount = some
    .add(shift)
    .log()
    .mul(0.5)
    .add(some.mul(logOnePlus(scalar(shift).div(some))))
    .add(
      sumOf((coefficient, j) => scalar(coefficient).div(some.add(j)))
        .add(one)
        .log(),
    )
    .add(logRootTwoPi - shift);

  // Each pair of terms at r and y + r as one, so that a small y is not lost in a large r: b = a (y + r), and so on.
  const product = dispersion.mul(count);
  const b = product.add(1);
  const shiftBoth = (j: number) => b.add(dispersion.mul(j));
  const shiftShape = (j: number) => dispersion.mul(j).add(1);
  const slow = logOnePlus(product.div(shiftShape(shift)))
    .mul(-0.5)
    .add(logOnePlus(product));
  const fast = logOnePlus(product.mul(dispersion).mul(shift).div(shiftBoth(shift)))
    .div(dispersion)
    .sub(count.mul(logOnePlus(dispersion.mul(shift).div(b))));
  const atBoth = sumOf((coefficient, j) => dispersion.mul(coefficient).div(shiftBoth(j))).add(one);
  const apart = sumOf((coefficient, j) =>
    product.mul(dispersion).mul(coefficient).div(shiftShape(j)).div(shiftBoth(j)),
  );
  return where(isZero, 0, ofCount)
    .add(slow)
    .add(fast)
    .add(logOnePlus(apart.div(atBoth)));
}
