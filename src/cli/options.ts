/** Turning the words of the command line into values, and values into words. */

import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import type { Backend } from "../backends/backend.ts";
import { wasmBackend } from "../backends/wasm/index.ts";
import { RondoError } from "../errors.ts";

/** A number; its range is checked where it is used. */
export function number(text: string): number {
  const given = Number(text);
  if (text.trim() === "" || !Number.isFinite(given)) throw new InvalidArgumentError("A number is expected.");
  return given;
}

/** The path of a file or folder: an empty one is a variable of a shell that was not set. */
export function path(text: string): string {
  if (text === "") throw new InvalidArgumentError("A path is expected.");
  return text;
}

/** Threads that the commands use unless told: one for each processor, as far as that still helps. */
const defaultThreads = Math.min(availableParallelism(), 8);

/** Adds --threads; `backendOf` makes a backend of it. */
export function addThreads(command: Command): Command {
  return command.option(
    "--threads <count>",
    "that share the work; results do not depend on it",
    number,
    defaultThreads,
  );
}

export function backendOf({ threads }: { readonly threads: number }): Backend {
  return wasmBackend({ threads });
}

/** From here on a perplexity is written with an exponent. */
const LARGE = 1e9;

/** A perplexity for people: e^nats, or that no number is so large. */
export function perplexityOf(nats: number, digits = 3): string {
  const perplexity = Math.exp(nats);
  if (perplexity === Number.POSITIVE_INFINITY) return `above ${Number.MAX_VALUE.toExponential(1)}`;
  return perplexity < LARGE ? perplexity.toFixed(digits) : perplexity.toExponential(digits);
}

/** A line of JSON. Throws RondoError for a number that JSON does not have, which would become null without a word. */
export function jsonLine(value: object): string {
  return JSON.stringify(value, (name, part) => {
    if (typeof part === "number" && !Number.isFinite(part)) {
      throw new RondoError(`${name} is ${part}, which JSON cannot say`);
    }
    return part;
  });
}
