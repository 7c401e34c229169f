// Sentiment of sentences by networks of three families: recursive over the tree of the sentence, recurrent along its words in both
// directions, and convolutional over windows of three, four and five words (Kim, "Convolutional neural networks for sentence
// classification", 2014). All learn from the label of the whole sentence, with vectors of words of one size, like numbers of other
// weights, the same batches and the same optimiser; the best epoch is that of the held-out sentences. docs/recursive.md has the table.
//
//     npx tsx examples/three-families.ts train.txt.gz dev.txt.gz test.txt.gz
import {
  adam,
  compile,
  concat,
  convolution,
  countParameters,
  crossEntropy,
  DataError,
  dropout,
  embedding,
  initialize,
  int32,
  LengthBatches,
  linear,
  lstm,
  maxOverTime,
  padTokens,
  parameters,
  readTrees,
  recurrent,
  recursive,
  relu,
  type Tensor,
  type Tree,
  textSource,
  trainingStep,
  treeArrays,
  treeLstm,
  treeTokens,
  Vocabulary,
  wasmBackend,
} from "rondo";
import { aboveZero, exampleCommand, readText, run, wholeFrom } from "./command-line.ts";

export interface Sentence {
  readonly tree: Tree;
  readonly words: readonly string[];
  readonly label: number;
}

/** The sentences of a treebank with a label from 0 to 4 at each root; of two classes those that are not neutral. */
export async function readSentences(text: string, name: string, classes: number): Promise<Sentence[]> {
  const sentences: Sentence[] = [];
  for await (const tree of readTrees(textSource(`${name}.txt`, text))) {
    const root = tree.nodes.at(-1);
    const label = Number(root?.label);
    if (![0, 1, 2, 3, 4].includes(label)) {
      throw new DataError(`${name}: line ${root?.line}: the label ${root?.label} given, 0 to 4 expected`);
    }
    if (classes === 5) sentences.push({ tree, words: treeTokens(tree), label });
    else if (label !== 2) sentences.push({ tree, words: treeTokens(tree), label: label > 2 ? 1 : 0 });
  }
  return sentences;
}

export interface Sizes {
  /** Numbers of a word's vector. */
  readonly embedding: number;
  /** Units of the Tree-LSTM, of the LSTM in each direction, and of the convolution of each width. */
  readonly tree: number;
  readonly chain: number;
  readonly windows: number;
}

const inputs = {
  ...{ words: int32("S", "B"), lengths: int32("B"), nodes: int32("T", "B") },
  trees: recursive(treeLstm, 1, 1, { reads: "leaves" }).treeTypes,
};

interface Given extends Record<"words" | "lengths" | "nodes", Tensor> {
  readonly trees: Parameters<ReturnType<typeof recursive>["apply"]>[1];
}

/** Layers, and what they make of a batch: a vector for each sentence, of so many numbers. */
interface Family {
  readonly layers: object;
  readonly size: number;
  apply(given: Given, embed: (tokens: Tensor) => Tensor): Tensor;
}

/** The families by their names. */
export const families: Readonly<Record<string, (sizes: Sizes) => Family>> = {
  "Tree-LSTM"({ embedding, tree }) {
    const layer = recursive(treeLstm, embedding, tree, { reads: "leaves" });
    return {
      layers: layer,
      size: tree,
      apply: ({ nodes, trees }, embed) => layer.apply(embed(nodes), trees).root,
    };
  },
  "bidirectional LSTM"({ embedding, chain }) {
    const layer = recurrent(lstm, embedding, chain, { direction: "both" });
    return {
      layers: layer,
      size: 2 * chain,
      apply({ words, lengths }, embed) {
        const { h } = layer.apply(embed(words), { lengths }).state; // the last state of each direction
        return concat(h.at(0, 0), h.at(0, 1));
      },
    };
  },
  convolutions({ embedding, windows }) {
    const layers = [3, 4, 5].map((width) =>
      convolution(embedding, windows, width, { padding: "same", activation: relu }),
    );
    return {
      layers,
      size: 3 * windows,
      apply({ words, lengths }, embed) {
        const x = embed(words);
        return concat(...layers.map((layer) => maxOverTime(layer.apply(x, { lengths }).output, lengths)));
      },
    };
  },
};

export interface Settings extends Sizes {
  readonly classes: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly dropout: number;
  readonly seed: number;
  readonly report?: (line: string) => void;
}

export interface Found {
  /** Weights besides the vectors of words, and those of these. */
  readonly weights: number;
  readonly vectors: number;
  /** Seconds of the processor for an epoch of training. */
  readonly seconds: number;
  /** Accuracies of the best epoch. */
  readonly held: number;
  readonly test: number;
}

export interface Parts {
  readonly training: readonly Sentence[];
  readonly held: readonly Sentence[];
  readonly test: readonly Sentence[];
}

