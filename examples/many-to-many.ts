// Many to many, step by step: every word of a sentence gets a tag. A bidirectional LSTM sees what stands before and after
// it. Without files it learns the sentences of a small grammar; with treebank files it learns the parts of speech of a
// language.
//
//     npx tsx examples/many-to-many.ts
//     npx tsx examples/many-to-many.ts TRAINING.conllu TEST.conllu
import {
  compile,
  concat,
  crossEntropy,
  dropout,
  embedding,
  IGNORED_TARGET,
  int32,
  LengthBatches,
  linear,
  linearDecay,
  lstm,
  padTokens,
  recurrent,
  type Tensor,
  Training,
} from "rondo";
import { exampleCommand, run, withFiles } from "./command-line.ts";
import { makeSentences, readTreebank, type Sentence } from "./tagged-sentences.ts";

/** What is known of a word: itself, how it ends, and how it is written. */
const views = [
  { size: 64, of: (word: string) => word.toLowerCase() },
  { size: 32, of: (word: string) => word.toLowerCase().slice(-3) },
  {
    size: 8,
    of: (word: string) =>
      word
        .replace(/\p{Lu}+/gu, "A")
        .replace(/\p{Ll}+/gu, "a")
        .replace(/\d+/g, "0"),
  },
];

/** Numbers from 1 for what occurs twice or more in the sentences, 0 for everything else. */
function numbering(sentences: readonly Sentence[], view: (word: string) => string) {
  const counts = new Map<string, number>();
  for (const word of sentences.flatMap(({ words }) => words)) {
    counts.set(view(word), (counts.get(view(word)) ?? 0) + 1);
  }
  const known = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
  const numbers = new Map(known.map((name, at) => [name, at + 1]));
  return { size: known.length + 1, of: (word: string) => numbers.get(view(word)) ?? 0 };
}

interface Options {
  readonly hidden?: number;
  readonly batch?: number;
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly report?: (epoch: number, accuracy: number) => void;
}

/** Train on sentences; the part of the words of others whose tag is told right. */
export async function tag(
  training: readonly Sentence[],
  test: readonly Sentence[],
  { hidden = 64, batch = 32, epochs = 4, learningRate = 0.003, seed = 1, report }: Options = {},
): Promise<number> {
  const tags = [...new Set(training.flatMap((sentence) => sentence.tags))].sort();
  const vocabularies = views.map(({ of }) => numbering(training, of));
  const model = {
    embed: vocabularies.map((vocabulary, at) => embedding(vocabulary.size, views[at]?.size ?? 0)),
    rnn: recurrent(lstm, 64 + 32 + 8, hidden, { direction: "both" }),
    head: linear(2 * hidden, tags.length),
  };
  const drop = dropout(0.4);
  const scores = (words: readonly Tensor[], lengths: Tensor) => {
    const x = concat(...model.embed.map((layer, at) => layer.apply(words[at] as Tensor)));
    const { output } = model.rnn.apply(drop.apply(x), { lengths });
    return model.head.apply(drop.apply(output));
  };
  const rows = { words: views.map(() => int32("T", "B")), lengths: int32("B"), y: int32("T", "B") };
  const countRight = compile(
    ({ words, lengths, y }) => scores(words, lengths).argmax().equal(y).convert("float32").sum(),
    { inputs: rows },
  );

  /** These sentences in batches, found by their numbers. */
  const batchesOf = (sentences: readonly Sentence[]) => {
    const lengths = sentences.map(({ words }) => words.length);
    const batches = new LengthBatches(lengths, { batch, seed });
    const at = (k: number, epoch: number) => {
      const rows = batches.at(k, epoch);
      const chosen = Array.from(rows, (row) => sentences[row] as Sentence);
      const words = vocabularies.map(({ of }) => padTokens(chosen.map((sentence) => sentence.words.map(of))));
      const y = chosen.map((sentence) => sentence.tags.map((name) => tags.indexOf(name)));
      return {
        words: words.map(({ values }) => values),
        lengths: padTokens(y).lengths,
        y: padTokens(y, { padding: IGNORED_TARGET }).values,
      };
    };
    return { count: batches.count, words: lengths.reduce((sum, length) => sum + length), at };
  };
  const [learn, examine] = [batchesOf(training), batchesOf(test)];
  /** The part of the test words whose tag is told right. */
  const accuracy = () => {
    let total = 0;
    for (let k = 0; k < examine.count; k++) total += countRight(examine.at(k, 0)).data[0] as number;
    return total / examine.words;
  };
  await new Training({
    model,
    inputs: rows,
    loss: ({ words, lengths, y }) => crossEntropy(scores(words, lengths), y),
    batches: learn,
    validation: () => 1 - accuracy(),
    epochs,
    learningRate: (updates) => linearDecay(learningRate, { steps: updates }),
    clipNorm: 1,
    seed,
  }).run({
    onEvent(event) {
      if (event.event === "validation") report?.(event.epoch, 1 - event.loss);
    },
  });
  return accuracy();
}

/** The part of the words that is told right by the commonest tag of each, and of all for a word that is new. */
export function commonestTag(training: readonly Sentence[], test: readonly Sentence[]): number {
  const counts = new Map<string, Map<string, number>>();
  const count = (word: string, name: string) => {
    const ofWord = counts.get(word) ?? new Map<string, number>();
    counts.set(word, ofWord.set(name, (ofWord.get(name) ?? 0) + 1));
  };
  const anyWord = "";
  for (const { words, tags } of training) {
    words.forEach((word, at) => {
      count(word, tags[at] as string);
      count(anyWord, tags[at] as string);
    });
  }
  const commonest = (word: string) =>
    [...(counts.get(word) ?? counts.get(anyWord) ?? [])].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  const found = test.flatMap(({ words, tags }) => words.map((word, at) => commonest(word) === tags[at]));
  return found.filter(Boolean).length / found.length;
}

export const command = withFiles(
  exampleCommand("many-to-many", "Tag every word of sentences: of a small grammar, or of files (.conllu)."),
).action(async (files: readonly string[], { seed }: { seed: number }) => {
  const [training = makeSentences(1000, 1), test = makeSentences(300, 2)] = await Promise.all(
    files.map(readTreebank),
  );
  console.log(`always the commonest tag of a word: ${(100 * commonestTag(training, test)).toFixed(1)} %`);
  await tag(training, test, {
    seed,
    report: (epoch, accuracy) => console.log(`epoch ${epoch}: ${(100 * accuracy).toFixed(1)} % of the words`),
  });
});

if (process.argv[1] === import.meta.filename) await run(command);
