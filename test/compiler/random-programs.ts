/**
 * Random programs: a recipe of numbers is read as instructions over a pool of tensors. Every recipe is a legal program,
 * so shrinking one gives another; values stay small, so that float32 and float64 can be compared.
 */

import {
  type Dimension,
  multiplyDimensions,
  type Shape,
  sameShape,
  subtractDimensions,
} from "../../src/graph/dimension.ts";
import { broadcastShapes } from "../../src/trace/align.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Past } from "../../src/trace/step.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { numbers } from "../helpers/values.ts";

/** One instruction: which, and numbers that its choices are made of. */
export type Instruction = readonly [kind: number, a: number, b: number, c: number];

/** What a recipe reads besides its pool. */
export interface Surroundings {
  /** int32 (T, B): steps and rows of tables, -1 and beyond the end included. */
  readonly indices: Tensor;
  /** int32 (B): lengths within T. */
  readonly lengths: Tensor;
  /** int32 (2). */
  readonly key: Tensor;
  /** Weights by shape, made when first asked for. */
  readonly weights: Map<string, Variable>;
}

const pick = <Item>(items: readonly Item[], choice: number): Item => items[choice % items.length] as Item;

function weight({ weights }: Surroundings, shape: readonly number[], choice: number): Variable {
  const name = `w${shape.join("x")}_${choice % 2}`;
  const known = weights.get(name);
  if (known) return known;
  const made = new Variable(name, shape);
  made.value = numbers(made.count, weights.size + 31);
  weights.set(name, made);
  return made;
}

function fits(a: Tensor, b: Tensor): boolean {
  try {
    return broadcastShapes("", a.shape, b.shape).length <= 3;
  } catch {
    return false;
  }
}

/** All pool tensors that pass, or the newest one of all. */
function choose(pool: readonly Tensor[], choice: number, passes: (x: Tensor) => boolean): Tensor | undefined {
  const candidates = pool.filter(passes);
  return candidates.length === 0
    ? undefined
    : pick(candidates, candidates.length - 1 - (choice % 5) + 5 * candidates.length);
}

/** A pool tensor with axes of size 1 in front. */
function ranked([x]: readonly Tensor[], rank: number): Tensor {
  const { shape } = x as Tensor;
  return (x as Tensor).reshape([...new Array<number>(Math.max(rank - shape.length, 0)).fill(1), ...shape]);
}

const unaries = [
  (x: Tensor) => x.tanh(),
  (x: Tensor) => x.sigmoid(),
  (x: Tensor) => x.neg(),
  (x: Tensor) => x.mul(0.5),
  (x: Tensor) => f.relu(x),
  (x: Tensor) => x.mul(0.1).exp(),
  (x: Tensor) => x.mul(3).sin(),
  (x: Tensor) => x.abs().pow(1.5).mul(0.3),
  (x: Tensor) => x.stopGradient(),
  (x: Tensor) => f.softmax(x.shape.length === 0 ? x.reshape([1]) : x),
];

function binary(pool: readonly Tensor[], [, a, b, c]: Instruction): Tensor {
  const left = choose(pool, a, () => true) as Tensor;
  const right = choose(pool, b, (x) => fits(left, x)) ?? left;
  return pick(
    [
      () => left.add(right),
      () => left.sub(right),
      () => left.mul(right.tanh()),
      () => left.maximum(right),
      () => left.minimum(right),
      () => left.div(right.square().add(1)),
    ],
    c,
  )();
}

function reduce(pool: readonly Tensor[], [, a, b, c]: Instruction): Tensor {
  const x = choose(pool, a, ({ shape }) => shape.length > 0) ?? ranked(pool, 1);
  const axes = x.shape.map((_, axis) => axis).filter((axis) => (b >> axis) % 2 === 0);
  const keep = c % 5 === 0;
  return pick(
    [() => x.sum(axes, { keep }).mul(0.2), () => x.max(axes, { keep }), () => x.sum(axes, { keep })],
    c,
  )();
}

