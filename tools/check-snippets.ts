// Runs what the documents show, in document order, in a temporary directory: the ```ts blocks of README.md,
// CHANGELOG.md and docs/, type-checked and executed against the built package, and the `npx rondo` and `npm run` lines of the
// README's ```sh blocks. A block marked `no-run` and a reason (```ts no-run opens a browser) is not executed. A block marked
// as a file (```ts file sensors.ts) is one that others import: import { model } from "./sensors.js".
// Usage: tsx tools/check-snippets.ts [ROOT] [--limit SECONDS]; exits 1 if anything failed.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

interface Manifest {
  name: string;
  bin: Record<string, string>;
  scripts: Record<string, string>;
}

interface Block {
  place: string;
  language: string;
  notRunBecause: string | undefined;
  /** How its file is called, without the ending. */
  name: string;
  code: string;
}

interface Outcome {
  verdict: "ok" | "skip" | "FAIL";
  reason?: string;
  /** What was printed; shown when the snippet failed. */
  detail?: string;
}

interface Snippet {
  what: string;
  decided: Outcome | undefined;
  /** The program and its arguments. */
  run: string[];
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: "string", default: "300" } },
});
const root = resolve(positionals[0] ?? ".");
const limit = Number(options.limit);
const nodeModules = dirname(dirname(createRequire(import.meta.url).resolve("typescript/package.json")));

function blocksOf(file: string): Block[] {
  const text = fs.readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^```(\w+)(?:[ \t]+([^\n]*))?\n([\s\S]*?)^```[ \t]*$/gm)].map((match) => {
    const [, language = "", note = "", code = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    return {
      place: `${file}:${line}`,
      language,
      notRunBecause: /^no-run\b\s*(.*)$/.exec(note)?.[1],
      name: /^file (\S+)\.ts$/.exec(note)?.[1] ?? `${file.replace(/\.md$/, "").replaceAll("/", "-")}-${line}`,
      code,
    };
  });
}

/** A directory in which the repository's scripts run and `rondo` is an installed package. */
function makeWorkplace(): string {
  const workplace = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "rondo-snippets-")));
  const link = (from: string, to: string, except: string[]) => {
    fs.mkdirSync(to, { recursive: true });
    for (const name of fs.readdirSync(from)) {
      if (!except.includes(name)) fs.symlinkSync(fs.realpathSync(join(from, name)), join(to, name));
    }
  };
  const { name, bin, scripts }: Manifest = JSON.parse(fs.readFileSync(join(root, "package.json"), "utf8"));
  link(root, workplace, [".git", "node_modules", "package.json", "package-lock.json", "runs", "coverage"]);
  link(nodeModules, join(workplace, "node_modules"), [".bin", name]);
  link(join(nodeModules, ".bin"), join(workplace, "node_modules/.bin"), Object.keys(bin));
  fs.symlinkSync(root, join(workplace, "node_modules", name));
  for (const [command, file] of Object.entries(bin)) {
    fs.chmodSync(join(root, file), 0o755); // as npm does when it installs a package
    fs.symlinkSync(join(root, file), join(workplace, "node_modules/.bin", command));
  }
  const manifest = { name: "snippets", private: true, type: "module", scripts };
  fs.writeFileSync(join(workplace, "package.json"), JSON.stringify(manifest));
  return workplace;
}

/** Type-checks and compiles every ts block at once to snippets/NAME.js; returns the errors of each block by its name. */
function compile(blocks: Block[], workplace: string): Map<string, string[]> {
  const folder = join(workplace, "snippets");
  fs.mkdirSync(folder);
  for (const { language, name, place, code } of blocks) {
    const file = join(folder, `${name}.ts`);
    if (language !== "ts") continue;
    if (fs.existsSync(file)) throw new Error(`${place}: a block before it is the file ${name}.ts already`);
    fs.writeFileSync(file, `${code}\nexport {};\n`);
  }
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    module: "nodenext",
    strict: true,
    skipLibCheck: true,
    types: ["node"],
    noEmitOnError: false,
  };
  fs.writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const errors = new Map<string, string[]>();
  if (!blocks.some((block) => block.language === "ts")) return errors;
  const tsc = join(nodeModules, "typescript/bin/tsc");
  const result = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  let name: string | undefined;
  for (const line of `${result.stdout}${result.stderr}`.split("\n")) {
    const start = /^(\S+)\.ts\((\d+),\d+\): (.*)$/.exec(line);
    if (start) name = start[1];
    else if (!line.startsWith(" ")) name = undefined;
    if (line.trim() === "") continue;
    if (name === undefined) throw new Error(`the TypeScript compiler failed: ${line}`);
    errors.set(name, [...(errors.get(name) ?? []), start ? `line ${start[2]}: ${start[3]}` : line]);
  }
  return errors;
}

