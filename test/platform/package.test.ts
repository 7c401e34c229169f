/** The packed package runs where Node runs: as a module, required from CommonJS, by tsx, and as a command. */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Installed, installPackage } from "./package.ts";

let installed: Installed;
beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed.remove());

/** What a script prints that a user has beside the package. */
function run(name: string, script: string, ...flags: string[]): string {
  writeFileSync(`${installed.root}/${name}`, script);
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, name], {
    cwd: installed.root,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.trimEnd();
}

test("the package holds the build, its types, its licence, and nothing else", () => {
  const others = installed.files.filter((path) => !/^dist\/[\w/-]+(\.node)?(\.js|\.d\.ts)$/.test(path));
  expect(others.sort()).toEqual(["LICENSE", "README.md", "package.json"]);
  const scripts = installed.files.filter((path) => path.endsWith(".js"));
  expect(scripts).toEqual(
    expect.arrayContaining(["dist/index.js", "dist/index.node.js", "dist/node/index.js", "dist/cli/main.js"]),
  );
  for (const path of scripts) expect(installed.files).toContain(path.replace(/\.js$/, ".d.ts"));
});

const double = "compile((x) => x.mul(2), { inputs: float32('B') })([1, 2]).data.join()";

test("a module imports it", () => {
  const script = `
    import { compile, float32 } from "rondo";
    import { writeFileAtomic } from "rondo/node";
    console.log(${double}, typeof writeFileAtomic);
  `;
  expect(run("module.mjs", script)).toBe("2,4 function");
});

test("CommonJS requires it", () => {
  const script = `
    const { compile, float32 } = require("rondo");
    const { writeFileAtomic } = require("rondo/node");
    console.log(${double}, typeof writeFileAtomic, require("rondo/package.json").name);
  `;
  expect(run("script.cjs", script)).toBe("2,4 function rondo");
});

test("the command runs", () => {
  const main = readFileSync(`${installed.root}/node_modules/rondo/dist/cli/main.js`, "utf8");
  expect(main).toMatch(/^#!\/usr\/bin\/env node\n/);
  const script = 'await import("./node_modules/rondo/dist/cli/main.js");';
  writeFileSync(`${installed.root}/command.mjs`, script);
  const { stdout } = spawnSync(process.execPath, ["command.mjs", "--help"], {
    cwd: installed.root,
    encoding: "utf8",
  });
  expect(stdout).toMatch(/^Usage: rondo /);
});

test("errors name the user's line, in JavaScript and in TypeScript by tsx", () => {
  const script = `
    import { compile, float32, gru, recurrent } from "rondo";
    try {
      compile((x) => recurrent(gru, 3, 4).apply(x).output, { inputs: float32("T", "B", 2) });
    } catch (error) {
      console.log(String(error));
    }
  `;
  const { root } = installed;
  expect(run("wrong.mjs", script)).toMatch(new RegExp(`^ShapeError: .*, at ${root}/wrong.mjs:4:\\d+$`));
  const typed = script.replace("(x)", "(x: Tensor)").replace("{ compile", "{ type Tensor, compile");
  const tsx = ["--import", resolve("node_modules/tsx/dist/loader.mjs")];
  expect(run("wrong.mts", typed, ...tsx)).toMatch(
    new RegExp(`^ShapeError: .*, at ${root}/wrong.mts:4:\\d+$`),
  );
});
