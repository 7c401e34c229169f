/**
 * What data is read from, wherever that is: a file that somebody chose in a browser (a `File` is a source as it is), a file
 * on disk (`fileSource` of rondo/node), or a text in memory. Text is strict UTF-8.
 */
import { printGiven, tagOf } from "../checks.ts";
import { DataError, RondoError, UsageError } from "../errors.ts";
import { joinBytes } from "./bytes.ts";
import { rereadable } from "./rereadable.ts";
import { decodeText, firstInvalidByte, invalidByte, requireHoldableFile, requireWellFormed } from "./text.ts";

/** Bytes that have a name: what a `File` has, and no more. */
export interface Source {
  /** What messages call it: the path or the name of the file. */
  readonly name: string;
  /** How many bytes it has. */
  readonly size: number;
  /** All bytes at once. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** The bytes from the start, piece by piece; each call starts anew. */
  stream(): ByteStream;
}

/** As much as is needed of a `ReadableStream<Uint8Array>`. */
export interface ByteStream {
  getReader(): ByteReader;
}

export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** A line of a text, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** What is longer is no line, but a file without line ends; in bytes. */
const LONGEST_LINE = 2 ** 26;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = "\uFEFF";

/**
 * A text in memory as a source.
 *
 * @param name what messages call it
 * @throws DataError for what is no string, and for half of a surrogate pair, which UTF-8 does not have
 */
export function textSource(name: string, text: string): Source {
  if (typeof text !== "string") {
    throw new DataError(`textSource: ${printGiven(text)} given, a string expected`);
  }
  requireWellFormed(text, name);
  const blob = new Blob([text]);
  return { name, size: blob.size, arrayBuffer: () => blob.arrayBuffer(), stream: () => blob.stream() };
}

/**
 * The whole text of a source; a byte order mark at its start is dropped.
 *
 * @throws UsageError for what is no source
 * @throws DataError for a source that cannot be read, a text that is empty, longer than a string can be, or not UTF-8
 */
export async function readSourceText(source: Source): Promise<string> {
  checkSource("readSourceText", source);
  requireHoldableFile(source.size, source.name);
  return decodeText(await readSourceBytes("readSourceText", source), source.name);
}

/**
 * All bytes of a source.
 *
 * @throws UsageError for what is no source
 * @throws DataError for a source that cannot be read
 */
export async function readSourceBytes(where: string, source: Source): Promise<Uint8Array> {
  checkSource(where, source);
  const bytes = await source.arrayBuffer().catch((error: unknown) => {
    throw unreadable(source, error);
  });
  return new Uint8Array(bytes);
}

/**
 * The bytes of a source in pieces, none of them empty, as they are read; whoever stops before the end closes it.
 *
 * @throws as `readSourceBytes` does
 */
export function sourcePieces(where: string, source: Source): AsyncGenerator<Uint8Array, void, undefined> {
  checkSource(where, source);
  return piecesOf(source);
}

/**
 * The lines of a source, one after the other, as they are read: a file of any size takes little memory. A line ends with LF
 * or CR LF; the last one may have no end. A byte order mark at the start is dropped. An empty source has no lines.
 *
 *     for await (const { number, text } of sourceLines(source)) console.log(number, text);
 *
 * @throws UsageError for what is no source
 * @throws DataError, when its turn has come, for a source that cannot be read, a byte that is not UTF-8, and a line of more
 *   than 64 MiB
 */
export function sourceLines(source: Source): AsyncGenerator<Line, void, undefined> {
  checkSource("sourceLines", source);
  return linesOf(source);
}

/**
 * The first line of a source, undefined where it is empty, and a source of the same bytes from their start: of one that can be read once alone, it
 * is the one to go on with, once.
 *
 * @throws as `sourceLines` does
 */
export async function peekLine(
  source: Source,
): Promise<{ readonly line: string | undefined; readonly source: Source }> {
  checkSource("peekLine", source);
  const whole = rereadable(source);
  const lines = linesOf(whole);
  const first = await lines.next();
  await lines.return();
  return { line: first.value?.text, source: whole };
}

