/**
 * Scales of numeric features: what brings each of them near 0 and 1, learnt from the rows that are given alone, and back.
 * A value that is missing (NaN) is passed over and stays missing.
 */
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, FormatError, UsageError } from "../errors.ts";
import { fits } from "../numbers.ts";
import { requireCounts } from "./counts.ts";
import { sortedQuantile } from "./quantile.ts";
import { checkFeatures, checkRows, checkSeries } from "./series.ts";

export const SCALER_KINDS = ["standard", "min-max", "robust", "log1p", "none"] as const;
export type ScalerKind = (typeof SCALER_KINDS)[number];

/** A spread that is a smaller part of a feature's values than this is what their last bits differ by. */
const ROUNDING = 10 * Number.EPSILON;

/** A scaler as plain JSON: `center` and `scale` of each feature. */
export interface ScalerJson {
  readonly kind: ScalerKind;
  readonly center: readonly number[];
  readonly scale: readonly number[];
}

export interface ScalerOptions {
  /** F: features of a row. */
  readonly features: number;
}

/** Where a feature's values lie, and how far they spread, both in float64. */
interface Spread {
  readonly center: number;
  readonly scale: number;
}

/** Center and scale of a feature's values, of which there is at least one. */
const measures: Readonly<Record<ScalerKind, (values: Float64Array) => Spread>> = {
  standard: meanAndDeviation,
  "min-max": (values) => {
    const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return { center: least, scale: most - least };
  },
  robust: (values) => {
    values.sort();
    return {
      center: sortedQuantile(values, 0.5),
      scale: sortedQuantile(values, 0.75) - sortedQuantile(values, 0.25),
    };
  },
  log1p: (values) => meanAndDeviation(values.map(Math.log1p)),
  none: () => ({ center: 0, scale: 1 }),
};

/**
 * Brings each feature x to (x - center) / scale:
 *
 * | kind | center | scale |
 * |---|---|---|
 * | `standard` | mean | standard deviation (of the population: divided by n) |
 * | `min-max` | least value | greatest value - least value |
 * | `robust` | median | distance of the quartiles (linear interpolation) |
 * | `log1p` | as `standard`, of log(1 + x) in place of x | |
 * | `none` | 0 | 1 |
 *
 * A scale that is 0, or that rounding alone makes, counts as 1: such a feature is constant. Rows are flat lists, features of a row side by side, so that
 * arrays of any shape (..., F) are scaled.
 */
export class Scaler {
  readonly kind: ScalerKind;
  /** What is taken off each feature, (F). */
  readonly center: readonly number[];
  /** What each feature is then divided by, (F); never 0. */
  readonly scale: readonly number[];

  private constructor({ kind, center, scale }: ScalerJson) {
    this.kind = kind;
    this.center = Object.freeze([...center]);
    this.scale = Object.freeze([...scale]);
  }

  /**
   * The scaler of some series, all together. Give the rows that are trained on and no others:
   *
   *     const scaler = Scaler.fit("standard", [rows.subarray(0, 8640 * 7)], { features: 7 });
   *
   * @throws UsageError for an unknown kind, or options out of their range
   * @throws DataError for what is no finite number or NaN, a feature without any number, and for `log1p` a number not above -1
   */
  static fit(kind: ScalerKind, series: readonly ArrayLike<number>[], options: ScalerOptions): Scaler {
    checkOptions("Scaler.fit", options, { features: "a whole number from 1" });
    const { features } = options;
    requireCounts({ features });
    if (!SCALER_KINDS.includes(kind)) {
      throw new UsageError(`scaler ${printGiven(kind)} is unknown: expected ${SCALER_KINDS.join(", ")}`);
    }
    checkSeries("Scaler.fit", series, features, { dtype: "float64", missing: true });
    if (kind === "log1p") {
      for (const [at, rows] of series.entries()) checkLogarithms(`Scaler.fit: series ${at}`, rows, features);
    }
    const spreads = Array.from({ length: features }, (_, feature) => {
      const values = valuesOf(series, feature, features);
      if (values.length === 0) throw new DataError(`Scaler.fit: feature ${feature} has no number`);
      const spread = measures[kind](values);
      if (Number.isFinite(spread.center) && Number.isFinite(spread.scale)) return spread;
      throw new DataError(`Scaler.fit: the numbers of feature ${feature} are too large to be scaled`);
    });
    return new Scaler({
      kind,
      center: spreads.map(({ center }) => center),
      scale: spreads.map(({ center, scale }) => (scale > ROUNDING * Math.abs(center) ? scale : 1)),
    });
  }

  /** F. */
  get features(): number {
    return this.center.length;
  }

