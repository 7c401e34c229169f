/** A language model looked into: how it reads the tokens of a text. */

import { piecesOf } from "../../data/pieces.ts";
import { readSourceText } from "../../data/source.ts";
import { counted } from "../../data/text.ts";
import type { Vocabulary } from "../../data/vocabulary.ts";
import { IGNORED_TARGET } from "../../data/windows.ts";
import { DataError } from "../../errors.ts";
import { zeroState } from "../../nn/index.ts";
import { completeOptions } from "../../options/table.ts";
import { value } from "../../program/compile.ts";
import { type InspectedExample, rowOption, stepsOption } from "../inspection.ts";
import { type GivenFile, type GivenOptions, required, type Signature } from "../task.ts";
import { LANGUAGE_MODEL } from "./file.ts";
import type { LanguageModel } from "./model.ts";
import type { TrainingSettings } from "./options.ts";
import { updateOf } from "./step.ts";

const options = {
  row: rowOption("line"),
  steps: stepsOption("the tokens from that line on", "as in training"),
};

export const inspectionSignature: Signature = {
  files: { input: { help: "a text", required: true } },
  options,
};

/** The tokens of a text from a line on, each with the one that comes next; the state before them is 0. Throws DataError for a text that is too short. */
export async function inspected(
  model: LanguageModel,
  settings: TrainingSettings,
  file: GivenFile | undefined,
  given: GivenOptions,
): Promise<InspectedExample> {
  const { row, steps = settings.window } = completeOptions(LANGUAGE_MODEL, options, given);
  const source = required(file, "text");
  const { name } = source;
  const { vocabulary, network } = model;
  const from = fromLine(await readSourceText(source), row, name);
  const where = row === 1 ? name : `${name} from line ${row} on`;
  const tokens = firstTokens(vocabulary, from, steps + 1, where);
  const count = tokens.length - 1;
  if (count < 2) {
    throw new DataError(
      `${name}: ${counted(tokens.length, "token")} from line ${row} on, three or more expected: two steps, and what comes next`,
    );
  }
  const shape = [count, 1];
  const targets = tokens.slice(1);
  const values = {
    tokens: value(tokens.slice(0, count), shape),
    targets: value(targets, shape),
    state: zeroState(network.rnn, 1),
  };
  const last = targets.map((target, at) => (at === count - 1 ? target : IGNORED_TARGET));
  const read = tokens.subarray(0, count);
  return {
    title: `line ${row} of ${name}: ${[...piecesOf(vocabulary, read)].join("")}`,
    target: "nats a token, of the tokens that come next in the text",
    ...updateOf(model, settings),
    values,
    last: { ...values, targets: value(last, shape) },
    steps: [
      {
        path: "",
        unit: vocabulary.kind === "list" ? "tokens" : vocabulary.kind,
        names: Array.from(read, (token) => vocabulary.token(token)),
      },
    ],
  };
}

/** A text from line `number` on. Throws DataError where it has fewer. */
function fromLine(text: string, number: number, name: string): string {
  let start = 0;
  for (let line = 1; line < number; line++) {
    const end = text.indexOf("\n", start);
    if (end < 0) throw new DataError(`${name}: line ${number} asked for, it has ${counted(line, "line")}`);
    start = end + 1;
  }
  return text.slice(start);
}

/** The first `count` tokens of a text; of what comes after their lines nothing is asked. */
function firstTokens(vocabulary: Vocabulary, text: string, count: number, where: string): Int32Array {
  for (let least = count; ; least *= 4) {
    const end = text.indexOf("\n", least);
    const tokens = vocabulary.encode(end < 0 ? text : text.slice(0, end + 1), where);
    if (end < 0 || tokens.length >= count) return tokens.subarray(0, count);
  }
}
