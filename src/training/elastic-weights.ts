/** Elastic weights: those that mattered for what was learnt are held where they were, by how much they mattered. */

import type { Value } from "../backends/backend.ts";
import type { BackendChoice } from "../backends/choice.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { TrainingError, UsageError } from "../errors.ts";
import { gradient } from "../gradient/index.ts";
import { type GivenParameters, namedParameters } from "../nn/parameters.ts";
import { type CompileOptions, compile, type InputType, type ValueLike } from "../program/compile.ts";
import { withKey } from "../trace/randomness.ts";
import type { Tensor } from "../trace/tensor.ts";
import type { MapTree } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";
import { BatchRows } from "./rows.ts";
import { checkParameters } from "./step-checks.ts";

export interface ElasticWeightsOptions<Inputs> {
  /** What is held: `parameters(model)`, or a list of variables. Those that are not trainable are left out. */
  readonly parameters: GivenParameters;
  /** The tree of the types of the inputs, as for `trainingStep`; each has an axis "B", of rows. */
  readonly inputs: Inputs;
  /** The loss of a batch without any penalty, a float32 scalar that is a mean over rows: minus the log likelihood. Nothing is dropped in it. */
  readonly loss: (inputs: MapTree<Inputs, InputType, Tensor>) => Tensor;
  /** lambda, 0 or more: how much what was learnt counts against what is new. */
  readonly strength: number;
  readonly backend?: BackendChoice | undefined;
}

/**
 * Elastic weight consolidation: Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", 2017, equation 3. An
 * anchor is the weights w* as they are, and F, the diagonal of the Fisher information: the mean over rows of the square of each
 * row's own gradient. The penalty of all anchors k is
 *
 *     strength / 2 * sum_k sum_i F_k,i (w_i - w*_k,i)^2
 *
 *     const elastic = new ElasticWeights({ parameters: parameters(model), inputs, loss, strength: 10 });
 *     const step = trainingStep({ ..., loss: (batch) => loss(batch).add(elastic.penalty()) });
 *     elastic.anchor(rowsOfTheFirstTask); // from now on, in the compiled step too
 *
 * With the targets that data gave, F is the empirical Fisher information; with targets drawn from the model's own predictions it is
 * the Fisher information itself. As a part of a model, `{ ...model, elastic }`, it is saved and read with it.
 */
export class ElasticWeights<const Inputs> {
  /** The sum of F over the anchors, of each parameter. */
  readonly precision: readonly Variable[];
  /** The mean of w*, weighed by F: the penalty of all anchors is one around it, and a constant. */
  readonly center: readonly Variable[];
  /** That constant: the sum over anchors of F (w* - center)^2. */
  readonly spread: Variable;
  readonly strength: number;
  readonly #parameters: readonly Variable[];
  readonly #rows: BatchRows<Inputs>;
  readonly #squares: readonly Variable[];
  readonly #options: ElasticWeightsOptions<Inputs>;
  #addSquares: ((row: unknown) => Value) | undefined;

  /** Throws UsageError for options that do not fit. */
  constructor(options: ElasticWeightsOptions<Inputs>) {
    checkOptions<object>("ElasticWeights", options, {
      parameters: "variables such as parameters(model)",
      inputs: 'a tree of types such as { x: float32("T", "B", 1) }',
      loss: "a function",
      strength: "a number from 0",
      backend: true,
    });
    const { parameters, inputs, strength } = options;
    checkParameters("ElasticWeights", parameters);
    if (!(Number.isFinite(strength) && strength >= 0)) {
      throw new UsageError(
        `ElasticWeights: strength ${printGiven(strength)} given, a number from 0 expected`,
      );
    }
    if (typeof options.loss !== "function") {
      throw new UsageError(`ElasticWeights: loss ${printGiven(options.loss)} given, a function expected`);
    }
    this.#options = options;
    this.#rows = new BatchRows("ElasticWeights", inputs);
    this.#parameters = namedParameters(parameters)
      .map(([, variable]) => variable)
      .filter(({ trainable }) => trainable);
    if (this.#parameters.length === 0) {
      throw new UsageError("ElasticWeights was given no trainable parameters");
    }
    const beside = (what: string) =>
      this.#parameters.map(({ name, dimensions }) => zeros(`${name}.${what}`, dimensions));
    this.strength = strength;
    this.precision = beside("precision");
    this.center = beside("center");
    this.spread = zeros("spread", []);
    this.#squares = beside("squares");
  }

