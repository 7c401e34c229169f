/**
 * brain.js, which trains one sequence of tokens at a time with nets of its own: an embedding (here of I features), the
 * cell, a softmax. Two tokens keep what others do not do small; no update. Its result cannot be compared.
 */

import { packageVersion } from "../folder.ts";
import { importPeer, type Library } from "./contender.ts";

interface Net {
  initialize(): void;
  trainInput(tokens: readonly number[]): number;
  backpropagate(tokens: readonly number[]): void;
}
type NetClass = new (options: Readonly<Record<string, number | readonly number[]>>) => Net;

interface Brain {
  readonly recurrent: Readonly<Record<"LSTM" | "GRU" | "RNN", NetClass>>;
}

const vocabulary = 2;

export async function brain(): Promise<Library> {
  const { recurrent } = await importPeer<Brain>("brain.js");
  const nets: Readonly<Record<string, NetClass>> = {
    lstm: recurrent.LSTM,
    gru: recurrent.GRU,
    rnn: recurrent.RNN,
  };
  return {
    version: packageVersion("node_modules/brain.js"),
    prepare({ model, size: { T, I, H } }) {
      const Recurrent = nets[model];
      if (!Recurrent) throw new Error(`brain.js has no ${model}`);
      const net = new Recurrent({
        inputSize: I,
        inputRange: vocabulary,
        outputSize: vocabulary,
        hiddenLayers: [H],
      });
      net.initialize();
      // It puts a token of its own before the first.
      const tokens = Array.from({ length: T - 1 }, (_, index) => index % vocabulary);
      return {
        run() {
          net.trainInput(tokens);
          net.backpropagate(tokens);
        },
        results: () => ({}),
      };
    },
  };
}
