/** The standard input as a source of data: read once, as its bytes come. */

import type { ByteStream, Source } from "../data/source.ts";

/** The standard input; how long it will be is not known. */
export function standardInput(): Source {
  return { name: "standard input", size: 0, stream: streamOfInput, arrayBuffer: allOfInput };
}

function streamOfInput(): ByteStream {
  const pieces = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return {
    getReader: () => ({
      async read() {
        const { done = false, value } = await pieces.next();
        // A Buffer says that it is one: what reads it, such as a TextDecoder, takes its bytes alone.
        return { done, value: done ? undefined : value };
      },
      async cancel() {
        process.stdin.destroy();
      },
    }),
  };
}

async function allOfInput(): Promise<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Uint8Array);
  const { buffer, byteOffset, length } = Buffer.concat(pieces);
  return buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
}
