/** `rondo draw`: the picture of a cell, of a model's network, or of what a model makes of an example, as an SVG file. */

import { basename } from "node:path";
import { Command, Option } from "commander";
import type { Drawing } from "../draw/charts/drawing.ts";
import { type DrawOptions, draw, type View, views } from "../draw/index.ts";
import { UsageError } from "../errors.ts";
import { cells } from "../nn/cells/index.ts";
import { treeCells } from "../nn/trees/index.ts";
import { writeFileAtomic } from "../node/files.ts";
import { jsonLine } from "../node/json-line.ts";
import { addExamples, exampleOf } from "./examples.ts";
import { terminal } from "./explanations.ts";
import { number, path } from "./options.ts";
import {
  addSubject,
  isCellName,
  isTreeCellName,
  modelOf,
  type NetworkFlags,
  networkFlag,
  networkOf,
} from "./subject.ts";
import { STANDARD } from "./task-options.ts";

interface Flags extends NetworkFlags, Readonly<Record<string, unknown>> {
  view?: View;
  steps?: number;
  out?: string;
  json?: true;
}

export function drawCommand(): Command {
  const command = addSubject(new Command("draw"))
    .description(
      "The picture of a cell, or of a model's network, as an SVG file; or of what a model makes of an example, in the terminal or as SVG.",
    )
    .addOption(
      new Option(
        "--view <view>",
        "one step of the cell, the network with its loops, or step by step (default: a cell's cell, a model folded)",
      ).choices(views),
    )
    .option(
      "--steps <count>",
      "that an unrolled network shows, or words of an unrolled tree (default: 3)",
      number,
    )
    .option(
      "--out <file>",
      "where the picture goes; - prints it (default: WHAT-VIEW.svg; what a model makes of an example is drawn in the terminal)",
      path,
    )
    .option("--json", "print one line of JSON");
  addExamples(command);
  return command.action(async (what: string, flags: Flags) => {
    const example = await exampleOf(what, flags);
    if (example) return tellExample(example, what, flags);
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
    tellPicture(picture, out, json && { title, view });
  });
}

/** Writes a picture and says where; with `json` as a line of JSON that has this too. */
function tellPicture(picture: string, out: string, json: object | undefined): void {
  if (out !== STANDARD) writeFileAtomic(out, new TextEncoder().encode(picture));
  if (json) console.log(jsonLine({ ...json, ...(out === STANDARD ? { svg: picture } : { file: out }) }));
  else if (out === STANDARD) process.stdout.write(picture);
  else console.log(out);
}

/** What a model makes of an example: a picture where one is asked for, else in the terminal. */
function tellExample(example: Drawing, what: string, { out, json }: Flags): void {
  if (out === undefined && !json) process.stdout.write(example.text(terminal()));
  else tellPicture(example.svg(), out ?? STANDARD, json && { title: `What ${what} tells` });
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
  const title = `The cell ${what}`;
  if (isTreeCellName(what)) {
    const { view = "cell" } = flags;
    if (view === "folded") {
      throw new UsageError(
        `--view folded is of a network: ${what} is a cell over trees, --view cell or unrolled expected`,
      );
    }
    requireNoNetwork(flags);
    return { subject: treeCells[what], view, title: view === "cell" ? title : `${title} over a tree` };
  }
  if (!isCellName(what)) {
    const { network, inputs, forward } = modelOf(what, flags).model;
    const { view = "folded" } = flags;
    return { subject: network, inputs, forward, view, title: `The model ${what}, ${view}` };
  }
  const { view = "cell" } = flags;
  if (view !== "cell") {
    return { subject: networkOf(what, flags), view, title: `A network of the cell ${what}, ${view}` };
  }
  requireNoNetwork(flags);
  return { subject: cells[what], view, title };
}

/** Throws UsageError for options that say which network is around a cell. */
function requireNoNetwork(flags: Flags): void {
  const flag = networkFlag(flags);
  if (flag)
    throw new UsageError(`${flag} is of the network around a cell: --view folded or unrolled expected`);
}
