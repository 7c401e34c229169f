// Inputs that are read once: whoever comes second reads what the first one has read, and goes on.
import { expect, it } from "vitest";
import { rereadable } from "../../src/data/rereadable.ts";
import { type Source, sourceLines, textSource } from "../../src/data/source.ts";

/** An input that says how often it was opened and closed. */
function once(...pieces: string[]) {
  const log: string[] = [];
  const left = pieces.map((piece) => new TextEncoder().encode(piece));
  const source: Source = {
    name: "input",
    size: 0,
    arrayBuffer: () => textSource("input", pieces.join("")).arrayBuffer(),
    stream() {
      log.push("opened");
      return {
        getReader: () => ({
          read: async () => {
            const value = left.shift();
            if (value) log.push("read");
            return { done: value === undefined, value };
          },
          cancel: async () => void log.push("closed"),
        }),
      };
    },
  };
  return { source: rereadable(source), log };
}

async function lines(source: Source, most = 9) {
  const found: string[] = [];
  for await (const { text } of sourceLines(source)) {
    found.push(text);
    if (found.length === most) break;
  }
  return found;
}

it("gives what the first reader has read again, and then the rest, from one stream", async () => {
  const { source, log } = once("a\nb\n", "c\n", "d");
  expect(await lines(source, 1)).toEqual(["a"]);
  expect(log).toEqual(["opened", "read"]);
  expect(await lines(source)).toEqual(["a", "b", "c", "d"]);
  expect(log).toEqual(["opened", "read", "read", "read"]);
  expect(source.name).toBe("input");
});

it("is closed by whoever reads second, and can be read as a whole", async () => {
  const { source, log } = once("a\n", "b\n", "c\n");
  await lines(source, 1);
  expect(await lines(source, 2)).toEqual(["a", "b"]);
  expect(log.at(-1)).toBe("closed");
  expect((await once("ab").source.arrayBuffer()).byteLength).toBe(2);
  const ended = once("a\n");
  expect(await lines(ended.source)).toEqual(["a"]);
  expect(await lines(ended.source)).toEqual(["a"]);
});
