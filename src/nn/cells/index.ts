/** The cells that Rondo brings, by the names that files and commands use. */

import type { Cell } from "../cell.ts";
import { gru } from "./gru.ts";
import { gruLayerNorm } from "./gru-layer-norm.ts";
import { irnn } from "./irnn.ts";
import { lstm } from "./lstm.ts";
import { lstmWith } from "./lstm-with.ts";
import { mgu } from "./mgu.ts";
import { minGru } from "./min-gru.ts";
import { minLstm } from "./min-lstm.ts";
import { mlstm } from "./mlstm.ts";
import { recurrentHighway } from "./recurrent-highway.ts";
import { rnn, rnnRelu, rnnSigmoid } from "./rnn.ts";
import { slstm } from "./slstm.ts";
import { textbookCoupledLstm } from "./textbook-coupled-lstm.ts";
import { textbookGru } from "./textbook-gru.ts";
import { textbookLstm } from "./textbook-lstm.ts";
import { textbookPeepholeLstm } from "./textbook-peephole-lstm.ts";
import { textbookRnn } from "./textbook-rnn.ts";

const table = {
  rnn,
  "rnn-relu": rnnRelu,
  "rnn-sigmoid": rnnSigmoid,
  irnn,
  lstm,
  "lstm-peephole": lstmWith({ peepholes: true }),
  "lstm-coupled": lstmWith({ coupled: true }),
  "lstm-layer-norm": lstmWith({ normalize: true }),
  gru,
  "gru-layer-norm": gruLayerNorm,
  mgu,
  "recurrent-highway": recurrentHighway(),
  "min-gru": minGru,
  "min-lstm": minLstm,
  slstm,
  mlstm: mlstm(),
  "textbook-rnn": textbookRnn,
  "textbook-lstm": textbookLstm,
  "textbook-peephole-lstm": textbookPeepholeLstm,
  "textbook-coupled-lstm": textbookCoupledLstm,
  "textbook-gru": textbookGru,
};

/** The name of a cell that Rondo brings. */
export type CellName = keyof typeof table;

/** Cells by name, for a choice that is made when the program runs: what their states are called is not in the type. */
export const cells = table as unknown as Readonly<Record<CellName, Cell<string, string>>>;
