/** What is asked of the operating system: leave to run what stands in pages of memory. One row for each system. */

import type { Abi } from "../code/entry.ts";
import type { Library } from "./koffi.ts";

export interface System {
  readonly abi: Abi;
  /** Where its functions are found: null is what Node itself is linked with. */
  readonly library: string | null;
  /** Makes a function of whole pages: they can be read and run from then on, and no more written; whether that is allowed. */
  seal(library: Library): (pages: Uint8Array) => boolean;
}

const posix: System = {
  abi: "sysv",
  library: null,
  seal(library) {
    const [read, execute] = [1, 4];
    const mprotect = library.func("int mprotect(void *, size_t, int)");
    return (pages) => mprotect(pages, pages.length, read | execute) === 0;
  },
};

const windows: System = {
  abi: "windows",
  library: "kernel32.dll",
  seal(library) {
    const executeAndRead = 0x20;
    const protect = library.func("int VirtualProtect(void *, size_t, uint32_t, void *)");
    const before = new Int32Array(1);
    return (pages) => protect(pages, pages.length, executeAndRead, before) !== 0;
  },
};

/** By `process.platform`. */
export const systems: Readonly<Record<string, System | undefined>> = {
  linux: posix,
  darwin: posix,
  win32: windows,
};

/** The row of this system. */
export function system(): System | undefined {
  const { process } = globalThis as unknown as { readonly process?: { readonly platform?: string } };
  return systems[process?.platform ?? ""];
}
