/** Selection of loads, stores and atomics. */

import type { Expression, Store } from "../../instructions/expressions.ts";
import * as control from "./control-forms.ts";
import * as general from "./general-forms.ts";
import { type Form, inMemory, none, type TypeNumber } from "./instruction.ts";
import * as lanes from "./lane-forms.ts";
import * as byMask from "./mask-forms.ts";
import type { Rule, Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";
import { splatInteger } from "./vector-rules.ts";

const load =
  (form: Form, type: TypeNumber): Rule =>
  (selector, { operands, immediates }, to) => {
    const place = selector.address(operands[0] as Expression, immediates[0] as number);
    const result = selector.result(to, type);
    selector.emitAt(place, form, result, inMemory);
    return result;
  };

/** Of an address and a number. */
const atomic =
  (form: Form): Rule =>
  (selector, { operands }, to) => {
    const [address, number] = operands as [Expression, Expression];
    const place = selector.address(address, 0);
    const value = selector.value(number);
    const result = selector.result(to, 0);
    selector.emitAt(place, form, result, value);
    return result;
  };

/** One float into one lane; the others are those of the second operand. */
const loadLane: Rule = (selector, { operands, immediates }, to) => {
  const [address, value] = operands as [Expression, Expression];
  const [offset, lane] = immediates as [number, number];
  const place = selector.address(address, offset);
  const others = selector.value(value);
  if (selector.set === "avx2" && selector.lanes > 4) {
    const all = selector.temporary(2);
    selector.emitAt(place, vectors.loads.splat, all, inMemory);
    return selector.vector(lanes.blendLanes, others, all, none, 1 << lane, to);
  }
  const result = selector.result(to, 2);
  if (selector.set === "avx512")
    selector.emitAt(place, byMask.loadLaneByMask, result, others, none, none, lane);
  else selector.emitAt(place, lanes.insertLane, result, others, inMemory, none, lane << 4);
  return result;
};

export const memoryRules = {
  "i32.load": load(general.move, 0),
  "f32.load": load(vectors.moveOne, 1),
  "vector.load": load(vectors.move, 2),
  "vector.load32_splat": load(vectors.loads.splat, 2),
  "vector.load32_zero": load(vectors.loads.one, 2),
  "vector.load64_zero": load(vectors.loads.two, 2),
  "vector.load32_lane": loadLane,
  "atomics.load": load(general.move, 0),
  "atomics.add": atomic(control.atomicAdd),
  "atomics.notify": ((selector, { operands }, to) => {
    const place = selector.address(operands[0] as Expression, 0);
    const result = selector.result(to, 0);
    selector.emitAt(place, control.notify, result);
    return result;
  }) satisfies Rule,
  "atomics.wait": atomic(control.wait),
};

/** Of vpcmpd. */
const less = 1;

const stores = {
  "f32.store": vectors.storeOne,
  "vector.store": vectors.store,
  "vector.store64_low": vectors.storeTwo,
  "atomics.store": control.atomicStore,
} as const;

export function emitStore(selector: Selector, { op, operands, immediates }: Store): void {
  const [address, value] = operands as [Expression, Expression];
  const place = selector.address(address, immediates[0] ?? 0);
  if (op === "i32.store") {
    const isConstant = value.op === "i32.const";
    const from = isConstant ? none : selector.value(value);
    selector.emitAt(
      ...([place, general.store, none, from, none, none] as const),
      isConstant ? (value.immediates[0] as number) | 0 : 0,
    );
  } else if (op === "vector.store32_lane") {
    const lane = immediates[1] as number;
    const part = selector.lanesFrom(selector.value(value), lane);
    if (lane % 4 === 0) selector.emitAt(place, vectors.storeOne, none, part);
    else selector.emitAt(place, vectors.storeLane, none, part, none, none, lane % 4);
  } else if (op === "vector.store_first") {
    const from = selector.value(value);
    const count = splatInteger(selector, operands[2] as Expression);
    const numbers = selector.iota();
    if (selector.set === "avx512") {
      selector.emit(byMask.compareIntegersToMask, none, numbers, count, none, less);
      selector.emitAt(place, byMask.storeByMask, none, from);
    } else {
      const mask = selector.vector(vectors.greaterIntegers, count, numbers);
      selector.emitAt(place, vectors.storeByVector, none, from, mask);
    }
  } else {
    const form = stores[op as keyof typeof stores];
    if (!form) throw new Error(`${op}: not an instruction that machine code can be made from`);
    selector.emitAt(place, form, none, selector.value(value));
  }
}

/** Operations that are statements. */
export type StoreOperation = "i32.store" | "vector.store32_lane" | "vector.store_first" | keyof typeof stores;
