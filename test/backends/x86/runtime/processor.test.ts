/** What the processor has counts only together with what the system saves. */

import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { needNative, stubKoffi } from "./native.ts";

/** Asked anew: the answer lives as long as its module. */
async function instructionSets(): Promise<string[]> {
  vi.resetModules();
  const { instructionSets } = await import("../../../../src/backends/x86/runtime/processor.ts");
  expect(instructionSets()).toBe(instructionSets());
  return [...instructionSets()];
}

beforeEach(needNative);
afterEach(() => vi.unstubAllGlobals());

test.skipIf(!existsSync("/proc/cpuinfo"))("what Linux says", async () => {
  const flags = new Set(/^flags\s*: (.*)$/m.exec(readFileSync("/proc/cpuinfo", "latin1"))?.[1]?.split(" "));
  const wanted = { avx2: ["avx2", "fma"], avx512: ["avx512f", "avx512vl", "avx512dq", "avx512bw"] };
  const sets = Object.entries(wanted).filter(([, names]) => names.every((name) => flags.has(name)));
  expect(await instructionSets()).toEqual(sets.map(([name]) => name));
});

/** A processor with all of it, and what it answers: the largest leaf, then words of leaves 1 and 7, and XCR0. */
const all = {
  leaves: 16,
  ecx: (1 << 12) | (1 << 27) | (1 << 28),
  ebx: (1 << 5) | (1 << 16) | (1 << 17) | (1 << 30) | (1 << 31),
  saved: 0xe7,
};

function stubProcessor({ leaves, ecx, ebx, saved }: typeof all): void {
  const leaf = (words: Int32Array, number: number) =>
    words.set([number === 0 ? leaves : 0, number === 7 ? ebx : 0, number === 1 ? ecx : 0, 0]);
  stubKoffi(() => ({
    load: () => ({ func: () => () => (process.platform === "win32" ? 1 : 0) }),
    proto: () => ({}),
    decode: (address: bigint) => (address === 0n ? leaf : (words: Int32Array) => words.set([saved, 0, 0, 0])),
    address: () => 0n,
  }));
}

test.each([
  ["all", {}, ["avx2", "avx512"]],
  ["no leaf 7", { leaves: 6 }, []],
  ["no FMA", { ecx: all.ecx & ~(1 << 12) }, []],
  ["no XGETBV", { ecx: all.ecx & ~(1 << 27) }, []],
  ["no AVX", { ecx: all.ecx & ~(1 << 28) }, []],
  ["no AVX2", { ebx: all.ebx & ~(1 << 5) }, []],
  ["ymm not saved", { saved: 0x03 }, []],
  ["no AVX-512", { ebx: 1 << 5 }, ["avx2"]],
  ["AVX-512 without DQ", { ebx: all.ebx & ~(1 << 17) }, ["avx2"]],
  ["AVX-512 without BW", { ebx: all.ebx & ~(1 << 30) }, ["avx2"]],
  ["AVX-512 without VL", { ebx: all.ebx & ~(1 << 31) }, ["avx2"]],
  ["zmm not saved", { saved: 0x07 }, ["avx2"]],
  ["masks not saved", { saved: 0xc7 }, ["avx2"]],
])("%s", async (_, changes, sets) => {
  stubProcessor({ ...all, ...changes });
  expect(await instructionSets()).toEqual(sets);
});
