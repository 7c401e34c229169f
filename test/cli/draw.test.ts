// `rondo draw` on cells and on a trained model: the file it writes, and one line for each wrong use.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { expectTidy, read } from "../draw/picture.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { run } from "./cli.ts";

/** An empty folder that the command runs in. */
function workingFolder(files: Record<string, string> = {}): string {
  const [folder, before] = [temporaryFolder(files), process.cwd()];
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  return folder;
}

describe("draw", () => {
  it("writes a file named after what it shows", async () => {
    const folder = workingFolder();
    expect(await run("draw", "lstm")).toEqual({ code: 0, out: "lstm-cell.svg\n", error: "" });
    const picture = read(readFileSync(join(folder, "lstm-cell.svg"), "utf8"));
    expect(picture.title).toBe("The cell lstm");
    expectTidy(picture);
  });

  it("draws a cell over trees by its name", async () => {
    const { code, out } = await run("draw", "child-sum-tree-lstm", "--out", "-");
    expect([code, read(out).title]).toEqual([0, "The cell child-sum-tree-lstm"]);
  });

  it("prints a network around a cell", async () => {
    const words = "gru --view unrolled --steps 2 --layers 2 --direction both --input 5 --hidden 7 --out -";
    const { code, out, error } = await run("draw", ...words.split(" "));
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const texts = read(out).shapes.map(({ text }) => text);
    expect(texts.filter((text) => /^gru \| 5 → 7/.test(text))).toHaveLength(4);
    expect(texts.filter((text) => /^gru \| 14 → 7/.test(text))).toHaveLength(4);
  });

  it("draws a run, and the model file of it", async () => {
    const folder = workingFolder({ "fox.txt": sentence });
    const options = "--hidden 8 --embedding 4 --batch 4 --window 12 --epochs 1 --cell gru --layers 2";
    expect((await run("train", "fox.txt", ...options.split(" "), "--out", "fox")).code).toBe(0);
    expect((await run("draw", "fox")).out).toBe("fox-folded.svg\n");
    const texts = read(readFileSync(join(folder, "fox-folded.svg"), "utf8")).shapes.map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(["gru | 4 → 8", "gru | 8 → 8", "x", "y"]));
    expect(texts.some((text) => text.startsWith("embedding"))).toBe(true);

    expect((await run("draw", "fox/model.safetensors", "--view", "cell")).out).toBe("model-cell.svg\n");
    const cell = read(readFileSync(join(folder, "model-cell.svg"), "utf8"));
    expect(cell.shapes.map(({ text }) => text)).toContain("σ | z");

    expect(await run("draw", "fox", "--layers", "3")).toMatchObject({
      code: 2,
      error: "rondo: --layers is of the network around a cell: the model fox has its own\n",
    });
  });

  it.each([
    [["nolstm"], 2, /^rondo: nolstm is no cell and no file: .*\blstm\b.* expected\n$/],
    [["lstm", "--view", "top"], 2, /^rondo: .*'top' is invalid.*cell, folded, unrolled.*\n$/],
    [
      ["lstm", "--view", "unrolled", "--steps", "0"],
      2,
      /^rondo: draw: steps 0 given, .* 1 to 12 expected\n$/,
    ],
    [["lstm", "--view", "unrolled", "--steps", "many"], 2, /^rondo: .*A number is expected.\n$/],
    [["tree-lstm", "--view", "folded"], 2, /^rondo: --view folded is of a network: tree-lstm .*\n$/],
    [["tree-lstm", "--layers", "2"], 2, /^rondo: --layers is of the network around a cell: .*\n$/],
    [["lstm", "--hidden", "4"], 2, /^rondo: --hidden is of the network around a cell: .*\n$/],
    [["lstm", "--view", "folded", "--hidden", "0"], 2, /^rondo: .*hidden size 0 given, .*\n$/],
    [["empty"], 1, /^rondo: cannot read empty: .*\n$|^rondo: empty.*\n$/],
    [["lstm", "--out", "nowhere/lstm.svg"], 1, /^rondo: cannot write nowhere\/lstm.svg: .*\n$/],
    [[], 2, /^rondo: missing required argument 'what'\n$/],
  ] as const)("%j ends with code %i and one line", async (words, code, line) => {
    workingFolder({ empty: "" });
    const result = await run("draw", ...words);
    expect(result.code).toBe(code);
    expect(result.out).toBe("");
    expect(result.error).toMatch(line);
  });
});
