/** What Rondo is to reach, as ratios within one run, and what it reached. */

import { type Engine, engineLabels } from "./engines.ts";
import type { CaseResult } from "./measure.ts";
import { networkNames } from "./models.ts";
import { advantage, outcomeOf, shares } from "./results.ts";
import { median, range, ratios } from "./statistics.ts";

type Results = ReadonlyMap<string, CaseResult>;

interface Goal {
  readonly what: string;
  readonly bound: number;
  /** Default: at least `bound`. */
  readonly most?: boolean;
  /** The values of all rounds; undefined where a case or a contender is missing. */
  readonly measure: (results: Results) => number[] | undefined;
}

const small = "1,64,32,32";
const middle = "32,64,64,64";
const large = "32,64,128,256";
const largest = "64,35,650,650";
const wide = "32,64,512,512";

/** Of a translator. */
const decoded = ["decoding/translator/16,13,256,256", "decoding/translator/32,13,256,256"];

/** A goal about one case. */
function goal(
  what: string,
  bound: number,
  name: string,
  measure: (result: CaseResult) => number[] | undefined,
  most = false,
): Goal {
  return {
    what: `${what}: ${name}`,
    bound,
    most,
    measure(results) {
      const result = results.get(name);
      return result && measure(result);
    },
  };
}

/** On 1 thread, on 2, or on the better number of both. */
type Threads = 1 | 2 | "better";
const threads: Record<Threads, readonly [label: string, contender: string]> = {
  1: ["1 thread", "rondo-1"],
  2: ["2 threads", "rondo-2"],
  better: ["better thread count", "rondo"],
};

function faster(
  than: string,
  label: string,
  count: Threads,
  bound: number,
  names: readonly string[],
): Goal[] {
  const [ours, contender] = threads[count];
  return names.map((name) =>
    goal(`${ours}, times as fast as ${label}`, bound, name, (result) => advantage(result, contender, than)),
  );
}

/** On one thread, and on the better number of threads. */
const eitherWay = (than: string, label: string, bound: number, name: string): Goal[] =>
  ([1, "better"] as const).flatMap((count) => faster(than, label, count, bound, [name]));

const gated = (...sizes: string[]) =>
  sizes.flatMap((of) => ["lstm", "gru"].map((model) => `training/${model}/${of}`));

/** The rate of a network's products beside that of the plain LSTM's, both as shares of the machine's in their own rounds. */
function asLstm(model: string, of: string, count: 1 | 2 = 1): Goal {
  const [ours, contender] = threads[count];
  return {
    what: `${ours}, product rate beside the plain LSTM's: training/${model}/${of}`,
    bound: 0.7,
    measure(results) {
      const [network, lstm] = [model, "lstm"].map((name) => {
        const result = results.get(`training/${name}/${of}`);
        return result && shares(result, contender);
      });
      return network && lstm && network.map((share) => share / median(lstm));
    },
  };
}

/** Of the rate that the machine reaches with the same vectors, on one thread. */
const shareOfRate = (engine: Engine, bound: number, of: string): Goal =>
  goal(
    `1 thread, share of the machine's rate, ${engineLabels[engine]}`,
    bound,
    `training/lstm/${of}`,
    (result) => {
      const ours = result.outcomes.find((outcome) => outcome.engine === engine && outcome.threads === 1);
      return ours && shares(result, ours.contender);
    },
  );

/** Nothing to compare where WebAssembly is what runs by itself. */
const thanWebAssembly = (bound: number, names: readonly string[]) =>
  faster("rondo-wasm-1", "WebAssembly", 1, bound, names);

const streamed = (H: number) => `streaming/lstm/1,1,${H},${H}`;

