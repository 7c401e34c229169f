// Steps that count as never computed reach neither results nor gradients, for steps that no constant is safe for either.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Past } from "../../src/trace/step.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { expectNear } from "../helpers/close.ts";

const backends = [wasm, reference];

interface Options {
  readonly reverse?: boolean;
  readonly checkpoint?: number;
}

/** Steps (state, x, w, past): with poles, at 0 and elsewhere, that a row's own data keeps away from. */
const steps: Record<string, (s: Tensor, x: Tensor, w: Tensor, past?: Past<Tensor>) => Tensor> = {
  logarithm: (s, x, w) => s.add(x.log().mul(w)),
  quotient: (s, x, w) => s.add(w.div(x)),
  "logarithm of the state": (s, x, w) => s.log().mul(w).add(x).exp().add(0.5),
  "quotient by state and input": (s, x, w) => s.add(w.div(x.sub(s).square())),
  root: (s, x, w) => s.add(x.mul(w).sqrt()),
  "power that overflows": (s, x, w) => f.lerp(s, x.mul(8).exp().log().mul(w), f.scalar(0.5)),
};

/** d/dw, d/ds and d/dx of the sum of final states and squared outputs, of rows of their lengths. */
function slopes(step: (typeof steps)[string], options: Options & { lengths: boolean }, backend = wasm) {
  const run = compile(
    ({ x, s, w, n }) => {
      const { final, outputs } = scan(
        (state, now) => {
          const next = step(state, now, w);
          return [next, next];
        },
        { init: s, inputs: x, lengths: options.lengths ? n : undefined, ...pick(options) },
      );
      const loss = final.sum().add(outputs.square().sum());
      return { loss, by: gradient(loss, { w, s, x }) };
    },
    { inputs: { x: float32("T", "B"), s: float32("B"), w: float32(), n: int32("B") }, backend },
  );
  return (x: number[][], s: number[], n: number[]) => {
    const { loss, by } = run({ x, s, w: 0.75, n });
    return { loss: loss.data[0] as number, w: by.w.data[0] as number, s: [...by.s.data], x: [...by.x.data] };
  };
}
const pick = ({ reverse, checkpoint }: Options) => ({ reverse, checkpoint });

const rows = [[1.5, 2.25, 0.5, 3], [4], [2.5, 0.75, 6, 1.25, 2]];
const init = [2, 1, 0.625];
const columns = (filling: number) =>
  Array.from({ length: 5 }, (_, t) => rows.map((row) => row[t] ?? filling));
const close = (found: number, expected: number) => expectNear([found], [expected], 1e-4);

describe.each(backends)("$name", (backend) => {
  describe.each(Object.keys(steps))("%s", (name) => {
    const step = steps[name] as (typeof steps)[string];
    test.each<Options>([
      {},
      { reverse: true },
      { checkpoint: 2 },
      { checkpoint: 3, reverse: true },
      { checkpoint: 4 },
    ])("%j", (options) => {
      const alone = slopes(step, { ...options, lengths: false }, backend);
      const each = rows.map((row, b) =>
        alone(
          row.map((x) => [x]),
          [init[b] as number],
          [row.length],
        ),
      );
      const together = slopes(step, { ...options, lengths: true }, backend);
      for (const filling of [0, Number.NaN, Number.POSITIVE_INFINITY, -1]) {
        const found = together(columns(filling), init, [4, 1, 5]);
        close(
          found.loss,
          each.reduce((sum, { loss }) => sum + loss, 0),
        );
        close(
          found.w,
          each.reduce((sum, { w }) => sum + w, 0),
        );
        each.forEach(({ s, x }, b) => {
          close(found.s[b] as number, s[0] as number);
          for (let t = 0; t < 5; t++) close(found.x[t * 3 + b] as number, x[t] ?? 0);
        });
      }
    });
  });

  test("a checkpointed scan of 5 steps over 1, 2, 4, 5, 8: d/dw is log 320", () => {
    for (const checkpoint of [undefined, 1, 2, 3, 4, 5, 6]) {
      for (const reverse of [false, true]) {
        const run = compile(
          ({ x, w }) =>
            gradient(
              scan(
                (s, v) => {
                  const k = s.add(v.log().mul(w));
                  return [k, k];
                },
                { init: f.zeros([]), inputs: x, checkpoint, reverse },
              ).final,
              w,
            ),
          { inputs: { x: float32("T"), w: float32() }, backend },
        );
        expect(run({ x: [1, 2, 4, 5, 8], w: 1 }).data[0]).toBeCloseTo(Math.log(320), 5);
      }
    }
  });

  test("rows without a step are left out, whatever they hold", () => {
    const found = slopes(steps.logarithm as (typeof steps)[string], { lengths: true }, backend)(
      [
        [Number.NaN, 2],
        [Number.NaN, 4],
      ],
      [1, 1],
      [0, 2],
    );
    close(found.w, slopesOfRow([2, 4], backend).w);
    expect(found.s[0]).toBe(1);
    expect([found.x[0], found.x[2]]).toEqual([0, 0]);
  });

  test("a batch without any step: zeros are all there is to run on", () => {
    const found = slopes((state, x, w) => state.add(x.mul(w)).tanh(), { lengths: true }, backend)(
      [[Number.NaN, 0]],
      [1, 1],
      [0, 0],
    );
    expect([found.loss, found.w, ...found.x]).toEqual([2, 0, 0, 0]);
  });

  test.each([false, true])("reads of the past, reverse %s", (reverse) => {
    const run = (hasLengths: boolean) =>
      compile(
        ({ x, w, n }) => {
          const { outputs } = scan(
            (s: Tensor, now: Tensor, past: Past<Tensor>) => {
              const out = past.back(2).add(now).log().mul(w);
              return [s, out];
            },
            {
              init: f.zeros([x.size(1)]),
              inputs: x,
              lengths: hasLengths ? n : undefined,
              reverse,
              history: f.zeros([x.size(1)]),
            },
          );
          return gradient(outputs.square().sum(), w);
        },
        { inputs: { x: float32("T", "B"), w: float32(), n: int32("B") }, backend },
      );
    const alone = run(false);
    const expected = rows.reduce(
      (sum, row) => sum + Number(alone({ x: row.map((x) => [x + 4]), w: 0.5, n: [row.length] }).data[0]),
      0,
    );
    const x = Array.from({ length: 5 }, (_, t) => rows.map((row) => (row[t] ?? Number.NaN) + 4));
    close(Number(run(true)({ x, w: 0.5, n: [4, 1, 5] }).data[0]), expected);
  });
});

