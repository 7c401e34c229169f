// The stage check passes legal trees and names every import that goes against the order of the stages.
import { expect, test } from "vitest";
import { temporaryFolder } from "../helpers/folder.ts";
import { runTool } from "./run-tool.ts";

const legal = {
  "src/errors.ts": "export class RondoError extends Error {}\n",
  "src/graph/node.ts": 'import { RondoError } from "../errors.ts";\nimport { a } from "./other.ts";\n',
  "src/nn/cells/lstm.ts": 'import {\n  sigmoid,\n  tanh,\n} from "../../trace/functions.ts";\n',
  "src/index.ts": 'export * from "./tasks/language-model.ts";\n',
  "src/node/files.ts": 'import { readFileSync } from "node:fs";\n',
  "src/cli/main.ts":
    'import "node:process";\nimport { Command } from "commander";\nimport "../node/files.ts";\n',
};

test("imports of earlier stages, of the same stage and of packages pass", () => {
  expect(runTool("check-stages", temporaryFolder(legal))).toEqual({
    status: 0,
    lines: ["6 files; every stage imports only stages above it"],
  });
});

test.each([
  ["a later stage", 'import { x } from "../trace/x.ts";', "trace comes after graph"],
  ["types of a later stage", 'import type { X } from "../trace/x.ts";', "trace comes after graph"],
  ["over several lines", 'import {\n  x,\n} from "../compiler/x.ts";', "compiler comes after graph"],
  ["for its effect", 'import "../cli/main.ts";', "cli comes after graph"],
  ["in an export", 'export * from "../nn/x.ts";', "nn comes after graph"],
  ["when it runs", 'const x = await import("../data/x.ts");', "data comes after graph"],
  ["as a worker", 'new Worker(new URL("../backends/w.ts", import.meta.url));', "backends comes after graph"],
  ["the library's index", 'import { x } from "../index.ts";', "index.ts comes after graph"],
  [
    "Node's modules",
    'import { readFileSync } from "node:fs";',
    "only node and cli may import Node's modules",
  ],
  [
    "Node's modules unprefixed",
    'import { join } from "path";',
    "only node and cli may import Node's modules",
  ],
  ["what is not a stage", 'import { x } from "../utilities/x.ts";', "utilities is not a stage"],
  ["outside src", 'import { x } from "../../test/x.ts";', "it lies outside src"],
])("an import is refused: %s", (_, source, reason) => {
  const { status, lines } = runTool("check-stages", temporaryFolder({ "src/graph/node.ts": `${source}\n` }));
  const specifier = /"(\.[^"]*|node:fs|path)"/.exec(source)?.[1];
  expect(lines).toEqual([`src/graph/node.ts must not import ${specifier}: ${reason}`]);
  expect(status).toBe(1);
});

test("a folder that is no stage is named, and so is an empty tree", () => {
  expect(runTool("check-stages", temporaryFolder({ "src/helpers/x.ts": "" }))).toEqual({
    status: 1,
    lines: ["src/helpers/x.ts: helpers is not a stage"],
  });
  expect(runTool("check-stages", temporaryFolder({ "src/README.md": "" })).status).toBe(1);
});
