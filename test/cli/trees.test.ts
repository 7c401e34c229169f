// The commands on a classifier of trees: which task is meant, a tree for each tree, figures, pictures, files that are none of its own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { columns, named, tagged } from "../tasks/tagging/sentences.ts";
import { sentiments } from "../tasks/trees/sentiments.ts";
import { run, start } from "./cli.ts";

const small = "--embedding 4 --hidden 4 --epochs 1".split(" ");
const test = sentiments(9, 2);

let folder: string;
let trained: string;

beforeAll(async () => {
  folder = makeFolder({
    "trees.txt": sentiments(30)
      .filter((line) => line.includes("(", 1))
      .join("\n"),
    "dev.txt": sentiments(8, 3).join("\n"),
    "test.txt": test.join("\n"),
    "broken.txt": "(1 good)\n(1 (1 very) (2 good)\n",
    "far.txt": "(1 good)\n(1 (1 very) (9 good))\n",
    "names.conll": columns(tagged(named(30), "BIO")),
  });
  trained = join(folder, "run");
  const [trees, dev] = [join(folder, "trees.txt"), join(folder, "dev.txt")];
  const result = await run("train", trees, "--validation-file", dev, ...small, "--out", trained);
  expect(result).toMatchObject({ code: 0 });
  expect(result.out).toMatch(/^task tree: trees\.txt has trees\n.*trees\.txt: \d+ trees, \d+ nodes/);
  return () => removeFolder(folder);
}, 60_000);

const bare = (text: string) => text.replace(/\(\d/g, "(");

it("predict writes a tree for each tree, into a file or of the standard input", async () => {
  const output = join(temporaryFolder(), "predictions.txt");
  const input = join(folder, "test.txt");
  expect(await run("predict", trained, "--input", input, "--output", output)).toMatchObject({ code: 0 });
  const written = readFileSync(output, "utf8");
  expect(bare(written)).toBe(bare(`${test.join("\n")}\n`));
  const { child, ended } = start(folder, ["predict", trained, "--input", "-"]);
  child.stdin?.end(test.join("\n"));
  const { code, out } = await ended;
  expect([code, out]).toEqual([0, written]);
});

it("evaluate tells figures, and writes what becomes of each tree", async () => {
  const [input, lines] = [join(folder, "test.txt"), join(temporaryFolder(), "out.jsonl")];
  const told = await run(
    "evaluate",
    trained,
    "--input",
    input,
    "--predictions",
    lines,
    "--json",
    "--classes",
    "2",
  );
  expect(JSON.parse(told.out)).toMatchObject({
    ...{ trees: 9, accuracy: expect.any(Number), rootAccuracy: expect.any(Number) },
    ...{ twoClassAccuracy: expect.any(Number), baseline: {}, labelScores: {} },
  });
  const objects = readFileSync(lines, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(objects).toHaveLength(9);
  expect(objects[0].nodes.at(-1)).toMatchObject({ expected: test[0]?.[1] });
});

it.each([
  [
    "evaluate",
    "broken.txt",
    1,
    /^rondo: .*broken\.txt: line 2, column 1: a bracket is opened and never closed/,
  ],
  [
    "evaluate",
    "far.txt",
    1,
    /^rondo: .*far\.txt: line 2, column 13: the label "9" is none of the known ones/,
  ],
  ["predict", "broken.txt", 1, /^rondo: .*broken\.txt: line 2, column 1/],
])("%s refuses %s in one line", async (command, name, expected, message) => {
  const { code, error } = await run(command, trained, "--input", join(folder, name), "--json");
  expect(code).toBe(expected);
  expect(error).toMatch(message);
  expect(error.trimEnd().split("\n")).toHaveLength(1);
});

it("describe, explain and draw know the network", async () => {
  expect((await run("describe", trained)).out).toMatch(/^tree-lstm +4 units, up, dropout 0\.5$/m);
  expect(await run("explain", trained, "--json")).toMatchObject({ code: 0, error: "" });
  const picture = join(temporaryFolder(), "network.svg");
  expect(await run("draw", trained, "--out", picture)).toMatchObject({ code: 0, error: "" });
  expect(readFileSync(picture, "utf8")).toMatch(/^<svg/);
});

it("a run of another task takes no options of trees", async () => {
  const other = join(temporaryFolder(), "run");
  const made = await run("train", join(folder, "names.conll"), ...small, "--characters", "4", "--out", other);
  expect(made.code).toBe(0);
  const { code, error } = await run("evaluate", other, "--input", join(folder, "test.txt"), "--classes", "2");
  expect(code).toBe(2);
  expect(error).toMatch(/classes/);
});
