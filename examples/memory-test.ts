// What the two tests of memory share: training one network for each cell until it has learnt the task, and the table of
// how that went. adding-problem.ts and copy-task.ts say what the tasks are.
import { Command, InvalidArgumentError, Option } from "commander";
import { type Cell, cells, lstmWith } from "rondo";

/** The cells that are compared: all that Rondo brings, and LSTMs whose forget gates start open, for so many steps or for one number. */
export function contenders(steps: number): Readonly<Record<string, Cell<string, string>>> {
  const starting = {
    "lstm-forget-1": lstmWith({ forgetBias: 1 }),
    "lstm-chrono": lstmWith({ chrono: steps }),
  };
  return { ...cells, ...(starting as unknown as Record<string, Cell<string, string>>) };
}

export interface MemoryTestOptions {
  readonly cell: Cell<string, string>;
  /** The steps over which there is something to remember. */
  readonly length: number;
  readonly hidden: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** A network in training. */
export interface Trial {
  /** One update, on batch number `index` of an endless stream. */
  update(index: number): void;
  /** The score on rows that are never trained on. */
  test(): number;
}

export interface Goal {
  readonly score: string;
  /** Whether a score is better than another one. */
  better(score: number, other: number): boolean;
  /** Whether the task counts as learnt. */
  solved(score: number): boolean;
}

export interface Outcome {
  /** The best of all scores. */
  readonly best: number;
  /** Updates until the task was learnt; undefined where it was not. */
  readonly solvedAfter: number | undefined;
  /** Processor time. */
  readonly seconds: number;
}

/** Train until the task is learnt, for `updates` at most, with a test after every `interval` updates. */
export function runTrial(
  trial: Trial,
  goal: Goal,
  { updates, interval }: { updates: number; interval: number },
  onTest: (done: number, score: number) => void = () => {},
): Outcome {
  const start = process.cpuUsage();
  let best: number | undefined;
  let solvedAfter: number | undefined;
  for (let done = 1; done <= updates && solvedAfter === undefined; done++) {
    trial.update(done - 1);
    if (done % interval !== 0 && done !== updates) continue;
    const score = trial.test();
    if (best === undefined || goal.better(score, best)) best = score;
    if (goal.solved(score)) solvedAfter = done;
    onTest(done, score);
  }
  const { user, system } = process.cpuUsage(start);
  return { best: best ?? Number.NaN, solvedAfter, seconds: (user + system) / 1e6 };
}

interface Defaults {
  readonly name: string;
  readonly description: string;
  readonly length: number;
  readonly hidden: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly updates: number;
}

/** The command line of a test of memory: prints a table with a row for each cell. */
export function memoryTestCommand(
  defaults: Defaults,
  goal: Goal,
  start: (options: MemoryTestOptions) => Trial,
  argv: readonly string[] = process.argv.slice(2),
): void {
  const names = Object.keys(contenders(2));
  const {
    cells: chosen,
    updates,
    interval,
    verbose,
    ...options
  } = new Command(defaults.name)
    .description(defaults.description)
    .addOption(new Option("--cells <names...>", "the cells to compare").choices(names).default(names, "all"))
    .option("--length <steps>", "how long to remember", count, defaults.length)
    .option("--hidden <units>", "units of the network", count, defaults.hidden)
    .option("--batch <rows>", "rows of an update", count, defaults.batch)
    .option("--learning-rate <rate>", "Adam's learning rate", Number.parseFloat, defaults.learningRate)
    .option("--updates <count>", "updates before giving up", count, defaults.updates)
    .option("--interval <updates>", "updates between tests", count, 250)
    .option("--seed <number>", "seed of weights and rows", count, 1)
    .option("--verbose", "print every test")
    .parse(argv, { from: "user" })
    .opts();
  console.log(`| cell | ${goal.score} | updates until learnt | seconds |`);
  console.log("|---|---|---|---|");
  for (const name of chosen) {
    const trial = start({ cell: contenders(options.length)[name], ...options } as MemoryTestOptions);
    const { best, solvedAfter, seconds } = runTrial(trial, goal, { updates, interval }, (done, score) => {
      if (verbose) console.error(`${name}, update ${done}: ${score.toFixed(5)}`);
    });
    const learnt = solvedAfter?.toLocaleString("en") ?? `not in ${updates.toLocaleString("en")}`;
    console.log(`| ${name} | ${best.toFixed(4)} | ${learnt} | ${seconds.toFixed(0)} |`);
  }
}

function count(given: string): number {
  if (/^[1-9]\d*$/.test(given)) return Number(given);
  throw new InvalidArgumentError("A whole number from 1 expected.");
}
