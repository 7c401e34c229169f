/** Code is called with exact numbers, on a memory that stays where it is and ends where it ends. */

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { beforeEach, expect, test } from "vitest";
import {
  callable,
  memoryAddress,
  nativeSource,
  portableCode,
} from "../../../../src/backends/x86/runtime/calls.ts";
import { codePages } from "../../../../src/backends/x86/runtime/pages.ts";
import { bundle } from "../../../platform/bundle.ts";
import { needNative, storeParameters } from "./native.ts";

beforeEach(needNative);

const pageBytes = 65536;
const shared = (maximum: number) => new WebAssembly.Memory({ initial: 1, maximum, shared: true });

test("parameters arrive whole, with an address of either kind", () => {
  const memory = shared(1);
  const words = new Uint32Array(memory.buffer, 8, 2);
  const run = callable(codePages(storeParameters()));
  const base = memoryAddress(memory) + 8n;
  run(base, 4_294_967_295, 1);
  expect([...words]).toEqual([4_294_967_295, 1]);
  run(Number(base), 2, 3_000_000_000);
  expect([...words]).toEqual([2, 3_000_000_000]);
});

test("memory that grows stays where it is", () => {
  const memory = shared(65536);
  const before = memoryAddress(memory);
  for (let grown = 1; grown <= 1000; grown *= 10) {
    memory.grow(grown);
    const last = new Uint32Array(memory.buffer, memory.buffer.byteLength - 8, 2);
    expect(memoryAddress(memory)).toBe(before);
    callable(codePages(storeParameters()))(before + BigInt(last.byteOffset), grown, 1);
    expect([...last]).toEqual([grown, 1]);
  }
});

test("memory that may move has no address", () => {
  expect(() => memoryAddress(new WebAssembly.Memory({ initial: 1, maximum: 1 }))).toThrow(
    "memory for machine code: one that may move given, a shared one expected",
  );
});

test("code that goes astray ends the process, and reads nothing of it", async () => {
  const script = `
    import { writeSync } from "node:fs";
    import { callable, memoryAddress } from "./src/backends/x86/runtime/calls.ts";
    import { codePages } from "./src/backends/x86/runtime/pages.ts";
    import { system } from "./src/backends/x86/runtime/system.ts";
    const [maximum, beyond] = process.argv.slice(2);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: Number(maximum), shared: true });
    // mov eax, [rdi], or [rcx]; ret
    const read = callable(codePages(Uint8Array.of(0x8b, system().abi === "sysv" ? 0x07 : 0x01, 0xc3)));
    read(memoryAddress(memory) + ${pageBytes - 4}n, 0, 1);
    writeSync(1, "inside");
    read(memoryAddress(memory) + BigInt(beyond), 0, 1);
    writeSync(1, ", and beyond");
  `;
  const input = await bundle(script, { format: "esm", external: ["node:fs"] });
  // The last one is the largest address with the largest offset.
  for (const [maximum, beyond] of [
    [65536, pageBytes],
    [65536, 2 ** 32 + 2 ** 31],
    [1, pageBytes],
    [1, 2 ** 32 + 2 ** 31],
  ]) {
    const flags = ["--input-type=module", "-", `${maximum}`, `${beyond}`];
    const { stdout, signal } = spawnSync(process.execPath, flags, { input, encoding: "utf8" });
    expect(stdout).toBe("inside");
    if (process.platform !== "win32") expect(signal).toBe("SIGSEGV");
  }
});

/** Linux's futex, by system call: what the second parameter means to it, and where its result is written. */
const futex = (operation: number, result: number) =>
  Uint8Array.of(
    ...[0xb8, 202, 0, 0, 0], // mov eax, 202
    ...[0x89, 0xf2], // mov edx, esi
    ...[0xbe, operation, 0, 0, 0], // mov esi, operation
    ...[0x45, 0x31, 0xd2], // xor r10d, r10d: no time limit
    ...[0x0f, 0x05], // syscall
    ...[0x89, 0x47, result], // mov [rdi + result], eax
    0xc3, // ret
  );

test.skipIf(process.platform !== "linux")("threads sleep and wake on WebAssembly's memory", async () => {
  const isPrivate = 128;
  const wait = codePages(futex(0 | isPrivate, 4));
  const wake = callable(codePages(futex(1 | isPrivate, 8)));
  const memory = shared(1);
  const words = new Int32Array(memory.buffer);
  const base = memoryAddress(memory);
  callable(wait)(base, 1, 1);
  expect(words[1]).toBe(-11); // EAGAIN: the word has another value.

  const source = `
    const { parentPort, workerData } = require("node:worker_threads");
    ${nativeSource}
    nativeRun(workerData.code, workerData.memory)(0, 1);
    parentPort.postMessage("woken");
  `;
  const worker = new Worker(source, { eval: true, workerData: { code: portableCode(wait), memory } });
  const woken = once(worker, "message");
  for (let turns = 0; turns < 5000 && words[2] !== 1; turns += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    wake(base, 1, 1);
  }
  expect(words[2]).toBe(1);
  expect(await woken).toEqual(["woken"]);
  expect(words[1]).toBe(0);
  await worker.terminate();
});
