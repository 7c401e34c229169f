/** Where the lines of predictions go: to the standard output as they come, or into a file that is there when all are. */

import { once } from "node:events";
import { counted } from "../data/text.ts";
import { UsageError } from "../errors.ts";
import { breather } from "../long-work.ts";
import { FileReplacement, isSameFile, isWithin } from "../node/files.ts";
import { isFolder } from "../node/folder-source.ts";
import { untilInterrupted } from "../node/interruption.ts";
import { jsonLine } from "../node/json-line.ts";
import type { Prediction } from "../tasks/task.ts";
import { Interruption } from "./exit.ts";
import { STANDARD } from "./task-options.ts";

/** What takes lines. */
interface Output {
  /** Aborted by Ctrl-C, where that does not end the process by itself. */
  readonly stopped: AbortSignal | undefined;
  line(text: string): Promise<void>;
  /** All lines are there. */
  complete(): void;
  /** Something went wrong. */
  abandon(): void;
  /** What is said of `count` predictions where it was stopped. */
  ending(count: number): string;
}

/** The standard output; `stopped` as in `Output`. */
export function standardOutput(stopped?: AbortSignal): Output {
  return {
    stopped,
    async line(text) {
      if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
    },
    complete() {},
    abandon() {},
    ending: (count) => `stopped after ${counted(count, "prediction")}`,
  };
}

/** Characters that are written at once. */
const PIECE = 2 ** 16;

/** A file that takes the place of `path` when it is complete; Ctrl-C, or the signal, leaves nothing of it. */
export function fileOutput(path: string, stopped?: AbortSignal): Output {
  const breathe = breather();
  const stop = new AbortController();
  let waiting = "";
  let file: FileReplacement | undefined;
  let interruption: ReturnType<typeof untilInterrupted> | undefined;
  const write = () => {
    file ??= new FileReplacement(path);
    file.write(new TextEncoder().encode(waiting));
    waiting = "";
  };
  return {
    stopped: stopped ? AbortSignal.any([stop.signal, stopped]) : stop.signal,
    async line(text) {
      waiting += `${text}\n`;
      if (waiting.length < PIECE) return;
      // From here on there is something to remove.
      if (!interruption) {
        interruption = untilInterrupted();
        interruption.signal.addEventListener("abort", () => stop.abort());
      }
      write();
      await breathe();
    },
    complete() {
      write();
      file?.complete();
      interruption?.end();
    },
    abandon() {
      file?.abandon();
      interruption?.end();
    },
    ending: () => `stopped: nothing was written to ${path}`,
  };
}

/** Throws UsageError where results would take the place of what they are made from, or stand among it in a folder. */
export function requireOwnFile(name: string, written: string | undefined, read: readonly string[]): void {
  if (written === undefined || written === STANDARD) return;
  const within = read.find((path) => isFolder(path) && isWithin(path, written));
  if (within !== undefined) {
    throw new UsageError(`--${name} ${written} is in ${within}, which is read: another folder expected`);
  }
  if (!read.some((path) => isSameFile(path, written))) return;
  throw new UsageError(`--${name} ${written} is what is read: another file expected`);
}

/** Whether what is written to a file of this name is lines of JSON, whatever else is asked for. */
export function isJsonLines(path: string): boolean {
  return /\.(jsonl|ndjson)$/i.test(path);
}

/** Writes predictions as they come: lines of text for people, or of JSON for machines. Throws Interruption where it is stopped. */
export async function writePredictions(
  predictions: AsyncIterable<Prediction>,
  output: Output,
  form: Form,
): Promise<void> {
  const { stopped } = output;
  await writing(output, form, async (write) => {
    for await (const prediction of stopped ? untilStopped(predictions, stopped) : predictions) {
      await write(prediction);
    }
  });
}

interface Form {
  /** Lines of JSON in place of lines of text. */
  readonly json?: boolean | undefined;
}

/**
 * Does `work`, which writes predictions one by one; all are there when it has ended, and none where it throws or is stopped,
 * which throws Interruption.
 */
export async function writing<Result>(
  output: Output,
  { json: machines }: Form,
  work: (write: (prediction: Prediction) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  let count = 0;
  const requireGoing = () => {
    if (output.stopped?.aborted) throw new Interruption(output.ending(count));
  };
  try {
    const result = await work(async ({ text, json }) => {
      requireGoing();
      if (json) count += 1;
      if (!machines) await output.line(text);
      else if (json) await output.line(jsonLine(json));
    });
    requireGoing();
    output.complete();
    return result;
  } catch (error) {
    output.abandon();
    throw error;
  }
}

/** The items that come before a signal does, which nothing waits behind. */
async function* untilStopped<Item>(items: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let stop = () => {};
  signal.addEventListener("abort", () => stop());
  while (!signal.aborted) {
    // A race of promises would keep a reaction for each item on the one that ends it all.
    const next = await new Promise<IteratorResult<Item> | undefined>((settle, fail) => {
      stop = () => settle(undefined);
      iterator.next().then(settle, fail);
    });
    if (!next || next.done) return;
    yield next.value;
  }
}
