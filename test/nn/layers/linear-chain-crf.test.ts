/** A chain of tags against the enumeration of all its paths. */

import { expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { linearChainCrf } from "../../../src/nn/layers/index.ts";
import { initialize } from "../../../src/nn/model.ts";
import { compile, float32, type InputType, int32 } from "../../../src/program/compile.ts";
import { explain } from "../../../src/program/explain.ts";
import { scalar, stack } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { integers, numbers, randomValue } from "../../helpers/values.ts";

const [T, B, K] = [4, 3, 3];
const lengths = [4, 2, 1];
const legal = [
  [true, false, true],
  [true, true, true],
  [false, true, true],
];
const may = { start: [true, true, false], end: [false, true, true], transitions: legal };
const x = randomValue([T, B, K], 3);

function pathsOf(length: number): number[][] {
  if (length === 0) return [[]];
  return pathsOf(length - 1).flatMap((path) => [0, 1, 2].map((tag) => [...path, tag]));
}

/** Tags (T, B) of which all may stand where they do. */
const golds = {
  every: [1, 0, 1, 0, 2, -1, 2, -1, -1, 1, -1, -1],
  legal: [0, 1, 1, 2, 1, -1, 2, -1, -1, 1, -1, -1],
};

test.each([
  ["every tag", {}, golds.every],
  ["legal ones", may, golds.legal],
] as const)("%s: as by enumeration", (_, options, gold) => {
  const crf = linearChainCrf(K, options);
  const weights = { start: numbers(K, 5), end: numbers(K, 6), transitions: numbers(K * K, 7) };
  crf.weights.start.value = Float32Array.from(weights.start);
  crf.weights.end.value = Float32Array.from(weights.end);
  crf.weights.transitions.value = Float32Array.from(weights.transitions);
  const run = compile(
    ({ x, lengths, tags }: Record<"x" | "lengths" | "tags", Tensor>) => ({
      ...crf.decode(x, lengths),
      log: crf.logPartition(x, lengths),
      marginals: crf.marginals(x, lengths),
      loss: crf.loss(x, tags, { lengths }),
      slopes: gradient(crf.loss(x, tags, { lengths }), { x, ...crf.weights }),
    }),
    { inputs: { x: float32(T, B, K), lengths: int32(B), tags: int32(T, B) }, backend: reference },
  );
  const holed = x.data.map((one, at) =>
    Math.floor(at / (B * K)) < (lengths[Math.floor(at / K) % B] as number) ? one : Number.NaN,
  );
  const tags = integers(gold, [T, B]);
  const of = run({ x: { data: holed as Float64Array, shape: x.shape }, lengths: integers(lengths), tags });
  const scoreOf = (path: number[], b: number) =>
    path.reduce(
      (sum, tag, t) => {
        const from = path[t - 1];
        const step = from === undefined ? weights.start[tag] : weights.transitions[from * K + tag];
        return sum + (step as number) + (x.data[(t * B + b) * K + tag] as number);
      },
      weights.end[path.at(-1) as number] as number,
    );
  const isLegal = (path: number[]) =>
    options === may
      ? may.start[path[0] as number] &&
        may.end[path.at(-1) as number] &&
        path.every((tag, t) => t === 0 || legal[path[t - 1] as number]?.[tag])
      : true;
  let loss = 0;
  for (const [b, length] of lengths.entries()) {
    const paths = pathsOf(length).filter(isLegal);
    const scores = paths.map((path) => scoreOf(path, b));
    const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
    expect(of.log.data[b]).toBeCloseTo(total, 5);
    const best = Math.max(...scores);
    expect(of.score.data[b]).toBeCloseTo(best, 5);
    const path = paths[scores.indexOf(best)] as number[];
    for (let t = 0; t < T; t++) expect(of.tags.data[t * B + b]).toBe(path[t] ?? -1);
    for (let t = 0; t < T; t++)
      for (let k = 0; k < K; k++) {
        const own = scores.filter((_, at) => paths[at]?.[t] === k).map((score) => Math.exp(score - total));
        const sum = own.reduce((a, c) => a + c, 0);
        expect(of.marginals.data[(t * B + b) * K + k]).toBeCloseTo(sum, 5);
      }
    const own = Array.from({ length }, (_, t) => gold[t * B + b] as number);
    loss += (total - scoreOf(own, b)) / B;
  }
  expect(of.loss.data[0]).toBeCloseTo(loss, 5);
  for (const { data } of Object.values(of.slopes)) expect(Array.from(data)).not.toContain(Number.NaN);
});

test.each([
  ["every tag", {}, golds.every],
  ["legal ones", may, golds.legal],
] as const)("%s: the slopes of the loss are those of differences", (_, options, gold) => {
  const tensors = (list: readonly number[]) => stack(list.map((one) => scalar(one, "int32")));
  const crf = initialize({ crf: linearChainCrf(K, options) }, { seed: 4 }).crf;
  checkGradient(({ x }) => crf.loss(x, tensors(gold).reshape([T, B]), { lengths: tensors(lengths) }), { x });
});

test("tags that are not legal cost 1e30, and a row too short for any legal ones says so", () => {
  const never = [true, false];
  const { crf } = initialize({ crf: linearChainCrf(2, { start: never, end: [false, true] }) }, { seed: 4 });
  const run = compile(
    ({ x, tags, lengths }: Record<"x" | "tags" | "lengths", Tensor>) => ({
      loss: crf.loss(x, tags, { lengths, reduction: "sum" }),
      ...crf.decode(x, lengths),
    }),
    { inputs: { x: float32(2, 1, 2), tags: int32(2, 1), lengths: int32(1) }, backend: reference },
  );
  const loss = (tags: number[], length = 2) =>
    run({ x: randomValue([2, 1, 2], 1), tags: integers(tags, [2, 1]), lengths: integers([length]) });
  expect(loss([0, 1]).loss.data[0]).toBeLessThan(10);
  expect(loss([1, 1]).loss.data[0]).toBeGreaterThan(9e29);
  expect(loss([0, 1]).score.data[0]).toBeGreaterThan(-10);
  expect(loss([0, -1], 1).score.data[0]).toBeLessThan(-9e29);
});

test("what is legal takes no more nodes for many tags than for few", () => {
  const nodesOf = (tags: number) => {
    const every = Array<boolean>(tags).fill(true);
    const crf = linearChainCrf(tags, { start: every, end: every, transitions: Array(tags).fill(every) });
    const [explained] = explain({}, (backend) =>
      compile((x: Tensor) => crf.logPartition(x), { inputs: float32(4, 2, tags), backend }),
    );
    return explained?.passes[0]?.before.nodes as number;
  };
  expect(nodesOf(3)).toBeGreaterThan(10);
  expect(nodesOf(40)).toBe(nodesOf(3));
});

test("tags that do not fit are refused, and one that is missing within a length is told by NaN", () => {
  const crf = initialize({ crf: linearChainCrf(2) }, { seed: 4 }).crf;
  const inputs = { x: float32(2, 1, 2), tags: int32(2, 1), lengths: int32(1) };
  const run = compile(
    ({ x, tags, lengths }: Record<keyof typeof inputs, Tensor>) => crf.loss(x, tags, { lengths }),
    { inputs, backend: reference },
  );
  const rows = { x: randomValue([2, 1, 2], 1), lengths: integers([1]) };
  expect(run({ ...rows, tags: integers([1, -1], [2, 1]) }).data[0]).toBeGreaterThan(0);
  expect(run({ ...rows, tags: integers([-1, 1], [2, 1]) }).data[0]).toBeNaN();
  expect(() => run({ ...rows, tags: integers([2, 1], [2, 1]) })).toThrow("2 given at 0 ([0][0]), 0 to 1");
  const trace = (tags: InputType) =>
    compile(({ x, tags }: { x: Tensor; tags: Tensor }) => crf.loss(x, tags), {
      inputs: { x: float32(2, 1, 2), tags },
    });
  expect(() => trace(int32(2))).toThrow("linearChainCrf: tags int32 (2) given, int32 (2, 1) expected");
  expect(() => trace(float32(2, 1))).toThrow("linearChainCrf: tags float32 (2, 1) given, int32");
});

test("of equal tags the lower one is decoded", () => {
  const crf = linearChainCrf(3);
  crf.weights.start.value = new Float32Array(3);
  crf.weights.end.value = new Float32Array(3);
  crf.weights.transitions.value = new Float32Array(9);
  const run = compile((x: Tensor) => crf.decode(x), { inputs: float32(3, 1, 3), backend: reference });
  const { tags, score } = run({ data: new Float64Array(9).fill(2), shape: [3, 1, 3] });
  expect([...tags.data, ...score.data]).toEqual([0, 0, 0, 6]);
});

test("refuses what is not legal", () => {
  expect(() => linearChainCrf(0)).toThrow("linearChainCrf: tags 0 given, a positive integer expected");
  expect(() => linearChainCrf(2, { start: [true] })).toThrow(
    "linearChainCrf: start an array of 1 given, a list of 2 booleans expected",
  );
  expect(() => linearChainCrf(2, { transitions: [] })).toThrow(
    "linearChainCrf: transitions an array of 0 given, 2 lists of 2 booleans expected",
  );
  expect(() => linearChainCrf(2, { end: [false, false] })).toThrow(
    "linearChainCrf: end without a legal tag given",
  );
});
