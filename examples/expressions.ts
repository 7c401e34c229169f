// Logical expressions, such as `( true xor ( not false ) ) and true`, and whether they are true: an exact test of networks over trees. Only a
// whole expression has a label, so that a network finds out by itself what an operator does to what is below it. Beside it a bidirectional
// LSTM reads the same expressions as tokens, parentheses among them. docs/recursive.md has the figures, docs/expressions.log the log.
//
//     npx tsx examples/expressions.ts
import {
  type RandomSource,
  randomSource,
  readTrees,
  type Tree,
  textSource,
  trainClassifier,
  trainTreeClassifier,
} from "rondo";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { tableLines } from "./table.ts";

/** An expression, and whether it is true. */
export interface Expression {
  readonly text: string;
  readonly label: "true" | "false";
}

const infix: Readonly<Record<string, (a: boolean, b: boolean) => boolean>> = {
  and: (a, b) => a && b,
  or: (a, b) => a || b,
  xor: (a, b) => a !== b,
};
const operators = [...Object.keys(infix), "not"];

const DEEPEST = 8;
/** Of less depth there are too few expressions to hold any out. */
const SHALLOWEST = 2;

const oneOf = <Item>(items: readonly Item[], random: RandomSource) =>
  items[Math.floor(items.length * random.uniform())] as Item;

/** A random expression whose deepest operand has `depth` operators above it. */
export function drawExpression(depth: number, random: RandomSource): Expression {
  const { text, isTrue } = draw(depth, random);
  return { text, label: isTrue ? "true" : "false" };
}

function draw(depth: number, random: RandomSource): { text: string; isTrue: boolean } {
  if (depth === 0) {
    const isTrue = random.uniform() < 0.5;
    return { text: String(isTrue), isTrue };
  }
  const operand = (depth: number) => {
    const { text, isTrue } = draw(depth, random);
    return { text: depth === 0 ? text : `( ${text} )`, isTrue };
  };
  const operator = oneOf(operators, random);
  const apply = infix[operator];
  const deep = operand(depth - 1);
  if (!apply) return { text: `${operator} ${deep.text}`, isTrue: !deep.isTrue };
  const other = operand(Math.floor(depth * random.uniform()));
  const [a, b] = random.uniform() < 0.5 ? [deep, other] : [other, deep];
  return { text: `${a.text} ${operator} ${b.text}`, isTrue: apply(a.isTrue, b.isTrue) };
}

/**
 * Expressions to learn from, so many of each depth from 0 to 8, and held-out ones by their depth, from 2 to 8: all of those are different, and
 * none is among the first.
 */
export function drawExpressions({ training, test, seed }: { training: number; test: number; seed: number }) {
  const random = randomSource(seed, "expressions");
  const held = new Map<string, Expression>();
  const byDepth = new Map<number, Expression[]>();
  for (let depth = SHALLOWEST; depth <= DEEPEST; depth++) {
    const before = held.size;
    while (held.size < before + test) {
      const expression = drawExpression(depth, random);
      held.set(expression.text, expression);
    }
    byDepth.set(depth, [...held.values()].slice(before));
  }
  const known: Expression[] = [];
  for (let depth = 0; depth <= DEEPEST; depth++) {
    while (known.length < (depth + 1) * training) {
      const expression = drawExpression(depth, random);
      if (!held.has(expression.text)) known.push(expression);
    }
  }
  return { training: known, test: byDepth };
}

/** Expressions as trees, with a label at the root. */
export async function treesOf(expressions: readonly Expression[]): Promise<Tree[]> {
  const lines = expressions.map(({ text, label }) => `${text}\t${label}\n`).join("");
  const trees: Tree[] = [];
  for await (const tree of readTrees(textSource("expressions", lines), { form: "expressions" }))
    trees.push(tree);
  return trees;
}

/** How many held-out expressions a network tells right, as a part of those of each depth and of all; and how long it was trained. */
export interface Score {
  readonly byDepth: readonly number[];
  readonly all: number;
  readonly seconds: number;
}

type Tells = (some: readonly Expression[]) => Promise<number>;

/** Trains both networks on the same expressions. */
export async function learnExpressions({
  training = 500,
  test = 500,
  hidden = 64,
  epochs = 10,
  seed = 1,
  report,
}: {
  readonly training?: number;
  readonly test?: number;
  readonly hidden?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly report?: (network: string, epoch: number, accuracy: number) => void;
} = {}): Promise<Readonly<Record<string, Score>>> {
  const drawn = drawExpressions({ training, test, seed });
  const score = async (network: string, train: (options: object) => Promise<Tells>): Promise<Score> => {
    let seconds = 0;
    const accuracyOf = await train({
      ...{ hidden, epochs, seed, embedding: 16, dropout: 0, unknown: 0, batch: 32, validation: 0.05 },
      ...{ optimizer: "adam", learningRate: 0.003, schedule: { kind: "cosine" } },
      onEvent(event: { event: string; epoch: number; seconds: number; accuracy: number }) {
        if (event.event !== "validation") return;
        seconds = event.seconds;
        report?.(network, event.epoch, event.accuracy);
      },
    });
    const byDepth: number[] = [];
    for (const some of drawn.test.values()) byDepth.push(await accuracyOf(some));
    return { byDepth, all: byDepth.reduce((sum, one) => sum + one, 0) / byDepth.length, seconds };
  };
  return {
    "tree-lstm": await score("tree-lstm", async (options) => {
      const trees = await treesOf(drawn.training);
      const classifier = await trainTreeClassifier(trees, {
        ...options,
        optimizerSettings: { weightDecay: 0 },
      });
      return async (some) => (await classifier.evaluate(await treesOf(some))).accuracy;
    }),
    "bidirectional lstm": await score("bidirectional lstm", async (options) => {
      const classifier = await trainClassifier(drawn.training, { ...options, cell: "lstm", read: "last" });
      return async (some) => (await classifier.evaluate(some)).measures.accuracy as number;
    }),
  };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** A line for each network, a column for each depth. */
export function tableOf(scores: Readonly<Record<string, Score>>): string[] {
  const depths = Array.from({ length: DEEPEST - SHALLOWEST + 1 }, (_, at) => `depth ${SHALLOWEST + at}`);
  const rows = [
    ["network", ...depths, "all", "seconds"],
    ...Object.entries(scores).map(([network, { byDepth, all, seconds }]) => [
      network,
      ...[...byDepth, all].map(percent),
      seconds.toFixed(0),
    ]),
  ];
  return tableLines(rows);
}

interface Options {
  readonly seed: number;
  readonly training: number;
  readonly epochs: number;
}

export const command = exampleCommand(
  "expressions",
  "Tell whether expressions are true, by their trees and by their tokens.",
)
  .option("--training <count>", "expressions of each depth to learn from", wholeFrom(1), 500)
  .option("--epochs <count>", "how often they are read", wholeFrom(1), 10)
  .action(async ({ seed, training, epochs }: Options) => {
    const report = (network: string, epoch: number, accuracy: number) =>
      console.log(
        `${network}, epoch ${epoch}/${epochs}: ${percent(accuracy)} of those that choose the best epoch`,
      );
    for (const line of tableOf(await learnExpressions({ training, epochs, seed, report }))) console.log(line);
  });

if (process.argv[1] === import.meta.filename) await run(command);
