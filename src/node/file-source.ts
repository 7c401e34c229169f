/** A file on disk as a source of data, for Node: read piece by piece, or whole. */
import { statSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import type { Source } from "../data/source.ts";
import { unreadable } from "./files.ts";

/** Bytes that are read at once. */
const PIECE = 2 ** 16;

/**
 * A file as a source; its name is the path.
 *
 * @throws DataError naming path and reason: missing, a directory, not readable. Reading it throws the same.
 */
export function fileSource(path: string): Source {
  return {
    name: path,
    size: sizeOf(path),
    async arrayBuffer() {
      const bytes = await readFile(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    },
    stream: () => streamOf(path),
  };
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    return found.size;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The file is opened when the first piece is asked for, and closed at its end, after an error, or when nobody reads on. */
function streamOf(path: string): ReadableStream<Uint8Array> {
  let file: FileHandle | undefined;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      try {
        file ??= await open(path);
        const piece = new Uint8Array(PIECE);
        const { bytesRead } = await file.read(piece, 0, PIECE, null);
        if (bytesRead > 0) return controller.enqueue(piece.subarray(0, bytesRead));
        await file.close();
        controller.close();
      } catch (error) {
        await file?.close();
        throw unreadable(path, error);
      }
    },
    cancel: () => file?.close(),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}
