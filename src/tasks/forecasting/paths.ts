/** Recursive forecasts: paths that are drawn step by step, each value from the distribution that follows from those before it. */

import type { Value } from "../../backends/backend.ts";
import { pickRows } from "../../data/pick-rows.ts";
import { drawGaussian, drawNegativeBinomial, sampleQuantiles } from "../../decoding/distributions/index.ts";
import { stateTypes } from "../../nn/index.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, float32, value } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { RandomSource } from "../../trace/variable.ts";
import { InstanceScale } from "./instance-scale.ts";
import type { ForecastModel, PathOptions, WindowForecast } from "./model.ts";
import { type Before, type Known, nextStep, readContext } from "./network.ts";
import { inputsOf, inputTypes, type Place } from "./windows.ts";

const DEFAULT_PATHS = 200;

export class Paths {
  readonly #model: ForecastModel;
  readonly #read: ReturnType<typeof compileReading>;
  readonly #next: ReturnType<typeof compileStep>;

  constructor(model: ForecastModel) {
    this.#model = model;
    this.#read = compileReading(model);
    this.#next = compileStep(model);
  }

  /** The mean and the quantiles of drawn paths of each window, in the network's units. */
  forecast(places: readonly Place[], { paths = DEFAULT_PATHS, seed = 1 }: PathOptions): WindowForecast[] {
    const { form, widths } = this.#model;
    const drawn = this.#draw(places, paths, seed);
    return places.map((_, at) => {
      const size = form.horizon * widths.targets;
      const point = new Float64Array(size);
      const quantiles = form.quantiles.map(() => new Float64Array(size));
      for (let place = 0; place < size; place++) {
        const step = drawn[Math.floor(place / widths.targets)] as Float32Array;
        const values = Float64Array.from(
          { length: paths },
          (_, path) => step[(at * paths + path) * widths.targets + (place % widths.targets)] as number,
        );
        point[place] = values.reduce((sum, one) => sum + one, 0) / paths;
        const levels = form.quantiles.length === 0 ? [] : sampleQuantiles(values, form.quantiles);
        quantiles.forEach((own, level) => {
          own[place] = levels[level] as number;
        });
      }
      return { point, quantiles };
    });
  }

  /** The values of each step ahead: (windows * paths, G), the paths of a window one after the other. */
  #draw(places: readonly Place[], paths: number, seed: number): Float32Array[] {
    const { form, widths } = this.#model;
    const { horizon, context, lag } = form;
    const { targets, covariates: width } = widths;
    const inputs = inputsOf(places, form, widths);
    const first = this.#read(inputs as never);
    const rows = Array.from({ length: places.length * paths }, (_, row) => Math.floor(row / paths));
    // What is drawn belongs to the series and its time alone, not to what else is forecast beside it.
    const sources = places.flatMap(({ at, cutoff }) =>
      Array.from({ length: paths }, (_, path) =>
        randomSource(seed, `${at.series.id} ${at.series.start + cutoff} ${path}`),
      ),
    );
    const [center, scale] = [first.center, first.scale].map((part) => pickRows(part, rows)) as [Value, Value];
    let { parameters, state }: { parameters: Value; state: Record<string, Value> } = {
      parameters: pickRows(first.parameters, rows),
      state: mapValues(first.state as Record<string, Value>, (part) => pickRows(part, rows, 1)),
    };
    const [values, observed] = [inputs.values, inputs.observed].map((part) => pickRows(part, rows, 1)) as [
      Value,
      Value,
    ];
    const covariates = inputs.covariates && pickRows(inputs.covariates, rows, 1);
    const size = rows.length * targets;
    const all = values.data as Float32Array;
    const drawn: Float32Array[] = [];
    const seen = value(new Float32Array(size).fill(1), [rows.length, targets]);
    for (let step = 0; step < horizon; step++) {
      drawn.push(this.#values(parameters, sources));
      if (step === horizon - 1) break;
      // The row that comes next is `step + 1` after the context; what was a lag before it is of the context, or was drawn.
      const back = step + 1 - lag;
      const row = (lag + context + back) * size;
      const before = {
        value: value(drawn[step] as Float32Array, [rows.length, targets]),
        observed: seen,
        ...(lag > 1 && {
          lagged:
            back >= 0
              ? value(drawn[back] as Float32Array, [rows.length, targets])
              : value(all.slice(row, row + size), [rows.length, targets]),
          laggedObserved:
            back >= 0
              ? seen
              : value((observed.data as Float32Array).slice(row, row + size), [rows.length, targets]),
        }),
        ...(covariates && {
          covariates: rowOf(covariates, context + step + 1, rows.length * width, [rows.length, width]),
        }),
      };
      const next = this.#next({ before, state, center, scale } as never) as {
        parameters: Value;
        state: Record<string, Value>;
      };
      ({ parameters, state } = next);
    }
    return drawn;
  }

  /** A value of each path and target, drawn from its distribution. */
  #values({ data }: Value, sources: readonly RandomSource[]): Float32Array {
    const { loss } = this.#model.form;
    const { targets } = this.#model.widths;
    const draw = loss === "gaussian" ? drawGaussian : drawNegativeBinomial;
    return Float32Array.from({ length: sources.length * targets }, (_, at) =>
      draw(
        sources[Math.floor(at / targets)] as RandomSource,
        data[2 * at] as number,
        data[2 * at + 1] as number,
      ),
    );
  }
}

function rowOf({ data }: Value, row: number, size: number, shape: readonly number[]): Value {
  return value((data as Float32Array).slice(row * size, (row + 1) * size), [...shape]);
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function compileReading({ network, form, widths, backend }: ForecastModel) {
  return compile((known: Known) => readContext(network, form, widths, known), {
    inputs: inputTypes(form, widths),
    ...(backend && { backend }),
  });
}

function compileStep({ network, form, widths, backend }: ForecastModel) {
  const { targets, covariates } = widths;
  const row = float32("B", targets);
  return compile(
    ({
      before,
      state,
      center,
      scale,
    }: {
      before: Before;
      state: Record<string, Tensor>;
      center: Tensor;
      scale: Tensor;
    }) => nextStep(network, form, widths, { before, state, scale: new InstanceScale(center, scale) }),
    {
      inputs: {
        before: {
          value: row,
          observed: row,
          ...(form.lag > 1 && { lagged: row, laggedObserved: row }),
          ...(covariates > 0 && { covariates: float32("B", covariates) }),
        },
        state: stateTypes(network.rnn),
        center: row,
        scale: row,
      },
      ...(backend && { backend }),
    } as never,
  );
}
