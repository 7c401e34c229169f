/** Pre-trained word vectors: on few labelled sentences they help, for they know words that no label has been seen with; on many they are not needed. */

import { gru } from "../../nn/cells/gru.ts";
import { embedding } from "../../nn/layers/embedding.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { randomSource } from "../../nn/random.ts";
import { numbers, real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { int32, value } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { above, below } from "../bounds.ts";
import { accuracyOf } from "../classifier.ts";
import { experiment, type MeasuredTrial } from "../experiment.ts";
import { SENTENCE_TOKENS, sentences, tokensOf } from "../problems/moods.ts";
import { listed, ofTrial } from "../seeds.ts";
import { train } from "../train.ts";
import { skipGram } from "./skip-gram.ts";

const lexicon = { moods: 300, neutral: 200 };
const [pretrained, random] = ["pre-trained", "random"];
const trial = "vectors and classifiers";

/** Accuracies on unseen sentences, by the number of labelled ones. */
type Found = { readonly pretrained: readonly number[]; readonly random: readonly number[] };

export const wordVectors = experiment({
  name: "word-vectors",
  title: "Pre-trained word vectors",
  claim: "Vectors learnt from text without labels help where there are few labels; with many the gap closes.",
  seconds: 10,
  options: {
    labelled: option(numbers({ from: 1 }), {
      default: [100, 300, 1000, 10000],
      help: "labelled sentences to train on",
      argument: "sentences",
    }),
    text: option(whole({ from: 1 }), { default: 20000, help: "sentences without labels, for the vectors" }),
    size: option(whole({ from: 1 }), { default: 16, help: "numbers of a word's vector" }),
    hidden: option(whole({ from: 1 }), { default: 16, help: "units of the GRU", argument: "units" }),
    window: option(whole({ from: 1 }), {
      default: 2,
      help: "skip-gram: how far away a neighbour is at most",
    }),
    vectorUpdates: option(whole({ from: 1 }), { default: 1000, help: "updates of the skip-gram" }),
    batch: option(whole({ from: 1 }), { default: 32, help: "sentences of an update", argument: "rows" }),
    updates: option(whole({ from: 1 }), { default: 600, help: "updates of each classifier" }),
    learningRate: option(real({ above: 0 }), {
      default: 0.005,
      help: "of Adam, for classifiers",
      argument: "rate",
    }),
  },
  trials(settings, seed) {
    const { labelled, text, size, hidden, window, vectorUpdates, batch, updates, learningRate } = settings;
    const vocabulary = tokensOf(lexicon);
    const draw = (part: string, count: number) =>
      sentences(randomSource(seed, `sentences ${part}`), count, lexicon);
    return [
      {
        name: trial,
        async run(context): Promise<Found> {
          const part = 1 / (1 + 2 * labelled.length);
          const learnt = await skipGram(
            draw("without labels", text).tokens,
            SENTENCE_TOKENS,
            { vocabulary, size, window, updates: vectorUpdates, seed },
            context,
            [0, part],
          );
          const inputs = { x: int32(SENTENCE_TOKENS, "B"), y: int32("B") };
          const test = batchOf(draw("test", 1000));
          const accuracy = async (count: number, vectors: Float32Array | undefined, done: number) => {
            const given = draw("training", count);
            const model = {
              vectors: embedding(vocabulary, size),
              rnn: recurrent(gru, size, hidden),
              head: linear(hidden, 2),
            };
            if (vectors) model.vectors.weights.weight.value = vectors;
            const logits = (x: Tensor) =>
              model.head.apply(model.rnn.apply(model.vectors.apply(x)).output.at(0, -1));
            await train({
              model,
              inputs,
              loss: ({ x, y }) => crossEntropy(logits(x), y),
              batch(update) {
                const chance = randomSource(seed, `update ${update}`);
                return batchOf(
                  given,
                  Array.from({ length: batch }, () => Math.floor(count * chance.uniform())),
                );
              },
              ...{ updates, learningRate, seed, context },
              share: [done * part, (done + 1) * part],
            });
            return accuracyOf(logits, inputs, test, context)();
          };
          const found = { pretrained: [] as number[], random: [] as number[] };
          for (const [at, count] of labelled.entries()) {
            found.pretrained.push(await accuracy(count, learnt, 1 + 2 * at));
            found.random.push(await accuracy(count, undefined, 2 + 2 * at));
          }
          return found;
        },
      },
    ];
  },
  conclude(measured: readonly MeasuredTrial<Found>[], { labelled }) {
    const accuracies = (start: keyof Found, at: number) =>
      ofTrial(measured, trial, (found) => found[start][at] as number);
    const gains = (at: number) =>
      ofTrial(measured, trial, (found) => (found.pretrained[at] as number) - (found.random[at] as number));
    const [few, many] = [labelled.indexOf(Math.min(...labelled)), labelled.indexOf(Math.max(...labelled))];
    const lines = (start: keyof Found, name: string) =>
      ofTrial(measured, trial, (found) => ({ name, x: labelled, y: found[start] }));
    return {
      tables: [
        {
          title: "The part of 1,000 unseen sentences whose mood is found",
          columns: ["labelled sentences", pretrained, random],
          rows: labelled.map((count, at) => [
            `${count}`,
            listed(accuracies("pretrained", at)),
            listed(accuracies("random", at)),
          ]),
        },
      ],
      checks: [
        above(`with ${labelled[few]} labelled sentences pre-trained vectors gain`, gains(few), 0.1),
        below(`with ${labelled[many]} they gain little`, gains(many), 0.03),
      ],
      notShown: [
        {
          claim: "pre-trained vectors are always better",
          found: `with ${labelled[many]} labelled sentences they have ${listed(accuracies("pretrained", many))}, random ones ${listed(accuracies("random", many))}`,
        },
      ],
      figure: {
        title: "Sentences whose mood is found, by how a classifier's word vectors start",
        panels: [
          {
            x: { label: "labelled sentences", scale: "log" },
            y: { label: "accuracy on unseen sentences", domain: [0.5, 1] },
            lines: [...lines("pretrained", pretrained), ...lines("random", random)],
          },
        ],
      },
    };
  },
});

/** Some of the sentences, side by side: x (9, B), y (B). */
function batchOf(
  { tokens, labels }: ReturnType<typeof sentences>,
  rows: readonly number[] = Array.from(labels, (_, row) => row),
) {
  const x = Int32Array.from(
    { length: SENTENCE_TOKENS * rows.length },
    (_, at) =>
      tokens[(rows[at % rows.length] as number) * SENTENCE_TOKENS + Math.floor(at / rows.length)] as number,
  );
  const y = Int32Array.from(rows, (row) => labels[row] as number);
  return { x: value(x, [SENTENCE_TOKENS, rows.length]), y: value(y, [rows.length]) };
}
