/** scan means the loop that its documentation shows; here that loop is written in plain JavaScript. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Backend, Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { ShapeError } from "../../src/errors.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { type ScanOptions, scan } from "../../src/trace/scan.ts";
import type { Past } from "../../src/trace/step.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { numbers } from "../helpers/values.ts";

interface Run {
  readonly T: number;
  readonly B: number;
  readonly reverse: boolean;
  readonly lengths: readonly number[] | undefined;
  readonly checkpoint: number | undefined;
  /** How far back the step reads, and by which indices; undefined for a step without history. */
  readonly back: number | undefined;
}

const width = 2;

/** The data of a run. Indices point to steps that are done, or to -1. */
function dataOf({ T, B, reverse }: Run) {
  const index = Int32Array.from({ length: T * B }, (_, at) => {
    const [t, b] = [Math.floor(at / B), at % B];
    const done = reverse ? T - 1 - t : t;
    const step = ((t * 3 + b * 5) % (done + 1)) - 1;
    return step < 0 ? -1 : reverse ? T - 1 - step : step;
  });
  return { x: numbers(T * B * width, 1), h: numbers(B * width, 2), index };
}

/** The loop, row by row and element by element. */
function loop({ T, B, reverse, lengths, back }: Run, { x, h, index }: ReturnType<typeof dataOf>) {
  const state = [...h];
  const outputs = Array<number>(T * B * width).fill(0);
  const output = (t: number, b: number, i: number) => outputs[(t * B + b) * width + i] ?? 0;
  for (let done = 0; done < T; done += 1) {
    const t = reverse ? T - 1 - done : done;
    const earlier = reverse ? t + (back ?? 0) : t - (back ?? 0);
    for (let b = 0; b < B; b += 1) {
      const open = lengths === undefined || t < (lengths[b] as number);
      if (!open) continue;
      const before = Array.from({ length: width }, (_, i) => state[b * width + i] as number);
      for (let i = 0; i < width; i += 1) {
        const at = x[(t * B + b) * width + i] as number;
        let read = 0;
        if (back !== undefined) {
          const from = index[t * B + b] as number;
          if (earlier >= 0 && earlier < T) read += output(earlier, b, i);
          if (from >= 0) read += 0.25 * output(from, b, i);
        }
        // The state mixes its own elements, so that one written too early would show.
        state[b * width + i] = 0.5 * (before[1 - i] as number) + at + read;
        outputs[(t * B + b) * width + i] = (before[i] as number) * at - read;
      }
    }
  }
  return { state, outputs };
}

function scanned(backend: Backend, run: Run, data: ReturnType<typeof dataOf>) {
  const { T, B, reverse, lengths, checkpoint, back } = run;
  const types = {
    x: float32("T", "B", width),
    h: float32("B", width),
    index: int32("T", "B"),
    lengths: int32("B"),
  };
  const compiled = compile(
    (inputs) => {
      const step = (state: Tensor, at: { x: Tensor; index: Tensor }, past?: Past<Tensor>) => {
        const read = past
          ? past.back(back as number).add(past.at(at.index).mul(0.25))
          : f.zeros(["B", width]);
        return [state.flip(1).mul(0.5).add(at.x).add(read), state.mul(at.x).sub(read)] as const;
      };
      const options: ScanOptions<Tensor, { x: Tensor; index: Tensor }> = {
        init: inputs.h,
        inputs: { x: inputs.x, index: inputs.index },
        reverse,
        lengths: lengths ? inputs.lengths : undefined,
        checkpoint,
      };
      return back === undefined
        ? scan((state: Tensor, at: { x: Tensor; index: Tensor }) => step(state, at), options)
        : scan(step, { ...options, history: inputs.h });
    },
    { inputs: types, backend },
  );
  const value = (array: ArrayLike<number>, shape: number[]): Value => ({
    data: Float32Array.from(array),
    shape,
  });
  return compiled({
    x: value(data.x, [T, B, width]),
    h: value(data.h, [B, width]),
    index: { data: data.index, shape: [T, B] },
    lengths: { data: Int32Array.from(lengths ?? Array<number>(B).fill(T)), shape: [B] },
  });
}

function expectLoop(backend: Backend, run: Run): void {
  const data = dataOf(run);
  const { state, outputs } = loop(run, data);
  const result = scanned(backend, run, data);
  expect(result.final.shape).toEqual([run.B, width]);
  expect(result.outputs.shape).toEqual([run.T, run.B, width]);
  const close = (given: ArrayLike<number>, expected: readonly number[], what: string) =>
    expected.forEach((value, at) => {
      expect(Math.abs((given[at] as number) - value), `${what} ${at}`).toBeLessThan(
        1e-5 * (1 + Math.abs(value)),
      );
    });
  close(result.final.data, state, "state");
  close(result.outputs.data, outputs, "output");
}

const backends: [string, Backend][] = [
  ["reference", reference],
  ["wasm", wasm],
];

