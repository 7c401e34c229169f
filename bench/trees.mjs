// Training of Tree-LSTMs over binary trees, one thread: sentences a second of forward, backward and Adagrad, with a label at every node.
// `npm run build`, then `node --experimental-wasm-relaxed-simd bench/trees.mjs [hidden] [batch] [words]`; default 150 25 19.
// bench/python/trees.py measures the same in PyTorch, batched by level and tree by tree. Trees have from 2 to twice the words.
import { performance } from "node:perf_hooks";
import {
  adagrad,
  childSumTreeLstm,
  crossEntropy,
  dropout,
  embedding,
  initialize,
  int32,
  LengthBatches,
  linear,
  parameters,
  randomSource,
  recursive,
  trainingStep,
  treeArrays,
  treeLstm,
  Vocabulary,
} from "../dist/index.js";

const [hidden = 150, batch = 25, mean = 19] = process.argv.slice(2).map(Number);
const vocabulary = 16000;
const random = randomSource(1, "trees");
const below = (count) => Math.floor(random.uniform() * count);

/** A binary tree of random shape: two neighbours are put together until one is left. */
function randomTree(words) {
  const children = Array.from({ length: words }, () => []);
  const put = (at) => {
    if (typeof at === "number") return at;
    const own = at.map(put);
    children.push(own);
    return children.length - 1;
  };
  let open = children.map((_, at) => at);
  while (open.length > 1) {
    const at = below(open.length - 1);
    open = [...open.slice(0, at), [open[at], open[at + 1]], ...open.slice(at + 2)];
  }
  put(open[0]);
  const token = (at) => (at < words ? { token: String(below(vocabulary)) } : {});
  return {
    nodes: children.map((below_, at) => ({ ...token(at), label: String(below(5)), children: below_ })),
  };
}

const trees = Array.from({ length: 40 * batch }, () => randomTree(2 + below(2 * mean - 3)));
const tokens = Vocabulary.fromTokens([Array.from({ length: vocabulary }, (_, at) => String(at))]);
const labels = Vocabulary.fromTokens([["0", "1", "2", "3", "4"]]);
const order = new LengthBatches(
  trees.map(({ nodes }) => nodes.length),
  { batch, seed: 1 },
);
const batches = Array.from({ length: order.count }, (_, at) =>
  treeArrays(
    Array.from(order.at(at), (row) => trees[row]),
    { tokens, labels, arity: 2 },
  ),
);

/** Sentences a second: those of the fastest of 5 rounds over all batches. */
function measure(cell, without) {
  const model = initialize(
    {
      embed: embedding(vocabulary, hidden),
      tree: recursive(cell, hidden, hidden, { reads: "leaves" }),
      head: linear(hidden, 5),
    },
    { seed: 1 },
  );
  const drop = dropout(0.5);
  const types = Object.fromEntries(
    Object.entries(model.tree.treeTypes).filter(([name]) => !without.includes(name)),
  );
  const step = trainingStep({
    parameters: parameters(model),
    optimizer: adagrad(),
    inputs: { tokens: int32("T", "B"), labels: int32("T", "B"), trees: types },
    loss(given) {
      const x = drop.apply(model.embed.apply(given.tokens));
      const { output } = model.tree.apply(x, given.trees);
      return crossEntropy(model.head.apply(drop.apply(output)), given.labels);
    },
  });
  const given = batches.map((arrays) => ({
    tokens: arrays.tokens,
    labels: arrays.labels,
    trees: Object.fromEntries(Object.keys(types).map((name) => [name, arrays[name]])),
  }));
  let best = Infinity;
  for (let round = 0; round < 6; round++) {
    const start = performance.now();
    for (const one of given) step.run(one, 0.05);
    if (round > 0) best = Math.min(best, performance.now() - start);
  }
  return (1000 * trees.length) / best;
}

for (const [name, cell, without] of [
  ["tree-lstm", treeLstm, []],
  ["tree-lstm, node by node", treeLstm, ["leaves", "inner"]],
  ["child-sum-tree-lstm", childSumTreeLstm, []],
]) {
  console.log(`${name}: ${measure(cell, without).toFixed(0)} sentences a second`);
}
