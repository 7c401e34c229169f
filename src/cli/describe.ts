/** `rondo describe`: what a model is made of, what it was trained on, and how well it did. */

import { Command } from "commander";
import { countParameters } from "../nn/index.ts";
import { readModel } from "./run-folder.ts";

export function describeCommand(): Command {
  return new Command("describe")
    .description("What a model is made of, what it was trained on, and how well it did.")
    .argument("<run>", "the folder of a run, or a model file")
    .option("--json", "print one line of JSON")
    .action((run: string, { json }: { json?: true }) => {
      const { model, training, where } = readModel(run);
      const { architecture, vocabulary } = model;
      const weights = Object.entries(model.parameters).map(([name, { dimensions, count }]) => ({
        name,
        shape: dimensions,
        count,
      }));
      const total = countParameters(model.network);
      const { size, kind } = vocabulary;
      if (json) {
        const of = { tokens: kind, vocabulary: size };
        console.log(
          JSON.stringify({ file: where, architecture, ...of, parameters: total, weights, training }),
        );
        return;
      }
      const { cell, embedding, hidden, layers, dropout } = architecture;
      const rows: [string, string][] = [
        ["model", where],
        ["tokens", `${size.toLocaleString("en")} ${kind}`],
        ["embedding", `${size} x ${embedding}`],
        [cell, `${layers} ${layers === 1 ? "layer" : "layers"} of ${hidden} units, dropout ${dropout}`],
        ["head", `${hidden} x ${size}`],
        ["parameters", total.toLocaleString("en")],
        ...weights.map(({ name, shape, count }): [string, string] => [
          `  ${name}`,
          `(${shape.join(", ")})  ${count.toLocaleString("en")}`,
        ]),
      ];
      if (training) {
        const { text, settings, step, epoch, tokens, validation } = training;
        const part = settings.validation === 0 ? "all" : `all but the last ${100 * settings.validation} %`;
        rows.push(
          ["trained on", `${text.name}: ${part} of ${text.characters.toLocaleString("en")} characters`],
          [
            "for",
            `${epoch} ${epoch === 1 ? "epoch" : "epochs"}, ${step.toLocaleString("en")} updates, ${tokens.toLocaleString("en")} tokens`,
          ],
          ["with", trainedWith(settings)],
          [
            "validation",
            validation
              ? `${validation.nats.toFixed(4)} nats per token, ${validation.bitsPerCharacter.toFixed(4)} bits per character, perplexity ${Math.exp(validation.nats).toFixed(3)}`
              : "none",
          ],
        );
      }
      const width = Math.max(...rows.map(([name]) => name.length));
      for (const [name, text] of rows) console.log(`${name.padEnd(width)}  ${text}`);
    });
}

type Settings = NonNullable<ReturnType<typeof readModel>["training"]>["settings"];

function trainedWith({ optimizer, learningRate, schedule, batch, window, clip, seed }: Settings): string {
  const rate = `${optimizer}, learning rate ${learningRate} (${schedule.kind})`;
  return `${rate}, batch ${batch}, window ${window}, clip ${clip === 0 ? "off" : clip}, seed ${seed}`;
}
