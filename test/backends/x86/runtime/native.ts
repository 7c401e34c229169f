/** What tests of machine code need: whether it runs here, a little code, and what the system says of a place. */

import { existsSync, readFileSync } from "node:fs";
import { type TestContext, vi } from "vitest";
import type { Abi } from "../../../../src/backends/x86/code/compile.ts";
import { loadKoffi } from "../../../../src/backends/x86/runtime/koffi.ts";
import { nativeObstacle } from "../../../../src/backends/x86/runtime/obstacle.ts";
import { system } from "../../../../src/backends/x86/runtime/system.ts";

/** Skips a test where no machine code runs, and says why. */
export function needNative(context: TestContext): void {
  const obstacle = nativeObstacle();
  if (obstacle !== undefined) context.skip(obstacle);
}

/** Skips a test where the system does not show the places of a process. */
export function needMaps(context: TestContext): void {
  needNative(context);
  if (!existsSync("/proc/self/maps")) context.skip("there is no /proc/self/maps here");
}

const storing: Readonly<Record<Abi, readonly number[]>> = {
  sysv: [
    ...[0x89, 0x37], // mov [rdi], esi
    ...[0x89, 0x57, 0x04], // mov [rdi + 4], edx
    0xc3, // ret
  ],
  windows: [
    ...[0x89, 0x11], // mov [rcx], edx
    ...[0x44, 0x89, 0x41, 0x04], // mov [rcx + 4], r8d
    0xc3, // ret
  ],
};

/** Code that writes its second and its third parameter to where its first one points. */
export function storeParameters(): Uint8Array {
  return Uint8Array.from(storing[system()?.abi ?? "sysv"]);
}

interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** Such as "rw-p". */
  readonly access: string;
  readonly isAnonymous: boolean;
}

/** The places of this process. */
export function mappings(): Mapping[] {
  return readFileSync("/proc/self/maps", "latin1")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [place = "", access = "", , , inode] = line.split(/\s+/);
      const [start, end] = place.split("-").map((part) => BigInt(`0x${part}`)) as [bigint, bigint];
      return { start, end, access, isAnonymous: inode === "0" };
    });
}

export function addressOf(buffer: SharedArrayBuffer): bigint {
  return loadKoffi().koffi.address(new Uint8Array(buffer));
}

/** How a place may be used; undefined if there is none. */
export function accessAt(address: bigint): string | undefined {
  return mappings().find(({ start, end }) => start <= address && address < end)?.access;
}

/** Where Node is otherwise. */
export function stubProcess(changes: object): void {
  vi.stubGlobal("process", Object.create(process, Object.getOwnPropertyDescriptors(changes)));
}

/** Where the package is otherwise, or is not there. */
export function stubKoffi(load: () => unknown, resolve = () => "koffi.js"): void {
  const module = { createRequire: () => Object.assign(load, { resolve }) };
  const { getBuiltinModule } = process;
  stubProcess({
    getBuiltinModule: (name: string) => (name === "node:module" ? module : getBuiltinModule(name)),
  });
}
