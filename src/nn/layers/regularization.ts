/** What training does to a recurrent layer at random: dropout in four places, and zoneout. */

import { type OptionNames, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Dimension, Shape } from "../../graph/dimension.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import { rebuild, withInputs } from "../../graph/traverse.ts";
import { full, join, lerp, randomUniform, scalar, where as select } from "../../trace/functions.ts";
import { foldKey, type Keys } from "../../trace/randomness.ts";
import { refill, tensorsOf } from "../../trace/step.ts";
import { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { sizesFor } from "../memory.ts";
import { type SizedCell, stateAxis } from "../sized-cell.ts";
import { dropMask } from "./dropout.ts";
import { checkProbability } from "./layer.ts";

/**
 * Probabilities from 0 to below 1, default 0. Without a key, given or of the training step around, nothing is dropped. What is kept is divided by 1 - probability.
 * Each layer and direction draws its own masks.
 */
export interface RegularizationOptions<State extends string = string> {
  /**
   * Dropout with one mask for all steps, on each layer's input and on the state where matrices multiply it; what a cell
   * carries on elementwise is not dropped. One number for both. Gal and Ghahramani, "A theoretically grounded application
   * of dropout in recurrent neural networks", 2016.
   */
  readonly variationalDropout?: number | { readonly input?: number; readonly state?: number } | undefined;
  /**
   * Dropout of what a cell is about to add to its memory, so that what is remembered stays; a mask for each step. Semeniuta,
   * Severyn and Barth, "Recurrent dropout without memory loss", 2016.
   */
  readonly recurrentDropout?: number | undefined;
  /**
   * Elements that keep their value from the step before, a mask for each step; without a key each is the mean of both. One
   * number for all parts of the state, or one for each. Krueger et al., "Zoneout", 2017.
   */
  readonly zoneout?: number | { readonly [Name in State]?: number } | undefined;
  /**
   * DropConnect: dropout of the elements of the matrices that read the state (`reads: "state"`, and the state's part of
   * `reads: "both"`), one mask a call. Merity, Keskar and Socher, "Regularizing and optimizing LSTM language models", 2018.
   */
  readonly weightDropout?: number | undefined;
}

/** The names of these options, for the layers that have them. */
export const regularizationNames: OptionNames<RegularizationOptions> = {
  variationalDropout: true,
  recurrentDropout: true,
  zoneout: true,
  weightDropout: true,
};

/** The probabilities of all of it. */
export interface Regularization<State extends string> {
  readonly input: number;
  readonly state: number;
  readonly candidates: number;
  readonly weights: number;
  readonly zoneout: Readonly<Record<State, number>>;
}

/** Every probability, checked. Throws UsageError for one out of range, or one that the cell has no use for. */
export function completeRegularization<State extends string>(
  where: string,
  {
    variationalDropout = 0,
    recurrentDropout = 0,
    zoneout = 0,
    weightDropout = 0,
  }: RegularizationOptions<State>,
  cell: SizedCell<State, string>,
): Regularization<State> {
  checkNames(`${where}: variationalDropout`, variationalDropout, ["input", "state"]);
  const { input = 0, state = 0 } =
    typeof variationalDropout === "number"
      ? { input: variationalDropout, state: variationalDropout }
      : variationalDropout;
  checkProbability(where, "variationalDropout", input);
  checkProbability(where, "variationalDropout", state);
  checkProbability(where, "recurrentDropout", recurrentDropout);
  checkProbability(where, "weightDropout", weightDropout);
  checkNames(`${where}: zoneout`, zoneout, Object.keys(cell.state));
  const zoneouts = mapRecord(cell.state, (_, name) =>
    typeof zoneout === "number" ? zoneout : (zoneout[name] ?? 0),
  );
  for (const probability of Object.values<number>(zoneouts)) checkProbability(where, "zoneout", probability);
  if (recurrentDropout > 0 && cell.candidates.length === 0) {
    throw new UsageError(`${where}: recurrentDropout given, a cell whose step calls \`drop\` expected`);
  }
  const readsState = Object.values(cell.weights).some(({ reads }) => reads === "state" || reads === "both");
  if (weightDropout > 0 && !readsState) {
    throw new UsageError(
      `${where}: weightDropout given, a cell with weights declared to read the state expected`,
    );
  }
  return { input, state, candidates: recurrentDropout, weights: weightDropout, zoneout: zoneouts };
}

/** Throws UsageError for what is neither a number nor numbers by name, and for a name that is not known. */
function checkNames(where: string, given: number | object, known: readonly string[]): void {
  if (typeof given === "number") return;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const names = known.map((name) => `${name}: number`).join(", ");
    throw new UsageError(`${where} ${printGiven(given)} given, a number or { ${names} } expected`);
  }
  const stray = Object.keys(given).find((name) => !known.includes(name));
  if (stray !== undefined)
    throw new UsageError(`${where} of ${stray} given, of ${known.join(", ")} expected`);
}

