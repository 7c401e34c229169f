/**
 * Machine code in pages of memory that can be written or run, and never both. The pages are those of a shared array that may
 * grow: V8 gives such an array pages of its own, and gives them back when the last thread that holds it has lost it, and not
 * before. So nobody frees them.
 */

import { UsageError } from "../../../errors.ts";
import { loadKoffi, type NativeFunction } from "./koffi.ts";
import { system } from "./system.ts";

const pageBytes = 4096;

/** Of ES2024. */
type GrowableArray = new (bytes: number, limit: { readonly maxByteLength: number }) => SharedArrayBuffer;

let sealPages: ((pages: Uint8Array) => boolean) | undefined;

/**
 * A place to run code in: whoever has it can call the code, at any byte of it. It is read-only, against what its type says.
 * Throws UsageError where the system refuses.
 */
export function codePages(code: Uint8Array): SharedArrayBuffer {
  sealPages ??= system()?.seal(loadKoffi().library);
  const bytes = Math.ceil(code.length / pageBytes) * pageBytes;
  const buffer = new (SharedArrayBuffer as GrowableArray)(bytes, { maxByteLength: bytes });
  const pages = new Uint8Array(buffer, 0, bytes);
  pages.set(code);
  const isPage = Number(loadKoffi().koffi.address(pages)) % pageBytes === 0;
  if (!isPage || !sealPages?.(pages))
    throw new UsageError(`the system refuses to run machine code: ${bytes} bytes of memory`);
  return buffer;
}

/** The code from a byte of its pages on, as a function that holds them; the prototype is one of koffi's. */
export function codeFunction(pages: SharedArrayBuffer, offset: number, prototype: unknown): NativeFunction {
  const { koffi } = loadKoffi();
  const address = koffi.address(new Uint8Array(pages)) + BigInt(offset);
  return Object.assign(koffi.decode(address, prototype), { pages });
}
