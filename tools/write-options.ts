// Writes docs/options.md: what `rondo train`, `evaluate`, `predict`, `draw` and `inspect` take for each task, from the tasks' own tables.
// Usage: tsx tools/write-options.ts [FILE], by default docs/options.md
import { writeFileSync } from "node:fs";
import { defaultOf, fileFlag, fileOfOption, flagOf, helpOf } from "../src/cli/task-options.ts";
import { type OptionRow, optionRows } from "../src/options/table.ts";
import { tasks } from "../src/tasks/index.ts";
import type { FileTable, Signature, Task } from "../src/tasks/task.ts";

const commands = [
  ["train", "training"],
  ["evaluate", "evaluation"],
  ["predict", "prediction"],
] as const;

const introduction = `# Options

What the command takes for each task. The tables are written by \`npm run options\` from the tables that the command itself
reads, and \`npx rondo train --task NAME --help\` says the same. What every task has beside them, such as \`--out\`, \`--diagnose\`,
\`--resume\`, \`--threads\` and \`--json\`, is in the help alone.

**name** is what an option is called in the library and in the files of models: \`schedule.every\` is
\`{ schedule: { every: 2 } }\`.
`;

/** The whole page. */
export function optionsPage(): string {
  return [introduction, ...tasks.map(taskSection)].join("\n");
}

function taskSection(task: Task): string {
  const title = `## ${task.name}\n\n\`rondo train --task ${task.name}\` trains ${task.summary}.\n`;
  const tables = signaturesOf(task).map(([command, own]) => `### ${command}\n\n${table(command, own)}`);
  return [title, ...tables].join("\n");
}

/** What each of a task's commands takes. */
function signaturesOf({
  drawing,
  inspection,
  ...task
}: Task): readonly (readonly [command: string, Signature])[] {
  const drawn: Signature | undefined = drawing && { files: {}, options: drawing };
  return [
    ...commands.map(([command, part]) => [command, task[part]] as const),
    ...(drawn ? [["draw", drawn] as const] : []),
    ...(inspection ? [["inspect", inspection] as const] : []),
  ];
}

/** Files and options of a command, a row each. */
function table(command: string, { files, options }: Signature): string {
  const fileRows = Object.entries(files).map(([name, facts], at) => {
    const isArgument = command === "train" && at === 0;
    const flag = isArgument ? name.toUpperCase() : `\`${fileFlag(name, facts)}\``;
    return [
      flag,
      "",
      facts.folder ? "a file or a folder" : "a file",
      presence(files, name, command === "train"),
      facts.help,
    ];
  });
  const optionCells = optionRows(options).map((row) => [
    `\`${flagOf(row)}\``,
    `\`${row.path.join(".")}\``,
    `${valuesOf(row)}${fileOfOption(files, row) === undefined ? "" : ", or a file"}`,
    row.required ? "must be given" : (defaultOf(row) ?? ""),
    helpOf(row, fileOfOption(files, row)),
  ]);
  const head = ["option", "name", "values", "default", ""];
  return [head, head.map(() => "---"), ...fileRows, ...optionCells].map(line).join("");
}

/** Whether a file must be given, and what is given in place of another. */
function presence(files: FileTable, name: string, hasArgument: boolean): string {
  const { required, insteadOf } = files[name] ?? {};
  if (insteadOf === undefined) return required ? "must be given" : "";
  const [argument] = Object.keys(files);
  const isArgument = hasArgument && insteadOf === argument;
  return `in place of ${isArgument ? insteadOf.toUpperCase() : `\`${fileFlag(insteadOf, files[insteadOf] ?? {})}\``}`;
}

function valuesOf({ kind, choices, expected }: OptionRow): string {
  if (kind === "yes") return "no value: yes where it is given";
  if (kind === "names" || kind === "numbers") return `${expected}, with commas between them`;
  return choices ? choices.map((choice) => `\`${choice}\``).join(", ") : expected;
}

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;

if (process.argv[1] === import.meta.filename) {
  writeFileSync(process.argv[2] ?? "docs/options.md", optionsPage());
}
