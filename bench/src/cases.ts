/** What is measured: every case, its name, the arrays that it needs and the arithmetic that it takes. */

import { modelOf, networkNames, shareOfSteps, weightsOf } from "./models.ts";
import { translatorShapes } from "./translator.ts";

/** Batch, time steps, input features, hidden units. */
export interface Size {
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
}

/**
 * training: forward and backward, gradients of all weights and of x, no optimiser. forward: the outputs alone.
 * streaming: one step of one row, the state carried over. compile: from the definition to the first result of a training
 * step, less a later step. memory: what a training step adds to a process. update: forward, backward, clipping, Adam, with dropout.
 * decoding: B texts by beam search, T steps.
 */
export const kinds = ["training", "forward", "streaming", "compile", "memory", "update", "decoding"] as const;
export type Kind = (typeof kinds)[number];

/** What a contender is told to do. */
export interface Task {
  readonly kind: Kind;
  readonly model: string;
  readonly size: Size;
  /** Save the state every so many steps only; the loss is then one of the last state, so that no outputs are kept. */
  readonly checkpoint?: number;
}

/** Tasks that are measured side by side, round by round. */
export interface Case {
  /** As in training/lstm/32,64,64,64. */
  readonly name: string;
  readonly kind: Kind;
  readonly size: Size;
  readonly tasks: readonly Task[];
}

const size = (B: number, T: number, I: number, H: number): Size => ({ B, T, I, H });
const printed = ({ B, T, I, H }: Size) => `${B},${T},${I},${H}`;

function plain(kind: Kind, model: string, of: Size): Case {
  return {
    name: `${kind}/${model}/${printed(of)}`,
    kind,
    size: of,
    tasks: [{ kind, model, size: of }],
  };
}

const steps = [size(1, 64, 32, 32), size(32, 64, 64, 64), size(32, 64, 128, 256), size(64, 35, 650, 650)];
/** Of a forward pass alone, where the weights fit no cache of one core. */
const wide = size(32, 64, 512, 512);
const cellSizes = [size(32, 64, 64, 64), size(32, 64, 128, 256)];
/** Of a decoder with attention, beside the plain LSTM. */
const attended = size(64, 16, 256, 256);
/** Of a translator of sentences as long as Multi30k's mostly are. */
const translated = (B: number) => size(B, 13, 256, 256);
const threeWays = ["lstm-packed", "lstm-four", "lstm-pairs"];
const ownCells = ["textbook-gru", "peephole-lstm", "layer-norm-lstm", "tide"];

/** A long sequence whose steps are saved all, and every square root of T. */
function checkpointed(T: number): Case {
  const of = size(32, T, 1, 64);
  const task: Task = { kind: "memory", model: "lstm", size: of };
  return {
    name: `memory/lstm-checkpointed/${printed(of)}`,
    kind: "memory",
    size: of,
    tasks: [T, Math.sqrt(T)].map((checkpoint) => ({ ...task, checkpoint })),
  };
}

export const cases: readonly Case[] = [
  ...steps.flatMap((of) => ["rnn", "lstm", "gru"].map((model) => plain("training", model, of))),
  ...steps.flatMap((of) => ["rnn", "lstm", "gru"].map((model) => plain("forward", model, of))),
  plain("forward", "lstm", wide),
  ...[64, 128, 256, 512].map((H) => plain("streaming", "lstm", size(1, 1, H, H))),
  ...cellSizes.flatMap((of) => [
    {
      name: `training/lstm-three-ways/${printed(of)}`,
      kind: "training" as const,
      size: of,
      tasks: threeWays.map((model) => ({ kind: "training" as const, model, size: of })),
    },
    ...[...ownCells, ...networkNames].map((model) => plain("training", model, of)),
  ]),
  ...["lstm", "gru-attention"].map((model) => plain("training", model, attended)),
  plain("update", "translator", translated(64)),
  ...[16, 32].map((B) => plain("decoding", "translator", translated(B))),
  ...[16, 1024].map((T) => plain("compile", "lstm", size(32, T, 64, 64))),
  ...steps.slice(1).map((of) => plain("memory", "lstm", of)),
  ...[256, 1024, 4096].map(checkpointed),
];

/** The shapes of the weights of a model. */
export function weightShapes(task: Task): Record<string, readonly number[]> {
  if (task.model === "translator") return translatorShapes(task);
  const { I, H } = task.size;
  const weights = Object.entries(weightsOf(modelOf(task.model, I, H)));
  return Object.fromEntries(weights.map(([name, { dimensions }]) => [name, dimensions]));
}

/**
 * The multiplications and additions of the matrix products: 2 T B for each element of a weight matrix in the forward
 * pass, and 4 T B more for the gradients of both factors. G gates over (I + H) give 2 (or 6) T B G H (I + H).
 */
export function arithmetic(task: Task): number {
  const elements = Object.entries(weightShapes(task))
    .filter(([, shape]) => shape.length === 2)
    .map(([name, [rows = 0, columns = 0]]) => rows * columns * shareOfSteps(task.model, name))
    .reduce((sum, each) => sum + each, 0);
  const each = task.kind === "training" ? 6 : 2;
  return each * task.size.T * task.size.B * elements;
}
