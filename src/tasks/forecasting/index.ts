/** Forecasting: train on series, forecast, stream, score. */

export type { ForecastScores } from "./backtest.ts";
export type { ForecastRecord } from "./file.ts";
export { type Forecast, Forecaster, type ForecastOf } from "./forecaster.ts";
export type { PathOptions } from "./model.ts";
export type { ForecastOptions } from "./options.ts";
export type { Figures } from "./scores.ts";
export { readForecaster, type TrainForecastOptions, trainForecast } from "./train-forecast.ts";