describe("a closed step does not meet its row's last step, whose state or output may be a pole of the first input", () => {
  // Rows end on the number that they begin with: 1 / (first - last) is infinite, and no row computes it.
  const x = [
    [2, 5],
    [3, 7],
    [2, 6],
    [Number.NaN, 5],
  ];
  const by = (build: (now: Tensor, w: Tensor, lengths: Tensor) => Tensor) => {
    const run = compile(({ x: inputs, w, n }) => gradient(build(inputs, w, n).square().sum(), w), {
      inputs: { x: float32("T", "B"), w: float32(), n: int32("B") },
    });
    return run({ x, w: 1, n: [3, 4] }).data[0] as number;
  };
  // d/dw of the sum of (w / (before - now))^2, before being 0 at first.
  const expected = [
    [2, 3, 2],
    [5, 7, 6, 5],
  ]
    .flatMap((row) => row.map((now, t) => 2 / ((row[t - 1] ?? 0) - now) ** 2))
    .reduce((sum, one) => sum + one, 0);
  test("by the state", () => {
    const found = by((inputs, w, lengths) => {
      const step = (s: Tensor, now: Tensor) => [now, w.div(s.sub(now))] as const;
      return scan(step, { init: f.zeros([inputs.size(1)]), inputs, lengths }).outputs;
    });
    close(found, expected);
  });
  test("by the past", () => {
    const found = by((inputs, w, lengths) => {
      const zero = f.zeros([inputs.size(1)]);
      const { outputs } = scan(
        (s: Tensor, now: Tensor, past: Past<{ seen: Tensor; out: Tensor }>) =>
          [s, { seen: now, out: w.div(past.back(1).seen.sub(now)) }] as const,
        { init: zero, inputs, lengths, history: { seen: zero, out: zero } },
      );
      return outputs.out;
    });
    close(found, expected);
  });
});

describe("sequences that all rows share", () => {
  const run = compile(
    ({ x, shared, n }) =>
      scan(
        (state: Tensor, now: { x: Tensor; shared: Tensor }) => {
          const next = state.add(now.x.mul(now.shared));
          return [next, next];
        },
        { init: f.zeros([2, 2]), inputs: { x, shared }, lengths: n },
      ).final,
    { inputs: { x: float32(2, 2, 2), shared: float32(2, 2), n: int32(2) } },
  );
  test("are no rows', where they have as many features as there are rows", () => {
    const ones = Array.from({ length: 2 }, () => Array.from({ length: 2 }, () => [1, 1]));
    const shared = [
      [1, 10],
      [2, 20],
    ];
    expect([...run({ x: ones, shared, n: [2, 1] }).data]).toEqual([3, 30, 1, 10]);
    ones[1] = [
      [1, 1],
      [Number.NaN, Number.NaN],
    ];
    expect([...run({ x: ones, shared, n: [2, 1] }).data]).toEqual([3, 30, 1, 10]);
  });
  test("lengths below 0 and above T are refused", () => {
    const x = [
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ];
    const shared = [
      [1, 1],
      [1, 1],
    ];
    expect(() => run({ x, shared, n: [2, -1] })).toThrow("input n: -1 given at 1, 0 to 2 expected");
    expect(() => run({ x, shared, n: [3, 1] })).toThrow("input n: 3 given at 0, 0 to 2 expected");
  });
});

test.each([false, true])("a checkpointed scan of no steps gives its start, reverse %s", (reverse) => {
  const run = compile(
    (x) =>
      scan((s, v: Tensor) => [s.add(v), s.add(v)], {
        init: f.full(3, [2]),
        inputs: x,
        checkpoint: 3,
        reverse,
      }),
    { inputs: float32("T", 2) },
  );
  const { final, outputs } = run({ data: new Float32Array(0), shape: [0, 2] });
  expect([[...final.data], outputs.shape]).toEqual([
    [3, 3],
    [0, 2],
  ]);
});

function slopesOfRow(row: number[], backend: typeof wasm) {
  return slopes(steps.logarithm as (typeof steps)[string], { lengths: false }, backend)(
    row.map((x) => [x]),
    [1],
    [row.length],
  );
}
