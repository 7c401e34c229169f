/** Each system is asked in its own words, and its convention holds for code that is called from outside. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Assembler } from "../../../../src/backends/x86/assembler/assembler.ts";
import {
  type Koffi,
  type Library,
  loadKoffi,
  type NativeFunction,
} from "../../../../src/backends/x86/runtime/koffi.ts";
import { codeFunction, codePages } from "../../../../src/backends/x86/runtime/pages.ts";
import { instructionSets } from "../../../../src/backends/x86/runtime/processor.ts";
import { needNative, stubKoffi, stubProcess } from "./native.ts";

beforeEach(needNative);
afterEach(() => vi.unstubAllGlobals());

/** What happens instead of calls of a system's functions: `koffi` may be told more. */
function stubSystem(platform: string, koffi: Partial<Koffi>, call: NativeFunction): unknown[] {
  const asked: unknown[] = [];
  const load = (library: string | null): Library => ({
    func: (definition) => {
      asked.push(library, definition);
      return call;
    },
  });
  stubKoffi(() => ({ address: () => 0n, ...koffi, load }));
  stubProcess({ platform });
  vi.resetModules();
  return asked;
}

test.each([
  ["linux", null, "int mprotect(void *, size_t, int)", [5], 0],
  ["darwin", null, "int mprotect(void *, size_t, int)", [5], 0],
  [
    "win32",
    "kernel32.dll",
    "int VirtualProtect(void *, size_t, uint32_t, void *)",
    [0x20, new Int32Array(1)],
    1,
  ],
] as const)("%s is asked to let pages be run", async (platform, library, definition, access, granted) => {
  const call = vi.fn((..._parameters: unknown[]): number => granted);
  const asked = stubSystem(platform, {}, call);
  const { codePages } = await import("../../../../src/backends/x86/runtime/pages.ts");
  const pages = new Uint8Array(codePages(Uint8Array.of(0xc3)));
  expect(asked).toEqual([library, definition]);
  expect(call.mock.calls).toEqual([[pages, 4096, ...access]]);
  expect(pages[0]).toBe(0xc3);
  call.mockReturnValue(1 - granted);
  expect(() => codePages(Uint8Array.of(0xc3))).toThrow("the system refuses to run machine code");
});

test.skipIf(process.platform === "win32")("code for Windows finds its parameters", async () => {
  const { koffi, library } = loadKoffi();
  const mprotect = library.func("int mprotect(void *, size_t, int)");
  /** Calls code by the convention of Windows. */
  const decode: Koffi["decode"] = (address, prototype) => {
    const [rax, rcx, rdx, rsi, rdi] = [0, 1, 2, 6, 7];
    const assembler = new Assembler("avx2");
    assembler.move(rcx, rdi, 8);
    assembler.move(rdx, rsi, 8);
    // What it must not rely on.
    assembler.move(rdi, { immediate: 0 });
    assembler.move(rsi, { immediate: 0 });
    assembler.move(rax, { immediate: address }, 8);
    assembler.jumpTo(rax);
    return codeFunction(codePages(assembler.finish()), 0, prototype);
  };
  const own = {
    ...{ proto: koffi.proto.bind(koffi), address: koffi.address.bind(koffi) },
    decode,
  };
  const seal: NativeFunction = (pages, bytes) =>
    Number(mprotect(pages as Uint8Array, bytes as number, 5) === 0);
  stubSystem("win32", own, seal);
  const onWindows = await import("../../../../src/backends/x86/runtime/processor.ts");
  expect(onWindows.instructionSets()).toEqual(instructionSets());
});
