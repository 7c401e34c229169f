// Sources: texts and lines from anything that has a name and bytes, whatever pieces the bytes come in.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSourceText, type Source, sourceLines, textSource } from "../../src/data/source.ts";
import { LONGEST_TEXT } from "../../src/data/text.ts";
import { DataError, UsageError } from "../../src/errors.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A source whose stream gives these pieces, and what became of its readers. */
function inPieces(pieces: readonly Uint8Array[], failure?: Error) {
  const seen = { read: 0, cancelled: 0 };
  const source: Source = {
    name: "pieces.txt",
    size: pieces.reduce((sum, { length }) => sum + length, 0),
    arrayBuffer: () => new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer(),
    stream: () => ({
      getReader: () => {
        let at = 0;
        return {
          async read() {
            const value = pieces[at++];
            if (value === undefined && failure) throw failure;
            seen.read += 1;
            return value === undefined ? { done: true } : { done: false, value };
          },
          async cancel() {
            seen.cancelled += 1;
          },
        };
      },
    }),
  };
  return { source, seen };
}

/** All lines, and the error that ended them, if one did. */
async function linesOf(source: Source) {
  const lines: string[] = [];
  try {
    for await (const { number, text } of sourceLines(source)) {
      expect(number).toBe(lines.length + 1);
      lines.push(text);
    }
  } catch (error) {
    return { lines, error };
  }
  return { lines, error: undefined };
}

/** The bytes cut at some places, empty pieces included. */
const cutAt = (bytes: Uint8Array, places: readonly number[]) => {
  const borders = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return borders.slice(1).map((border, at) => bytes.subarray(borders[at], border));
};
const somePlaces = fc.array(fc.nat(), { maxLength: 6 });
const someText = fc
  .array(fc.oneof(fc.constantFrom("\n", "\r\n", "\r", "é", "😀", "\uFEFF"), fc.string({ unit: "binary" })))
  .map((parts) => parts.join(""));

