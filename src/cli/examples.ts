/** What `rondo draw` makes of an example: a model of a task that draws one, in place of its network. */

import { type Command, Option } from "commander";
import type { Drawing } from "../draw/charts/drawing.ts";
import { UsageError } from "../errors.ts";
import { tasks } from "../tasks/index.ts";
import type { Signature, Task } from "../tasks/task.ts";
import { isCellName, isTreeCellName, modelOf, type NetworkFlags } from "./subject.ts";
import { givenOptions, signatureOptions } from "./task-options.ts";

const signatureOf = ({ drawing = {} }: Task): Signature => ({ files: {}, options: drawing });
const optionsOf = (task: Task) => signatureOptions(signatureOf(task));

/** Adds the options of all tasks that draw examples; what two of them have stands once. */
export function addExamples(command: Command): void {
  for (const { option, owners } of examples()) {
    const names = owners.map(({ name }) => name).join(" and ");
    command.addOption(new Option(option.flags, `of the task ${names}: ${option.description}`));
  }
}

function examples() {
  const all = tasks.flatMap(optionsOf);
  return all.flatMap((option, at) =>
    all.findIndex(({ long }) => long === option.long) === at
      ? [{ option, owners: tasks.filter((task) => optionsOf(task).some(({ long }) => long === option.long)) }]
      : [],
  );
}

/** What a model makes of the example that flags give; undefined where they give none. Throws UsageError for flags of another task. */
export async function exampleOf(
  what: string,
  flags: NetworkFlags & Readonly<Record<string, unknown>>,
): Promise<Drawing | undefined> {
  const given = examples().filter(({ option }) => flags[option.attributeName()] !== undefined);
  const [first] = given;
  if (!first) return undefined;
  const owned = ({ option, owners }: typeof first) =>
    `${option.long} is of a model of the task ${owners.map(({ name }) => name).join(" or ")}`;
  if (isCellName(what) || isTreeCellName(what))
    throw new UsageError(`${owned(first)}, and ${what} is a cell`);
  const { task, model } = modelOf(what, flags);
  const other = given.find(({ owners }) => !owners.includes(task));
  if (other || !model.draw) {
    throw new UsageError(`${owned(other ?? first)}, and ${what} is of the task ${task.name}`);
  }
  const network = ["view", "steps"].find((name) => flags[name] !== undefined);
  if (network !== undefined) {
    throw new UsageError(
      `--${network} is of a picture of the network, ${first.option.long} of an example: one of both expected`,
    );
  }
  return model.draw(givenOptions(signatureOf(task), flags));
}
