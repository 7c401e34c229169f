/** `rondo evaluate`: how well a model predicts a text. */

import { Command } from "commander";
import { RondoError } from "../errors.ts";
import { addThreads, backendOf, jsonLine, number, path, perplexityOf } from "./options.ts";
import { readModel } from "./run-folder.ts";
import { readText } from "./texts.ts";

interface Flags {
  text: string;
  json?: true;
  batch?: number;
  threads: number;
}

export function evaluateCommand(): Command {
  return addThreads(new Command("evaluate"))
    .description("How well a model predicts a text: nats per token, perplexity, bits per character.")
    .argument("<run>", "the folder of a run, or a model file", path)
    .requiredOption("--text <file>", "the text to predict", path)
    .option("--batch <rows>", "read the text in so many rows side by side (default: as in training)", number)
    .option("--json", "print one line of JSON")
    .action(async (run: string, { text, json, batch, threads }: Flags) => {
      const { model, training } = readModel(run, backendOf({ threads }));
      const found = await model.evaluate(readText(text), {
        batch: batch ?? training?.settings.batch,
        window: training?.settings.window,
        where: text,
      });
      if (!Number.isFinite(found.perplexity)) {
        throw new RondoError(
          `${text}: ${found.nats.toFixed(4)} nats per token, a perplexity ${perplexityOf(found.nats)}: ${run} predicts nothing of it`,
        );
      }
      if (json) {
        console.log(jsonLine(found));
        return;
      }
      console.log(`tokens              ${found.tokens.toLocaleString("en")}`);
      console.log(`nats per token      ${found.nats.toFixed(4)}`);
      console.log(`perplexity          ${perplexityOf(found.nats)}`);
      console.log(`bits per character  ${found.bitsPerCharacter.toFixed(4)}`);
    });
}
