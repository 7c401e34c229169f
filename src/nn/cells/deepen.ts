/** Deep input, transition and output: small networks inside the step of any cell. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import {
  type Cell,
  checkCell,
  firstSize,
  matrix,
  type Tensors,
  vector,
  type WeightDeclaration,
} from "../cell.ts";
import { sizedCell } from "../sized-cell.ts";

/** A small network inside a cell, from rows (B, any size) to rows (B, outputSize). */
export interface InnerNetwork {
  readonly outputSize: number;
  /** Its weights for rows of `input` numbers. */
  weights(input: number): Readonly<Record<string, WeightDeclaration>>;
  apply(weights: Tensors<string>, rows: Tensor): Tensor;
}

/**
 * A network of fully connected layers of these sizes: a_l = activation(W_l a_(l-1) + b_l), with W_1 (sizes[0], input),
 * W_2 (sizes[1], sizes[0]) and so on.
 * Throws UsageError for sizes that are not positive integers.
 */
export function feedForward(
  sizes: readonly number[],
  activation: (x: Tensor) => Tensor = tanh,
): InnerNetwork {
  if (!Array.isArray(sizes)) {
    throw new UsageError(`feedForward: ${printGiven(sizes)} given, a list of sizes expected`);
  }
  if (typeof activation !== "function") {
    throw new UsageError(`feedForward: activation ${printGiven(activation)} given, a function expected`);
  }
  const outputSize = sizes.at(-1);
  if (outputSize === undefined || sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new UsageError(`feedForward: sizes [${sizes.join(", ")}] given, positive integers expected`);
  }
  return {
    outputSize,
    weights(input) {
      const layers = sizes.map((size, index) => [
        [`W_${index + 1}`, matrix(size, sizes[index - 1] ?? input)] as const,
        [`b_${index + 1}`, vector(size)] as const,
      ]);
      return Object.fromEntries(layers.flat());
    },
    apply: (weights, rows) =>
      sizes.reduce((a, _, index) => {
        const [W, b] = [weights[`W_${index + 1}`], weights[`b_${index + 1}`]] as [Tensor, Tensor];
        return activation(a.dot(W.transpose()).add(b));
      }, rows),
  };
}

/** The networks of a deepened cell; none by default. */
export interface DeepeningOptions {
  /** The cell reads input(x) in place of x. */
  readonly input?: InnerNetwork | undefined;
  /** What the cell gives as the first part of its state, h, becomes transition(h), of the same size. */
  readonly transition?: InnerNetwork | undefined;
  /** The cell shows output(h) in place of h; the next step reads h. */
  readonly output?: InnerNetwork | undefined;
}

type Place = keyof DeepeningOptions;

/**
 * The cell with networks in it: h' = transition(cell(input(x), h)), shown as output(h'). With `transition` this is the
 * DT-RNN, with `output` too the DOT-RNN, for any cell. Weights of a network are named by their place: input_W_1.
 *
 *     deepen(rnn, { transition: feedForward([100]), output: feedForward([100, 50], relu) })
 *
 * Pascanu et al., "How to construct deep recurrent neural networks", 2014.
 * Throws UsageError without a network. A layer of the new cell throws ShapeError if the transition does not give the size of h,
 * and UsageError if the old cell has a weight of the same name, because it has a network in that place already.
 */
export function deepen<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  given: DeepeningOptions,
): Cell<State, Weight | `${keyof DeepeningOptions}_${string}`> {
  checkCell("deepen", cell);
  checkOptions(`deepen(${cell.name})`, given, { input: true, transition: true, output: true });
  const networks: DeepeningOptions = given ?? {};
  const { input, transition, output } = networks;
  const places = (["input", "transition", "output"] as const).filter((place) => networks[place]);
  if (places.length === 0) {
    throw new UsageError(`deepen(${cell.name}): no network given, input, transition or output expected`);
  }
  for (const place of places) {
    const network: Partial<InnerNetwork> | undefined = networks[place];
    if (typeof network?.weights === "function" && typeof network.apply === "function") continue;
    throw new UsageError(
      `deepen(${cell.name}): ${place} ${printGiven(network)} given, a network such as feedForward([64]) expected`,
    );
  }
  const firstOf = (record: object) => Object.keys(record)[0] as State;
  const shownBy = (state: Tensors<State>, weights: Tensors<Weight>) =>
    cell.output ? cell.output(state, weights) : state[firstOf(state)];

  const name = `${cell.name} with deep ${places.join(", ")}`;

  return {
    name,
    parts(inputSize, hidden, memory) {
      const size = input?.outputSize ?? inputSize;
      const { state, weights, outputSize } = sizedCell(cell, size, hidden, memory);
      const reads = { input: inputSize, transition: firstSize(name, state), output: outputSize };
      const inner = places.flatMap((place) =>
        Object.entries(networks[place]?.weights(reads[place]) ?? {}).map(
          ([weight, declaration]) => [`${place}_${weight}` as const, declaration] as const,
        ),
      );
      const taken = inner.find(([weight]) => weight in weights);
      if (taken) throw new UsageError(`${name}: ${cell.name} has a weight ${taken[0]} already`);
      const all: Record<string, WeightDeclaration> = { ...weights, ...Object.fromEntries(inner) };
      return { state, weights: all as Record<Weight | `${Place}_${string}`, WeightDeclaration> };
    },
    step(weights, state, x, context) {
      const next = cell.step(weights, state, input ? input.apply(within(weights, "input"), x) : x, context);
      if (!transition) return next;
      const first = firstOf(state);
      return { ...next, [first]: transition.apply(within(weights, "transition"), next[first]) };
    },
    output: (state, weights) => {
      const shown = shownBy(state, weights);
      return output ? output.apply(within(weights, "output"), shown) : shown;
    },
  };
}

/** The weights of one place, by the names that its network gives them. */
function within(weights: Tensors<string>, place: Place): Tensors<string> {
  const own = Object.entries(weights).filter(([name]) => name.startsWith(`${place}_`));
  return Object.fromEntries(own.map(([name, weight]) => [name.slice(place.length + 1), weight]));
}
