/** What users' own declarations need: every type that an export names is exported, for old compilers and new. */

import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts56 from "typescript-5.6";
import ts59 from "typescript-5.9";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Exports, exportsOf } from "./named-types.ts";
import { type Installed, installPackage } from "./package.ts";

let installed: Installed;
beforeAll(() => {
  installed = installPackage();
  cpSync("test/platform/project", installed.root, { recursive: true });
  writeFileSync(join(installed.root, "package.json"), '{ "type": "module" }');
}, 120_000);
afterAll(() => installed.remove());

/** What the entries of the package export, each read once. */
const known = new Map<string, Exports>();
function exportsOfEntry(name: string): Exports {
  const found = known.get(name) ?? exportsOf(join(installed.root, `node_modules/rondo/dist/${name}.d.ts`));
  known.set(name, found);
  return found;
}

test.each(["index", "node/index", "lab/index"])("the exports of %s", async (entry) => {
  const { values, types, hidden } = exportsOfEntry(entry);
  // What the main entry exports, everybody can name.
  const main = new Set([...exportsOfEntry("index").values, ...exportsOfEntry("index").types]);
  expect(hidden.filter((line) => !main.has(line.split(",")[0] as string))).toEqual([]);
  const list = ["Values", ...values, "", "Types", ...types, ""].join("\n");
  await expect(list).toMatchFileSnapshot(`exports/${entry.replace("/", "-")}.txt`);
});

type Compiler = typeof ts59;
const compilers: readonly (readonly [string, Compiler])[] = [
  ["5.6", ts56 as unknown as Compiler],
  ["5.9", ts59],
];

/** What a compiler has to say about a file of the project, and the declarations that it writes. */
function compile(
  ts: Compiler,
  file: string,
  moduleResolution: "bundler" | "nodenext",
  lib: readonly string[],
) {
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    {
      declaration: true,
      emitDeclarationOnly: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: "es2022",
      module: moduleResolution === "bundler" ? "esnext" : "nodenext",
      moduleResolution,
      lib,
      types: [],
      skipLibCheck: false,
      noErrorTruncation: true,
      rootDir: ".",
    },
    installed.root,
  );
  const program = ts.createProgram([join(installed.root, file)], options);
  let declarations = "";
  const emitted = program.emit(undefined, (_, text) => {
    declarations += text;
  });
  const found = [...errors, ...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics];
  const messages = found.map(({ code, file: at, messageText }) => {
    const name = at?.fileName.replace(installed.root, "") ?? "";
    return `${name} TS${code} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
  return { declarations, messages: [...new Set(messages)] };
}

describe.each(compilers)("TypeScript %s", (version, ts) => {
  const places = [
    ["nodenext", ["es2023"]],
    ["bundler", ["es2023", "dom", "dom.iterable"]],
  ] as const;
  test.each(places)("a library with declarations, %s, %j", (resolution, lib) => {
    const { declarations, messages } = compile(ts, "library.ts", resolution, lib);
    expect(messages).toEqual([]);
    expect(declarations).toMatch(/export declare const model: \{\s*embed: .*Embedding;\s*rnn: /);
    expect(declarations).not.toMatch(/\bany\b|import\("[^"]*dist/);
  });

  test("CommonJS", () => {
    const { messages } = compile(ts, "script.cts", "nodenext", ["es2023"]);
    // From 5.8 on, a script may require a module, as Node may.
    if (version === "5.6") expect(messages.join()).toMatch(/^\/script\.cts TS1479 /);
    else expect(messages).toEqual([]);
  });
});

test("the page of examples/browser fits the types", () => {
  const folder = join(installed.root, "example");
  cpSync("examples/browser", folder, { recursive: true });
  symlinkSync(join(process.cwd(), "node_modules/vite"), join(installed.root, "node_modules/vite"));
  const host = { ...ts59.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
  const config = ts59.getParsedCommandLineOfConfigFile(
    join(folder, "tsconfig.json"),
    { skipLibCheck: true },
    host,
  );
  expect(config?.fileNames.map((name) => relative(folder, name)).sort()).toEqual([
    "src/main.ts",
    "src/messages.ts",
    "src/worker.ts",
    "vite.config.ts",
  ]);
  const program = ts59.createProgram(config?.fileNames ?? [], config?.options ?? {});
  const messages = ts59.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
  expect(messages).toEqual([]);
});
