/** A cell that attends to a memory at every step, made of any cell and any mechanism. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { concat, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import {
  type Cell,
  checkCell,
  matrix,
  type StepContext,
  type Tensors,
  type WeightDeclaration,
} from "../cell.ts";
import type { StateSize } from "../memory.ts";
import { sizedCell } from "../sized-cell.ts";
import type { Attended } from "./attend.ts";
import { checkMechanism, type Mechanism, prefixed, withoutPrefix } from "./mechanism.ts";
import { type PreviousAttention, previousAfter, previousOf, previousSizes } from "./previous.ts";

/** Which state asks: the one before a step, or the new one. */
export type AttentionQuery = "before" | "after";

export interface WithAttentionOptions {
  /**
   * "before": the state before the step asks, and what it gets enters the cell (Bahdanau et al. 2015). "after": the new state
   * asks, and what it gets goes to the output (Luong et al. 2015). Default "before".
   */
  readonly query?: AttentionQuery | undefined;
  /** With the query "after": whether the output of a step is joined to the input of the next one. Default true. */
  readonly inputFeeding?: boolean | undefined;
  /** With the query "after": the size of the output. Default the cell's hidden size. */
  readonly outputSize?: number | undefined;
}

/** What the new cell has besides the cell's own state, and what its mechanism reads of steps before. */
export type AttentionState<Options extends WithAttentionOptions> = Options["query"] extends "after"
  ? "attended"
  : "context";
type Added = "context" | "attended" | keyof PreviousAttention;
/** What the new cell has besides the cell's own weights. */
export type AttentionWeight<Weight extends string> = `attention_${Weight}` | "attention_W_c";

/**
 * The cell, which attends to the memory of its layer at every step: query (B, Q) is what it puts out, a the weights (S, B), c the
 * context (B, M). A step shows a as "attention".
 *
 *     recurrent(withAttention(gru, additive({ units: 128 })), 64, 256, { memory: 512 })
 *
 * With `query: "before"`, Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate",
 * 2015: a, c = attend(h, memory);  h' = cell([x, c], h);  output [h', c].
 *
 * With `query: "after"`, Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation", 2015:
 * h' = cell([x, y], h), with y the output of the step before, or cell(x, h) without input feeding;  a, c = attend(h', memory);
 * output y' = tanh(W_c [c, h']), with W_c (outputSize, M + Q), which is called attention_W_c.
 *
 * The mechanism's weights are called attention_W and so on. Throws UsageError for options that contradict each other; a layer
 * throws it without a memory, and where a name of the cell's is taken.
 */
export function withAttention<
  State extends string,
  Weight extends string,
  Own extends string,
  Part extends keyof PreviousAttention,
  // biome-ignore lint/complexity/noBannedTypes: no options at all, of which every one has its default
  const Options extends WithAttentionOptions = {},
>(
  cell: Cell<State, Weight>,
  mechanism: Mechanism<Own, Part>,
  options?: Options,
): Cell<State | AttentionState<Options> | Part, Weight | AttentionWeight<Own>>;
export function withAttention<State extends string, Weight extends string, Own extends string>(
  cell: Cell<State, Weight>,
  mechanism: Mechanism<Own>,
  options: WithAttentionOptions = {},
): Cell<State | Added, Weight | AttentionWeight<Own>> {
  checkCell("withAttention", cell);
  checkMechanism(`withAttention(${cell.name})`, mechanism);
  const name = `${cell.name} with ${mechanism.name} attention`;
  checkOptions(name, options, { query: true, inputFeeding: true, outputSize: true });
  const { query = "before", inputFeeding = true, outputSize } = options;
  if (query !== "before" && query !== "after") {
    throw new UsageError(`${name}: query ${printGiven(query)} given, before or after expected`);
  }
  for (const option of ["inputFeeding", "outputSize"] as const) {
    if (query === "before" && options[option] !== undefined)
      throw new UsageError(`${name}: ${option} given, which is of the query after`);
  }
  const isAfter = query === "after";
  const shows = (state: Tensors<State>, weights: Tensors<Weight>) =>
    cell.output ? cell.output(state, weights) : state[Object.keys(state)[0] as State];

  return {
    name,
    parts(input, hidden, memory = 0) {
      if (memory === 0) {
        throw new UsageError(
          `cell ${name}: reads a memory, and was given none: recurrent(cell, input, hidden, { memory: size }) expected`,
        );
      }
      const size = outputSize ?? hidden;
      const fed = isAfter ? (inputFeeding ? size : 0) : memory;
      const inner = sizedCell(cell, input + fed, hidden, memory);
      const own = mechanism.weights(inner.outputSize, memory);
      const state = {
        ...(isAfter ? { attended: size } : { context: memory }),
        ...Object.fromEntries(mechanism.previous.map((part) => [part, previousSizes[part]])),
      };
      const weights = {
        ...prefixed(PREFIX, own),
        ...(isAfter && { attention_W_c: matrix(size, memory + inner.outputSize) }),
      };
      return {
        state: joined(name, "state", inner.state, state) as Record<State | Added, StateSize>,
        weights: joined(name, "weight", inner.weights, weights) as Record<
          Weight | AttentionWeight<Own>,
          WeightDeclaration
        >,
      };
    },
    step(weights, state, x, context) {
      const attend = (asking: Tensor) => {
        const found = mechanism.attend(
          withoutPrefix(PREFIX, weights) as Tensors<Own>,
          asking,
          context.memory,
          previousOf(state),
        );
        context.show("attention", found.weights);
        return found;
      };
      const stepped = (input: Tensor) =>
        cell.step(weights, state, input, context as unknown as StepContext<State>);
      const after = (next: Tensors<State>, found: Attended, added: Partial<Record<Added, Tensor>>) => ({
        ...next,
        ...added,
        ...previousAfter(mechanism.previous, state, found.weights),
      });
      if (!isAfter) {
        const found = attend(shows(state, weights));
        const { context: read } = found;
        return after(stepped(concat(x, read)), found, { context: read }) as Tensors<State | Added>;
      }
      const next = stepped(inputFeeding ? concat(x, state.attended) : x);
      const asking = shows(next, weights);
      const found = attend(asking);
      const attended = tanh(concat(found.context, asking).dot(weights.attention_W_c.transpose()));
      return after(next, found, { attended }) as Tensors<State | Added>;
    },
    output: (state, weights) => (isAfter ? state.attended : concat(shows(state, weights), state.context)),
  };
}

const PREFIX = "attention_";

/** Both records. Throws UsageError for a name that both have. */
function joined(where: string, what: string, own: object, added: object): object {
  const taken = Object.keys(added).find((name) => name in own);
  if (taken) throw new UsageError(`${where}: the cell has a ${what} ${taken} already`);
  return { ...own, ...added };
}
