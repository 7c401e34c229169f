/** A forecaster: a network, what was learnt of the data before it, and the forecasts of windows. */

import type { BackendChoice } from "../../backends/choice.ts";
import type { TimeSeries } from "../../data/time-series/series.ts";
import { gaussianQuantile, negativeBinomialQuantile } from "../../decoding/distributions/index.ts";
import type { Scheme } from "../../nn/index.ts";
import { type AnyCell, cellOf } from "../../options/network.ts";
import { compile } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { learntQuantiles, parameterCount } from "./distribution.ts";
import { createNetwork, direct, type Known, type Network } from "./network.ts";
import type { Form } from "./options.ts";
import { Paths } from "./paths.ts";
import { type Prepared, type PreparedSeries, prepareSeries, sizesOf } from "./prepare.ts";
import { inputsOf, inputTypes, type Place, type Widths } from "./windows.ts";

/** The forecast of a window in the units of the data: each (H * G), the targets of a step side by side. */
export interface WindowForecast {
  readonly point: Float64Array;
  /** Of each quantile of the form, rising. */
  readonly quantiles: readonly Float64Array[];
}

export interface PathOptions {
  /** How many paths a recursive forecaster draws; default 200. */
  readonly paths?: number | undefined;
  /** Of what is drawn: default 1. */
  readonly seed?: number | undefined;
}

/** Windows that are computed at once. */
const TOGETHER = 128;

/** What a model is told beside its form. */
export interface ModelParts {
  readonly scheme?: Scheme | undefined;
  readonly backend?: BackendChoice | undefined;
  /** A cell of one's own. */
  readonly cell?: AnyCell | undefined;
}

export class ForecastModel {
  readonly form: Form;
  readonly prepared: Prepared;
  readonly widths: Widths;
  readonly network: Network;
  readonly backend: BackendChoice | undefined;
  /** Updates along streams, after its training. */
  learnt = 0;
  #direct: ReturnType<typeof compileDirect> | undefined;
  #paths: Paths | undefined;

  /** The cell, where it is one of one's own. */
  readonly cell: AnyCell | undefined;

  /** A model whose weights have no values yet. */
  constructor(form: Form, prepared: Prepared, { scheme = "default", backend, cell }: ModelParts = {}) {
    this.form = form;
    this.prepared = prepared;
    this.widths = sizesOf(prepared, form);
    this.backend = backend;
    this.cell = cell;
    this.network = createNetwork(form, cellOf(form.cell, cell), this.widths, scheme);
  }

  /** A series as the network reads it; see `prepareSeries`. */
  prepare(series: TimeSeries, before?: number): PreparedSeries {
    return prepareSeries(series, this.prepared, this.form, before);
  }

  /** The forecasts of windows, in their order. */
  forecast(places: readonly Place[], options: PathOptions = {}): WindowForecast[] {
    const found: WindowForecast[] = [];
    for (let start = 0; start < places.length; start += TOGETHER) {
      found.push(...this.#together(places.slice(start, start + TOGETHER), options));
    }
    return found;
  }

  #together(places: readonly Place[], options: PathOptions): WindowForecast[] {
    if (this.form.method === "recursive") {
      this.#paths ??= new Paths(this);
      return this.#paths
        .forecast(places, options)
        .map((forecast, at) => this.#inUnits(forecast, places[at] as Place));
    }
    this.#direct ??= compileDirect(this);
    const { data } = this.#direct(inputsOf(places, this.form, this.widths) as never);
    return places.map((place, at) => this.#inUnits(this.#read(data, at, places.length), place));
  }

  /** The forecast of window `at`, of so many, from the numbers that a network gave, in its units. */
  #read(numbers: ArrayLike<number>, at: number, windows: number): WindowForecast {
    const { horizon, loss, quantiles } = this.form;
    const { targets } = this.widths;
    const count = parameterCount(this.form);
    const size = horizon * targets;
    const point = new Float64Array(size);
    const levels = quantiles.map(() => new Float64Array(size));
    const learnt = learntQuantiles(this.form);
    for (let place = 0; place < size; place++) {
      const [step, target] = [Math.floor(place / targets), place % targets];
      const from = ((step * windows + at) * targets + target) * count;
      const number = (index: number) => numbers[from + index] as number;
      point[place] = number(loss === "quantile" ? learnt.indexOf(0.5) : 0);
      quantiles.forEach((share, level) => {
        const values = levels[level] as Float64Array;
        if (loss === "quantile") values[place] = number(learnt.indexOf(share));
        else if (loss === "gaussian") values[place] = gaussianQuantile(share, number(0), number(1));
        else values[place] = negativeBinomialQuantile(share, number(0), number(1));
      });
    }
    return { point, quantiles: levels };
  }

  /** A forecast in the units of the data. */
  #inUnits({ point, quantiles }: WindowForecast, { at: { scale } }: Place): WindowForecast {
    const { targets } = this.widths;
    const inUnits = (values: Float64Array) =>
      values.map((value, place) => {
        const target = place % targets;
        const restored = value * (scale.scale[target] as number) + (scale.center[target] as number);
        return this.form.nonNegative ? Math.max(0, restored) : restored;
      });
    return { point: inUnits(point), quantiles: quantiles.map(inUnits) };
  }
}

function compileDirect({ network, form, widths, backend }: ForecastModel) {
  return compile((known: Known): Tensor => direct(network, form, widths, known), {
    inputs: inputTypes(form, widths),
    ...(backend && { backend }),
  });
}
