/** Losses: how far predictions are from targets, as a float32 scalar. */

export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from "./binary-cross-entropy.ts";
export { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
export { type CtcLossOptions, ctcLoss } from "./ctc.ts";
export type { RegressionLossOptions } from "./elements.ts";
export { gaussianLikelihood, negativeBinomialLikelihood } from "./likelihoods.ts";
export type { Reduction } from "./loss.ts";
export { quantileLoss } from "./quantile.ts";
export { type HuberOptions, huberLoss, meanAbsoluteError, meanSquaredError } from "./regression.ts";
