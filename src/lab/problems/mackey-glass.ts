/** The series of Mackey and Glass, which never repeats itself: each value follows from the one before and the one 17 units of time ago. */

import type { Value } from "../../backends/backend.ts";
import { value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

const [delay, growth, decay] = [17, 0.2, 0.1];
/** Steps of Euler's method to a unit of time. */
const fineness = 10;
/** What is left out at the start, while the history that was drawn still shows. */
const dropped = 200;

/**
 * dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x(t), by Euler's method with steps of 0.1, a value for each unit of time, scaled by
 * (x - 0.93) / 0.23 to about mean 0 and deviation 1. The source draws the history before the start, 1.2 and at most 0.1 more or less; the
 * first 200 values are left out. Mackey and Glass, "Oscillation and chaos in physiological control systems", 1977.
 */
export function mackeyGlass(random: RandomSource, points: number): Float64Array {
  const lag = delay * fineness;
  const fine = new Float64Array(lag + 1 + (dropped + points) * fineness);
  for (let at = 0; at <= lag; at++) fine[at] = 1.2 + 0.2 * (random.uniform() - 0.5);
  for (let at = lag + 1; at < fine.length; at++) {
    const [before, past] = [fine[at - 1] as number, fine[at - 1 - lag] as number];
    fine[at] = before + (growth * (past / (1 + tenthPower(past))) - decay * before) / fineness;
  }
  return Float64Array.from({ length: points }, (_, at) => {
    const x = fine[lag + (dropped + at) * fineness] as number;
    return (x - 0.93) / 0.23;
  });
}

/** By products, whose bits do not depend on the platform as those of a power do: the series would soon be another one. */
function tenthPower(x: number): number {
  const square = x * x;
  const fourth = square * square;
  return fourth * fourth * square;
}

/** Windows of a series that begin at random: (T, B, 1). */
export function windowsOf(
  series: ArrayLike<number>,
  random: RandomSource,
  { steps, batch }: { readonly steps: number; readonly batch: number },
): Value {
  const starts = Array.from({ length: batch }, () =>
    Math.floor((series.length - steps + 1) * random.uniform()),
  );
  const data = Float32Array.from(
    { length: steps * batch },
    (_, at) => series[(starts[at % batch] as number) + Math.floor(at / batch)] as number,
  );
  return value(data, [steps, batch, 1]);
}