/** Train a network of a family, and tell how well the best of its epochs does. */
export function trainFamily(name: string, { training, held, test }: Parts, settings: Settings): Found {
  const { classes, epochs, batch, learningRate, seed, report } = settings;
  const tokens = Vocabulary.fromTokens(
    training.map(({ words }) => words),
    { unknown: "<unk>", leastCount: 2 },
  );
  const family = (families[name] as (sizes: Sizes) => Family)(settings);
  const embed = embedding(tokens.size, settings.embedding);
  const rest = { layers: family.layers, head: linear(family.size, classes) };
  const model = initialize({ embed, ...rest }, { seed });
  const [dropWords, dropSentences] = [dropout(settings.dropout), dropout(settings.dropout)];
  const scores = (given: Given) => {
    const vector = family.apply(given, (numbers) => dropWords.apply(embed.apply(numbers)));
    return rest.head.apply(dropSentences.apply(vector));
  };
  const valuesOf = (sentences: readonly Sentence[]) => {
    const { values: words, lengths } = padTokens(sentences.map(({ words }) => tokens.encodeTokens(words)));
    const arrays = treeArrays(
      sentences.map(({ tree }) => tree),
      { tokens, arity: 2 },
    );
    const { tokens: nodes, lengths: sizes, children, leaves, inner } = arrays;
    return { words, lengths, nodes, trees: { lengths: sizes, children, leaves, inner } as never };
  };
  const backend = wasmBackend({ threads: 1 }); // so that seconds of the processor are those of the work
  const step = trainingStep({
    parameters: parameters(model),
    optimizer: adam(),
    clipNorm: 5,
    seed,
    inputs: { ...inputs, y: int32("B") },
    loss: ({ y, ...given }) => crossEntropy(scores(given as unknown as Given), y),
    backend,
  });
  const told = compile((given) => scores(given as unknown as Given).argmax(), { inputs, backend });
  const accuracyOn = (sentences: readonly Sentence[]) => {
    let right = 0;
    for (let at = 0; at < sentences.length; at += batch) {
      const some = sentences.slice(at, at + batch);
      const { data } = told(valuesOf(some));
      right += some.filter(({ label }, row) => data[row] === label).length;
    }
    return right / sentences.length;
  };
  const batches = new LengthBatches(
    training.map(({ words }) => words.length),
    { batch, seed, pool: 20 },
  );
  const best = { held: 0, test: 0, epoch: 0 };
  let seconds = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const start = process.cpuUsage();
    let sum = 0;
    for (let k = 0; k < batches.count; k++) {
      const some = Array.from(batches.at(k, epoch), (row) => training[row] as Sentence);
      sum +=
        some.length * step.run({ ...valuesOf(some), y: some.map(({ label }) => label) }, learningRate).loss;
    }
    const { user, system } = process.cpuUsage(start);
    seconds += (user + system) / 1e6 / epochs;
    const found = accuracyOn(held);
    if (found > best.held) Object.assign(best, { held: found, test: accuracyOn(test), epoch: epoch + 1 });
    const nats = (sum / training.length).toFixed(3);
    report?.(`${name}, epoch ${epoch + 1}: ${nats} nats in training, held out ${percent(found)}`);
  }
  report?.(
    `${name}: best after epoch ${best.epoch}, held out ${percent(best.held)}, test ${percent(best.test)}`,
  );
  const counts = { weights: countParameters(rest), vectors: countParameters(embed) };
  return { ...counts, seconds, held: best.held, test: best.test };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one) / numbers.length;

/** The share of several seeds: "39.8 % (39.1 to 40.4)". */
export function summaryOf(shares: readonly number[]): string {
  if (shares.length === 1) return percent(shares[0] as number);
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => (100 * share).toFixed(1));
  return `${percent(meanOf(shares))} (${least} to ${most})`;
}

interface Trained extends Found {
  readonly name: string;
  readonly classes: number;
}

/** A line for each family and number of classes, over the seeds that are trained. */
function tableOf(all: readonly Trained[]): string {
  const groups = new Map<string, Trained[]>();
  for (const one of all) {
    const key = `${one.classes} ${one.name}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rows = [...groups.values()].map((group) => {
    const [first] = group as [Trained];
    return [
      ...[first.name, first.classes, first.weights.toLocaleString("en"), first.vectors.toLocaleString("en")],
      meanOf(group.map(({ seconds }) => seconds)).toFixed(1),
      ...[summaryOf(group.map(({ held }) => held)), summaryOf(group.map(({ test }) => test))],
    ];
  });
  const head = ["network", "classes", "weights", "of words' vectors", "seconds an epoch", "held out", "test"];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

interface Options extends Omit<Settings, "classes"> {
  readonly runs: number;
}

export const command = exampleCommand(
  "three-families",
  "Tell the sentiment of sentences by networks of three families.",
)
  .argument("<training>", "a treebank")
  .argument("<held-out>", "another one, which chooses the best epoch")
  .argument("<test>", "and another one")
  .option("--runs <number>", "how many, with seeds from --seed on", wholeFrom(1), 3)
  .option("--epochs <number>", "times through the sentences", wholeFrom(1), 10)
  .option("--batch <number>", "sentences of an update", wholeFrom(1), 50)
  .option("--learning-rate <rate>", "of Adam", aboveZero, 0.002)
  .option("--dropout <share>", "of words' vectors and of the sentence's", Number, 0.5)
  .option("--embedding <size>", "of a word's vector", wholeFrom(1), 100)
  .option("--tree <units>", "of the Tree-LSTM", wholeFrom(1), 92)
  .option("--chain <units>", "of the LSTM, in each direction", wholeFrom(1), 82)
  .option("--windows <units>", "of the convolution of each width", wholeFrom(1), 100)
  .action(async (training: string, held: string, test: string, options: Options) => {
    const { runs, seed, ...settings } = options;
    const texts = [training, held, test].map(readText) as [string, string, string];
    const found: Trained[] = [];
    for (let at = seed; at < seed + runs; at++) {
      for (const classes of [5, 2]) {
        const [a, b, c] = await Promise.all([
          readSentences(texts[0], training, classes),
          readSentences(texts[1], held, classes),
          readSentences(texts[2], test, classes),
        ]);
        console.log(`== seed ${at}, ${classes} classes: ${a.length}, ${b.length} and ${c.length} sentences`);
        for (const name of Object.keys(families)) {
          const more = { ...settings, classes, seed: at, report: console.log };
          found.push({ name, classes, ...trainFamily(name, { training: a, held: b, test: c }, more) });
        }
      }
      console.log(tableOf(found));
    }
  });

if (process.argv[1] === import.meta.filename) await run(command);
