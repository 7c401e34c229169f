/** Distributions that a network predicts, as plain numbers: their quantiles, and numbers drawn from them. */

export { drawGaussian, gaussianQuantile } from "./gaussian.ts";
export { drawNegativeBinomial, negativeBinomialQuantile } from "./negative-binomial.ts";
export { sampleQuantiles } from "./samples.ts";
