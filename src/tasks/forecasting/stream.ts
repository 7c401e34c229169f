/** A forecaster in production: one row in, what follows it out. The same numbers as for the whole history at once. */

import { checkOptions, printGiven } from "../../checks.ts";
import { calendarFeatures, calendarNames } from "../../data/time/calendar.ts";
import { DataError, UsageError } from "../../errors.ts";
import type { Scaler } from "../../data/scaler.ts";
import type { ForecastModel, PathOptions } from "./model.ts";
import { type Forecast, named } from "./forecaster.ts";
import type { PreparedSeries } from "./prepare.ts";

export {};
