/** Bytes: what people call them, and one after the other. */

export const BYTES = 256;

/** The visible ASCII characters are themselves; others are written `<0x0A>`. */
export function byteName(byte: number): string {
  if (byte > 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** Parts one after the other; a single one is given as it is. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
