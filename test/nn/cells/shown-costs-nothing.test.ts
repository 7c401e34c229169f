// What a cell shows and nobody looks at costs nothing: the program is the one of a cell that shows nothing.
import { describe, expect, it } from "vitest";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { printGraph } from "../../../src/graph/print.ts";
import { inspect } from "../../../src/inspect/index.ts";
import type { Cell } from "../../../src/nn/cell.ts";
import {
  gru,
  lstm,
  lstmWith,
  mlstm,
  parameters,
  recurrent,
  recurrentHighway,
  slstm,
  withSkips,
} from "../../../src/nn/index.ts";
import { initialize } from "../../../src/nn/model.ts";
import { compile, float32, int32, traceProgram } from "../../../src/program/compile.ts";
import { explain } from "../../../src/program/explain.ts";
import { floats } from "../../helpers/values.ts";

/** The lines of loops without the numbers of buffers, which follow the order in which steps put things out. */
const unnumbered = (loops: string) => loops.replaceAll(/#\d+/g, "#").split("\n").sort();

/** The cell, showing nothing. */
function silent(of: Cell<string, string>): Cell<string, string> {
  return {
    ...of,
    step: (weights, state, x, context) =>
      of.step(
        weights,
        state,
        x,
        Object.create(context, { show: { value: (_: string, tensor: unknown) => tensor } }),
      ),
  };
}

type Any = Cell<string, string>;
const cells = [
  ["lstm", lstm as Any],
  ["gru", gru as Any],
  ["lstmWith", lstmWith({ peepholes: true }) as Any],
  ["recurrentHighway", recurrentHighway({ depth: 2 }) as Any],
  ["withSkips", withSkips(gru, [3]) as Any],
  ["slstm", slstm as Any],
  ["mlstm", mlstm({ heads: 2 }) as Any],
] as const;

const ways: readonly (readonly [string, object])[] = [
  ["", {}],
  ["with lengths", { lengths: true }],
  ["with checkpoints", { checkpoint: 4 }],
  ["in both directions", { direction: "both", layers: 2 }],
  ["regularised", { recurrentDropout: 0.5, variationalDropout: 0.2 }],
];

describe.each(cells)("%s", (name, cell) => {
  it.each(name === "lstm" ? ways : ways.slice(0, 1))("trains in the same loops %s", (_of, given) => {
    const { lengths = false, checkpoint, ...options } = given as { lengths?: boolean; checkpoint?: number };
    const loops = (of: Any) =>
      explain(
        { T: 9, B: 4 },
        (backend) => {
          const rnn = recurrent(of, 3, 8, options);
          compile(
            ({ x, ends, key }) => {
              const { output } = rnn.apply(x, { lengths: lengths ? ends : undefined, checkpoint, key });
              const loss = output.square().sum();
              return { loss, slopes: gradient(loss, Object.values(parameters({ rnn }))) };
            },
            { inputs: { x: float32("T", "B", 3), ends: int32("B"), key: int32(2) }, backend },
          );
        },
        { backend: wasm },
      ).map((explained) => unnumbered(explained.loops));
    expect(loops(cell)).toEqual(loops(silent(cell)));
  });
});

it("without somebody who looks a model is traced as before", () => {
  const model = initialize({ rnn: recurrent(lstm, 3, 4) }, { seed: 1 });
  const inputs = { x: float32("T", "B", 3) };
  const print = () =>
    printGraph(traceProgram(({ x }: never) => model.rnn.apply(x).output.sum(), inputs).program.results)
      .replaceAll(/%\d+/g, "%")
      .split("\n")
      .sort();
  const before = print();
  inspect(model, {
    inputs,
    values: { x: floats([3, 2, 3]) },
    loss: ({ x }) => model.rnn.apply(x).output.sum(),
  });
  expect(print()).toEqual(before);
  expect(before.join()).not.toContain("zero");
});
