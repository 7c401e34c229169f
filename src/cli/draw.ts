/** `rondo draw`: the picture of a cell, or of a model's network, as an SVG file. */

import { basename } from "node:path";
import { Command, Option } from "commander";
import { type DrawOptions, draw, type View, views } from "../draw/index.ts";
import { UsageError } from "../errors.ts";
import { cells } from "../nn/cells/index.ts";
import { writeFileAtomic } from "../node/files.ts";
import { jsonLine } from "../node/json-line.ts";
import { number, path } from "./options.ts";
import { addSubject, isCellName, modelOf, type NetworkFlags, networkFlag, networkOf } from "./subject.ts";

interface Flags extends NetworkFlags {
  view?: View;
  steps?: number;
  out?: string;
  json?: true;
}

export function drawCommand(): Command {
  return addSubject(new Command("draw"))
    .description("The picture of a cell, or of a model's network, as an SVG file.")
    .addOption(
      new Option(
        "--view <view>",
        "one step of the cell, the network with its loops, or step by step (default: a cell's cell, a model folded)",
      ).choices(views),
    )
    .option("--steps <count>", "that an unrolled network shows (default: 3)", number)
    .option("--out <file>", "where the picture goes; - prints it (default: WHAT-VIEW.svg)", path)
    .option("--json", "print one line of JSON")
    .action(async (what: string, flags: Flags) => {
      const { subject, inputs, forward, view, title } = subjectOf(what, flags);
      if (flags.steps !== undefined && view !== "unrolled") {
        throw new UsageError(
          `--steps is of an unrolled network, the view is ${view}: --view unrolled expected`,
        );
      }
      const picture = await draw(subject, {
        view,
        steps: flags.steps,
        inputs,
        forward: forward as DrawOptions["forward"],
        title,
      });
      const { json, out = `${basename(what).replace(/\.safetensors$/, "")}-${view}.svg` } = flags;
      if (out !== "-") writeFileAtomic(out, new TextEncoder().encode(picture));
      if (json) console.log(jsonLine({ title, view, ...(out === "-" ? { svg: picture } : { file: out }) }));
      else if (out === "-") process.stdout.write(picture);
      else console.log(out);
    });
}

interface Subject {
  readonly subject: object;
  readonly inputs?: unknown;
  readonly forward?: ((inputs: never) => unknown) | undefined;
  readonly view: View;
  readonly title: string;
}

/** A cell, a network around it, or the network of a model. */
function subjectOf(what: string, flags: Flags): Subject {
  if (!isCellName(what)) {
    const { network, inputs, forward } = modelOf(what, flags).model;
    const { view = "folded" } = flags;
    return { subject: network, inputs, forward, view, title: `The model ${what}, ${view}` };
  }
  const { view = "cell" } = flags;
  if (view !== "cell") {
    return { subject: networkOf(what, flags), view, title: `A network of the cell ${what}, ${view}` };
  }
  const flag = networkFlag(flags);
  if (flag)
    throw new UsageError(`${flag} is of the network around a cell: --view folded or unrolled expected`);
  return { subject: cells[what], view, title: `The cell ${what}` };
}
