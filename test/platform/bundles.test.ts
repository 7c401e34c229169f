/** A bundle of Rondo loads and computes in every form in which programs are shipped: the same bits as the sources. */

import { spawnSync } from "node:child_process";
import vm from "node:vm";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../helpers/folder.ts";
import { type BundleOptions, bundle, bundledProbe } from "./bundle.ts";
import { type Found, probe } from "./probe.ts";

let expected: Found;
beforeAll(async () => {
  expected = await probe();
});

/** A form: how the bundle is made, and a module of Node that finds `probe` in bundle.FILE. */
interface Form extends BundleOptions {
  readonly file: string;
  readonly load: string;
  readonly threads: number;
}

/** Another realm of Node with what any platform offers, and its own name for the global object. */
const realm = (name: string, more = "") => `const realm = vm.createContext({
    setTimeout, clearTimeout, performance, TextEncoder, TextDecoder, SharedArrayBuffer, console, ${more} });
  realm.${name} = realm;`;
const read = 'const text = readFileSync(new URL("bundle.js", import.meta.url), "utf8");';

const forms: Readonly<Record<string, Form>> = {
  "a module": {
    format: "esm",
    file: "bundle.mjs",
    load: 'const { probe } = await import("./bundle.mjs");',
    threads: 2,
  },
  "a minified module from a data: address": {
    format: "esm",
    minify: true,
    file: "bundle.js",
    load: `${read} const { probe } = await import("data:text/javascript;base64," + Buffer.from(text).toString("base64"));`,
    threads: 2,
  },
  CommonJS: {
    format: "cjs",
    file: "bundle.cjs",
    load: 'const { probe } = createRequire(import.meta.url)("./bundle.cjs");',
    threads: 2,
  },
  "minified CommonJS in another realm, with Node's process": {
    format: "cjs",
    minify: true,
    file: "bundle.js",
    load: `${read} ${realm("global", "process")} const module = { exports: {} };
      vm.compileFunction(text, ["module", "exports", "require"], { parsingContext: realm })(
        module, module.exports, createRequire(import.meta.url));
      const { probe } = module.exports;`,
    threads: 2,
  },
  "a minified script in another realm, without Node": {
    format: "iife",
    minify: true,
    globalName: "bundled",
    file: "bundle.js",
    load: `${read} ${realm("self")} vm.runInContext(text, realm);
      const { probe } = vm.runInContext("bundled", realm);`,
    threads: 1,
  },
  "a script inlined as a worker": {
    format: "iife",
    globalName: "bundled",
    file: "bundle.js",
    load: `${read} const worker = new Worker(text + "; bundled.probe().then((found) => require('worker_threads').parentPort.postMessage(found))", { eval: true });
      const probe = () => new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));`,
    threads: 2,
  },
};

test.each(Object.entries(forms))("%s", async (_, { file, load, threads, ...options }) => {
  const runner = `
    import { readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import vm from "node:vm";
    import { Worker } from "node:worker_threads";
    ${load}
    process.stdout.write(JSON.stringify(await probe()));
  `;
  const root = temporaryFolder({ [file]: await bundledProbe(options), "runner.mjs": runner });
  const { stdout, stderr } = spawnSync(process.execPath, ["runner.mjs"], { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  const { reason, error, ...found }: Found = JSON.parse(stdout);
  expect(found).toEqual({ ...expected, threads, reason: undefined, error: undefined });
  expect(reason).toBe(threads === 1 ? "there are no workers here" : "as many as were asked for");
  // In a bundle nobody knows whose a line is.
  expect(error).toBe(expected.error.replace(/, at .*/, ""));
});

test("no machine code in a browser's bundle, and none of what calls it", async () => {
  const { metafile } = await build({
    stdin: { contents: 'export * from "rondo";', resolveDir: process.cwd() },
    alias: { rondo: `${process.cwd()}/src/index.ts` },
    ...{ bundle: true, write: false, metafile: true, platform: "browser", format: "esm" },
  });
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const found = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  // A worker's own text is the same everywhere.
  expect(found.filter((file) => /x86|koffi/.test(file))).toEqual(["src/backends/x86/runtime/calls.ts"]);
  expect(found.length).toBeGreaterThan(200);
});

test("drawing leaves a worker its messages", async () => {
  const runner = `
    import { readFileSync } from "node:fs";
    import vm from "node:vm";
    ${read} ${realm("self")} vm.runInContext(text, realm);
    const own = () => {};
    realm.onmessage = own;
    await vm.runInContext("bundled.probe()", realm);
    process.stdout.write(String(realm.onmessage === own));
  `;
  const root = temporaryFolder({
    "bundle.js": await bundledProbe({ format: "iife", globalName: "bundled" }),
    "runner.mjs": runner,
  });
  const { stdout, stderr } = spawnSync(process.execPath, ["runner.mjs"], { cwd: root, encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["true", ""]);
});

test("to load needs the language alone, and changes nothing", async () => {
  const source = 'export * from "rondo";';
  const text = await bundle(source, { format: "iife", globalName: "bundled", minify: true });
  const realm = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
  const names = () => vm.runInContext("Reflect.ownKeys(globalThis).map(String)", realm);
  vm.runInContext("delete globalThis.WebAssembly; delete globalThis.SharedArrayBuffer;", realm);
  const before = names();
  vm.runInContext(text, realm);
  expect([...names()].sort()).toEqual([...before, "bundled"].sort());
  const double =
    "({ compile, float32, reference }) => compile((x) => x.mul(2), { inputs: float32(2), backend: reference })";
  expect(vm.runInContext(`[...(${double})(bundled)([1, 2]).data].join()`, realm)).toBe("2,4");
});

test("what nobody uses falls away: a bundle for inference holds no drawing and no layout library", async () => {
  const sizeOf = async (source: string) => (await bundle(source, { format: "iife", minify: true })).length;
  const whole = await sizeOf('import * as rondo from "rondo"; console.log(rondo);');
  const inference = await sizeOf(
    'import { readLanguageModel } from "rondo"; console.log(readLanguageModel);',
  );
  expect(inference).toBeLessThan(whole / 5);
});

test("the sources name the line, and find what the bundles are compared with", () => {
  expect(expected.losses.length).toBeGreaterThan(3);
  expect(expected.text).toMatch(/^round .{12}/);
  expect(expected.product[63]).toBeCloseTo(265.5625);
  expect(expected.picture).toMatch(/^<svg /);
  expect(expected.error).toMatch(/^ShapeError: .*, at .*test\/platform\/probe\.ts:\d+:\d+$/);
  expect(expected).toMatchObject({ threads: 2, reason: "as many as were asked for" });
});
