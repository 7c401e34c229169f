/** Machine code is never writable while it can be run, and goes when nobody holds it, in whatever thread. */

import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import {
  callable,
  memoryAddress,
  nativeSource,
  portableCode,
} from "../../../../src/backends/x86/runtime/calls.ts";
import { loadKoffi } from "../../../../src/backends/x86/runtime/koffi.ts";
import { codePages } from "../../../../src/backends/x86/runtime/pages.ts";
import type { System } from "../../../../src/backends/x86/runtime/system.ts";
import { bundle } from "../../../platform/bundle.ts";
import { accessAt, addressOf, mappings, needMaps, needNative, storeParameters } from "./native.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const runs = "r-xp";

async function collectFor(rounds: number, until = () => false): Promise<void> {
  for (let round = 0; round < rounds && !until(); round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Collects until a condition holds; gives up after some seconds. */
const collectUntil = (condition: () => boolean) => collectFor(200, condition);

/** Bytes that can be run and are in no file: of generated code. */
function generatedBytes(): number {
  return mappings()
    .filter(({ access, isAnonymous }) => access === runs && isAnonymous)
    .reduce((sum, { start, end }) => sum + Number(end - start), 0);
}

const memory = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const words = ({ buffer }: WebAssembly.Memory) => [...new Uint32Array(buffer, 0, 2)];

/** `codePages` anew, on a system that seals pages so. */
async function sealing(seal: (pages: Uint8Array, original: (pages: Uint8Array) => boolean) => boolean) {
  vi.resetModules();
  const { system, systems } = await import("../../../../src/backends/x86/runtime/system.ts");
  const row = system() as System;
  const sealed: System["seal"] = (library) => (pages) => seal(pages, row.seal(library));
  Object.assign(systems, { [process.platform]: { ...row, seal: sealed } });
  return (await import("../../../../src/backends/x86/runtime/pages.ts")).codePages;
}

test("pages can be written, then run, and never both", async (context) => {
  needMaps(context);
  const seen: unknown[] = [];
  const codePages = await sealing((pages, seal) => {
    const access = () => accessAt(loadKoffi().koffi.address(pages));
    seen.push(access(), seal(pages), access());
    return true;
  });
  codePages(storeParameters());
  expect(seen).toEqual(["rw-p", true, runs]);
});

test("a system that refuses is named", async (context) => {
  needNative(context);
  const codePages = await sealing(() => false);
  const message = "the system refuses to run machine code: 4096 bytes of memory";
  expect(() => codePages(storeParameters())).toThrow(message);
});

test("code fills whole pages, and is called at any byte", (context) => {
  needNative(context);
  const code = new Uint8Array(5000);
  code.set(storeParameters(), 4991);
  const pages = codePages(code);
  expect(pages.byteLength).toBe(8192);
  const target = memory();
  callable(pages, 4991)(memoryAddress(target), 3, 5);
  expect(words(target)).toEqual([3, 5]);
});

test("10,000 programs in one job of the event loop take the room of a few", (context) => {
  needMaps(context);
  const code = new Uint8Array(16_384);
  const [places, bytes] = [mappings().length, generatedBytes()];
  for (let loaded = 1; loaded <= 10_000; loaded += 1) {
    callable(codePages(code));
    if (loaded % 1000 === 0) collect();
  }
  // V8 gives pages back on another thread, some time after it has collected.
  expect(generatedBytes() - bytes).toBeLessThan(1000 * code.length);
  expect(mappings().length - places).toBeLessThan(100);
});

test("a function holds its code, and nothing else does", async (context) => {
  needMaps(context);
  const target = memory();
  const kept = { run: undefined as ReturnType<typeof callable> | undefined };
  let address = 0n;
  (() => {
    const pages = codePages(storeParameters());
    address = addressOf(pages);
    kept.run = callable(pages);
  })();
  await collectFor(3);
  kept.run?.(memoryAddress(target), 6, 7);
  expect(words(target)).toEqual([6, 7]);
  kept.run = undefined;
  await collectUntil(() => accessAt(address) !== runs);
  expect(accessAt(address)).not.toBe(runs);
});

test("a worker that has code keeps it, until it ends", async (context) => {
  needMaps(context);
  const target = memory();
  const source = `
    const { parentPort } = require("node:worker_threads");
    const collect = require("node:vm").runInNewContext("gc");
    ${nativeSource}
    let run;
    parentPort.on("message", ({ code, memory, threads }) => {
      run ??= nativeRun(code, memory);
      if (!code) collect();
      run(9, threads);
      parentPort.postMessage(threads);
    });
  `;
  const worker = new Worker(source, { eval: true });
  const ask = async (threads: number, code?: object) => {
    worker.postMessage({ threads, code, memory: code && target });
    await once(worker, "message");
    return words(target);
  };
  let address = 0n;
  await (async () => {
    const pages = codePages(storeParameters());
    address = addressOf(pages);
    expect(await ask(1, portableCode(pages))).toEqual([9, 1]);
  })();
  await collectFor(3);
  expect(accessAt(address)).toBe(runs);
  expect(await ask(2)).toEqual([9, 2]);
  await worker.terminate();
  await collectUntil(() => accessAt(address) !== runs);
  expect(accessAt(address)).not.toBe(runs);
});

test("what a worker has loaded goes with it", async (context) => {
  needMaps(context);
  const source = `
    import { codePages } from "./src/backends/x86/runtime/pages.ts";
    import { parentPort } from "node:worker_threads";
    const held = Array.from({ length: 1000 }, () => codePages(Uint8Array.of(0xc3)));
    parentPort.on("message", () => parentPort.postMessage(held.length));
    parentPort.postMessage("loaded");
  `;
  const before = generatedBytes();
  const worker = new Worker(await bundle(source, { format: "cjs", external: ["node:worker_threads"] }), {
    eval: true,
  });
  await once(worker, "message");
  expect(generatedBytes() - before).toBeGreaterThan(900 * 4096);
  await worker.terminate();
  expect(generatedBytes() - before).toBeLessThan(250 * 4096);
});
