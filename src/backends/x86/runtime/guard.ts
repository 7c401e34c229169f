/**
 * Whether code that goes astray is stopped at the end of its memory. V8 keeps 8 GiB of addresses from the start of a memory on,
 * which nobody may touch beyond the memory: as far as an address of 32 bits and an offset of 31 can lead. It does not if it is
 * told so, and some releases do not by themselves where addresses are few.
 */

import { loadKoffi } from "./koffi.ts";

interface NodeProcess {
  getBuiltinModule(name: "node:fs"): { readFileSync(file: string, encoding: "latin1"): string };
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const flag = "--disable-wasm-trap-handler";
const guarded = 2n ** 33n;
const pageBytes = 65536n;

/** Why nothing stops such code, in plain words; undefined where something does, as far as the system tells. */
export function guardObstacle(): string | undefined {
  const { process } = globalThis as unknown as { readonly process: NodeProcess };
  if (process.execArgv.includes(flag) || process.env.NODE_OPTIONS?.includes(flag))
    return `${flag} takes away what stops machine code at the end of its memory`;
  const end = untouchableFrom(process);
  return end === undefined || end >= guarded
    ? undefined
    : "so few addresses may be used (see ulimit -v) that nothing stops machine code at the end of its memory";
}

/** Where the addresses end that nobody may touch behind a memory, from its start on; undefined where the system does not tell. */
function untouchableFrom(process: NodeProcess): bigint | undefined {
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  } catch {
    return 0n;
  }
  let maps: string;
  try {
    maps = process.getBuiltinModule("node:fs").readFileSync("/proc/self/maps", "latin1");
  } catch {
    return undefined;
  }
  const base = loadKoffi().koffi.address(new Uint8Array(memory.buffer));
  let end = base + pageBytes;
  for (const [, from, to] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) ---/gm))
    if (BigInt(`0x${from}`) === end) end = BigInt(`0x${to}`);
  return end - base;
}
