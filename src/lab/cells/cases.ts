/** The cells that are compared, the older ones first. */

import type { Cell } from "../../nn/cell.ts";
import { gru } from "../../nn/cells/gru.ts";
import { lstm } from "../../nn/cells/lstm.ts";
import { minGru } from "../../nn/cells/min-gru.ts";
import { minLstm } from "../../nn/cells/min-lstm.ts";
import { mlstm } from "../../nn/cells/mlstm.ts";
import { rnn } from "../../nn/cells/rnn.ts";
import { slstm } from "../../nn/cells/slstm.ts";
import { holding, lstmWithForgetBias } from "../starts.ts";

type AnyCell = Cell<string, string>;

export interface CellCase {
  readonly name: string;
  /** As it usually starts. */
  readonly cell: AnyCell;
  /** The same with gates that hold from the start; of a cell without such gates, and of one that holds anyway, there is none. */
  readonly holding?: ((bias: number) => AnyCell) | undefined;
}

const known = [
  { name: "RNN", cell: rnn },
  { name: "LSTM", cell: lstmWithForgetBias(1), holding: (bias: number) => holding(lstm, bias) },
  { name: "GRU", cell: gru, holding: (bias: number) => holding(gru, bias) },
  { name: "minGRU", cell: minGru, holding: (bias: number) => holding(minGru, bias) },
  { name: "minLSTM", cell: minLstm, holding: (bias: number) => holding(minLstm, bias) },
  { name: "sLSTM", cell: slstm, holding: (bias: number) => holding(slstm, bias) },
  { name: "mLSTM", cell: mlstm() },
];

export const cellCases = known as unknown as readonly CellCase[];