const goals: readonly Goal[] = [
  ...faster("jax", "jax-js", 1, 3, gated(middle, large)),
  ...faster("jax", "jax-js", 2, 5, gated(middle, large)),
  ...faster("tensorflow", "TensorFlow.js", 1, 12, gated(middle, large)),
  ...faster("torch", "PyTorch", 2, 10, gated(small)),
  ...faster("torch", "PyTorch", 2, 3, gated(middle)),
  ...faster("torch", "PyTorch", 2, 2.5, gated(large, largest)),
  shareOfRate("avx512", 0.7, large),
  shareOfRate("avx512", 0.75, largest),
  ...(["avx2", "wasm"] as const).flatMap((engine) =>
    [large, largest].map((of) => shareOfRate(engine, 0.8, of)),
  ),
  ...thanWebAssembly(2, [`training/lstm/${middle}`]),
  ...thanWebAssembly(2.7, [`training/lstm/${large}`]),
  ...thanWebAssembly(2.9, [`training/lstm/${largest}`]),
  ...thanWebAssembly(1, gated(small)),
  ...gated(large).map((name) =>
    goal("2 threads, times as fast as 1", 1.8, name, (result) => advantage(result, "rondo-2", "rondo-1")),
  ),
  ...([1, 2] as const).flatMap((count) =>
    faster(
      `onnx-native-${count}`,
      "ONNX Runtime's native package",
      count,
      1.1,
      [middle, large, wide].map((of) => `forward/lstm/${of}`),
    ),
  ),
  ...(
    [
      [64, 20],
      [128, 6],
      [256, 4],
      [512, 2.5],
    ] as const
  ).flatMap(([H, bound]) =>
    faster("onnx-native-1", "ONNX Runtime's native package", 1, bound, [streamed(H)]),
  ),
  ...[middle, large].flatMap((of) =>
    ["lstm-four", "lstm-pairs"].map((model) =>
      goal(
        `1 thread, ${model}, times as fast as lstm-packed`,
        0.95,
        `training/lstm-three-ways/${of}`,
        (result) => advantage(result, "rondo-1", "rondo-1", { model, than: "lstm-packed" }),
      ),
    ),
  ),
  ...[middle, large].flatMap((of) => networkNames.map((model) => asLstm(model, of))),
  ...([1, 2] as const).map((count) => asLstm("gru-attention", "64,16,256,256", count)),
  ...[middle, large].map((of) => ({
    what: `1 thread, times as fast as the full network: training/lstm-clockwork/${of}`,
    bound: 1,
    measure(results: Results) {
      const [full, clockwork] = ["lstm", "lstm-clockwork"].map((model) => {
        const result = results.get(`training/${model}/${of}`);
        return result && outcomeOf(result, "rondo-1")?.values;
      });
      return full && clockwork?.map((milliseconds) => median(full) / milliseconds);
    },
  })),
  ...["tide", "peephole-lstm", "layer-norm-lstm"].flatMap((model) =>
    eitherWay("torch", "PyTorch by hand", 4, `training/${model}/${middle}`),
  ),
  ...faster("torch", "PyTorch", "better", 1, ["update/translator/64,13,256,256", ...decoded]),
  ...decoded.map((name) =>
    goal("2 threads, texts a second", 20, name, (result) => {
      const values = outcomeOf(result, "rondo-2")?.values;
      return values?.map((milliseconds) => (1000 * result.case.size.B) / milliseconds);
    }),
  ),
  ...(
    [
      [64, 10],
      [128, 6],
      [256, 4],
      [512, 6],
    ] as const
  ).flatMap(([H, bound]) => faster("torch", "PyTorch", 1, bound, [streamed(H)])),
  ...[16, 1024].map((T) =>
    goal(
      "compile() alone, ms",
      100,
      `compile/lstm/32,${T},64,64`,
      (result) => outcomeOf(result, "rondo-1")?.parts,
      true,
    ),
  ),
  ...[middle, large, largest].map((of) =>
    goal("1 thread, times as small as PyTorch", 1, `memory/lstm/${of}`, (result) =>
      advantage(result, "rondo-1", "torch"),
    ),
  ),
  {
    what: "1 thread, checkpointed every sqrt(T), times the memory at T = 4096 as at T = 1024",
    bound: 2.2,
    most: true,
    measure(results) {
      const [long, short] = [4096, 1024].map((T) =>
        results
          .get(`memory/lstm-checkpointed/32,${T},1,64`)
          ?.outcomes.find(
            ({ contender, task }) => contender === "rondo-1" && task.checkpoint === Math.sqrt(T),
          ),
      );
      return long && short && ratios(long.parts, short.parts);
    },
  },
];

/** One line a goal: what, what is wanted, what was reached, whether that is enough. */
export function goalRows(results: readonly CaseResult[]): string[][] {
  const byName = new Map(results.map((result) => [result.case.name, result]));
  return goals.flatMap(({ what, bound, most, measure }) => {
    const values = measure(byName);
    if (!values || values.length === 0) return [];
    const reached = most ? median(values) <= bound : median(values) >= bound;
    return [[what, `${most ? "at most" : "at least"} ${bound}`, range(values), reached ? "yes" : "no"]];
  });
}
