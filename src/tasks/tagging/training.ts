/** Training a tagger on sentences: batches, what an update is, and what is measured after each epoch. */

import type { Value } from "../../backends/backend.ts";
import type { BackendChoice } from "../../backends/choice.ts";
import { type Forgets, forgetting } from "../../data/forgetting.ts";
import { LengthBatches } from "../../data/length-batches.ts";
import { padTokens } from "../../data/padding.ts";
import type { TagScheme } from "../../data/tagged/spans.ts";
import { breather, type StopSignal } from "../../long-work.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, type ValueLike } from "../../program/compile.ts";
import { scheduleOf, updateSettings } from "../../training/options.ts";
import { Training } from "../../training/training.ts";
import { batchesByLength } from "../batches.ts";
import type { Example } from "./corpus.ts";
import { describeTagger, type TaggerRecord } from "./file.ts";
import { FigureCounts, type TagFigures, tellExamples } from "./measures.ts";
import type { TaggerModel } from "./model.ts";
import { lossOf, trainingTypes } from "./network.ts";
import type { TaggerSettings } from "./options.ts";
import { cutOf } from "./tags.ts";
import { countWords } from "./words.ts";

/** A sentence, or a part of a long one, with the numbers of its tags. */
interface Piece {
  readonly words: readonly string[];
  readonly numbers: readonly number[];
}

/** The sentences to learn from, and those that choose the best epoch. */
export interface TaggerParts {
  readonly training: readonly Example[];
  readonly validation: readonly Example[];
  /** The scheme of the validation's tags; undefined where tags are not of spans. */
  readonly scheme: TagScheme | undefined;
}

/** How well a model does on what was held out. */
export interface TaggerValidation extends TagFigures {
  /** Nats a word; words of sentences that have a tag that is not known do not count. */
  readonly loss: number;
}

/** What an update is, for a training and for `explain`. */
export function updateOf({ network, form }: TaggerModel, settings: TaggerSettings) {
  return {
    ...updateSettings(settings),
    model: network,
    // Without characters they are no inputs of any layer, but they are given all the same.
    inputs: trainingTypes,
    loss: (given: Parameters<typeof lossOf>[2]) => lossOf(network, form, given),
  };
}

/** Sentences in parts that are not longer than the model reads at once, cut where no span is; those with unknown tags are left out. */
export function piecesOf(
  { tags, form }: TaggerModel,
  examples: readonly Example[],
  scheme: TagScheme | undefined,
): Piece[] {
  return examples.flatMap(({ words, tags: own }) => {
    const numbers = tags.numbersOf(own, scheme);
    if (numbers.includes(-1)) return [];
    const pieces: Piece[] = [];
    for (let start = 0; start < words.length; ) {
      const rest = numbers.slice(start);
      const end = start + cutOf(tags, rest, form.longest);
      pieces.push({ words: words.slice(start, end), numbers: rest.slice(0, end - start) });
      start = end;
    }
    return pieces;
  });
}

/** Pieces as the values of `trainingTypes`. */
export function batchOf(model: TaggerModel, pieces: readonly Piece[], forgets?: Forgets) {
  return {
    ...model.words.batchOf(
      pieces.map(({ words }) => words),
      forgets,
    ),
    tags: padTokens(
      pieces.map(({ numbers }) => numbers),
      { padding: -1 },
    ).values,
  };
}

const wordsIn = ({ lengths }: { readonly lengths: ValueLike }) =>
  Array.from((lengths as Value).data).reduce((sum, length) => sum + length, 0);

/** The training of a tagger, as anybody's. */
export function trainingOf(
  model: TaggerModel,
  parts: TaggerParts,
  record: TaggerRecord,
  backend: BackendChoice | undefined,
) {
  const { settings } = record;
  const { batch, seed, epochs, patience, unknown } = settings;
  const pieces = piecesOf(model, parts.training, model.tags.scheme);
  const counts = countWords(
    model.words,
    parts.training.map(({ words }) => words),
  );
  const order = new LengthBatches(
    pieces.map(({ words }) => words.length),
    { batch, seed, pool: 20 },
  );
  const loss = meanLossOf(model, backend);
  const held = piecesOf(model, parts.validation, parts.scheme);
  const validate = async (signal: StopSignal | undefined): Promise<TaggerValidation | undefined> => {
    const found = await loss(held, signal);
    const figures = await figuresOf(model, parts, signal);
    return found !== undefined && figures ? { loss: found, ...figures } : undefined;
  };
  return new Training({
    ...updateOf(model, settings),
    batches: {
      count: order.count,
      at(number, epoch) {
        const drawn = Array.from(order.at(number, epoch), (at) => pieces[at] as Piece);
        const random = randomSource(seed, `unknown words of batch ${number} of epoch ${epoch}`);
        return batchOf(model, drawn, forgetting(counts, unknown, random));
      },
    },
    targets: wordsIn,
    validation: parts.validation.length > 0 ? validate : undefined,
    epochs,
    patience,
    learningRate: scheduleOf(settings, order.count),
    metadata: {
      model: (found, { step, epoch }) =>
        describeTagger(model, { ...record, step, epoch: epoch + 1, validation: found ?? null }),
      checkpoint: () => describeTagger(model, record),
    },
    backend,
  });
}

/** Nats a word; undefined once the signal is aborted. */
export function meanLossOf(model: TaggerModel, backend: BackendChoice | undefined) {
  let program: ReturnType<typeof compileLoss> | undefined;
  return async (pieces: readonly Piece[], signal?: StopSignal | undefined): Promise<number | undefined> => {
    program ??= compileLoss(model, backend);
    const breathe = breather();
    let [sum, count] = [0, 0];
    for (const batch of batchesByLength(pieces, ({ words }) => words.length)) {
      await breathe();
      if (signal?.aborted) return undefined;
      const values = batchOf(model, batch);
      const words = wordsIn(values);
      sum += words * Number(program(values).data[0]);
      count += words;
    }
    return sum / count;
  };
}

function compileLoss({ network, form }: TaggerModel, backend: BackendChoice | undefined) {
  return compile((given) => lossOf(network, form, given), {
    inputs: trainingTypes,
    ...(backend && { backend }),
  });
}

async function figuresOf(
  model: TaggerModel,
  { validation, scheme }: TaggerParts,
  signal: StopSignal | undefined,
): Promise<TagFigures | undefined> {
  const counts = new FigureCounts(scheme);
  for await (const { example, tags } of tellExamples(model, validation, scheme, signal)) {
    counts.add(example, tags, (word) => !model.words.knows(word));
  }
  return signal?.aborted ? undefined : counts.figures();
}