/** What one call of a layer draws: things to multiply with, and uniform numbers for zoneout. */
export interface Masks<State extends string, Weight extends string> {
  /** The weights, some elements dropped. */
  readonly weights: Tensors<Weight>;
  /** (B, input), for every step. */
  readonly input: Tensor | undefined;
  /** (B, size), for every step. */
  readonly state: Tensors<State> | undefined;
  /** (T, B, size), a slice for each step. */
  readonly candidates: readonly Tensor[];
  /** (T, B, size), a slice for each step. */
  readonly zoneout: { readonly [Name in State]?: Tensor };
}

/** Whether anything is drawn at random in training. */
export function isRegularized({
  input,
  state,
  candidates,
  weights,
  zoneout,
}: Regularization<string>): boolean {
  return [input, state, candidates, weights, ...Object.values(zoneout)].some(
    (probability) => probability > 0,
  );
}

/** The masks of a call of T steps and B rows, and of a memory of so many steps. Without keys there are none. */
export function drawMasks<State extends string, Weight extends string>(
  { input, state, candidates, weights: ofWeights, zoneout }: Regularization<State>,
  cell: SizedCell<State, Weight>,
  weights: Tensors<Weight>,
  {
    steps,
    batch,
    memorySteps,
  }: { readonly steps: Dimension; readonly batch: Dimension; readonly memorySteps?: Dimension | undefined },
  keys: Keys | undefined,
): Masks<State, Weight> {
  if (!keys) return { weights, input: undefined, state: undefined, candidates: [], zoneout: {} };
  const uses = ["input", "state", "weights", "candidates", "zoneout"] as const;
  const keyOf = (use: (typeof uses)[number], part = 0) => {
    const key = use === "candidates" || use === "zoneout" ? keys.fresh : keys.steady;
    return foldKey(foldKey(key, uses.indexOf(use)), part);
  };
  const names = Object.keys(cell.state) as State[];
  const sizes = sizesFor("recurrent", cell.state, memorySteps);
  return {
    weights:
      ofWeights === 0 ? weights : dropWeights(cell, weights, ofWeights, (part) => keyOf("weights", part)),
    input: input === 0 ? undefined : dropMask(keyOf("input"), [batch, cell.input], input),
    state:
      state === 0
        ? undefined
        : mapRecord(sizes, (size, name) =>
            dropMask(keyOf("state", names.indexOf(name)), [batch, size], state),
          ),
    candidates:
      candidates === 0
        ? []
        : cell.candidates.map((size, at) =>
            dropMask(keyOf("candidates", at), [steps, batch, size], candidates),
          ),
    zoneout: Object.fromEntries(
      names
        .filter((name) => zoneout[name] > 0)
        .map((name, at) => [name, randomUniform(keyOf("zoneout", at), [steps, batch, sizes[name]])]),
    ) as Masks<State, Weight>["zoneout"],
  };
}

function dropWeights<State extends string, Weight extends string>(
  cell: SizedCell<State, Weight>,
  weights: Tensors<Weight>,
  probability: number,
  keyOf: (part: number) => Tensor,
): Record<Weight, Tensor> {
  const names = Object.keys(cell.weights);
  return mapRecord(weights, (weight, name) => {
    const { shape, reads } = cell.weights[name];
    if (reads !== "state" && reads !== "both") return weight;
    const mask = (part: Shape) => dropMask(keyOf(names.indexOf(name)), part, probability);
    const axis = reads === "both" ? stateAxis(shape, cell) : undefined;
    if (axis === undefined) return weight.mul(mask(shape));
    const part = (size: number) => shape.map((whole, at) => (at === axis ? size : whole));
    return weight.mul(join([mask(part(cell.hidden)), full(1, part(cell.input))], axis));
  });
}

/** The state after a step, elements of which stay as they were: at random by `noise`, or in the mean without it. */
export function zoneOut<State extends string>(
  { zoneout }: Regularization<State>,
  before: Tensors<State>,
  after: Tensors<State>,
  noise: { readonly [Name in State]?: Tensor } | undefined,
): Record<State, Tensor> {
  return mapRecord(before, (old, name) => {
    const probability = zoneout[name];
    if (probability === 0) return after[name];
    const draw = noise?.[name];
    return draw
      ? select(draw.less(probability), old, after[name])
      : lerp(after[name], old, scalar(probability));
  });
}

/**
 * The results, a tree of tensors, where matrices multiply masked tensors: in what a product reads, each of the tensors is replaced by `masked`
 * of it, found through layout and through gates that multiply it. Elsewhere the tensors stay.
 */
export function maskProducts<Results>(results: Results, masks: ReadonlyMap<Node, Node>): Results {
  const read = (operand: Node): Node =>
    masks.get(operand) ??
    (isKind(operand, "view") || isKind(operand, "assembly") || isOp(operand, "multiply")
      ? withInputs(operand, operand.inputs.map(read))
      : operand);
  const rebuilt = rebuild(
    tensorsOf(results).map((result) => result.node),
    (original, inputs) => withInputs(original, isKind(original, "contraction") ? inputs.map(read) : inputs),
  );
  return refill(
    results,
    rebuilt.map((result) => new Tensor(result)),
  );
}
