/** `rondo explain`: why a model is fast or slow, by what its training step or its streaming step becomes. */

import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { type Explanation, explain, printExplanation } from "../program/explain.ts";
import { completeSettings } from "../tasks/language-model/options.ts";
import { compileStep } from "../tasks/language-model/step.ts";
import { number } from "./options.ts";
import { readModel } from "./run-folder.ts";

const PROGRAMS = ["training", "stream"] as const;

interface Flags {
  program: (typeof PROGRAMS)[number];
  batch?: number;
  window?: number;
  threads: number;
  json?: true;
}

export function explainCommand(): Command {
  return new Command("explain")
    .description(
      "The graph of a model's program, what each rewrite did to it, its loops, memory and arithmetic.",
    )
    .argument("<run>", "the folder of a run, or a model file")
    .addOption(
      new Option("--program <which>", "of the model's programs").choices(PROGRAMS).default("training"),
    )
    .option("--batch <rows>", "rows side by side (default: as trained)", number)
    .option("--window <steps>", "steps of an update (default: as trained)", number)
    .option("--threads <count>", "that the work is split over", number, 1)
    .option("--json", "print one line of JSON")
    .action((run: string, flags: Flags) => {
      const { model, training } = readModel(run);
      const settings = training?.settings ?? completeSettings({}, { tokens: Number.MAX_SAFE_INTEGER });
      const { batch = settings.batch, window = settings.window, threads } = flags;
      for (const [name, size] of Object.entries({ batch, window, threads })) {
        if (!Number.isInteger(size) || size < 1)
          throw new UsageError(`${name} ${size}: expected a whole number from 1`);
      }
      const [found] = explain(
        { B: batch, T: window },
        (backend) =>
          flags.program === "training" ? compileStep(model, settings, backend) : model.stream({ backend }),
        { threads },
      );
      console.log(flags.json ? JSON.stringify(found) : printExplanation(found as Explanation));
    });
}
