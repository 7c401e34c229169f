/** `rondo evaluate`: how well a model predicts a text. */

import { Command } from "commander";
import { decodeText } from "../data/text.ts";
import { readFileBytes } from "../node/files.ts";
import { addThreads, backendOf } from "./options.ts";
import { readModel } from "./run-folder.ts";

interface Flags {
  text: string;
  json?: true;
  threads: number;
}

export function evaluateCommand(): Command {
  return addThreads(new Command("evaluate"))
    .description("How well a model predicts a text: nats per token, perplexity, bits per character.")
    .argument("<run>", "the folder of a run, or a model file")
    .requiredOption("--text <file>", "the text to predict")
    .option("--json", "print one line of JSON")
    .action(async (run: string, { text, json, threads }: Flags) => {
      const { model, training } = readModel(run, backendOf({ threads }));
      const { batch, window } = training?.settings ?? {};
      const found = await model.evaluate(decodeText(readFileBytes(text), text), {
        batch,
        window,
        where: text,
      });
      if (json) {
        console.log(JSON.stringify(found));
        return;
      }
      console.log(`tokens              ${found.tokens.toLocaleString("en")}`);
      console.log(`nats per token      ${found.nats.toFixed(4)}`);
      console.log(`perplexity          ${found.perplexity.toFixed(3)}`);
      console.log(`bits per character  ${found.bitsPerCharacter.toFixed(4)}`);
    });
}
