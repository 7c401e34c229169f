/** `rondo draw`: the picture of a cell, or of a model's network, as an SVG file. */

import { existsSync } from "node:fs";
import { basename } from "node:path";
import { Command, Option } from "commander";
import { draw, type View, views } from "../draw/index.ts";
import { UsageError } from "../errors.ts";
import { type CellName, cells } from "../nn/cells/index.ts";
import { type Direction, directions, recurrent } from "../nn/layers/recurrent.ts";
import { writeFileAtomic } from "../node/files.ts";
import { int32 } from "../program/compile.ts";
import { number } from "./options.ts";
import { readModel } from "./run-folder.ts";

interface Flags {
  view?: View;
  steps?: number;
  input?: number;
  hidden?: number;
  layers?: number;
  direction?: Direction;
  out?: string;
}

export function drawCommand(): Command {
  return new Command("draw")
    .description("The picture of a cell, or of a model's network, as an SVG file.")
    .argument("<what>", "a cell, such as lstm; the folder of a run; or a model file")
    .addOption(
      new Option(
        "--view <view>",
        "one step of the cell, the network with its loops, or step by step (default: a cell's cell, a model folded)",
      ).choices(views),
    )
    .option("--steps <count>", "that an unrolled network shows (default: 3)", number)
    .option("--input <size>", "of the network around a cell (default: 64)", number)
    .option("--hidden <size>", "of the network around a cell (default: 128)", number)
    .option("--layers <count>", "of the network around a cell (default: 1)", number)
    .addOption(
      new Option("--direction <which>", "of the network around a cell (default: forward)").choices(
        directions,
      ),
    )
    .option("--out <file>", "where the picture goes; - prints it (default: WHAT-VIEW.svg)")
    .action(async (what: string, flags: Flags) => {
      const { subject, inputs, view, title } = subjectOf(what, flags);
      const picture = await draw(subject, { view, steps: flags.steps, inputs, title });
      const { out = `${basename(what).replace(/\.safetensors$/, "")}-${view}.svg` } = flags;
      if (out === "-") process.stdout.write(picture);
      else {
        writeFileAtomic(out, new TextEncoder().encode(picture));
        console.log(out);
      }
    });
}

interface Subject {
  readonly subject: object;
  readonly inputs?: unknown;
  readonly view: View;
  readonly title: string;
}

/** A cell, a network around it, or the network of a model. */
function subjectOf(what: string, flags: Flags): Subject {
  const { input = 64, hidden = 128, layers = 1, direction = "forward" } = flags;
  const around = (["input", "hidden", "layers", "direction"] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (Object.hasOwn(cells, what)) {
    const cell = cells[what as CellName];
    const { view = "cell" } = flags;
    if (view === "cell") {
      if (around)
        throw new UsageError(
          `--${around} is of the network around a cell: --view folded or unrolled expected`,
        );
      return { subject: cell, view, title: `The cell ${what}` };
    }
    const subject = recurrent(cell, input, hidden, { layers, direction });
    return { subject, view, title: `A network of the cell ${what}, ${view}` };
  }
  if (!existsSync(what)) {
    throw new UsageError(
      `${what} is no cell and no file: a run, a model file, or one of ${Object.keys(cells).join(", ")} expected`,
    );
  }
  if (around)
    throw new UsageError(`--${around} is of the network around a cell: the model ${what} has its own`);
  const { network } = readModel(what).model;
  const { view = "folded" } = flags;
  return { subject: network, inputs: int32("T", "B"), view, title: `The model ${what}, ${view}` };
}
