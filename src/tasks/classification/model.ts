/** A classifier: what it is made of, and how likely it finds each label. */

import type { Value } from "../../backends/backend.ts";
import type { BackendChoice } from "../../backends/choice.ts";
import { padTokens, padVectors } from "../../data/padding.ts";
import { gradient } from "../../gradient/index.ts";
import type { Scheme } from "../../nn/index.ts";
import { compile, int32, value } from "../../program/compile.ts";
import { range, where } from "../../trace/functions.ts";
import { withKey } from "../../trace/randomness.ts";
import type { Content, Input, Sequence } from "./inputs/input.ts";
import { createNetwork, type Network, scoresOf, sequenceTypes, vectorsOf } from "./network.ts";
import type { Form } from "./options.ts";

/** Rows that are classified at once, and steps of all of them together, whichever is fewer. */
const ROWS = 64;
const STEPS = 2 ** 15;

export interface ClassifierParts {
  readonly input: Input;
  /** The labels by number, each once, in order. */
  readonly labels: readonly string[];
  /** Whether a row can have several labels, or none. */
  readonly several: boolean;
  readonly form: Form;
}

export class ClassifierModel implements ClassifierParts {
  readonly input: Input;
  readonly labels: readonly string[];
  readonly several: boolean;
  readonly form: Form;
  readonly network: Network;
  /** What scores are divided by before they become probabilities; learnt from the rows that are held out. */
  temperature = 1;
  readonly #backend: BackendChoice | undefined;
  #scores: ReturnType<typeof compileScores> | undefined;
  #shares: ReturnType<typeof compileShares> | undefined;

  constructor(
    { input, labels, several, form }: ClassifierParts,
    options: { readonly scheme?: Scheme | undefined; readonly backend?: BackendChoice | undefined } = {},
  ) {
    const { scheme = "default", backend } = options;
    this.input = input;
    this.labels = labels;
    this.several = several;
    this.form = form;
    this.network = createNetwork(form, input.reads, labels.length, scheme);
    this.#backend = backend;
  }

  /** A content as the network reads it, up to its longest. */
  encode(content: Content): Sequence {
    const { longest } = this.form;
    const sequence = this.input.encode(content);
    return longest === 0 ? sequence : sequence.subarray(0, longest * this.#width);
  }

  /** How many steps a sequence has. */
  stepsOf(sequence: Sequence): number {
    return sequence.length / this.#width;
  }

  /** Sequences side by side. */
  batchOf(sequences: readonly Sequence[]): { sequence: Value; lengths: Value } {
    const { reads } = this.input;
    const { values, lengths } = "tokens" in reads ? padTokens(sequences) : padVectors(sequences, reads.size);
    return { sequence: values, lengths };
  }

  /** A score for each label of each row: (rows, labels), row-major. */
  scores(contents: readonly Content[]): Float64Array {
    this.#scores ??= compileScores(this, this.#backend);
    const size = this.labels.length;
    const found = new Float64Array(contents.length * size);
    const sequences = contents.map((content) => this.encode(content));
    for (const rows of together(sequences.map((sequence) => this.stepsOf(sequence)))) {
      const { data } = this.#scores(this.batchOf(rows.map((row) => sequences[row] as Sequence)));
      for (const [at, row] of rows.entries())
        found.set(data.subarray(at * size, (at + 1) * size), row * size);
    }
    return found;
  }

  /** How likely each label is for each row: (rows, labels), row-major; of one row they sum to 1 unless it can have several labels. */
  probabilities(contents: readonly Content[]): Float64Array {
    return probabilitiesOf(this, this.scores(contents));
  }

  /**
   * What each step of a row says for a label: the gradient of the label's score at the vector of the step, times that vector. Positive
   * for what speaks for the label, negative for what speaks against it. Simonyan et al., "Deep inside convolutional networks", 2014.
   */
  shares(content: Content, label: number): Float32Array {
    this.#shares ??= compileShares(this, this.#backend);
    const { data } = this.#shares({
      ...this.batchOf([this.encode(content)]),
      label: value(Int32Array.of(label), []),
    });
    return Float32Array.from(data);
  }

  get #width(): number {
    const { reads } = this.input;
    return "tokens" in reads ? 1 : reads.size;
  }
}

/** Rows that go through the network together: those of like lengths, so that little is padded. */
function together(lengths: readonly number[]): number[][] {
  const order = lengths.map((_, row) => row).sort((a, b) => (lengths[a] as number) - (lengths[b] as number));
  const groups: number[][] = [];
  for (const row of order) {
    const group = groups.at(-1);
    // The longest of a group comes last.
    if (group && group.length < ROWS && (group.length + 1) * (lengths[row] as number) <= STEPS)
      group.push(row);
    else groups.push([row]);
  }
  return groups;
}

/** Scores (rows, labels) as probabilities: their softmax, or the sigmoid of each where a row can have several labels. */
export function probabilitiesOf(
  { labels, several, temperature }: Pick<ClassifierModel, "labels" | "several" | "temperature">,
  scores: Float64Array,
): Float64Array {
  const scaled = scores.map((score) => score / temperature);
  if (several) return scaled.map((score) => 1 / (1 + Math.exp(-score)));
  for (let start = 0; start < scaled.length; start += labels.length) {
    const row = scaled.subarray(start, start + labels.length);
    const most = row.reduce((a, b) => Math.max(a, b));
    let sum = 0;
    for (const [at, score] of row.entries()) sum += row[at] = Math.exp(score - most);
    for (const at of row.keys()) row[at] = (row[at] as number) / sum;
  }
  return scaled;
}

function compileScores({ network, form, input }: ClassifierModel, backend: BackendChoice | undefined) {
  return compile(({ sequence, lengths }) => scoresOf(network, form, vectorsOf(network, sequence), lengths), {
    inputs: sequenceTypes(input.reads),
    ...(backend && { backend }),
  });
}

function compileShares(
  { network, form, input, labels }: ClassifierModel,
  backend: BackendChoice | undefined,
) {
  return compile(
    ({ sequence, lengths, label }) => {
      const vectors = vectorsOf(network, sequence);
      const scores = withKey(null, () => scoresOf(network, form, vectors, lengths));
      const own = where(range(labels.length).equal(label), scores, 0).sum();
      return gradient(own, vectors).mul(vectors).sum([1, 2]);
    },
    { inputs: { ...sequenceTypes(input.reads), label: int32() }, ...(backend && { backend }) },
  );
}
