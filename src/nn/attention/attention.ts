/** A layer that attends to a memory beside a cell: for one query a row, or for a sequence of them. */

import { zeros } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import { expectTensors, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { mapRecord } from "../cell.ts";
import { uniform } from "../initializers.ts";
import { checkInput, checkSize, type Layer } from "../layers/layer.ts";
import { type Memory, memoryOf, sizesFor } from "../memory.ts";
import type { Attended } from "./attend.ts";
import { checkMechanism, type Mechanism } from "./mechanism.ts";
import { type PreviousAttention, previousAfter, previousOf, previousSizes } from "./previous.ts";

export interface Attention<Weight extends string> extends Layer {
  /** The mechanism's, by its own names. */
  readonly weights: Readonly<Record<Weight, Variable>>;
  /**
   * A query (B, Q) and a memory (S, B, M) to the context (B, M) and the weights (S, B); queries (T, B, Q), step after step, to
   * (T, B, M) and (T, S, B). What a mechanism reads of steps before is zeros before the first of them.
   */
  apply(query: Tensor, memory: Memory): Attended;
}

/**
 * A mechanism for queries of size Q and memories of size M, such as attention(general(), 256, 512). Its weights start uniform in
 * +-1/sqrt(Q), unless the mechanism says otherwise. Throws UsageError for sizes that are not positive integers.
 */
export function attention<Weight extends string>(
  mechanism: Mechanism<Weight>,
  query: number,
  memory: number,
): Attention<Weight> {
  checkMechanism("attention", mechanism);
  const where = `attention(${mechanism.name})`;
  checkSize(where, "query size", query);
  checkSize(where, "memory size", memory);
  const weights = mapRecord(
    mechanism.weights(query, memory),
    ({ shape, initializer = uniform(1 / Math.sqrt(query)) }, name) =>
      new Variable(name, shape, { initializer, layer: where }),
  );
  const carried = Object.fromEntries(
    mechanism.previous.map((part) => [part, previousSizes[part]]),
  ) as typeof previousSizes;
  return {
    weights,
    apply(queries, given) {
      expectTensors(where, queries);
      const isSequence = queries.shape.length === 3;
      checkInput(where, queries, query, isSequence ? 3 : 2);
      const batch = queries.size(-2);
      const read = memoryOf(where, given, { size: memory, batch }) as Memory;
      const init = mapRecord(sizesFor(where, carried, read.values.size(0)), (size) => zeros([batch, size]));
      if (!isSequence) return mechanism.attend(weights, queries, read, previousOf(init));
      const { outputs } = scan(
        (state: Record<keyof PreviousAttention, Tensor>, one: Tensor) => {
          const found = mechanism.attend(weights, one, read, previousOf(state));
          return [previousAfter(mechanism.previous, state, found.weights), found] as const;
        },
        { init, inputs: queries },
      );
      return outputs;
    },
  };
}
