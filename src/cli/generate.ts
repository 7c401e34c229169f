/** `rondo generate`: a text that a model writes. */

import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { jsonLine, number, path } from "./options.ts";
import { readModel } from "./run-folder.ts";

interface Flags {
  prompt: string;
  length: number;
  temperature: number;
  topK: number;
  topP: number;
  seed: number;
  json?: true;
}

export function generateCommand(): Command {
  return new Command("generate")
    .description("Let a model write on from a prompt.")
    .argument("<run>", "the folder of a run, or a model file", path)
    .option("--prompt <text>", "what the text begins with", "")
    .option("--length <tokens>", "how many tokens to add", number, 400)
    .option(
      "--temperature <number>",
      "below 1 is more cautious, 0 always takes the likeliest token",
      number,
      1,
    )
    .option("--top-k <tokens>", "choose among so many of the likeliest tokens; 0 for all", number, 0)
    .option(
      "--top-p <probability>",
      "choose among the likeliest tokens of this probability; 1 for all",
      number,
      1,
    )
    .option("--seed <number>", "of the random choices", number, 1)
    .option("--json", "print one line of JSON")
    .action((run: string, { prompt, json, ...options }: Flags) => {
      requireEffect(options);
      const text = readModel(run).model.generate(prompt, options);
      console.log(json ? jsonLine({ text }) : text);
    });
}

/** Throws UsageError for a choice among tokens where there is none. */
function requireEffect({ temperature, topK, topP }: Pick<Flags, "temperature" | "topK" | "topP">): void {
  const name = topK !== 0 ? "--top-k" : topP !== 1 ? "--top-p" : undefined;
  if (temperature !== 0 || name === undefined) return;
  throw new UsageError(`${name} changes nothing at temperature 0, which always takes the likeliest token`);
}