/** The product of two tensors, some of whose equal axes are paired; some pairs are summed over. */
function product(pool: readonly Tensor[], [, a, b, c]: Instruction, given: Surroundings): Tensor {
  const left = choose(pool, a, ({ shape }) => shape.length > 0) ?? ranked(pool, 1);
  const last = left.shape.at(-1);
  if (b % 3 > 0 && typeof last === "number" && last > 0)
    return left.dot(weight(given, [last, pick([2, 4, 9], c)], b)).mul(1 / last);
  const right = choose(pool, b, ({ shape }) => shape.some((size) => left.shape.includes(size))) ?? left;
  const letters = [..."abcdefgh"];
  const labels = left.shape.map(() => letters.shift() as string);
  const free = [...labels];
  const others = right.shape.map((size) => {
    const at = free.findIndex((label) => left.shape[labels.indexOf(label)] === size);
    return at < 0 ? (letters.shift() as string) : (free.splice(at, 1)[0] as string);
  });
  let turn = c;
  const result = [...new Set([...labels, ...others])].filter((label) => {
    const shared = labels.includes(label) && others.includes(label);
    turn = (turn * 7 + 3) % 31;
    return !shared || turn % 2 === 0;
  });
  if (c % 2 === 1) result.reverse();
  if (result.length > 3) return left;
  return f.einsum(`${labels.join("")},${others.join("")}->${result.join("")}`, left, right.tanh()).mul(0.2);
}

function layout(pool: readonly Tensor[], [, a, b, c]: Instruction): Tensor {
  const x = choose(pool, a, ({ shape }) => shape.length > 0) ?? ranked(pool, 1);
  const axis = b % x.shape.length;
  const size = x.shape[axis] as Dimension;
  const next = x.shape[axis + 1];
  const order = x.shape.map((_, at) => at).sort((p, q) => ((p * 5 + b) % 7) - ((q * 5 + b) % 7));
  const merged = (): Tensor =>
    next === undefined
      ? x
      : x.reshape([...x.shape.slice(0, axis), multiplyDimensions(size, next), ...x.shape.slice(axis + 2)]);
  const split = (): Tensor =>
    typeof size === "number" && size % 2 === 0 && size > 0 && x.shape.length < 4
      ? x.reshape([...x.shape.slice(0, axis), size / 2, 2, ...x.shape.slice(axis + 1)])
      : x;
  const other = choose(
    pool,
    c,
    ({ shape }) =>
      shape.length === x.shape.length && shape.every((own, at) => at === axis || own === x.shape[at]),
  );
  return pick(
    [
      () => x.transpose(order),
      () => x.flip(axis),
      () => (typeof size === "number" ? x.slice(axis, b % size, size) : x.slice(axis, 0, size)),
      () => x.slice(axis, 0, subtractDimensions(size, typeof size === "number" ? c % size : 0)),
      () => x.pad(axis, b % 3, c % 2),
      () => f.join([x, other ?? x], axis),
      () => f.join([other ?? x, x.neg(), x], axis),
      merged,
      split,
      () => f.join([x.slice(axis, 1), x.slice(axis, 0, 1)], axis),
      () => x.at(axis, 0),
      () => (x.shape.length < 3 ? x.broadcastTo([2, ...x.shape]) : x),
      () => (x.shape.length < 3 ? f.stack([x, x.mul(0.5)], axis) : x),
    ],
    c,
  )();
}

function indexing(pool: readonly Tensor[], [, a, b, c]: Instruction, given: Surroundings): Tensor {
  const table = choose(pool, a, ({ shape }) => shape.length > 0) ?? ranked(pool, 1);
  const [size, ...rest] = table.shape as [Dimension, ...Dimension[]];
  if (b % 3 === 0 && rest.length < 2) return table.gather(given.indices);
  if (b % 3 === 1) return table.gather(f.range(size).add((c % 3) - 1));
  return table.gather(given.lengths).mul(0.5);
}

function special(pool: readonly Tensor[], [, a, b, c]: Instruction, given: Surroundings): Tensor {
  const x = choose(pool, a, ({ shape }) => shape.length > 0) ?? ranked(pool, 1);
  const last = x.shape.at(-1) as Dimension;
  const y = choose(pool, b, (other) => fits(x, other)) ?? x;
  return pick(
    [
      () => f.where(f.range(last).less(2), x, y),
      () => x.add(f.range(last).convert("float32").mul(0.1)),
      () => f.randomUniform(given.key, x.shape).sub(0.5).mul(x),
      () => x.add(f.full(0.25, x.shape)),
      () => f.full(0.5, x.shape).sum(0),
      () => f.where(given.indices.lessEqual(1), 0.5, f.where(given.indices.equal(2), 1, -1)),
      () => x.mean(-1, { keep: true }),
    ],
    c,
  )();
}

/** A tensor brought to a shape: by a product where that will do, else by its mean. */
function shaped(x: Tensor, shape: Shape, given: Surroundings): Tensor {
  const [from, to] = [x.shape.at(-1), shape.at(-1)];
  if (sameShape(x.shape, shape)) return x;
  if (
    sameShape(x.shape.slice(0, -1), shape.slice(0, -1)) &&
    typeof from === "number" &&
    typeof to === "number" &&
    from > 0
  )
    return x.dot(weight(given, [from, to], 0)).mul(1 / from);
  return x.mean().broadcastTo(shape);
}

