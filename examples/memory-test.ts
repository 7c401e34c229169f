// What the two tests of memory share: training one network for each cell until it has learnt the task, and the table of
// how that went. adding-problem.ts and copy-task.ts say what the tasks are.
import { type Command, Option } from "commander";
import { type Cell, cells, lstmWith, type Training, UsageError } from "rondo";
import { aboveZero, exampleCommand, wholeFrom } from "./command-line.ts";

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
  /** Updates between two tests: an epoch. */
  readonly interval: number;
  readonly epochs: number;
}

/** A network in training, whose epochs end with a test on rows that are never trained on: 0 is no mistake. */
export type Trial = Pick<Training<unknown>, "run" | "progress">;

/** A test below this counts as learnt. */
const LEARNT = 0.01;

export interface Outcome {
  /** The lowest of all tests. */
  readonly best: number;
  /** Updates until the task was learnt; undefined where it was not. */
  readonly solvedAfter: number | undefined;
  /** Processor time. */
  readonly seconds: number;
}

/** Train until the task is learnt, or until the training ends. */
export async function runTrial(
  trial: Trial,
  onTest: (updates: number, error: number) => void = () => {},
): Promise<Outcome> {
  const learnt = new AbortController();
  const start = process.cpuUsage();
  await trial.run({
    signal: learnt.signal,
    onEvent(event) {
      if (event.event !== "validation") return;
      onTest(event.step, event.loss);
      if (event.loss < LEARNT) learnt.abort();
    },
  });
  const { user, system } = process.cpuUsage(start);
  const { best, step } = trial.progress;
  return {
    best: best ?? Number.NaN,
    solvedAfter: learnt.signal.aborted ? step : undefined,
    seconds: (user + system) / 1e6,
  };
}

interface Defaults {
  readonly name: string;
  readonly description: string;
  /** What is printed of a test, and how. */
  readonly score: string;
  readonly scoreOf: (error: number) => number;
  readonly length: number;
  readonly hidden: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly updates: number;
}

/** The command line of a test of memory: prints a table with a row for each cell. */
export function memoryTestCommand(
  { name, description, score, scoreOf, ...defaults }: Defaults,
  start: (options: MemoryTestOptions) => Trial,
): Command {
  const names = Object.keys(contenders(2));
  const whole = wholeFrom(1);
  return exampleCommand(name, description)
    .addOption(new Option("--cells <names...>", "the cells to compare").choices(names).default(names, "all"))
    .option("--length <steps>", "how long to remember", whole, defaults.length)
    .option("--hidden <units>", "units of the network", whole, defaults.hidden)
    .option("--batch <rows>", "rows of an update", whole, defaults.batch)
    .option("--learning-rate <rate>", "Adam's learning rate", aboveZero, defaults.learningRate)
    .option(
      "--updates <count>",
      "updates before giving up, a multiple of those between tests",
      whole,
      defaults.updates,
    )
    .option("--interval <updates>", "updates between tests", whole, 250)
    .option("--verbose", "print every test")
    .action(async ({ cells: chosen, updates, verbose, ...options }) => {
      const interval = Math.min(options.interval, updates);
      if (updates % interval !== 0) {
        throw new UsageError(`--updates ${updates} given, a multiple of --interval ${interval} expected`);
      }
      console.log(`| cell | ${score} | updates until learnt | seconds |`);
      console.log("|---|---|---|---|");
      for (const name of chosen) {
        const cell = contenders(options.length)[name];
        const trial = start({ ...options, cell, interval, epochs: updates / interval } as MemoryTestOptions);
        const { best, solvedAfter, seconds } = await runTrial(trial, (done, error) => {
          if (verbose) console.error(`${name}, update ${done}: ${scoreOf(error).toFixed(5)}`);
        });
        const learnt = solvedAfter?.toLocaleString("en") ?? `not in ${updates.toLocaleString("en")}`;
        console.log(`| ${name} | ${scoreOf(best).toFixed(4)} | ${learnt} | ${seconds.toFixed(0)} |`);
      }
    });
}
