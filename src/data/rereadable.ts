/** Inputs that can be read once, such as the standard input, of which somebody wants to see the beginning first. */

import type { ByteReader, Source } from "./source.ts";

/**
 * The same source; what its first reader has read, whoever comes next is given again, and goes on from there. So its first reader
 * may stop wherever it likes, and the second one reads all.
 */
export function rereadable(source: Source): Source {
  const kept: Uint8Array[] = [];
  let reader: ByteReader | undefined;
  let readers = 0;
  const reading = (): ByteReader => {
    const isFirst = readers++ === 0;
    let at = 0;
    return {
      async read() {
        const before = kept[at++];
        if (before) return { done: false, value: before };
        reader ??= source.stream().getReader();
        const next = await reader.read();
        if (isFirst && next.value) kept.push(next.value);
        return next;
      },
      async cancel() {
        if (!isFirst) await reader?.cancel();
      },
    };
  };
  return {
    name: source.name,
    size: source.size,
    arrayBuffer: () => source.arrayBuffer(),
    stream: () => ({ getReader: reading }),
  };
}
