/** What a text is to a training: its identity, and the tokens to learn from and to validate on. */

import { fingerprint } from "../../data/fingerprint.ts";
import { codePoints, counted } from "../../data/text.ts";
import type { Vocabulary } from "../../data/vocabulary.ts";
import { type WindowOptions, Windows } from "../../data/windows.ts";
import { DataError } from "../../errors.ts";
import type { DataIdentity } from "../identity.ts";

/** Which text a model was trained on. */
export interface TextIdentity extends DataIdentity {
  /** Code points. */
  readonly characters: number;
  /** The name of the text that was held out, where it is not the end of the first but one of its own, joined to it. */
  readonly heldOut?: string;
}

export function identify(text: string, name: string, heldOut?: string): TextIdentity {
  const identity = { name, characters: codePoints(text), fingerprint: fingerprint(text) };
  return heldOut === undefined ? identity : { ...identity, heldOut };
}

/** A held-out text: its tokens, and how many characters they stand for. */
export interface HeldOut {
  readonly tokens: Int32Array;
  readonly characters: number;
}

const named = new WeakSet<DataError>();

/** Does `work` on a text; errors of what knows nothing of names get the text's. Of texts within texts the inner one counts. */
export function naming<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof DataError && !named.has(error)) {
      named.add(error);
      if (!error.message.startsWith(`${name}:`)) error.message = `${name}: ${error.message}`;
    }
    throw error;
  }
}

/** What a training learns from and validates on. */
export interface TrainingData {
  readonly windows: Windows;
  readonly validation: HeldOut | undefined;
  /** How many tokens there are to train on, and held out. */
  readonly tokens: { readonly training: number; readonly validation: number };
}

/** Throws DataError, which names the text that is meant, where either part is too short. */
export function trainingData(
  training: Int32Array,
  heldOutText: string,
  { vocabulary, size, name, heldOut }: HeldOutNames & { vocabulary: Vocabulary; size: WindowOptions },
): TrainingData {
  const windows = naming(name, () => new Windows(training, { batch: size.batch, window: size.window }));
  const held = naming(heldOut ?? name, () => {
    if (heldOutText === "") return undefined;
    const tokens = vocabulary.encode(heldOutText, heldOut ?? name);
    if (tokens.length >= 2) return tokens;
    const found = counted(tokens.length, "token");
    throw new DataError(
      heldOut === undefined
        ? `${found} held out for validation, two or more expected: give a larger fraction, or 0`
        : `${found} to validate on, two or more expected`,
    );
  });
  const validation = held && { tokens: held, characters: codePoints(heldOutText) };
  return { windows, validation, tokens: { training: training.length, validation: held?.length ?? 0 } };
}

/** What a text is called, and the one that is held out, where it is one of its own. */
interface HeldOutNames {
  readonly name: string;
  readonly heldOut?: string | undefined;
}
