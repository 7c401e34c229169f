/** `rondo describe`: what a model is made of, what it was trained on and how, and how well it did. */

import { Command } from "commander";
import { backendReport } from "../backends/choice.ts";
import { countParameters, parameters } from "../nn/index.ts";
import { jsonLine } from "../node/json-line.ts";
import { openModel } from "./models.ts";
import { path } from "./options.ts";

export function describeCommand(): Command {
  return new Command("describe")
    .description("What a model is made of, what it was trained on, and how well it did.")
    .argument("<run>", "the folder of a run, or a model file", path)
    .option("--json", "print one line of JSON")
    .action((run: string, { json }: { json?: true }) => {
      const { task, model, where } = openModel(run);
      const { form, made, json: told } = model.describe();
      const weights = Object.entries(parameters(model.network)).map(([name, { dimensions, count }]) => ({
        name,
        shape: dimensions,
        count,
      }));
      const total = countParameters(model.network);
      const runsOn = backendReport();
      if (json) {
        console.log(
          jsonLine({ file: where, task: task.name, backend: runsOn, ...told, parameters: total, weights }),
        );
        return;
      }
      const rows: (readonly [string, string])[] = [
        ["model", where],
        ["task", task.name],
        ["runs on", `${runsOn.name}: ${runsOn.reason}`],
        ...form,
        ["parameters", grouped(total)],
        ...weights.map(({ name, shape, count }): [string, string] => [
          `  ${name}`,
          `(${shape.join(", ")})  ${grouped(count)}`,
        ]),
        ...made,
      ];
      const width = Math.max(...rows.map(([name]) => name.length));
      for (const [name, text] of rows) console.log(`${name.padEnd(width)}  ${text}`);
    });
}

const grouped = (count: number) => count.toLocaleString("en");
