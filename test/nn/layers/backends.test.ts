// Layers with everything switched on, compiled to WebAssembly: values and gradients are those of the reference.
import { expect, test } from "vitest";
import type { Backend, Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasmBackend } from "../../../src/backends/wasm/index.ts";
import { type PassName, passes } from "../../../src/compiler/passes/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  activationPenalty,
  batchNorm,
  gru,
  highway,
  initialize,
  lstm,
  parameters,
  recurrent,
  residual,
  rnn,
  stacked,
  temporalActivationPenalty,
  withSkips,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, type Update, value } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { numbers } from "../../helpers/values.ts";

const [B, I, H] = [5, 3, 6];
const everything = {
  variationalDropout: 0.2,
  recurrentDropout: 0.2,
  weightDropout: 0.2,
  zoneout: 0.2,
  dropout: 0.2,
  layers: 2,
} as const;

type Inputs = Record<"x" | "lengths" | "key", Tensor>;
const skipping = recurrent(withSkips(gru, [2, 3]), I, H, {
  ...everything,
  dropout: 0,
  layers: 1,
  direction: "both",
});
const deep = stacked(
  recurrent(lstm, I, H, { ...everything, direction: "both", join: "product" }),
  highway(residual(recurrent(gru, H, H, everything))),
  { dropout: 0.2 },
);
const single = recurrent(lstm, I, H, { ...everything, dropout: 0, layers: 1 });
const norm = { below: recurrent(rnn, I, H), norm: batchNorm(H) };
const models: Record<string, [object, (inputs: Inputs, update: Update) => Tensor]> = {
  "skips through time, everything random": [
    skipping,
    ({ x, ...call }) => {
      const first = skipping.apply(x, call);
      const second = skipping.apply(first.output.slice(2, 0, I), { ...call, state: first.state });
      return second.output.square().sum();
    },
  ],
  "a stack of different cells, everything random": [
    deep,
    ({ x, ...call }) => {
      const { output } = deep.apply(x, call);
      const penalty = activationPenalty(output, call.lengths);
      return output.square().sum().add(penalty).add(temporalActivationPenalty(output, call.lengths));
    },
  ],
  "checkpoints, everything random": [
    single,
    ({ x, ...call }) =>
      single
        .apply(x, { ...call, checkpoint: 3 })
        .output.square()
        .sum(),
  ],
  "batch normalisation": [
    norm,
    ({ x, lengths }, update) => {
      const { output } = norm.below.apply(x, { lengths });
      return norm.norm.apply(output, { lengths, update }).mul(output).sum();
    },
  ],
};

for (const [name, [model, loss]] of Object.entries(models)) {
  test(name, () => {
    const weights = Object.values(parameters(model)).filter(({ trainable }) => trainable);
    const compiled = (backend: Backend) =>
      compile(
        (inputs, update) => {
          const total = loss(inputs, update);
          return { total, slopes: gradient(total, weights) };
        },
        { inputs: { x: float32("T", "B", I), lengths: int32("B"), key: int32(2) }, backend },
      );
    const run = (program: ReturnType<typeof compiled>, steps: number) => {
      initialize(model, { seed: 1 }); // the running statistics moved
      const result = program({
        x: value(Float32Array.from(numbers(steps * B * I, 3)), [steps, B, I]),
        lengths: [1, steps, 2, steps, Math.ceil(steps / 2)],
        key: [4, 5],
      });
      return [result.total, ...result.slopes] as Value[];
    };
    const plain = wasmBackend({ without: (Object.keys(passes) as PassName[]).slice(1) });
    const expected = compiled(reference);
    for (const backend of [wasmBackend({}), plain]) {
      const found = compiled(backend);
      for (const steps of [2, 9]) {
        const wanted = run(expected, steps);
        run(found, steps).forEach(({ data }, index) => {
          const right = wanted[index]?.data ?? [];
          const size = Math.max(1, ...Array.from(right, Math.abs));
          expect(data.length).toBe(right.length);
          data.forEach((given, at) => {
            expect(Math.abs(given - (right[at] as number)) / size).toBeLessThan(2e-5);
          });
        });
      }
    }
  });
}
