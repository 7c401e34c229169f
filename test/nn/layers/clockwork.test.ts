// A clockwork network is what its definition says, step by step; windows, single steps and lengths change nothing.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  type Cell,
  type CellName,
  cells,
  clockwork,
  parameters,
  recurrent,
  rnn,
  stateTypes,
  withSkips,
  zeroState,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { checkGradient, weightedSum } from "../../gradient/check.ts";
import { expectClose, relativeError } from "../../helpers/close.ts";
import { runner, squaresOf, stateOf } from "../../helpers/layers.ts";
import { numbers, randomValue, rowsOf } from "../../helpers/values.ts";
import type { State } from "../cells/check-cell.ts";
import { equations } from "../cells/equations.ts";
import type { Row } from "../cells/rows.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, B, I] = [11, 3, 2];
const x = randomValue([T, B, I], 1);
const lengths = value(Int32Array.of(7, T, 1), [B]);

function networkOf(cell: CellName, periods: number[], size = 2) {
  const layer = clockwork(cells[cell], I, size * periods.length, { periods });
  const named = parameters(layer);
  Object.values(named).forEach((variable, index) => {
    variable.value = numbers(variable.count, 10 + index);
  });
  return { layer, named };
}

/** The definition: at step t the groups whose periods divide t read the states of the step before, and update. */
function defined(cell: CellName, periods: number[], named: Record<string, Variable>, row: Row[], size = 2) {
  const weightsOf = (group: number) => (name: string) => {
    const variable = named[`${group}.${name}_l0`];
    return variable ? rowsOf({ data: variable.value, shape: variable.dimensions }) : [];
  };
  const names = Object.keys(cells[cell].parts(I, size).state);
  const zero = Object.fromEntries(names.map((name) => [name, new Array<number>(size).fill(0)]));
  let states: State[] = periods.map(() => zero);
  const outputs: number[][] = [];
  for (const [t, now] of row.entries()) {
    const before = states;
    states = periods.map((period, group) => {
      const own = before[group] as State;
      if (t % period !== 0) return own;
      const slower = before.slice(group + 1).flatMap(({ h }) => h as Row);
      return equations[cell](weightsOf(group), own, [...now, ...slower], () => zero);
    });
    outputs.push(states.flatMap(({ h }) => [...(h as Row)]));
  }
  return { outputs, states };
}

const rowOf = (b: number, length = T) => Array.from({ length }, (_, t) => rowsOf(x)[t * B + b] as Row);

const cases: [CellName, number[]][] = [
  ["rnn", [1, 2, 4, 8]],
  ["rnn", [2, 3, 7]],
  ["rnn", [3]],
  ["rnn", [1, 20]],
  ["lstm", [1, 3, 5]],
  ["textbook-gru", [2, 5]],
];

for (const [cell, periods] of cases) {
  describe(`${cell} with periods ${periods.join(", ")}`, () => {
    const { layer, named } = networkOf(cell, periods);
    const whole = runner(layer)({ x });

    test("is what its definition says", () => {
      for (let b = 0; b < B; b++) {
        const { outputs, states } = defined(cell, periods, named, rowOf(b));
        outputs.forEach((row, t) => {
          expectClose(rowsOf(whole.output)[t * B + b], row);
        });
        for (const name of Object.keys(states[0] as State)) {
          expectClose(
            rowsOf(whole.state[name] as Value)[b],
            states.flatMap((state) => [...(state[name] as Row)]),
          );
        }
      }
    });

    test("rows of different lengths give what each gives alone", () => {
      const together = runner(layer, { lengths: true })({ x, lengths });
      lengths.data.forEach((length, b) => {
        const { outputs, states } = defined(cell, periods, named, rowOf(b, length));
        for (let t = 0; t < T; t++) {
          const silent = new Array<number>(layer.outputSize).fill(0);
          expectClose(rowsOf(together.output)[t * B + b], outputs[t] ?? silent);
        }
        expectClose(
          rowsOf(together.state.h as Value)[b],
          states.flatMap(({ h }) => [...(h as Row)]),
        );
      });
    });

    test("windows of any length give what one long sequence gives", () => {
      const run = runner(layer, { state: true });
      for (const sizes of [[4, 7], [1, 2, 3, 5], new Array<number>(T).fill(1)]) {
        let state: Record<string, Value> = zeroState(layer, B);
        let from = 0;
        const outputs: number[] = [];
        for (const size of sizes) {
          const window = value(x.data.slice(from * B * I, (from + size) * B * I), [size, B, I]);
          const result = run({ x: window, state });
          outputs.push(...result.output.data);
          state = result.state;
          from += size;
        }
        expectClose(outputs, [...whole.output.data]);
        for (const [name, part] of Object.entries(whole.state))
          expectClose([...(state[name] as Value).data], [...part.data]);
      }
    });

    test("rows that stopped at different steps go on as if they had not", () => {
      const cut = value(Int32Array.of(3, 2, 1), [B]);
      const head = value(x.data.slice(0, 3 * B * I), [3, B, I]);
      const { state } = runner(layer, { lengths: true })({ x: head, lengths: cut });
      const rest = 4;
      const tail = Array.from({ length: rest }, (_, t) =>
        Array.from(cut.data, (start, b) => rowOf(b)[start + t] as Row),
      ).flat(2);
      const next = runner(layer, { state: true })({ x: value(Float64Array.from(tail), [rest, B, I]), state });
      cut.data.forEach((start, b) => {
        for (let t = 0; t < rest; t++) {
          expectClose(rowsOf(next.output)[t * B + b], rowsOf(whole.output)[(start + t) * B + b] as Row);
        }
      });
    });

    test("single steps give what a sequence gives", () => {
      const step = compile(
        (inputs: { x: Tensor; state: Record<string, Tensor> }) => layer.step(inputs.x, inputs.state as never),
        {
          inputs: {
            x: float32(B, I),
            state: stateTypes(layer, B),
          } as never,
          backend: reference,
        },
      ) as unknown as ReturnType<typeof runner>;
      let state: Record<string, Value> = zeroState(layer, B);
      for (let t = 0; t < T; t++) {
        const result = step({ x: value(x.data.slice(t * B * I, (t + 1) * B * I), [B, I]), state });
        expectClose(
          [...result.output.data],
          rowsOf(whole.output)
            .slice(t * B, (t + 1) * B)
            .flat(),
        );
        state = result.state;
      }
    });
  });
}

