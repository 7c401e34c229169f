import { describe, expect, it } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { inspect } from "../../src/inspect/index.ts";
import { type Cell, cell, matrix, vector } from "../../src/nn/cell.ts";
import { gru, lstm, lstmWith, rnn, withSkips } from "../../src/nn/index.ts";
import { recurrent } from "../../src/nn/layers/index.ts";
import { initialize } from "../../src/nn/model.ts";
import { float32, int32 } from "../../src/program/compile.ts";
import { concat, tanh } from "../../src/trace/functions.ts";
import { randomValue } from "../helpers/values.ts";
import { numericNorms } from "./unrolled.ts";

const own = cell(
  "own",
  (input, hidden) => ({
    state: { s: hidden, m: hidden },
    weights: { W: matrix(hidden + input, hidden), b: vector(hidden) },
  }),
  ({ W, b }, { s, m }, x) => {
    const next = tanh(concat(s, x).dot(W).add(b));
    return { s: next.add(m.mul(0.5)), m: next.mul(m).add(next) };
  },
  { output: ({ s, m }) => s.mul(m) },
);

interface Form {
  readonly name: string;
  readonly cell: Cell<never, never>;
  readonly layers?: number;
  readonly direction?: "forward" | "reverse" | "both";
  readonly lengths?: readonly number[];
  readonly checkpoint?: number;
  readonly atEnd?: boolean;
}

const any = (of: unknown) => of as Cell<never, never>;
const forms: readonly Form[] = [
  { name: "lstm", cell: any(lstm), atEnd: true },
  { name: "gru", cell: any(gru) },
  { name: "a vanilla cell", cell: any(rnn), atEnd: true },
  { name: "a cell of one's own", cell: any(own) },
  { name: "two layers", cell: any(lstm), layers: 2 },
  { name: "both directions", cell: any(gru), direction: "both", layers: 2 },
  { name: "lengths", cell: any(lstm), lengths: [3, 5] },
  { name: "lengths in both directions", cell: any(rnn), direction: "both", lengths: [5, 2] },
  { name: "checkpoints", cell: any(gru), checkpoint: 2 },
  {
    name: "checkpoints and lengths backwards",
    cell: any(lstm),
    direction: "reverse",
    checkpoint: 2,
    lengths: [3, 5],
  },
  { name: "a cell that reads further back", cell: any(withSkips(rnn, [2])) },
  {
    name: "a cell that reads further back, backwards",
    cell: any(withSkips(rnn, [2])),
    direction: "reverse",
    lengths: [3, 5],
  },
  { name: "peepholes", cell: any(lstmWith({ peepholes: true, coupled: true })) },
];

describe("the gradient of a loss with respect to earlier states and inputs is that of central differences:", () => {
  it.each(forms)(
    "$name",
    ({ cell: of, layers = 1, direction = "forward", lengths, checkpoint, atEnd = false }) => {
      const [steps, batch, input, hidden] = [5, 2, 2, 3];
      const layer = recurrent(of as Cell<string, string>, input, hidden, { layers, direction });
      const model = initialize({ net: { rnn: layer } }, { seed: 3 });
      const x = randomValue([steps, batch, input], 7);
      const mark = randomValue([steps, batch, layer.outputSize], 8);
      if (atEnd) mark.data.fill(0, 0, (steps - 1) * batch * layer.outputSize);
      const found = inspect(
        model,
        {
          backend: reference,
          inputs: {
            x: float32("T", "B", input),
            mark: float32("T", "B", layer.outputSize),
            ...(lengths && { lengths: int32("B") }),
          },
          values: { x, mark, ...(lengths && { lengths: [...lengths] }) } as never,
          loss: (tensors) => {
            const given = tensors as {
              x: typeof tensors.x;
              mark: typeof tensors.x;
              lengths?: typeof tensors.x;
            };
            const { output } = model.net.rnn.apply(given.x, { lengths: given.lengths, checkpoint });
            return output.mul(given.mark).sum();
          },
        },
        ["gradient"],
      );
      const sizes = Object.fromEntries(
        Object.keys(found.gradients).map((name) => {
          const isDeep = name.includes(".l1");
          const read = isDeep ? hidden * (direction === "both" ? 2 : 1) : input;
          return [name.replace("net.rnn.", ""), name.endsWith(".input") ? read : hidden];
        }),
      );
      const passes = layers * (direction === "both" ? 2 : 1);
      const states = Object.keys(of.parts(input, hidden).state).length;
      expect(Object.keys(sizes)).toHaveLength(passes * (states + 1));
      const reversals = direction === "both" ? [false, true] : [direction === "reverse"];
      const numeric = numericNorms(
        {
          ...{ cell: of as Cell<string, string>, input, hidden, layers, reversals, steps, batch },
          lengths: lengths ?? [steps, steps],
          weights: layer.weights,
        },
        [...x.data],
        [...mark.data],
        sizes,
      );
      for (const name of Object.keys(sizes)) {
        const gradient = found.gradients[`net.rnn.${name}`];
        for (const [t, norm] of (numeric.steps[name] ?? []).entries())
          expect(gradient?.steps[t], `${name} at ${t}`).toBeCloseTo(norm, 6);
        for (const [k, norm] of (numeric.lags[name] ?? []).entries())
          expect(gradient?.lags[k], `${name} at lag ${k}`).toBeCloseTo(norm, 6);
      }
      expect(
        Object.values(found.gradients)
          .flatMap(({ steps }) => steps)
          .some((norm) => norm > 0.01),
      ).toBe(true);
    },
  );
});
