/**
 * Measures: how good predictions are, as the figures that people read. Plain functions over arrays of numbers, in row-major
 * order; nothing here is traced, so a measure is no loss.
 */

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
export { type ErrorMeasureOptions, meanAbsoluteError, rootMeanSquaredError } from "./numbers.ts";
export { SpanCounts, type SpanReport, type SpanScores } from "./spans.ts";
