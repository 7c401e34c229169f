/** How far forecasts are from what came: sums over windows, and the figures that they come to. */

/** Figures of forecasts. Those that the data do not define are not there. */
export interface Figures {
  /** Targets that were compared. */
  readonly targets: number;
  readonly mae: number;
  readonly rmse: number;
  /** The mean absolute error by that of the seasonal naive within the rows before the first cutoff (Hyndman and Koehler 2006). */
  readonly mase?: number;
  /** 200 |y - f| / (|y| + |f|) in per cent, where both are 0 nothing. */
  readonly smape: number;
  /** In per cent; not there where a target is 0. */
  readonly mape?: number;
  /** How many targets are 0, where some are: why there is no MAPE. */
  readonly zeros?: number;
  /** The mean pinball loss over all quantiles. */
  readonly quantileLoss?: number;
  /** The share of targets from the lowest to the highest quantile. */
  readonly coverage?: number;
  /** Squared and absolute error in deviations of the training rows. */
  readonly standardizedMse: number;
  readonly standardizedMae: number;
}

/** The sums of one target of one series, or of a step ahead. */
export class ScoreSums {
  #count = 0;
  #absolute = 0;
  #squared = 0;
  #symmetric = 0;
  #relative = 0;
  #zeros = 0;
  #pinball = 0;
  #covered = 0;
  #standardAbsolute = 0;
  #standardSquared = 0;
  readonly #quantiles: readonly number[];

  constructor(quantiles: readonly number[]) {
    this.#quantiles = quantiles;
  }

  get count(): number {
    return this.#count;
  }

  /** A target, its forecast, and the forecast's quantiles; `deviation` is that of the training rows. */
  add(target: number, forecast: number, quantiles: readonly number[], deviation: number): void {
    const error = Math.abs(target - forecast);
    this.#count += 1;
    this.#absolute += error;
    this.#squared += error * error;
    this.#standardAbsolute += error / deviation;
    this.#standardSquared += (error / deviation) ** 2;
    const sizes = Math.abs(target) + Math.abs(forecast);
    if (sizes > 0) this.#symmetric += error / sizes;
    if (target === 0) this.#zeros += 1;
    else this.#relative += error / Math.abs(target);
    this.#quantiles.forEach((share, at) => {
      const off = target - (quantiles[at] as number);
      this.#pinball += off >= 0 ? share * off : (share - 1) * off;
    });
    const [low, high] = [quantiles[0], quantiles.at(-1)];
    if (low !== undefined && high !== undefined && target >= low && target <= high) this.#covered += 1;
  }

  /** Adds what other sums hold. */
  merge(other: ScoreSums): void {
    this.#count += other.#count;
    this.#absolute += other.#absolute;
    this.#squared += other.#squared;
    this.#symmetric += other.#symmetric;
    this.#relative += other.#relative;
    this.#zeros += other.#zeros;
    this.#pinball += other.#pinball;
    this.#covered += other.#covered;
    this.#standardAbsolute += other.#standardAbsolute;
    this.#standardSquared += other.#standardSquared;
  }

  /** The figures; `mase` comes from elsewhere, for each series has its own naive error. */
  figures(mase?: number | undefined): Figures {
    const count = this.#count;
    const levels = this.#quantiles.length;
    return {
      targets: count,
      mae: this.#absolute / count,
      rmse: Math.sqrt(this.#squared / count),
      ...(mase !== undefined && { mase }),
      smape: (200 * this.#symmetric) / count,
      ...(this.#zeros === 0 ? { mape: (100 * this.#relative) / count } : { zeros: this.#zeros }),
      ...(levels > 0 && { quantileLoss: this.#pinball / (count * levels) }),
      ...(levels > 1 && { coverage: this.#covered / count }),
      standardizedMse: this.#standardSquared / count,
      standardizedMae: this.#standardAbsolute / count,
    };
  }
}