  /**
   * Rows as a network reads them.
   *
   * @throws DataError unless rows are whole rows of finite numbers or NaN, which float32 can hold when they are scaled
   */
  transform(rows: ArrayLike<number>): Float32Array {
    const { features } = this;
    checkRows("Scaler.transform: the series", rows, features, { dtype: "float64", missing: true });
    if (this.kind === "log1p") checkLogarithms("Scaler.transform: the series", rows, features);
    const scaled = new Float32Array(rows.length);
    for (let at = 0; at < rows.length; at++) {
      const feature = at % features;
      const raw = rows[at] as number;
      const level = (this.kind === "log1p" ? Math.log1p(raw) : raw) - (this.center[feature] as number);
      const number = level / (this.scale[feature] as number);
      if (!(fits(number, "float32") && Math.abs(number) !== Number.POSITIVE_INFINITY)) {
        const place = `row ${Math.floor(at / features)}, feature ${feature}`;
        throw new DataError(
          `Scaler.transform: ${raw} given at ${place}, which is ${number.toPrecision(2)} when scaled: at most 3.4e38 expected`,
        );
      }
      scaled[at] = number;
    }
    return scaled;
  }

  /**
   * Rows that were scaled, or that a network gave, in the units of the data.
   *
   * @throws DataError unless rows are whole rows of finite numbers or NaN
   */
  inverse(rows: ArrayLike<number>): Float64Array {
    const { features } = this;
    checkRows("Scaler.inverse: the series", rows, features, { dtype: "float64", missing: true });
    return Float64Array.from({ length: rows.length }, (_, at) => {
      const feature = at % features;
      const level = (rows[at] as number) * (this.scale[feature] as number) + (this.center[feature] as number);
      return this.kind === "log1p" ? Math.expm1(level) : level;
    });
  }

  /**
   * The scaler of some of the features, in the order in which they are given: of those that a network predicts, say.
   *
   * @throws UsageError for a feature that is not there, or none at all
   */
  select(features: readonly number[]): Scaler {
    checkFeatures("Scaler.select", features, this.features);
    const of = (numbers: readonly number[]) => features.map((feature) => numbers[feature] as number);
    return new Scaler({ kind: this.kind, center: of(this.center), scale: of(this.scale) });
  }

  /** The scaler as plain JSON, for `fromJSON`: to the same bits. */
  toJSON(): ScalerJson {
    return { kind: this.kind, center: this.center, scale: this.scale };
  }

  /**
   * The scaler that `toJSON` described.
   *
   * @param where the file's name, for messages
   * @throws FormatError when `value` is anything else than what `toJSON` gives
   */
  static fromJSON(value: unknown, where: string): Scaler {
    const fail = (reason: string): FormatError => new FormatError(`${where}: scaler: ${reason}`);
    if (typeof value !== "object" || value === null) throw fail("expected an object");
    const { kind, center, scale, ...others } = value as Partial<ScalerJson>;
    const unknown = Object.keys(others)[0];
    if (unknown !== undefined) throw fail(`key ${JSON.stringify(unknown)} is unknown`);
    const known = SCALER_KINDS.find((name) => name === kind);
    if (known === undefined) throw fail(`kind ${printGiven(kind)}, expected ${SCALER_KINDS.join(", ")}`);
    if (!isFinites(center) || !isFinites(scale) || center.length === 0 || center.length !== scale.length) {
      throw fail("center and scale: expected two lists of finite numbers, one of each for a feature");
    }
    if (!scale.every((number) => number > 0)) throw fail("scale: expected numbers above 0");
    return new Scaler({ kind: known, center, scale });
  }
}

function isFinites(given: unknown): given is readonly number[] {
  return Array.isArray(given) && given.every(Number.isFinite);
}

/** All numbers of a feature, what is missing left out. */
function valuesOf(series: readonly ArrayLike<number>[], feature: number, features: number): Float64Array {
  const found = new Float64Array(series.reduce((sum, rows) => sum + rows.length / features, 0));
  let count = 0;
  for (const rows of series) {
    for (let at = feature; at < rows.length; at += features) {
      const number = rows[at] as number;
      if (!Number.isNaN(number)) found[count++] = number;
    }
  }
  return found.subarray(0, count);
}

/** Both from the distances to the first value: exact for a constant, and for a small spread far away from 0. */
function meanAndDeviation(values: Float64Array): Spread {
  const first = values[0] as number;
  const distance = values.reduce((sum, value) => sum + (value - first), 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - first - distance) ** 2, 0);
  return { center: first + distance, scale: Math.sqrt(squares / values.length) };
}

/** Throws DataError for a number that has no log(1 + x). */
function checkLogarithms(where: string, rows: ArrayLike<number>, features: number): void {
  for (let at = 0; at < rows.length; at++) {
    if (!((rows[at] as number) <= -1)) continue;
    const place = `row ${Math.floor(at / features)}, feature ${at % features}`;
    throw new DataError(`${where}: ${rows[at]} given at ${place}, a number above -1 expected for log1p`);
  }
}
