// Checks that every stage of src/ imports only stages above it in the list below, and that only the last ones, which
// run in Node alone, import Node's modules. Usage: tsx tools/check-stages.ts [ROOT]; exits 1 on a violation.
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";

/** The pipeline, in the order in which data meets its stages: folders of src/, and the files beside them. */
const stages = [
  "errors.ts",
  "checks.ts",
  "numbers.ts",
  "long-work.ts",
  "graph",
  "trace",
  "gradient",
  "compiler",
  "backends",
  "program",
  "nn",
  "inspect",
  "draw",
  "data",
  "formats",
  "options",
  "decoding",
  "training",
  "tasks",
  "lab",
  "index.ts",
  "index.node.ts",
  "node",
  "cli",
];
const nodeOnly = ["node", "cli"];

// The formatter puts import and export statements at the start of a line; a documented example never stands there.
const importPattern = new RegExp(
  [
    /^(?:import|export|\}).*?\bfrom ["']([^"']+)["']/, // import and export declarations, types included
    /^import ["']([^"']+)["']/,
    /\bimport\(["']([^"']+)["']/,
    /\bnew URL\(["']([^"']+)["'], import\.meta\.url\)/, // how a worker is named
  ]
    .map((pattern) => pattern.source)
    .join("|"),
  "gm",
);

function violation(stage: string, file: string, specifier: string): string | undefined {
  if (isBuiltin(specifier)) {
    return nodeOnly.includes(stage) ? undefined : `only ${nodeOnly.join(" and ")} may import Node's modules`;
  }
  if (!specifier.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(file), specifier);
  const [top, targetStage = ""] = target.split("/");
  if (top !== "src") return "it lies outside src";
  if (!stages.includes(targetStage)) return `${targetStage} is not a stage`;
  if (stages.indexOf(targetStage) <= stages.indexOf(stage)) return undefined;
  return `${targetStage} comes after ${stage}`;
}

const root = process.argv[2] ?? ".";
const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => `src/${file.replaceAll("\\", "/")}`)
  .sort();
const problems: string[] = [];
for (const file of files) {
  const stage = file.split("/")[1] ?? "";
  if (!stages.includes(stage)) problems.push(`${file}: ${stage} is not a stage`);
  for (const match of readFileSync(join(root, file), "utf8").matchAll(importPattern)) {
    const specifier = match.slice(1).find((group) => group !== undefined) ?? "";
    const reason = violation(stage, file, specifier);
    if (reason !== undefined) problems.push(`${file} must not import ${specifier}: ${reason}`);
  }
}
if (files.length === 0) problems.push(`no source files below ${join(root, "src")}`);
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${files.length} files; every stage imports only stages above it`);
process.exitCode = problems.length === 0 ? 0 : 1;
