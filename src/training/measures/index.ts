/**
 * Measures: how good predictions are, as the figures that people read. Plain functions over arrays of numbers, in row-major
 * order; nothing here is traced, so a measure is no loss.
 */

export { BleuCounts, type BleuOptions, type BleuReport, type BleuSmoothing } from "./bleu.ts";
export type { BleuTokens } from "./bleu-tokens.ts";
export { ChrfCounts, type ChrfOptions, type ChrfReport } from "./chrf.ts";
export {
  accuracy,
  type ClassMeasureOptions,
  type ClassReport,
  type ClassScores,
  type ConfusionTable,
  classReport,
  confusionTable,
  topKAccuracy,
} from "./classes.ts";
export { DetectionCounts, type DetectionReport, type TimedLabel } from "./detections.ts";
export {
  EditCounts,
  type EditCountsOptions,
  type EditedSequence,
  type EditReport,
  editDistance,
} from "./edits.ts";
export { averagePrecision, EventCounts, type EventReport } from "./events.ts";
export {
  coverage,
  meanAbsolutePercentageError,
  meanAbsoluteScaledError,
  meanQuantileLoss,
  naiveError,
  type PercentageError,
  type ScaledErrorOptions,
  symmetricMeanAbsolutePercentageError,
} from "./forecasts.ts";
export { type MultiLabelReport, multiLabelReport } from "./labels.ts";
export { type ErrorMeasureOptions, meanAbsoluteError, rootMeanSquaredError } from "./numbers.ts";

export {
  type CalibrationOptions,
  expectedCalibrationError,
  fitTemperature,
  type LabelCount,
  logLoss,
  type ProbabilityMeasureOptions,
  type TemperatureOptions,
} from "./probabilities.ts";

export { SpanCounts, type SpanReport, type SpanScores } from "./spans.ts";
