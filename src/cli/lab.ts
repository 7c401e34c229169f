/** `rondo lab`: the experiments that show the difficulties of training recurrent networks, and their remedies. */

import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { counted } from "../data/text.ts";
import type { Figure } from "../draw/figures/figure.ts";
import { figureText } from "../draw/figures/text.ts";
import { DataError, UsageError } from "../errors.ts";
import { type Experiment, Stopped } from "../lab/experiment.ts";
import {
  experimentOf,
  experiments,
  figureSvg,
  printRun,
  type RunProgress,
  runExperiment,
} from "../lab/index.ts";
import { FileReplacement } from "../node/files.ts";
import { untilInterrupted } from "../node/interruption.ts";
import { jsonLine } from "../node/json-line.ts";
import { duration } from "../node/report.ts";
import { TrialFile } from "../node/trial-file.ts";
import { Interruption } from "./exit.ts";
import { addThreads, type BackendWords, givenBackend, numbers, path } from "./options.ts";
import { addSignature, givenOptions, STANDARD } from "./task-options.ts";

interface Flags extends BackendWords, Readonly<Record<string, unknown>> {
  readonly seed?: readonly number[];
  readonly out?: string;
  readonly json?: true;
}

/** The command for the experiment that its words name, whose settings it takes. */
export function labCommand(words: readonly string[] = []): Command {
  const asked = words.find((word) => !word.startsWith("-"));
  const known = experiments.find(({ name }) => name === asked);
  const command = new Command("lab")
    .description(
      known
        ? `${known.title}. ${known.claim}`
        : "Experiments: each difficulty of training a recurrent network as numbers and a picture, and its remedy. Without a name, what there is. The settings of one: rondo lab NAME --help.",
    )
    .argument("[name]", "an experiment")
    // Which settings there are is not known before it is clear which experiment is meant.
    .allowUnknownOption(known === undefined);
  addSignature(command, { files: {}, options: known?.options ?? {} });
  command
    .option("--seed <numbers>", "of all random numbers, one or more (default: 1,2,3)", numbers)
    .option("--out <file>", "an SVG file for the picture; - draws it in the terminal", path)
    .option("--json", "print lines of JSON: each trial, then what they show together");
  addThreads(command, 1);
  return command.action(async (name: string | undefined, flags: Flags) => {
    if (name === undefined) list(flags);
    else await run(experimentOf(name), flags);
  });
}

/** What there is, a line each. */
function list({ json, out }: Flags): void {
  if (out !== undefined) throw new UsageError("--out is of an experiment: rondo lab NAME --out FILE.svg");
  const width = Math.max(0, ...experiments.map(({ name }) => name.length));
  for (const { name, title, claim, seconds } of experiments) {
    if (json) console.log(jsonLine({ name, title, claim, seconds }));
    else console.log(`${name.padEnd(width)}  ${claim} (${duration(seconds)})`);
  }
}

async function run(experiment: Experiment, flags: Flags): Promise<void> {
  const { seed, out, json } = flags;
  const inTerminal = out === STANDARD;
  if (inTerminal && json) {
    throw new UsageError("--out - draws for people, --json prints for machines: one expected");
  }
  if (out !== undefined && !inTerminal && !/\.svg$/i.test(out)) {
    throw new UsageError(`--out ${out}: a file whose name ends in .svg expected`);
  }
  const { name, options } = experiment;
  // What cannot be written is known before anything is measured.
  const picture = out === undefined || inTerminal ? undefined : new FileReplacement(out);
  const store = new TrialFile(join("runs", "lab", `${name}.jsonl`));
  const shown = progressShown(experiment, json);
  const interruption = untilInterrupted();
  let measured = store.kept.length;
  try {
    const found = await runExperiment(experiment, {
      settings: givenOptions({ files: {}, options }, flags),
      seeds: seed,
      backend: givenBackend(flags),
      signal: interruption.signal,
      store: {
        kept: store.kept,
        keep(trial) {
          store.keep(trial);
          measured += 1;
          if (json) console.log(jsonLine({ event: "trial", ...trial }));
        },
      },
      onProgress: shown.onProgress,
    });
    shown.end();
    const { figure, ...told } = found;
    if (picture) {
      picture.write(new TextEncoder().encode(await figureSvg(figure)));
      picture.complete();
    }
    if (json) console.log(jsonLine({ event: "end", ...told }));
    else {
      for (const line of printRun(found)) console.log(line);
      console.log(
        `\n${counted(found.trials.length, "trial")} in ${duration(found.seconds)} on ${found.backend}`,
      );
      if (inTerminal) drawInTerminal(figure);
      else if (out !== undefined) console.log(`picture: ${out}`);
    }
    store.remove(found.settings);
  } catch (error) {
    shown.end();
    picture?.abandon();
    if (error instanceof DataError && store.kept.length > 0) error.message += `; remove ${store.path}`;
    if (!(error instanceof Stopped)) throw error;
    if (measured === 0) throw new Interruption("stopped before anything was measured");
    throw new Interruption(`stopped; the same command goes on: ${store.path} keeps what was measured`);
  } finally {
    interruption.end();
  }
}

function drawInTerminal(figure: Figure): void {
  const { columns, isTTY } = process.stdout;
  process.stdout.write(`\n${figureText(figure, { columns, color: isTTY && process.stdout.hasColors() })}`);
}

/** A bar on a terminal, elsewhere a line for each trial; nothing for machines. */
function progressShown({ title, claim }: Experiment, json: true | undefined) {
  if (json) return { onProgress: undefined, end() {} };
  const heading = `${title}: ${claim}\n`;
  if (!process.stdout.isTTY) {
    let last = "";
    return {
      onProgress({ trial, done, trials }: RunProgress) {
        if (trial === last) return;
        if (last === "") console.log(heading);
        last = trial;
        console.log(`${Math.floor(done) + 1}/${trials}  ${trial}`);
      },
      end() {
        if (last !== "") console.log("");
      },
    };
  }
  const bar = new SingleBar({
    format: "{bar} {percentage}%  {eta_formatted} left  {trial}",
    barsize: 24,
    stream: process.stdout,
    fps: 5,
    hideCursor: true,
    clearOnComplete: true,
  });
  let begun = false;
  return {
    onProgress({ trial, done, trials }: RunProgress) {
      if (!begun) {
        console.log(heading);
        bar.start(trials, done, { trial });
      }
      begun = true;
      bar.update(done, { trial });
    },
    end() {
      if (begun) bar.stop();
    },
  };
}
