/** The cells that Rondo brings, by the names that files and commands use. */

import type { Cell } from "../cell.ts";
import { gru } from "./gru.ts";
import { lstm } from "./lstm.ts";
import { rnn, rnnRelu, rnnSigmoid } from "./rnn.ts";
import { textbookGru } from "./textbook-gru.ts";
import { textbookLstm } from "./textbook-lstm.ts";
import { textbookRnn } from "./textbook-rnn.ts";

const table = {
  rnn,
  "rnn-relu": rnnRelu,
  "rnn-sigmoid": rnnSigmoid,
  lstm,
  gru,
  "textbook-rnn": textbookRnn,
  "textbook-lstm": textbookLstm,
  "textbook-gru": textbookGru,
};

/** The name of a cell that Rondo brings. */
export type CellName = keyof typeof table;

/** Cells by name, for a choice that is made when the program runs: what their states are called is not in the type. */
export const cells = table as unknown as Readonly<Record<CellName, Cell<string, string>>>;
