// What lies behind the end of a row, whatever it is, changes nothing: results and gradients are those of the rows alone.
import { describe, test } from "vitest";
import type { Backend, Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  type CellName,
  cells,
  clockwork,
  convolution,
  gru,
  highway,
  initialize,
  lstm,
  lstmWith,
  parameters,
  type RecurrentOptions,
  recurrent,
  residual,
  rnn,
  type SequenceLayer,
  stacked,
  withKey,
  withSkips,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { tanh } from "../../../src/trace/functions.ts";
import { expectNear } from "../../helpers/close.ts";
import { squaresOf } from "../../helpers/layers.ts";
import { numbers } from "../../helpers/values.ts";

const [T, I, H] = [5, 3, 4];
const lengths = [2, 5, 1, 4];
const B = lengths.length;
const data = Float32Array.from(numbers(T * B * I, 3));
const isOpen = (t: number, b: number) => t < (lengths[b] as number);

/** The sequences (T, B, I) with something else behind the rows' ends. */
function filled(garbage: number): Value {
  const own = data.map((number, at) =>
    isOpen(Math.floor(at / (B * I)), Math.floor(at / I) % B) ? number : garbage,
  );
  return value(own, [T, B, I]);
}

/** Row b alone, (length, 1, I). */
function alone(b: number): Value {
  const own = Array.from({ length: lengths[b] as number }, (_, t) => [
    ...data.slice((t * B + b) * I, (t * B + b + 1) * I),
  ]);
  return value(Float32Array.from(own.flat()), [own.length, 1, I]);
}

/** The loss of a layer's outputs and last states, and its gradients by the weights and by x, with lengths or without. */
function lossOf(layer: SequenceLayer, hasLengths: boolean, backend: Backend, checkpoint?: number) {
  const weights = parameters(layer);
  return compile(
    (inputs) => {
      const call = { lengths: hasLengths ? inputs.n : undefined, checkpoint };
      const { output, state } = withKey(null, () => layer.apply(inputs.x, call));
      const loss = output.square().sum().add(squaresOf(state));
      return { loss, by: gradient(loss, { ...weights, x: inputs.x }) };
    },
    { inputs: { x: float32("T", "B", I), n: int32("B") }, backend },
  );
}

function expectRowsAlone(make: () => SequenceLayer, backend: Backend, garbage: number, checkpoint?: number) {
  const layer = initialize(make(), { seed: 1 });
  const together = lossOf(layer, true, backend, checkpoint)({ x: filled(garbage), n: lengths });
  const single = lossOf(layer, false, backend);
  const rows = lengths.map((length, b) => single({ x: alone(b), n: [length] }));
  const loss = rows.reduce((sum, row) => sum + Number(row.loss.data[0]), 0);
  expectNear(together.loss.data, [loss], 2e-5, "loss");
  for (const [name, { data: found, shape }] of Object.entries<Value>(together.by)) {
    const expected = Array.from(found, (_, at) => {
      const [t, b, i] = [Math.floor(at / (B * I)), Math.floor(at / I) % B, at % I];
      if (name === "x") return isOpen(t, b) ? (rows[b]?.by.x.data[t * I + i] as number) : 0;
      return rows.reduce(
        (sum, row) => sum + ((row.by as Record<string, Value>)[name]?.data[at] as number),
        0,
      );
    });
    expectNear(found, expected, 2e-5, `${name} (${shape.join(", ")}) at`);
  }
}

const garbages = [Number.NaN, Number.POSITIVE_INFINITY, -3e38];

describe.each(Object.keys(cells) as CellName[])("%s", (name) => {
  test.each(["forward", "both"] as const)("%s", (direction) => {
    const make = () => recurrent(cells[name] as unknown as typeof rnn, I, H, { direction });
    for (const garbage of garbages) expectRowsAlone(make, wasm, garbage);
  });
});

describe.each([wasm, reference])("$name", (backend) => {
  const layers: [string, () => SequenceLayer, number?][] = [
    ["two layers, checkpointed", () => recurrent(lstm, I, H, { layers: 2, direction: "both" }), 2],
    ["skips, both ways", () => recurrent(withSkips(gru, [2, 3]), I, H, { direction: "both" })],
    ["peepholes and projection", () => recurrent(lstmWith({ peepholes: true, projection: 2 }), I, H)],
    ["residual", () => residual(recurrent(rnn, I, I))],
    ["highway", () => highway(recurrent(rnn, I, I))],
    [
      "highway, both ways, stacked",
      () => stacked(highway(recurrent(gru, I, I)), recurrent(rnn, I, H, { direction: "both" })),
    ],
    ["zoneout in the mean", () => recurrent(gru, I, H, { zoneout: 0.3 } as RecurrentOptions<"h">)],
    [
      "convolutions",
      () =>
        stacked(
          convolution(I, I, 3, { dilation: 2, activation: tanh }),
          residual(convolution(I, I, 4, { padding: "same", groups: I })),
          convolution(I, H, 1),
        ),
    ],
    ["clockwork", () => clockwork(rnn, I, H, { periods: [1, 2] })],
  ];
  test.each(layers)("%s", (_, make, checkpoint) => {
    for (const garbage of garbages) expectRowsAlone(make, backend, garbage, checkpoint);
  });
});
