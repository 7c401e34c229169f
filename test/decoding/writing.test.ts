// A text while it is written: iterated, awaited, stopped.
import { expect, test } from "vitest";
import { piecesBefore, Writing } from "../../src/decoding/writing.ts";

/** Pieces, and how many of them were made and whether their maker ended. */
function made(pieces: readonly string[], work = () => {}) {
  const seen = { made: 0, ended: 0 };
  function* make() {
    try {
      for (const piece of pieces) {
        work();
        seen.made += 1;
        yield piece;
      }
    } finally {
      seen.ended += 1;
    }
  }
  return { seen, make };
}

async function collect(writing: Writing): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of writing) pieces.push(piece);
  return pieces;
}

test("nothing is written before it is asked for; each asking starts anew", async () => {
  const { seen, make } = made(["a", "", "b", "c", ""]);
  const writing = new Writing("> ", make, undefined);
  expect(seen.made).toBe(0);
  expect(await collect(writing)).toEqual(["a", "b", "c"]);
  expect(await writing.text()).toBe("> abc");
  expect(seen).toEqual({ made: 10, ended: 2 });
});

test("a signal ends it after the piece that was being written", async () => {
  const control = new AbortController();
  const { seen, make } = made(["a", "b", "c"], () => seen.made === 1 && control.abort());
  expect(await new Writing("> ", make, control.signal).text()).toBe("> ab");
  expect(seen).toEqual({ made: 2, ended: 1 });
  expect(await new Writing("> ", make, control.signal).text()).toBe("> ");
  expect(seen.made).toBe(2);
});

test("who leaves early ends it too", async () => {
  const { seen, make } = made(["a", "b", "c"]);
  for await (const piece of new Writing("", make, undefined)) {
    expect(piece).toBe("a");
    break;
  }
  expect(seen).toEqual({ made: 1, ended: 1 });
});

test("timers run while it is written, pieces or none", async () => {
  const hold = () => {
    const start = performance.now();
    while (performance.now() - start < 60) {
      // Holds the thread.
    }
  };
  const { seen, make } = made(Array(8).fill(""), hold);
  let seenByTimer = -1;
  setTimeout(() => {
    seenByTimer = seen.made;
  }, 0);
  await new Writing("", make, undefined).text();
  expect(seenByTimer).toBeGreaterThan(0);
  expect(seenByTimer).toBeLessThan(8);
});

test.each([
  ["stop", ["a st", "o", "p b"], "a "],
  ["stop", ["a sto", "ne st", "o"], "a stone sto"],
  ["aab", ["aa", "aab", "c"], "aa"],
  ["ab", ["a", "a", "b"], "a"],
  ["x", ["ax", "b"], "a"],
  ["stop", ["stop"], ""],
  ["stop", [], ""],
])("before %j: %j", (stop, pieces, expected) => {
  const { make, seen } = made(pieces);
  const found = [...piecesBefore(stop, make())];
  expect(found.join("")).toBe(expected);
  expect(seen.ended).toBe(1);
  // Nothing is held back that cannot be the beginning of the end.
  const first = pieces[0];
  if (first === "a sto") expect(found[0]).toBe("a ");
});
