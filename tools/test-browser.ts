// Runs PyTorch's reference cases and short trainings in a headless Chromium, on the build in dist/, and prints a line for
// each: right are PyTorch's numbers and the same bits as in Node. Then bundles of Rondo in all the places where they may
// run, and the example of examples/browser/. CHROMIUM names the program, /usr/bin/chromium if unset.
// Usage: tsx tools/test-browser.ts [--allow-missing]; exits 1 if a case fails, or if there is no Chromium to run and
// that is not allowed, 2 on wrong usage.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { enableFusedMultiplyAdd } from "../src/node/index.ts";
import { launch, Session } from "../test/browser/browser.ts";
import { compute, type Request, trainings } from "../test/browser/compute.ts";
import { type Configuration, configurations, nameOf } from "../test/browser/configurations.ts";
import { judge } from "../test/browser/judge.ts";
import { serve } from "../test/browser/server.ts";
import { type Case, readCase } from "../test/parity/case.ts";
import { casesOf, type Outcome, printOutcome } from "../test/parity/run.ts";
import { runExample } from "../test/platform/example-in-browser.ts";
import { runBundles } from "../test/platform/in-browser.ts";

const fixtures = "test/fixtures/torch";
const names = [...casesOf(fixtures).map((path) => basename(path, ".safetensors")), ...Object.keys(trainings)];

const counts: Record<Outcome["result"], number> = { passed: 0, failed: 0, skipped: 0 };

function report(label: string, outcome: Outcome): void {
  counts[outcome.result] += 1;
  console.log(printOutcome(label, outcome));
}

const failure = (error: unknown): Outcome => ({
  result: "failed",
  detail: (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] as string,
});

const read = (path: string) => readFile(path);

/** The same in Node, computed once for each number of threads and each way of rounding. */
const inNode = new Map<string, ReturnType<typeof compute>>();

function computeInNode({ name, threads, fused }: Request): ReturnType<typeof compute> {
  const key = `${name} ${threads} ${fused}`;
  const known = inNode.get(key) ?? compute({ name, threads, running: threads, fused }, read);
  inNode.set(key, known);
  return known;
}

async function referenceOf(name: string): Promise<Case | undefined> {
  return name in trainings ? undefined : readCase(await read(`${fixtures}/${name}.safetensors`), name);
}

async function runCase(session: Session, request: Request): Promise<Outcome> {
  const node = await computeInNode(request);
  if ("skip" in node) return { result: "skipped", detail: node.skip };
  const given = await session.compute(request);
  if ("skip" in given) return { result: "failed", detail: `${given.skip}, but in Node there is a result` };
  return judge(given, { node, reference: await referenceOf(request.name) });
}

async function runConfiguration(browser: Browser, url: string, configuration: Configuration): Promise<void> {
  const session = await Session.open(browser, url, configuration);
  const { threads, running, fused } = configuration;
  for (const name of names) {
    const outcome = await runCase(session, { name, threads, running, fused }).catch(failure);
    report(`${nameOf(configuration)}: ${name}`, outcome);
  }
}

/** The packages that the library imports by name, each as one module, as a page without a bundler would map them. */
async function bundlePackages(folder: string): Promise<Record<string, string>> {
  const exported = {
    valibot: 'export * from "valibot"',
    luxon: 'export * from "luxon"',
    papaparse: 'export { default } from "papaparse"',
  };
  for (const [name, contents] of Object.entries(exported)) {
    await build({
      stdin: { contents, resolveDir: process.cwd() },
      outfile: join(folder, `${name}.js`),
      ...({ bundle: true, format: "esm", logLevel: "error" } as const),
    });
  }
  return Object.fromEntries(Object.keys(exported).map((name) => [name, `/packages/${name}.js`]));
}

/** Run all configurations; `scripts` is the folder with the page's compiled scripts. */
async function runAll(program: string, scripts: string): Promise<void> {
  const folders = {
    "/": "test/browser/",
    "/src/": "dist/",
    "/test/": join(scripts, "test/"),
    "/test/fixtures/": "test/fixtures/",
    "/packages/": join(scripts, "packages"),
  };
  const packages = await bundlePackages(join(scripts, "packages"));
  const browser = await launch(program);
  const plain = await serve({ folders, packages, isolated: false });
  const isolated = await serve({ folders, packages, isolated: true });
  try {
    console.log(`Chromium ${browser.version()}, Node ${process.versions.node}`);
    for (const configuration of configurations) {
      const { origin } = configuration.isolated ? isolated : plain;
      const name = nameOf(configuration);
      const run = runConfiguration(browser, `${origin}/page.html`, configuration);
      await run.catch((error) => report(name, failure(error)));
    }
    await runBundles(browser, report).catch((error) => report("bundles", failure(error)));
    await runExample(browser, report).catch((error) => report("example", failure(error)));
  } finally {
    await browser.close();
    plain.close();
    isolated.close();
  }
}

function isMissingAllowed(): boolean | undefined {
  try {
    const { values } = parseArgs({ options: { "allow-missing": { type: "boolean", default: false } } });
    return values["allow-missing"];
  } catch {
    return undefined;
  }
}

async function main(): Promise<number> {
  const mayBeMissing = isMissingAllowed();
  if (mayBeMissing === undefined) {
    console.error("usage: npm run test:browser -- [--allow-missing]");
    return 2;
  }
  // What Chromium has by itself.
  enableFusedMultiplyAdd();
  const program = process.env.CHROMIUM || "/usr/bin/chromium";
  if (existsSync(program)) {
    const scripts = mkdtempSync(join(tmpdir(), "rondo-browser-"));
    try {
      const compiler = ["node_modules/typescript/bin/tsc", "-p", "test/browser", "--outDir", scripts];
      execFileSync(process.execPath, compiler, { stdio: "inherit" });
      await runAll(program, scripts).catch((error) => report("all", failure(error)));
    } finally {
      rmSync(scripts, { recursive: true, force: true });
    }
  } else {
    const detail = `there is no ${program}; install Chromium, or name where it is in CHROMIUM`;
    report("all", { result: mayBeMissing ? "skipped" : "failed", detail });
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