describe("the gradient agrees with central differences", () => {
  for (const [options, given] of Object.entries({
    "from zeros": {},
    "with lengths": { lengths },
    "within a sequence, checkpointed": { wait: value(Float64Array.of(0, 1, 0, 0, 0, 2, 0, 1, 1), [1, B, 3]) },
  })) {
    test(options, () => {
      const layer = clockwork(cells.lstm, I, 6, { periods: [1, 2, 3] });
      const { wait: _, ...state } = stateOf(layer, B, 30);
      const { wait, lengths: rowLengths } = given as { wait?: Value; lengths?: Value };
      const loss = (inputs: Record<string, Tensor>) => {
        const fixed = inputs as Record<"x" | "seed" | "h" | "c", Tensor> &
          Partial<Record<"wait" | "lengths", Tensor>>;
        const { output, state: final } = layer.apply(fixed.x, {
          state: fixed.wait && { h: fixed.h, c: fixed.c, wait: fixed.wait },
          lengths: fixed.lengths,
          checkpoint: fixed.wait && 2,
        });
        const { h, c } = final as Record<"h" | "c", Tensor>;
        return weightedSum(output, fixed.seed).add(squaresOf({ h, c }));
      };
      const inputs = {
        x,
        seed: randomValue([T, B, layer.outputSize], 2),
        ...(wait && { ...state, wait }),
        ...(rowLengths && { lengths: rowLengths }),
      };
      expect(checkModelGradient(layer, loss, inputs as Record<string, Value>)).toBe(12);
      if (!wait && !rowLengths) checkGradient(loss, inputs as Record<string, Value>);
    });
  }
});

test("compiled, its values and gradients are those of the reference", () => {
  const layer = clockwork(cells.gru, I, 12, { periods: [1, 3, 4] });
  Object.values(parameters(layer)).forEach((variable, index) => {
    variable.value = numbers(variable.count, 20 + index);
  });
  const results = [reference, wasm].map((backend) => {
    const run = compile(
      (inputs: Record<"x" | "h" | "wait" | "lengths", Tensor>) => {
        const { x: sequence, lengths: rows, h, wait } = inputs;
        const { output, state } = layer.apply(sequence, { state: { h, wait }, lengths: rows });
        const loss = output
          .square()
          .sum()
          .add(
            h
              .mul(2)
              .sub(state.h as Tensor)
              .square()
              .sum(),
          );
        return [
          output,
          state.h as Tensor,
          ...Object.values(gradient(loss, { ...parameters(layer), sequence, h })),
        ];
      },
      {
        inputs: {
          x: float32("T", "B", I),
          h: float32(1, "B", 12),
          wait: float32(1, "B", 3),
          lengths: int32("B"),
        },
        backend,
      },
    );
    const wait = value(Float32Array.of(0, 1, 0, 0, 2, 3, 0, 0, 1), [1, B, 3]);
    return run({ x, h: randomValue([1, B, 12], 3), wait, lengths }).flatMap((result) => [
      ...(result as Value).data,
    ]);
  });
  const [expected = [], given = []] = results;
  expect(relativeError(given, expected)).toBeLessThan(1e-6);
});

test("a cell that reads further back does so along its group's own updates", () => {
  const layer = clockwork(withSkips(rnn, [2]), I, 4, { periods: [1, 2] });
  expect(layer.stateShapes(1)).toEqual({ h: [1, 1, 4], past: [1, 1, 4], wait: [1, 1, 2] });
});

test("with period 1 alone it is the plain network", () => {
  const { layer, named } = networkOf("gru", [1], 4);
  const plain = recurrent(cells.gru, I, 4);
  for (const [name, variable] of Object.entries<Variable>(plain.weights))
    variable.value = named[`0.${name}`]?.value ?? [];
  const expected = compile((input) => plain.apply(input), {
    inputs: float32("T", "B", I),
    backend: reference,
  })(x);
  expect(runner(layer)({ x }).output.data).toEqual(expected.output.data);
});

test("periods and sizes that do not fit are refused by name", () => {
  const make =
    (periods: number[], hidden = 6, cell: Cell<string, string> = cells.rnn) =>
    () =>
      clockwork(cell, I, hidden, { periods });
  for (const periods of [[], [0, 1], [1, 2.5], [2, 1], [1, 1], [-1]]) {
    expect(make(periods)).toThrow(
      new UsageError(
        `clockwork(rnn): periods [${periods.join(", ")}] given, positive integers, each larger than the one before, expected`,
      ),
    );
  }
  expect(make([1, 2, 4, 8])).toThrow(
    new UsageError("clockwork(rnn): hidden size 6 given, a multiple of the number of periods, 4, expected"),
  );
  expect(make(undefined as never)).toThrow("option periods is missing: a list of positive integers expected");
  const both = { periods: [1, 2], direction: "both" };
  expect(() => clockwork(cells.rnn, I, 6, both)).toThrow(
    /^clockwork\(rnn\): option direction is unknown: periods, initialize, /,
  );
});