describe.each(backends)("on %s, scan is its loop", (_name, backend) => {
  const plain: Run = {
    T: 6,
    B: 3,
    reverse: false,
    lengths: undefined,
    checkpoint: undefined,
    back: undefined,
  };
  test.each<[string, Partial<Run>]>([
    ["forwards", {}],
    ["reversed", { reverse: true }],
    ["with lengths", { lengths: [6, 1, 3] }],
    [
      "reversed, with lengths: each row starts at its own last element",
      { reverse: true, lengths: [2, 6, 1] },
    ],
    ["with a length of 0", { lengths: [0, 6, 0] }],
    ["with history", { back: 1 }],
    ["with history further back than there are steps", { back: 9 }],
    ["reversed with history", { back: 2, reverse: true }],
    ["with history and lengths", { back: 1, lengths: [6, 2, 4] }],
    ["reversed with history and lengths", { back: 2, lengths: [6, 2, 4], reverse: true }],
    ["checkpointed", { checkpoint: 2 }],
    ["checkpointed, with a rest", { checkpoint: 4 }],
    ["checkpointed beyond its end", { checkpoint: 50 }],
    ["checkpointed, reversed, with lengths", { checkpoint: 4, reverse: true, lengths: [6, 1, 3] }],
    ["one step", { T: 1 }],
    ["no step", { T: 0 }],
    ["no rows", { B: 0 }],
  ])("%s", (_case, changes) => {
    expectLoop(backend, { ...plain, ...changes });
  });

  test("whatever its options", () => {
    const runs = fc
      .record({
        T: fc.nat(7),
        B: fc.nat(4),
        reverse: fc.boolean(),
        rows: fc.option(fc.array(fc.nat(7), { minLength: 4, maxLength: 4 }), { nil: undefined }),
        checkpoint: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        back: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      })
      .map(
        ({ rows, ...run }): Run => ({
          ...run,
          lengths: rows?.slice(0, run.B).map((length) => Math.min(length, run.T)),
          checkpoint: run.back === undefined ? run.checkpoint : undefined,
        }),
      );
    fc.assert(
      fc.property(runs, (run) => expectLoop(backend, run)),
      { numRuns: 60, seed: 4 },
    );
  });

  test("without inputs, over a number of steps", () => {
    for (const length of [0, 1, 5]) {
      const call = compile(
        ({ x }) => scan((state: Tensor) => [state.mul(2), state] as const, { init: x, inputs: {}, length }),
        { inputs: { x: float32("B") }, backend },
      );
      const { final, outputs } = call({ x: [1, -3] });
      expect([...final.data]).toEqual([2 ** length, -3 * 2 ** length]);
      expect(outputs.shape).toEqual([length, 2]);
      expect([...outputs.data]).toEqual(Array.from({ length }, (_, t) => [2 ** t, -3 * 2 ** t]).flat());
    }
  });

  test("states and outputs are trees, of several dtypes", () => {
    const call = compile(
      ({ x }) =>
        scan(
          (state: { count: Tensor; mean: [Tensor] }, at: Tensor) => {
            const count = state.count.add(1);
            const mean = state.mean[0].add(at.sub(state.mean[0]).div(count.convert("float32")));
            return [
              { count, mean: [mean] as [Tensor] },
              { small: at.less(mean), mean },
            ] as const;
          },
          { init: { count: f.scalar(0, "int32"), mean: [f.scalar(0)] }, inputs: x },
        ),
      { inputs: { x: float32("T") }, backend },
    );
    const { final, outputs } = call({ x: [4, 2, 9, 1] });
    expect([...final.count.data]).toEqual([4]);
    expect([...final.mean[0].data]).toEqual([4]);
    expect([...outputs.mean.data]).toEqual([4, 3, 5, 4]);
    expect([...outputs.small.data]).toEqual([0, 1, 0, 1]);
  });
});

describe("what scan refuses", () => {
  const types = { x: float32("T", "B"), lengths: int32("N") };
  const traced =
    (options: object, step = (state: Tensor, at: Tensor) => [state.add(at), at] as const) =>
    () =>
      compile(
        ({ x, lengths }) =>
          scan(step as (state: Tensor, at: Tensor) => readonly [Tensor, Tensor], {
            init: f.zeros(["B"]),
            inputs: x,
            ...("lengths" in options ? { lengths } : {}),
            ...options,
          }).final,
        { inputs: types, backend: reference },
      );
  test.each<[string, () => unknown, RegExp]>([
    ["a checkpoint of no steps", traced({ checkpoint: 0 }), /checkpoint 0 given, a positive number of steps/],
    ["a checkpoint of half a step", traced({ checkpoint: 2.5 }), /checkpoint 2.5 given/],
    ["a length that the inputs contradict", traced({ length: 7 }), /tensors \(T, ...\) with one T expected/],
    [
      "reads of no steps back",
      traced({ history: f.zeros(["B"]) }, ((state: Tensor, at: Tensor, past: Past<Tensor>) => [
        state,
        past.back(0).add(at),
      ]) as never),
      /past.back\(0\) given/,
    ],
    [
      "history of another form than the output",
      traced({ history: f.zeros(["T"]) }),
      /a step puts out \{float32 \(B\)\}, but history is \{float32 \(T\)\}/,
    ],
    [
      "history of a checkpointed scan",
      traced({ history: f.zeros(["B"]), checkpoint: 2 }),
      /cannot read its history/,
    ],
  ])("%s", (_name, make, message) => {
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(message);
  });
  test("neither inputs nor a length", () => {
    expect(() => scan((state: Tensor) => [state, {}] as const, { init: f.zeros([2]), inputs: {} })).toThrow(
      "scan: inputs (none) given, tensors (T, ...) with one T expected",
    );
  });
  test("lengths of other rows than the state's", () => {
    const make = () =>
      compile(
        ({ x, lengths }) =>
          scan((state: Tensor, at: Tensor) => [state.add(at), at] as const, {
            init: f.zeros(["B"]),
            inputs: x,
            lengths,
          }).final,
        { inputs: types, backend: reference },
      );
    expect(make).toThrow(/lengths \(N\) given for a state or output \(B\)/);
  });
});
