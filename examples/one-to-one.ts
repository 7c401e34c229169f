// One to one: a vector in, a value out, with no recurrence at all. A feed-forward network predicts the next value of a series
// from the last ones: the baseline that a recurrent network, which reads the same values one by one, has to beat. Without a
// file it predicts the series of Mackey and Glass; with one, the last column of a table (.csv).
//
//     npx tsx examples/one-to-one.ts
//     npx tsx examples/one-to-one.ts SERIES.csv
import {
  compile,
  DataError,
  float32,
  gru,
  linear,
  linearDecay,
  meanSquaredError,
  recurrent,
  Scaler,
  SeriesWindows,
  type Tensor,
  Training,
  tanh,
} from "rondo";
import { exampleCommand, readText, run } from "./command-line.ts";

/** The last column of a table with a header line; `where` is the file's name, for messages. */
export function readColumn(text: string, where: string): number[] {
  const [, ...lines] = text.trim().split("\n");
  return lines.map((line, at) => {
    const last = line.split(",").at(-1)?.trim() ?? "";
    if (last === "" || !Number.isFinite(Number(last))) {
      throw new DataError(`${where}: row ${at}: ${line} given, a number in the last column expected`);
    }
    return Number(last);
  });
}

/**
 * dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x(t), every six units of time: chaotic, without noise. Mackey and Glass,
 * "Oscillation and chaos in physiological control systems", 1977.
 */
export function mackeyGlass(count: number): number[] {
  const [stepsAUnit, delay, warmUp] = [10, 17, 300];
  const x = Array<number>(delay * stepsAUnit).fill(1.2);
  while (x.length < (warmUp + count * 6) * stepsAUnit) {
    const [now, before] = [x.at(-1) as number, x.at(-delay * stepsAUnit) as number];
    x.push(now + ((0.2 * before) / (1 + before ** 10) - 0.1 * now) / stepsAUnit);
  }
  return Array.from({ length: count }, (_, at) => x[(warmUp + at * 6) * stepsAUnit] as number);
}

type Network = (values: number, hidden: number) => { layers: object; predict: (x: Tensor) => Tensor };

/** Networks from the last values x (values, B, 1) to the next (B, 1). */
export const networks = {
  "feed-forward": (values, hidden) => {
    const layers = { inner: linear(values, hidden), head: linear(hidden, 1) };
    const asVectors = (x: Tensor) => x.reshape([values, x.size(1)]).transpose();
    return { layers, predict: (x) => layers.head.apply(tanh(layers.inner.apply(asVectors(x)))) };
  },
  recurrent: (_, hidden) => {
    const layers = { rnn: recurrent(gru, 1, hidden), head: linear(hidden, 1) };
    return { layers, predict: (x) => layers.head.apply(layers.rnn.apply(x).state.h.at(0, 0)) };
  },
} satisfies Record<string, Network>;

/** How far predictions are off in the last third of a series: the root of the mean squared error. */
export async function forecast(
  series: readonly number[],
  network: Network,
  { values = 12, hidden = 32, batch = 32, epochs = 60, learningRate = 0.003, seed = 1 } = {},
): Promise<number> {
  const border = Math.floor((series.length * 2) / 3);
  const scaler = Scaler.fit("standard", [series.slice(0, border)], { features: 1 });
  const scaled = scaler.transform(series);
  const cut = { features: 1, window: values, horizon: 1 };
  const batches = new SeriesWindows([scaled.subarray(0, border)], { ...cut, batch, seed });
  const test = new SeriesWindows([scaled.subarray(border - values)], { ...cut, batch: series.length });

  const { layers, predict } = network(values, hidden);
  const inputs = { inputs: float32(values, "B", 1), targets: float32(1, "B", 1) };
  const error = ({ inputs: x, targets: y }: { inputs: Tensor; targets: Tensor }) =>
    meanSquaredError(predict(x), y.at(0, 0));
  await new Training({
    model: layers,
    inputs,
    loss: error,
    batches,
    epochs,
    learningRate: (updates) => linearDecay(learningRate, { steps: updates }),
    seed,
  }).run();
  return (scaler.scale[0] as number) * Math.sqrt(compile(error, { inputs })(test.at(0)).data[0] as number);
}

/** The same for always predicting the last value again. */
export function persistence(series: readonly number[]): number {
  const border = Math.floor((series.length * 2) / 3);
  const errors = series.slice(border).map((x, at) => (x - (series[border + at - 1] as number)) ** 2);
  return Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / errors.length);
}

export const command = exampleCommand("one-to-one", "Predict the next value of a series from the last ones.")
  .argument("[series]", "a table (.csv) whose last column is the series")
  .action(async (file: string | undefined, { seed }: { seed: number }) => {
    const series = file === undefined ? mackeyGlass(3000) : readColumn(readText(file), file);
    if (series.length < 20) throw new DataError(`${file}: ${series.length} rows given, 20 or more expected`);
    console.log(`the last value again: off by ${persistence(series).toFixed(4)}`);
    for (const [name, network] of Object.entries(networks)) {
      console.log(`${name}: off by ${(await forecast(series, network, { seed })).toFixed(4)}`);
    }
  });

if (process.argv[1] === import.meta.filename) await run(command);
