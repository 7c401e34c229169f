/** Turning the words of the command line into values, and values into words. */

import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Backend } from "../backends/backend.ts";
import { type BackendName, backendNames, backendOf } from "../backends/choice.ts";

/** A number; its range is checked where it is used. */
export function number(text: string): number {
  const given = Number(text);
  if (text.trim() === "" || !Number.isFinite(given)) throw new InvalidArgumentError("A number is expected.");
  return given;
}

/** Numbers with commas between them. */
export function numbers(text: string): number[] {
  return text.split(",").map(number);
}

/** A name: up to the next comma, or in quotes, which are written twice where they belong to it. */
const NAME = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/y;

/** Names with commas between them; one that has a comma itself stands in quotes, as in a CSV file. */
export function names(text: string): string[] {
  const found: string[] = [];
  NAME.lastIndex = 0;
  for (let comma = ","; comma === ","; ) {
    const [, quoted, bare = "", next = ""] = NAME.exec(text) ?? [];
    found.push(quoted === undefined ? bare.trim() : quoted.replaceAll('""', '"'));
    comma = next;
  }
  return found;
}

/** The path of a file or folder: an empty one is a variable of a shell that was not set. */
export function path(text: string): string {
  if (text === "") throw new InvalidArgumentError("A path is expected.");
  return text;
}

/** Threads that the commands use unless told: one for each processor, as far as that still helps. */
const defaultThreads = Math.min(availableParallelism(), 8);

export function backendOption(): Option {
  const meaning = "what programs run on; auto is machine code where that can run, else WebAssembly";
  return new Option("--backend <name>", meaning).choices([...backendNames]).default("auto");
}

/** Adds --backend and --threads; `givenBackend` makes a backend of them. */
export function addThreads(command: Command, standard = defaultThreads): Command {
  return command
    .addOption(backendOption())
    .option("--threads <count>", "that share the work; results do not depend on it", number, standard);
}

/** The words of a command that say what programs run on. */
export interface BackendWords {
  readonly threads: number;
  readonly backend: BackendName;
}

export function givenBackend({ threads, backend }: BackendWords): Backend {
  return backendOf("--backend", backend, { threads });
}