  /** What is to be added to a loss, a scalar: 0 while there is no anchor. */
  penalty(): Tensor {
    return this.#parameters
      .map((parameter, at) => {
        const distance = parameter.sub(this.center[at] as Variable);
        return distance
          .square()
          .mul(this.precision[at] as Variable)
          .sum();
      })
      .reduce((sum, one) => sum.add(one), this.spread as Tensor)
      .mul(this.strength / 2);
  }

  /**
   * Holds the weights where they are now, beside the anchors there are: F is taken over the rows of a batch, row by row. Throws
   * UsageError for a batch without rows, TrainingError where a weight, the loss of a row or F is not finite, and what a compiled
   * function throws for wrong inputs; the anchors are then as they were.
   */
  anchor(batch: MapTree<Inputs, InputType, ValueLike>): void {
    const rows = this.#rows.split(batch);
    if (rows.length === 0) throw new UsageError("ElasticWeights: no rows given, one or more expected");
    for (const { name, value } of this.#parameters) requireFinite(`the weight ${name}`, value);
    for (const squares of this.#squares) squares.value = new Float32Array(squares.count);
    this.#addSquares ??= this.#compile();
    for (const [at, row] of rows.entries()) {
      requireFinite(`the loss of row ${at}`, this.#addSquares(this.#rows.join([row])).data);
    }
    let spread = this.spread.value[0] as number;
    const next = this.#parameters.map((parameter, at) => {
      const [precision, center, squares] = [this.precision, this.center, this.#squares].map(
        (list) => list[at] as Variable,
      ) as [Variable, Variable, Variable];
      const [before, middle] = [Float32Array.from(precision.value), Float32Array.from(center.value)];
      const [sums, weights] = [squares.value, parameter.value];
      before.forEach((held, i) => {
        const fisher = (sums[i] as number) / rows.length;
        const [weight, old] = [weights[i] as number, middle[i] as number];
        const whole = held + fisher;
        before[i] = whole;
        middle[i] = whole === 0 ? weight : old + (fisher / whole) * (weight - old);
        if (whole > 0) spread += ((held * fisher) / whole) * (weight - old) ** 2;
      });
      requireFinite(`F of ${parameter.name}`, before);
      return () => {
        precision.value = before;
        center.value = middle;
      };
    });
    requireFinite("the distance between the anchors", [Math.fround(spread)]);
    for (const set of next) set();
    this.spread.value = [spread];
  }

  #compile() {
    const { inputs, loss, backend } = this.#options;
    return compile(
      ((row: MapTree<Inputs, InputType, Tensor>, update: (variable: Variable, next: Tensor) => void) => {
        const found = withKey(null, () => loss(row));
        const gradients = gradient(found, this.#parameters as Variable[]) as Tensor[];
        gradients.forEach((one, at) => {
          const squares = this.#squares[at] as Variable;
          update(squares, squares.add(one.square()));
        });
        return found;
      }) as never,
      { inputs, ...(backend && { backend }) } as CompileOptions<unknown> & { inputs: unknown },
    ) as unknown as (row: unknown) => Value;
  }
}

/** Throws TrainingError unless all numbers are finite: an anchor with others would make every loss NaN. */
function requireFinite(what: string, numbers: ArrayLike<number>): void {
  const stray = Array.from(numbers).find((number) => !Number.isFinite(number));
  if (stray === undefined) return;
  throw new TrainingError(`ElasticWeights: ${what} is ${stray}, finite numbers expected to anchor at`);
}

function zeros(name: string, dimensions: readonly number[]): Variable {
  const variable = new Variable(name, dimensions, { trainable: false });
  variable.value = new Float32Array(variable.count);
  return variable;
}