/** Runs a program, without standard input; whatever it started is ended with it when the time limit passes. */
function run([program = "", ...args]: string[], cwd: string): Promise<Outcome> {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let detail = "";
    let late = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        detail += text;
      });
    }
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, limit * 1000);
    child.on("error", (error) => done({ verdict: "FAIL", reason: error.message }));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) done({ verdict: "ok" });
      else
        done({ verdict: "FAIL", reason: late ? `over ${limit} s` : `ended with ${signal ?? code}`, detail });
    });
  });
}

/** Those of the README one after the other, as each may need what those before it made, and beside them those of all other documents. */
function runInLanes(snippets: readonly Snippet[], workplace: string) {
  const lanes = new Map<boolean, Promise<unknown>>();
  return snippets.map((snippet) => {
    const ofReadme = snippet.what.startsWith("README.md:");
    const told = (lanes.get(ofReadme) ?? Promise.resolve()).then(async () => {
      const start = performance.now();
      const outcome = snippet.decided ?? (await run(snippet.run, workplace));
      return { ...outcome, seconds: (performance.now() - start) / 1000 };
    });
    lanes.set(ofReadme, told);
    return told;
  });
}

/** The snippets of a block: itself, or each of its commands; with what decides it before it is run, if anything does. */
function snippetsOf(block: Block, typeErrors: string[] | undefined): Snippet[] {
  const notRun: Outcome | undefined =
    block.notRunBecause === ""
      ? { verdict: "FAIL", reason: "no-run needs a reason after it" }
      : block.notRunBecause === undefined
        ? undefined
        : { verdict: "skip", reason: block.notRunBecause };
  if (block.language === "ts") {
    const wrong: Outcome | undefined = typeErrors && {
      verdict: "FAIL",
      reason: "type errors",
      detail: typeErrors.join("\n"),
    };
    const run = [process.execPath, `snippets/${block.name}.js`];
    return [{ what: `${block.place} ts`, decided: wrong ?? notRun, run }];
  }
  const commands = block.code.replaceAll(/\\\n\s*/g, "").split(/\n|&&/);
  return commands
    .map((command) => command.replace(/(^|\s)#.*$/, "").trim())
    .filter((command) => command !== "")
    .map((command) => {
      const skipped = skipReason(command);
      const decided: Outcome | undefined = skipped ? { verdict: "skip", reason: skipped } : notRun;
      return { what: `${block.place} ${command}`, decided, run: ["bash", "-c", command] };
    });
}

function skipReason(command: string): string | undefined {
  if (command.startsWith("npm ci")) return "the dependencies are installed already";
  if (!/^(npx rondo|npm run)\b/.test(command)) return "neither npx rondo nor npm run";
  return undefined;
}

const docs = fs.existsSync(join(root, "docs"))
  ? fs.readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).sort()
  : [];
const files = [
  ...["README.md", "CHANGELOG.md"].filter((name) => fs.existsSync(join(root, name))),
  ...docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];
const blocks = files
  .flatMap(blocksOf)
  .filter(
    ({ language, place }) => language === "ts" || (language === "sh" && place.startsWith("README.md:")),
  );
const workplace = makeWorkplace();
try {
  const typeErrors = compile(blocks, workplace);
  const snippets = blocks.flatMap((block) => snippetsOf(block, typeErrors.get(block.name)));
  let failed = 0;
  for (const [at, told] of runInLanes(snippets, workplace).entries()) {
    const { verdict, reason, detail, seconds } = await told;
    console.log(`${verdict.padEnd(4)} ${snippets[at]?.what}: ${reason ?? `${seconds.toFixed(1)} s`}`);
    if (verdict !== "FAIL") continue;
    failed += 1;
    if (detail) console.log(detail.trimEnd().split("\n").slice(-20).join("\n").replaceAll(/^/gm, "       "));
  }
  console.log(`${snippets.length} snippets in ${files.join(", ")}: ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  fs.rmSync(workplace, { recursive: true, force: true });
}
