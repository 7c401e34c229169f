// docs/options.md is what the tables of options give, and what the command takes.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trainCommand } from "../../src/cli/train.ts";
import { tasks } from "../../src/tasks/index.ts";
import { optionsPage } from "../../tools/write-options.ts";

const page = readFileSync("docs/options.md", "utf8");

test("the page is the one that `npm run options` writes", () => {
  expect(page).toBe(optionsPage());
});

test.each(tasks.map(({ name }) => name))("the flags of training %s are those of the command", (name) => {
  const section = page.split(`## ${name}\n`)[1]?.split("### evaluate")[0] ?? "";
  const shown = [...section.matchAll(/^\| `(--[\w-]+)`/gm)].map(([, flag]) => flag);
  const ofEveryTask = [
    "--task",
    "--resume",
    "--out",
    "--diagnose",
    "--checkpoint-every",
    "--json",
    "--threads",
    "--backend",
  ];
  const taken = trainCommand(["--task", name]).options.map(({ long }) => long);
  expect(shown).toEqual(taken.filter((flag) => !ofEveryTask.includes(flag as string)));
});

test("ranges, choices and defaults are told", () => {
  expect(page).toContain("| `--layers` | `layers` | a whole number from 1 to 100 | 1 | recurrent layers |");
  expect(page).toContain("| `--decay-every` | `schedule.every` | a whole number from 1 | 1 |");
  expect(page).toContain(
    "| `--tokens` | `tokens` | `words`, `characters`, `bytes` | words | texts: what a token is |",
  );
  expect(page).not.toMatch(/undefined|\[object|NaN/);
});
