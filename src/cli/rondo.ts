/** The command `rondo` put together: each of its commands is a file of its own. */

import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { describeCommand } from "./describe.ts";
import { drawCommand } from "./draw.ts";
import { evaluateCommand } from "./evaluate.ts";
import { explain } from "./exit.ts";
import { explainCommand } from "./explain.ts";
import { inspectCommand } from "./inspect.ts";
import { labCommand } from "./lab.ts";
import { predictCommand } from "./predict.ts";
import { trainCommand } from "./train.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** The command with all of its commands. `words` come after its name: options depend on the task that they ask for. */
export function createProgram(words: readonly string[] = []): Command {
  const program = new Command("rondo")
    .description("Train recurrent networks, and use them.")
    .version(version)
    .enablePositionalOptions();
  const commands = [
    trainCommand,
    evaluateCommand,
    predictCommand,
    describeCommand,
    drawCommand,
    explainCommand,
    labCommand,
    inspectCommand,
  ];
  const [name = "", ...rest] = words;
  for (const create of commands) {
    const command = create();
    const isMeant = command.name() === name || command.aliases().includes(name);
    program.addCommand(isMeant ? create(rest) : command);
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  return program;
}

/** Runs the command on the words after its name and resolves to the exit code; errors are one line on stderr. */
export async function rondo(words: readonly string[]): Promise<number> {
  const program = createProgram(words);
  try {
    await program.parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const { line, code } = explain(error);
    // Without words, commander has shown the help already.
    if (!(error instanceof CommanderError && error.code === "commander.help"))
      console.error(`rondo: ${line}`);
    return code;
  }
}
