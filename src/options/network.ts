/** Options of a recurrent network, and of the tokens that it reads, as several tasks have them. */

import { printGiven } from "../checks.ts";
import { TOKEN_KINDS } from "../data/vocabulary.ts";
import { UsageError } from "../errors.ts";
import { type Cell, checkCell } from "../nn/cell.ts";
import { type CellName, cells } from "../nn/cells/index.ts";
import { schemes } from "../nn/initializers.ts";
import { choice, real, whole } from "./kinds.ts";
import { option } from "./table.ts";

/** More would only be a slip: each layer has a program of its own to compile. */
export const MOST_LAYERS = 100;

/** One of the cells that Rondo brings, by its name. */
export const cellOption = (standard: CellName, help = "the recurrent cell") =>
  option(choice(Object.keys(cells) as CellName[]), { default: standard, argument: "name", help });

export const dropoutOption = (standard: number) =>
  option(real({ from: 0, below: 1 }), {
    default: standard,
    argument: "probability",
    help: "of dropping an element while training",
  });

export const networkOptions = {
  cell: cellOption("lstm"),
  hidden: option(whole({ from: 1 }), {
    default: 256,
    argument: "units",
    help: "units of each recurrent layer",
  }),
  layers: option(whole({ from: 1, to: MOST_LAYERS }), {
    default: 1,
    argument: "count",
    help: "recurrent layers",
  }),
  dropout: dropoutOption(0),
};

export const embeddingOption = option(whole({ from: 1 }), {
  default: 64,
  argument: "size",
  help: "numbers in a token's vector",
});

export const initializeOption = option(choice(schemes), {
  default: "default",
  argument: "scheme",
  help: "how weights start",
});

export const tokenOptions = {
  tokens: option(choice(TOKEN_KINDS), {
    default: "characters",
    argument: "kind",
    help: "what a token is",
  }),
  vocabulary: option(whole({ from: 1 }), {
    argument: "tokens",
    help: "words and subwords: how many tokens to know",
    usually: "10000 words, 4000 subwords",
  }),
};

/** A cell, whatever its state and weights are called. */
export type AnyCell = Cell<string, string>;

/** A cell by its name; `own` is the one of a name that is not Rondo's. Throws UsageError for a name that is neither. */
export function cellOf(name: string, own?: AnyCell | undefined): AnyCell {
  if (own?.name === name) return own;
  if (Object.hasOwn(cells, name)) return cells[name as CellName];
  const given = own === undefined ? "" : `, or ${own.name}, which was given`;
  throw new UsageError(
    `cell ${printGiven(name)} is unknown: expected ${Object.keys(cells).join(", ")}${given}; one of your own has to be given as it is`,
  );
}

/**
 * The name of a cell by which files know it, and the cell where it is one of one's own. Throws UsageError for what is no
 * cell, and for one that has the name of another one of Rondo's.
 */
export function namedCell(cell: unknown): { name: string; own: AnyCell | undefined } {
  if (typeof cell === "string") return { name: cell, own: undefined };
  checkCell("cell", cell as AnyCell);
  const own = cell as AnyCell;
  const known = Object.entries(cells).find(([, rondos]) => rondos === own);
  if (known) return { name: known[0], own: undefined };
  if (!Object.hasOwn(cells, own.name)) return { name: own.name, own };
  throw new UsageError(
    `cell ${own.name}: a cell of your own has the name of one of Rondo's, another name expected`,
  );
}