/** A scan whose step is made of the instructions of `steps`, over a pool of states, slices and what it captures. */
function scanned(
  pool: readonly Tensor[],
  [, a, b, c]: Instruction,
  steps: readonly Instruction[],
  given: Surroundings,
  depth: number,
): Tensor[] {
  const first = choose(pool, a, ({ shape }) => shape.length > 1) ?? ranked(pool, 2);
  const length = first.shape[0] as Dimension;
  const second = choose(pool, b, (x) => x.shape.length > 0 && x.shape[0] === length && x !== first);
  const withIndices = length === "T";
  const slice = (x: Tensor): Shape => x.shape.slice(1);
  const states: Record<string, Tensor> = { s: f.full(0.5, slice(first)) };
  const init = choose(pool, c, (x) => x.shape.length < 3);
  if (init && b % 2 === 0) states.u = init;
  if (init && b % 4 === 0) states.v = init.mul(0.5);
  const inBatch = Object.values(states).every(({ shape }) => shape[0] === "B");
  const lengths = withIndices && inBatch && c % 3 === 0 ? given.lengths : undefined;
  const byIndex = withIndices && slice(first)[0] === "B" && a % 3 === 1;
  const history = a % 3 === 1 && (lengths === undefined || inBatch);
  const inputs: Record<string, Tensor> = { x: first };
  if (second) inputs.y = second;
  if (withIndices) inputs.i = given.indices;
  const captured = pool.slice(-2);
  const step = (
    state: Record<string, Tensor>,
    at: Record<string, Tensor>,
    past?: Past<{ o: Tensor; p?: Tensor }>,
  ) => {
    const own = [...captured, ...(at.y ? [at.y] : []), at.x as Tensor, ...Object.values(state)];
    if (past) own.push(past.back(1 + (b % 3)).o);
    if (past && byIndex) own.push(past.at(at.i as Tensor).o);
    const fresh = run(own, steps, given, depth + 1);
    const all = [...own, ...fresh].reverse();
    const next = Object.fromEntries(
      Object.entries(state).map(([name, old], index) => {
        const near = (choice: number) => shaped(pick(all, (choice + index) % 6), old.shape, given);
        const [one, other] = [near(a), near(b)] as const;
        return [
          name,
          pick(
            [() => one, () => old.add(one), () => old.mul(0.5).add(one), () => one.add(old).add(other)],
            c + index,
          )(),
        ];
      }),
    ) as Record<string, Tensor>;
    const o = shaped(pick(all, c % 4), slice(first), given);
    const extra = lengths ? undefined : pick([undefined, fresh.at(-1), next.s, state.s], b);
    return [next, extra && !history ? { o, p: extra } : { o }] as const;
  };
  const options = { init: states, inputs, lengths, reverse: c % 2 === 1 };
  const result = history
    ? scan(step, { ...options, history: { o: f.zeros(slice(first)) } as { o: Tensor; p?: Tensor } })
    : scan((state: Record<string, Tensor>, at: Record<string, Tensor>) => step(state, at), {
        ...options,
        checkpoint: a % 4 === 2 ? 1 + (b % 3) : undefined,
      });
  const made = [...Object.values(result.final), ...Object.values(result.outputs)] as Tensor[];
  return a % 5 === 0 ? made.slice(-1) : made;
}

/** What the instructions add to a pool. */
export function run(
  pool: readonly Tensor[],
  recipe: readonly Instruction[],
  given: Surroundings,
  depth = 0,
): Tensor[] {
  const all = [...pool];
  const queue = [...recipe];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [kind, a, b] = next;
    const makers: (() => Tensor | Tensor[])[] = [
      () => pick(unaries, b)(choose(all, a, () => true) as Tensor),
      () => binary(all, next as Instruction),
      () => binary(all, next as Instruction),
      () => reduce(all, next as Instruction),
      () => product(all, next as Instruction, given),
      () => product(all, next as Instruction, given),
      () => layout(all, next as Instruction),
      () => layout(all, next as Instruction),
      () => indexing(all, next as Instruction, given),
      () => special(all, next as Instruction, given),
    ];
    if (depth < 2) {
      const scans = () => scanned(all, next as Instruction, queue.splice(0, 2 + (b % 4)), given, depth);
      makers.push(scans, scans);
    }
    all.push(...[pick(makers, kind)()].flat().filter(({ shape }) => shape.length <= 4));
  }
  return all.slice(pool.length);
}
