/** Forecasting: train on series, forecast, stream, score. */

export type { ForecastScores } from "./backtest.ts";
export type { BacktestOptions, ForecastEvaluation } from "./evaluate.ts";
export type { Forecast, Forecaster, ForecastOf } from "./forecaster.ts";
export type { LearnerState, StreamLearning } from "./learning.ts";
export type { PathOptions } from "./model.ts";
export type { ForecastOptions, Form as ForecastForm, LossName as ForecastLoss } from "./options.ts";
export type { Figures as ForecastFigures } from "./scores.ts";
export type {
  ForecastStream,
  ForecastStreamOptions,
  ForecastStreamState,
  LearningStreamState,
} from "./stream.ts";
export type { StreamRow } from "./stream-rows.ts";
export {
  type ReadForecasterOptions,
  readForecaster,
  type TrainForecastOptions,
  trainForecast,
} from "./train-forecast.ts";
