/** A text that is written piece by piece, by whoever has patience: it can be awaited, iterated and stopped. */

import { breather, type StopSignal } from "../long-work.ts";

/**
 * A text while it is written. Nothing is written before somebody asks for it; whoever asks anew gets the same text from its
 * start. The thread is handed back now and then, so that timers, signals and pages live on.
 *
 *     for await (const piece of model.write("Once ")) process.stdout.write(piece);
 *     const text = await model.write("Once ", { signal }).text();
 */
export class Writing implements AsyncIterable<string> {
  readonly #prompt: string;
  readonly #pieces: () => Iterable<string>;
  readonly #signal: StopSignal | undefined;

  /** @param pieces the text that goes on from the prompt, in pieces of which some may be empty; each call starts it anew */
  constructor(prompt: string, pieces: () => Iterable<string>, signal: StopSignal | undefined) {
    this.#prompt = prompt;
    this.#pieces = pieces;
    this.#signal = signal;
  }

  /** The pieces that go on from the prompt, none of them empty. It ends early once the signal is aborted. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    const breathe = breather();
    if (this.#signal?.aborted) return;
    for (const piece of this.#pieces()) {
      if (piece !== "") yield piece;
      await breathe();
      if (this.#signal?.aborted) return;
    }
  }

  /** The prompt and all that goes on from it; once the signal is aborted, what was written until then. */
  async text(): Promise<string> {
    let text = this.#prompt;
    for await (const piece of this) text += piece;
    return text;
  }
}

/** Pieces of a text up to where `stop` begins in it. What may be the beginning of `stop` is held back until that is known. */
export function* piecesBefore(stop: string, pieces: Iterable<string>): Generator<string, void, undefined> {
  let held = "";
  for (const piece of pieces) {
    held += piece;
    const end = held.indexOf(stop);
    if (end >= 0) {
      yield held.slice(0, end);
      return;
    }
    let kept = Math.min(held.length, stop.length - 1);
    while (!stop.startsWith(held.slice(held.length - kept))) kept -= 1;
    yield held.slice(0, held.length - kept);
    held = held.slice(held.length - kept);
  }
  yield held;
}
