// What the command lines of all examples share: the option --seed, files to read, and one line for whatever goes wrong. The
// exit code is 2 for wrong usage, 130 for what was stopped by Ctrl-C, and 1 for anything else, as that of `rondo` is.
import { gunzipSync } from "node:zlib";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { DataError, decodeText, RondoError, UsageError } from "rondo";
import { readFileBytes } from "rondo/node";

/** What was told to stop did, before its end. */
export class Stopped extends RondoError {}

/** A command that takes --seed and nothing else yet; what it shall do is its action. */
export function exampleCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--seed <number>", "of all random numbers", wholeFrom(0), 1);
}

/** The same with two files, to train on and to test on, which are given both or not at all. */
export function withFiles(command: Command): Command {
  return command
    .argument("[files...]", "a file to train on and one to test on")
    .hook("preAction", (_, { args }) => {
      if (args.length === 0 || args.length === 2) return;
      throw new UsageError(`${args.length} given, a file to train on and one to test on expected, or none`);
    });
}

/** Runs a command on the words after its name. */
export async function run(command: Command, words: readonly string[] = process.argv.slice(2)): Promise<void> {
  command.exitOverride().configureOutput({ outputError: () => {} });
  try {
    await command.parseAsync(words, { from: "user" });
  } catch (error) {
    const ofCommander = error instanceof CommanderError;
    if (ofCommander && error.exitCode === 0) return; // the help was asked for
    if (!(ofCommander || error instanceof RondoError)) throw error;
    console.error(`${command.name()}: ${error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")}`);
    process.exitCode = ofCommander || error instanceof UsageError ? 2 : error instanceof Stopped ? 130 : 1;
  }
}

/** The text of a file in UTF-8, which may be compressed (.gz). Throws DataError, which names the file. */
export function readText(path: string): string {
  const bytes = readFileBytes(path);
  return decodeText(path.endsWith(".gz") ? unzipped(bytes, path) : bytes, path);
}

function unzipped(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new DataError(`${path} cannot be decompressed: ${(error as Error).message}`);
  }
}

/** Reads the value of an option: a whole number. */
export function wholeFrom(least: number): (given: string) => number {
  return (given) => {
    const number = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`A whole number from ${least} expected.`);
  };
}

/** Reads the value of an option: a number above 0. */
export function aboveZero(given: string): number {
  const number = Number(given);
  if (number > 0 && number < Number.POSITIVE_INFINITY) return number;
  throw new InvalidArgumentError("A number above 0 expected.");
}
