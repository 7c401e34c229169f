// decodeText: exact UTF-8, and the place of the first byte that is not.
import { constants } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, LONGEST_TEXT, requireHoldable } from "../../src/data/text.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { foreign } from "../helpers/realm.ts";

const encode = (text: string) => new TextEncoder().encode(text);

describe("decodeText", () => {
  it("gives back every text, and drops one byte order mark at the start", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        fc.pre(!text.startsWith("\uFEFF"));
        expect(decodeText(encode(text), "t")).toBe(text);
        expect(decodeText(encode(`\uFEFF${text}`), "t")).toBe(text);
      }),
    );
    expect(decodeText(encode("a\uFEFFb\r\n\0"), "t")).toBe("a\uFEFFb\r\n\0");
  });

  it("refuses a text beyond the longest string, by its size", () => {
    expect(() => decodeText(new Uint8Array(LONGEST_TEXT + 1), "long.txt")).toThrow(
      "long.txt: a text of 536870889 bytes, expected at most 536870888 characters",
    );
    expect(() => requireHoldable(LONGEST_TEXT, 3 * LONGEST_TEXT, "long.txt")).not.toThrow();
    expect(LONGEST_TEXT).toBeLessThanOrEqual(constants.MAX_STRING_LENGTH);
  });

  it("refuses an empty text, and one that is only a byte order mark", () => {
    expect(() => decodeText(new Uint8Array(0), "notes.txt")).toThrow(DataError);
    expect(() => decodeText(encode("\uFEFF"), "notes.txt")).toThrow("notes.txt: the text is empty");
  });

  it.each([
    ["Latin-1", [0x61, 0x0a, 0x63, 0x61, 0x66, 0xe9, 0x0a], "byte 5 (0xE9, line 2)"],
    ["a stray continuation", [0x80], "byte 0 (0x80, line 1)"],
    ["an overlong slash", [0x61, 0xc0, 0xaf], "byte 1 (0xC0, line 1)"],
    ["an overlong NUL of three bytes", [0xe0, 0x80, 0x80], "byte 0 (0xE0, line 1)"],
    ["an overlong sequence of four bytes", [0xf0, 0x8f, 0xbf, 0xbf], "byte 0 (0xF0, line 1)"],
    ["a surrogate", [0x0a, 0x0a, 0xed, 0xa0, 0x80], "byte 2 (0xED, line 3)"],
    ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80], "byte 0 (0xF4, line 1)"],
    ["lead byte F5", [0xf5, 0x80, 0x80, 0x80], "byte 0 (0xF5, line 1)"],
    ["cut short at the end", [0x61, 0xe2, 0x82], "byte 1 (0xE2, line 1)"],
    ["UTF-16", [0xff, 0xfe, 0x61, 0x00], "byte 0 (0xFF, line 1)"],
  ])("names the first invalid byte: %s", (_, bytes, place) => {
    const decode = () => decodeText(Uint8Array.from(bytes), "notes.txt");
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(`notes.txt: ${place} is not valid UTF-8`);
  });

  it("says of a compressed file that it is one", () => {
    const decode = () => decodeText(Uint8Array.of(0x1f, 0x8b, 8, 0), "bank.conllu.gz");
    expect(decode).toThrow(
      new DataError("bank.conllu.gz is compressed (gzip): expected a text file saved as UTF-8"),
    );
  });

  it("agrees with the platform about which bytes are valid, and what comes before the first invalid one is", () => {
    const strict = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const leads = fc.constantFrom(
      0x41,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc1,
      0xc2,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
    );
    const byteLists = fc.array(fc.oneof(leads, fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(byteLists, (list) => {
        const bytes = Uint8Array.from(list);
        let message: string | undefined;
        try {
          decodeText(bytes, "t");
        } catch (error) {
          message = (error as Error).message;
        }
        if (message === undefined) expect(() => strict(bytes)).not.toThrow();
        else if (!message.includes("empty")) {
          const offset = Number(/byte (\d+)/.exec(message)?.[1]);
          expect(() => strict(bytes)).toThrow();
          expect(() => strict(bytes.subarray(0, offset))).not.toThrow();
          for (let length = 1; length <= 4; length++) {
            if (offset + length > bytes.length) break;
            expect(() => strict(bytes.subarray(offset, offset + length))).toThrow();
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});

it("decodes bytes alone: anything else would be read as something else", () => {
  for (const wrong of ["text", undefined, [0x61], encode("a").buffer, Uint16Array.of(0x61)])
    expect(() => decodeText(wrong as never, "t")).toThrow(UsageError);
  expect(() => decodeText(new ArrayBuffer(1) as never, "t")).toThrow(
    "t: an ArrayBuffer given, a Uint8Array of bytes expected",
  );
  expect(decodeText(foreign("Uint8Array.of(0x61)"), "t")).toBe("a");
});
