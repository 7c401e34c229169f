// The snippet check runs a made-up package's documents in order and says of each snippet how it went.
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../helpers/folder.ts";
import { runTool } from "./run-tool.ts";

const fence = (info: string, code: string) => `\`\`\`${info}\n${code}\n\`\`\`\n`;

const rondo = {
  "package.json": JSON.stringify({
    name: "rondo",
    type: "module",
    bin: { rondo: "dist/main.js" },
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    scripts: { demo: "node dist/main.js demo > demo.txt", broken: "node -e 'process.exit(3)'" },
  }),
  "dist/index.js": "export const steps = 3;\n",
  "dist/index.d.ts": "export declare const steps: number;\n",
  "dist/main.js": "#!/usr/bin/env node\nconsole.log('did', ...process.argv.slice(2));\n",
};

const withoutTimes = (lines: string[]) => lines.map((line) => line.replace(/: \d+\.\d s$/, ""));

test("good documents pass, in order, in one temporary directory that is not the repository", () => {
  const root = temporaryFolder({
    ...rondo,
    "README.md": [
      fence(
        "sh",
        "npm ci && npm run demo   # a minute\nnpx rondo train \\\n    --epochs 1 > trained.txt\ncurl example.org",
      ),
      fence(
        "ts",
        'import { readFileSync } from "node:fs";\nimport { steps } from "rondo";\n' +
          'const trained: string = readFileSync("trained.txt", "utf8");\n' +
          'if (trained !== "did train --epochs 1\\n" || steps !== 3) throw new Error(trained);\n' +
          'if (!readFileSync("demo.txt", "utf8").includes("did demo")) throw new Error("no demo");',
      ),
      fence("ts no-run waits for ever", "await new Promise(() => {});"),
      fence("json", "{ not even json"),
    ].join("\n"),
    "CHANGELOG.md": fence("ts", 'import "rondo";') + fence("sh", "npm run broken"),
    "docs/cells.md": fence("ts", 'export { steps } from "rondo";') + fence("sh", "npm run broken"),
    "docs/steps.md": [
      fence("ts", 'import { more } from "./more.js";\nif (more !== 4) throw new Error(String(more));'),
      fence("ts file more.ts", 'import { steps } from "rondo";\nexport const more = steps + 1;'),
    ].join(""),
  });
  const { status, lines } = runTool("check-snippets", root);
  expect(withoutTimes(lines)).toEqual([
    "skip README.md:1 npm ci: the dependencies are installed already",
    "ok   README.md:1 npm run demo",
    "ok   README.md:1 npx rondo train --epochs 1 > trained.txt",
    "skip README.md:1 curl example.org: neither npx rondo nor npm run",
    "ok   README.md:8 ts",
    "skip README.md:16 ts: waits for ever",
    "ok   CHANGELOG.md:1 ts",
    "ok   docs/cells.md:1 ts",
    "ok   docs/steps.md:1 ts",
    "ok   docs/steps.md:5 ts",
    "10 snippets in README.md, CHANGELOG.md, docs/cells.md, docs/steps.md: 0 failed",
  ]);
  expect(status).toBe(0);
  expect(readdirSync(root).sort()).toEqual(["CHANGELOG.md", "README.md", "dist", "docs", "package.json"]);
});

test("two blocks cannot be the same file", () => {
  const block = fence("ts file more.ts", "export const more = 4;");
  const { status, lines } = runTool(
    "check-snippets",
    temporaryFolder({ ...rondo, "README.md": block + block }),
  );
  expect(lines.join("\n")).toContain("README.md:4: a block before it is the file more.ts already");
  expect(status).toBe(1);
});

test("every way to fail is seen, and the snippets after it still run", () => {
  const root = temporaryFolder({
    ...rondo,
    "README.md": [
      fence("ts", 'import { steps } from "rondo";\n\nconst text: string = steps;'),
      fence("ts", 'import { step } from "rondo";'),
      fence("ts", 'throw new Error("at run time");'),
      fence("ts no-run", "await new Promise(() => {});"),
      fence("ts no-run opens a browser", "const n: number = true;"),
      fence("sh", "npm run broken\nnpx rondo describe"),
      fence("ts", "setInterval(() => {}, 1_000_000);"),
    ].join(""),
  });
  const { status, lines } = runTool("check-snippets", root, "--limit", "5");
  expect(
    lines.filter((line) => /^(ok|skip|FAIL) /.test(line)).map((line) => line.replace(/\d+\.\d s$/, "")),
  ).toEqual([
    "FAIL README.md:1 ts: type errors",
    "FAIL README.md:6 ts: type errors",
    "FAIL README.md:9 ts: ended with 1",
    "FAIL README.md:12 ts: no-run needs a reason after it",
    "FAIL README.md:15 ts: type errors",
    "FAIL README.md:18 npm run broken: ended with 3",
    "ok   README.md:18 npx rondo describe: ",
    "FAIL README.md:22 ts: over 5 s",
  ]);
  expect(lines).toContain("       line 3: error TS2322: Type 'number' is not assignable to type 'string'.");
  expect(lines.join("\n")).toContain("Error: at run time");
  expect(status).toBe(1);
});
