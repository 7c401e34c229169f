/** The user's line is found in the stacks of all engines, and none is named where it could be Rondo's own. */

import { expect, test } from "vitest";
import { callerLine } from "../../src/trace/caller.ts";

const v8 = (...places: string[]) =>
  ["Error", ...places.map((place, depth) => `    at f${depth} (${place})`)].join("\n");
const others = (...places: string[]) => places.map((place, depth) => `f${depth}@${place}`).join("\n");

const rondo = "file:///app/node_modules/rondo/dist";
const own = [
  `${rondo}/trace/caller.js:9:1`,
  `${rondo}/trace/tensor.js:5:2`,
  `${rondo}/nn/layers/linear.js:7:3`,
];

test.each<[string, unknown, string | undefined]>([
  ["the package", v8(...own, "file:///app/main.js:3:14"), "/app/main.js:3:14"],
  ["a function without a name", `${v8(...own)}\n    at file:///app/main.js:3:14`, "/app/main.js:3:14"],
  [
    "a method under another name",
    `${v8(...own)}\n    at A.f [as g] (/app/main.js:3:14)`,
    "/app/main.js:3:14",
  ],
  ["an asynchronous function", `${v8(...own)}\n    at async f (/app/main.js:3:14)`, "/app/main.js:3:14"],
  ["folders with blanks", v8(...own, "/my files (new)/main.ts:3:14"), "/my files (new)/main.ts:3:14"],
  [
    "Windows",
    v8(
      "file:///C:/app/rondo/dist/trace/caller.js:9:1",
      "C:\\app\\rondo\\dist\\trace\\tensor.js:5:2",
      "file:///C:/app/main.ts:3:14",
    ),
    "C:/app/main.ts:3:14",
  ],
  [
    "the sources",
    v8("/rondo/src/trace/caller.ts:9:1", "/rondo/src/nn/model.ts:1:1", "/app/main.ts:3:14"),
    "/app/main.ts:3:14",
  ],
  [
    "Vite in development",
    v8(
      "http://localhost:5173/node_modules/.vite/deps/rondo.js?v=1:9:1",
      "http://localhost:5173/src/main.ts?t=2:3:14",
    ),
    "http://localhost:5173/src/main.ts?t=2:3:14",
  ],
  [
    "Firefox and Safari",
    others(
      "https://a.b/rondo/trace/caller.js:9:1",
      "https://a.b/rondo/trace/step.js:1:1",
      "https://a.b/main/main.js:3:14",
    ),
    "https://a.b/main/main.js:3:14",
  ],
  ["Node between", v8(...own, "node:internal/vm:3:4", "/app/main.js:3:14"), "/app/main.js:3:14"],
  ["code without a file", v8(...own, "eval at f (/app/main.js:1:2), <anonymous>:3:14"), undefined],
  ["an address that is the code", v8(...own, "data:text/javascript,f():3:14"), undefined],
  [
    "a bundle",
    v8("/app/bundle.js:9:1", "/app/bundle.js:5:2", "/app/bundle.js:3:14", "/runtime/index.js:1:1"),
    undefined,
  ],
  ["a bundle among packages", v8("/app/node_modules/model/index.js:9:1", "/runtime/index.js:1:1"), undefined],
  [
    "a bundle from an address",
    v8("blob:null/17:9:1", "blob:null/17:3:14", "https://a.b/main.js:1:1"),
    undefined,
  ],
  ["no stack", null, undefined],
  ["a stack prepared in another way", [{}], undefined],
])("%s", (_, stack, line) => {
  expect(callerLine(stack)).toBe(line);
});

test("a line is found however deep it stands, and however few frames an error keeps", () => {
  const { stackTraceLimit } = Error;
  const deep = (depth: number): string | undefined => (depth === 0 ? callerLine() : deep(depth - 1));
  try {
    Error.stackTraceLimit = 1;
    expect(deep(50)).toMatch(/test\/trace\/caller\.test\.ts:\d+:\d+$/);
    expect(Error.stackTraceLimit).toBe(1);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
});