describe("lines of a source", () => {
  it("are those of its text, whatever pieces it comes in, with ends of both kinds", async () => {
    await fc.assert(
      fc.asyncProperty(someText, fc.boolean(), somePlaces, async (text, isMarked, places) => {
        fc.pre(isMarked || !text.startsWith("\uFEFF"));
        const bytes = encode(isMarked ? `\uFEFF${text}` : text);
        const expected = text.split(/\r?\n/);
        if (expected.at(-1) === "") expected.pop();
        expect(await linesOf(inPieces(cutAt(bytes, places)).source)).toEqual({ lines: expected });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["", []],
    ["\uFEFF", []],
    ["\n", [""]],
    ["a\r\n\r\nb", ["a", "", "b"]],
    ["a\rb\r", ["a\rb\r"]],
    ["a\n\uFEFFb\n", ["a", "\uFEFFb"]],
  ])("of %j are %j", async (text, lines) => {
    expect(await linesOf(textSource("t", text))).toEqual({ lines });
  });

  it("stop at a byte that is not UTF-8, after all lines before it, whatever the pieces", async () => {
    const good = encode("one\ntwo é\nthree ");
    const bytes = Uint8Array.of(...good, 0xe9, 0x0a, ...encode("four\n"), 0xff);
    const error = new DataError(
      "pieces.txt: byte 17 (0xE9, line 3) is not valid UTF-8: expected a text file saved as UTF-8",
    );
    await fc.assert(
      fc.asyncProperty(somePlaces, async (places) => {
        const found = await linesOf(inPieces(cutAt(bytes, places)).source);
        expect(found).toEqual({ lines: ["one", "two é"], error });
      }),
    );
    const cutShort = await linesOf(inPieces([encode("a\n"), Uint8Array.of(0x62, 0xe2, 0x82)]).source);
    expect(cutShort.lines).toEqual(["a"]);
    expect(cutShort.error).toHaveProperty("message", expect.stringContaining("byte 3 (0xE2, line 2)"));
  });

  it("are read only as they are wanted, and the stream is closed by who stops", async () => {
    const { source, seen } = inPieces(["a\nb\n", "c\n", "d\n"].map(encode));
    for await (const { text } of sourceLines(source)) if (text === "c") break;
    expect(seen).toEqual({ read: 2, cancelled: 1 });
    await linesOf(source);
    expect(seen).toEqual({ read: 6, cancelled: 1 });
  });

  it("end with one line that names the source where it cannot be read", async () => {
    const { source, seen } = inPieces([encode("a\nb")], new Error("the disk\nis gone"));
    const { lines, error } = await linesOf(source);
    expect(lines).toEqual(["a"]);
    expect(error).toEqual(new DataError("cannot read pieces.txt: the disk is gone"));
    expect(seen.cancelled).toBe(0);
  });

  it("are no lines where there is no end for 64 MiB", async () => {
    const piece = new Uint8Array(2 ** 24 + 1).fill(0x61);
    const { source, seen } = inPieces([encode("first\n"), ...new Array(99).fill(piece)]);
    const { lines, error } = await linesOf(source);
    expect(lines).toEqual(["first"]);
    expect(error).toEqual(
      new DataError("pieces.txt: line 2 has more than 67108864 bytes: a text of lines expected"),
    );
    expect(seen).toEqual({ read: 5, cancelled: 1 });
  });

  it("come from bytes alone", async () => {
    const { source } = inPieces([]);
    const stream = () => new ReadableStream({ start: (controller) => controller.enqueue("text") });
    expect((await linesOf({ ...source, stream })).error).toEqual(
      new DataError('pieces.txt: "text" given by its stream, a Uint8Array expected'),
    );
  });
});

describe("the text of a source", () => {
  it("is what it was made of", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (text) => {
        fc.pre(!text.startsWith("\uFEFF"));
        const source = textSource("t", text);
        expect(source.size).toBe(encode(text).length);
        expect(await readSourceText(source)).toBe(text);
      }),
    );
  });

  it("is refused with the name of the source", async () => {
    const { source } = inPieces([Uint8Array.of(0x61, 0xff)]);
    await expect(readSourceText(source)).rejects.toThrow(
      "pieces.txt: byte 1 (0xFF, line 1) is not valid UTF-8",
    );
    await expect(readSourceText(textSource("notes.txt", ""))).rejects.toThrow("notes.txt: the text is empty");
    const arrayBuffer = () => Promise.reject(new Error("it was moved"));
    await expect(readSourceText({ ...source, arrayBuffer })).rejects.toThrow(
      new DataError("cannot read pieces.txt: it was moved"),
    );
  });

  it("is not read where no string can hold it", async () => {
    const arrayBuffer = () => Promise.reject(new Error("read"));
    const large = { ...inPieces([]).source, size: 3 * LONGEST_TEXT + 1, arrayBuffer };
    await expect(readSourceText(large)).rejects.toThrow(
      "pieces.txt: a text of 1610612665 bytes, expected at most",
    );
  });
});

it("is a File as it is", async () => {
  const file = new File([encode("a\nb"), "é\n"], "chosen.txt");
  expect(await linesOf(file)).toEqual({ lines: ["a", "bé"] });
  expect(await readSourceText(file)).toBe("a\nbé\n");
});

it("is nothing else than what has name, size and bytes", async () => {
  const expected = "given, a source with name, size, arrayBuffer() and stream() expected";
  for (const wrong of ["notes.txt", undefined, null, encode("a")]) {
    expect(() => sourceLines(wrong as never)).toThrow(UsageError);
    await expect(readSourceText(wrong as never)).rejects.toThrow(UsageError);
  }
  expect(() => sourceLines(new Blob(["a"]) as never)).toThrow(`sourceLines: a Blob ${expected}`);
  expect(() => textSource("t", 5 as never)).toThrow(new DataError("textSource: 5 given, a string expected"));
  expect(() => textSource("t", "a\uD800")).toThrow("t: half of a surrogate pair (U+D800) at 1");
});
