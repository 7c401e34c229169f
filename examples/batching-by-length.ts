// What sorting by length gains: the same sentences in batches of random order, of like lengths within pools, and of like
// lengths throughout; how much of a batch is padding, and how many words an LSTM learns from in a second of processor
// time. Which words does not matter to that: they are made up. Without a file, lengths are those of the sentences of a
// small grammar.
//
//     npx tsx examples/batching-by-length.ts
//     npx tsx examples/batching-by-length.ts TRAINING.conllu
import {
  adam,
  crossEntropy,
  embedding,
  IGNORED_TARGET,
  initialize,
  int32,
  LengthBatches,
  linear,
  lstm,
  padTokens,
  parameters,
  recurrent,
  trainingStep,
} from "rondo";
import { exampleCommand, run } from "./command-line.ts";
import { makeSentences, readTreebank } from "./tagged-sentences.ts";

const vocabulary = 100;

/** One update on sentences of these lengths, of an LSTM that tags every word. */
function network(hidden: number, seed: number) {
  const model = initialize(
    { embed: embedding(vocabulary, 64), rnn: recurrent(lstm, 64, hidden), head: linear(hidden, vocabulary) },
    { seed },
  );
  const step = trainingStep({
    parameters: parameters(model),
    optimizer: adam(),
    inputs: { x: int32("T", "B"), lengths: int32("B"), y: int32("T", "B") },
    loss: ({ x, lengths, y }) => {
      const { output } = model.rnn.apply(model.embed.apply(x), { lengths });
      return crossEntropy(model.head.apply(output), y);
    },
  });
  return (lengths: readonly number[]) => {
    const rows = lengths.map((length) => Array.from({ length }, (_, t) => (t * 7) % vocabulary));
    const { values: x, lengths: ends } = padTokens(rows);
    const { values: y } = padTokens(rows, { padding: IGNORED_TARGET });
    step.run({ x, lengths: ends, y }, 0.001);
  };
}

/** For each size of pools: the part of the batches that is padding, and words learnt from in a second of processor time. */
export function compare(
  lengths: readonly number[],
  pools: readonly (number | undefined)[],
  { batch = 32, hidden = 128, repeats = 3, seed = 1 } = {},
) {
  const update = network(hidden, seed);
  const ways = pools.map((pool) => ({
    pool,
    batches: new LengthBatches(lengths, { batch, seed, pool }),
    seconds: Number.POSITIVE_INFINITY,
  }));
  const words = lengths.reduce((sum, length) => sum + length);
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const way of ways) {
      const start = process.cpuUsage();
      for (let k = 0; k < way.batches.count; k++) {
        update([...way.batches.at(k)].map((row) => lengths[row] as number));
      }
      const { user, system } = process.cpuUsage(start);
      way.seconds = Math.min(way.seconds, (user + system) / 1e6);
    }
  }
  return ways.map(({ pool, batches, seconds }) => ({
    pool,
    waste: batches.waste(),
    wordsPerSecond: words / seconds,
  }));
}

export const command = exampleCommand("batching-by-length", "Measure what sorting by length gains.")
  .argument("[treebank]", "a file of sentences (.conllu)")
  .action(async (file: string | undefined, { seed }: { seed: number }) => {
    const sentences = file === undefined ? makeSentences(1000, 1) : await readTreebank(file);
    const lengths = sentences.slice(0, 4000).map(({ words }) => words.length);
    console.log("| batches sorted together | padding | words a second |");
    console.log("|---|---|---|");
    for (const { pool, waste, wordsPerSecond } of compare(lengths, [1, 20, undefined], { seed })) {
      const percent = `${(100 * waste).toFixed(1)} %`;
      console.log(`| ${pool ?? "all"} | ${percent} | ${Math.round(wordsPerSecond).toLocaleString("en")} |`);
    }
  });

if (process.argv[1] === import.meta.filename) await run(command);
