/** The options of `rondo train` that every task's training has. */

import { type Command, Option } from "commander";
import { addThreads, type BackendWords, number, path } from "./options.ts";

export interface TrainFlags extends BackendWords, Readonly<Record<string, unknown>> {
  readonly task?: string;
  readonly resume?: string;
  readonly out?: string;
  readonly epochs?: number;
  readonly json?: true;
  readonly checkpointEvery: number;
  readonly diagnose: number;
}

/** Adds them; `names` are those of the tasks. */
export function addTrainFlags(command: Command, names: readonly string[]): Command {
  command
    .addOption(
      new Option("--task <name>", "what is trained (default: guessed where that is safe)").choices(names),
    )
    .option("--resume <run>", "go on with the run in this folder", path)
    .option("--out <folder>", "folder of the run (default: runs/FILE-CELL)", path)
    .option("--checkpoint-every <seconds>", "time between checkpoints", number, 15)
    .option("--diagnose <updates>", "updates between two looks at its gradients; 0 for none", number, 100)
    .option("--json", "print lines of JSON");
  return addThreads(command);
}
