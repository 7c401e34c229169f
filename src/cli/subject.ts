/** What `rondo draw` and `rondo explain` are about: a cell, a network around one, or the network of a model. */

import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { type CellName, cells } from "../nn/cells/index.ts";
import { type Direction, directions, recurrent } from "../nn/layers/recurrent.ts";
import { type TreeCellName, treeCells } from "../nn/trees/index.ts";
import { MOST_LAYERS } from "../options/network.ts";
import { openModel } from "./models.ts";
import { number, path } from "./options.ts";

/** The network around a cell. */
export interface NetworkFlags {
  input?: number;
  hidden?: number;
  layers?: number;
  direction?: Direction;
}

/** Adds the argument `what`, and the options that say which network is around a cell. */
export function addSubject(command: Command): Command {
  return command
    .argument("<what>", "a cell, such as lstm; the folder of a run; or a model file", path)
    .option("--input <size>", "of the network around a cell (default: 64)", number)
    .option("--hidden <size>", "of the network around a cell (default: 128)", number)
    .option("--layers <count>", "of the network around a cell (default: 1)", number)
    .addOption(
      new Option("--direction <which>", "of the network around a cell (default: forward)").choices(
        directions,
      ),
    );
}

/** The first of the options that say which network is around a cell. */
export function networkFlag(flags: NetworkFlags): string | undefined {
  const name = (["input", "hidden", "layers", "direction"] as const).find(
    (option) => flags[option] !== undefined,
  );
  return name && `--${name}`;
}

export function isCellName(what: string): what is CellName {
  return Object.hasOwn(cells, what);
}

export function isTreeCellName(what: string): what is TreeCellName {
  return Object.hasOwn(treeCells, what);
}

/** The network around a cell. */
export function networkOf(cell: CellName, flags: NetworkFlags) {
  const { input = 64, hidden = 128, layers = 1, direction = "forward" } = flags;
  if (layers > MOST_LAYERS) {
    throw new UsageError(`layers ${layers}: expected a whole number from 1 to ${MOST_LAYERS}`);
  }
  return recurrent(cells[cell], input, hidden, { layers, direction });
}

/** The model of a run or a file. Throws UsageError for what is neither, and for options that are of a cell. */
export function modelOf(what: string, flags: NetworkFlags): ReturnType<typeof openModel> {
  if (!existsSync(what)) {
    if (isTreeCellName(what)) {
      throw new UsageError(
        `${what} is a cell over trees, which is drawn (rondo draw ${what}): a run, a model file or a cell along time expected`,
      );
    }
    const names = [...Object.keys(cells), ...Object.keys(treeCells)].join(", ");
    throw new UsageError(`${what} is no cell and no file: a run, a model file, or one of ${names} expected`);
  }
  const flag = networkFlag(flags);
  if (flag) throw new UsageError(`${flag} is of the network around a cell: the model ${what} has its own`);
  return openModel(what);
}
