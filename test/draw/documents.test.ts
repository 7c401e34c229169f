// The pictures in the documents are what the commands beside them draw.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { run } from "../cli/cli.ts";
import { expectTidy, read } from "./picture.ts";

const commands = ["docs/draw.md", "docs/recursive.md"].flatMap((page) => [
  ...readFileSync(page, "utf8").matchAll(/^npx rondo (draw .*) --out (\S+)$/gm),
]);

it.each(commands.map(([, words, file]) => [words ?? "", file ?? ""]))(
  "rondo %s gives %s",
  async (words, file) => {
    const { code, out } = await run(...words.split(" "), "--out", "-");
    expect(code).toBe(0);
    expectTidy(read(out));
    expect(out).toBe(readFileSync(file, "utf8"));
  },
);

it("there are some", () => expect(commands.length).toBeGreaterThan(3));