/**
 * The first bytes of a source, so many or all that there are, and a source of the same bytes, as `peekLine` gives one.
 *
 * @throws as `readSourceBytes` does
 */
export async function peekBytes(
  source: Source,
  count: number,
): Promise<{ readonly bytes: Uint8Array; readonly source: Source }> {
  checkSource("peekBytes", source);
  const whole = rereadable(source);
  const taken: Uint8Array[] = [new Uint8Array(0)];
  let size = 0;
  for await (const piece of piecesOf(whole)) {
    taken.push(piece);
    size += piece.length;
    if (size >= count) break;
  }
  return { bytes: joinBytes(taken).subarray(0, count), source: whole };
}

async function* linesOf(source: Source): AsyncGenerator<Line, void, undefined> {
  const before = { bytes: 0, lines: 0 };
  for await (const bytes of wholeLines(source, before)) {
    const invalid = firstInvalidByte(bytes);
    // What stands in lines before it is good, wherever the pieces of the stream end.
    const good = invalid === undefined ? bytes : bytes.subarray(0, startOfLine(bytes, invalid));
    for (const text of splitLines(good, before.bytes === 0)) yield { number: ++before.lines, text };
    if (invalid !== undefined) {
      throw invalidByte(bytes.subarray(good.length), invalid - good.length, source.name, {
        bytes: before.bytes + good.length,
        lines: before.lines,
      });
    }
    before.bytes += bytes.length;
  }
}

/** The bytes of a source in pieces that end where a line does; the last one may lack the end. */
async function* wholeLines(source: Source, before: { readonly lines: number }): AsyncGenerator<Uint8Array> {
  let [pending, size]: [Uint8Array[], number] = [[], 0];
  for await (const chunk of piecesOf(source)) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield joinBytes([...pending, chunk.subarray(0, end)]);
      [pending, size] = [[], 0];
    }
    if (end === chunk.length) continue;
    pending.push(chunk.subarray(end));
    size += chunk.length - end;
    if (size <= LONGEST_LINE) continue;
    throw new DataError(
      `${source.name}: line ${before.lines + 1} has more than ${LONGEST_LINE} bytes: a text of lines expected`,
    );
  }
  if (size > 0) yield joinBytes(pending);
}

async function* piecesOf(source: Source): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = source.stream().getReader();
  let ended = false;
  try {
    while (true) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        ended = true;
        throw unreadable(source, error);
      });
      if (done) break;
      if (tagOf(value) !== "Uint8Array") {
        throw new DataError(
          `${source.name}: ${printGiven(value)} given by its stream, a Uint8Array expected`,
        );
      }
      if (value?.length) yield value;
    }
    ended = true;
  } finally {
    if (!ended) await reader.cancel();
  }
}

/** Where the line starts that a byte is in. */
function startOfLine(bytes: Uint8Array, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, at - 1) + 1;
}

/** The lines of valid UTF-8 without their ends. */
function splitLines(bytes: Uint8Array, atStart: boolean): string[] {
  const decoded = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const text = atStart && decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Throws UsageError for what is no source: a path, say, or a Blob, which has no name. */
export function checkSource(where: string, source: Source): void {
  const isSource =
    typeof source?.name === "string" &&
    typeof source.size === "number" &&
    typeof source.arrayBuffer === "function" &&
    typeof source.stream === "function";
  if (isSource) return;
  const expected = "a source with name, size, arrayBuffer() and stream() expected";
  throw new UsageError(`${where}: ${printGiven(source)} given, ${expected}`);
}

function unreadable({ name }: Source, error: unknown): RondoError {
  if (error instanceof RondoError) return error;
  const reason = String((error as Error)?.message ?? error).replace(/\s+/g, " ");
  return new DataError(`cannot read ${name}: ${reason}`, { cause: error });
}
