/**
 * What shared memories weigh, for the garbage collector. V8 collects when arrays outside of its heap have grown by much, but
 * does not count shared ones: programs that nobody can reach would stay, up to the last byte of the machine. So who holds
 * a shared memory holds an array of its size as well. That is never touched: it takes addresses, not memory.
 */

/** From this size on, allocators ask the system for pages, which are there only once they are touched. In bytes. */
const least = 2 ** 25;

/** What holders have not been given yet, being less than `least`. */
let owed = 0;

const weights = new WeakMap<WebAssembly.Memory, ArrayBuffer | undefined>();

/** Whoever holds a shared memory holds its weight from now on; to be called again when it has grown. */
export function weigh(memory: WebAssembly.Memory): void {
  weights.set(memory, weightOf(memory));
}

/** An array for who holds a memory; now and then one for several, instead of many small ones. */
function weightOf({ buffer }: WebAssembly.Memory): ArrayBuffer | undefined {
  owed += buffer.byteLength;
  if (owed < least) return undefined;
  const bytes = owed;
  owed = 0;
  try {
    return new ArrayBuffer(bytes);
  } catch {
    return undefined; // No addresses are left for it.
  }
}

/** The same as source text, for a worker. */
export const weightSource = `
let owed = 0;
function weightOf({ buffer }) {
  owed += buffer.byteLength;
  if (owed < ${least}) return undefined;
  const bytes = owed;
  owed = 0;
  try { return new ArrayBuffer(bytes); } catch { return undefined; }
}`;
