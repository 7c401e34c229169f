// The commands on a classifier of trees: which task is meant, a tree for each tree, figures, pictures, files that are none of its own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { read } from "../draw/picture.ts";
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

it("draw shows what each node of a tree is told, in the terminal or as a picture, whatever form it is in", async () => {
  const trees = [
    "(2 (1 very) (2 good))",
    "(very good)",
    '{"children":[{"token":"very","label":"1"},{"token":"good"}]}',
    '{"nodes":[{"children":[1,2]},{"token":"very"},{"token":"good"}]}',
  ];
  const shown: Awaited<ReturnType<typeof run>>[] = [];
  for (const tree of trees) shown.push(await run("draw", trained, "--tree", tree));
  for (const { code, out, error } of shown) {
    expect([code, error]).toEqual([0, ""]);
    expect(out.replaceAll(/\d 0\.\d\d( \(\d\))?/g, "?")).toBe("?\n├─ ?  very\n└─ ?  good\n");
  }
  const sure = (out = "") => out.match(/\d 0\.\d\d/g);
  for (const { out } of shown) expect(sure(out)).toEqual(sure(shown[0]?.out));

  const out = join(temporaryFolder(), "tree.svg");
  expect(await run("draw", trained, "--tree", trees[0] as string, "--out", out)).toEqual({
    ...{ code: 0, out: `${out}\n`, error: "" },
  });
  expect(readFileSync(out, "utf8").match(/data-node="/g)).toHaveLength(3);
  const json = await run("draw", trained, "--tree", "very good", "--form", "smiles", "--json");
  expect(json.error).toMatch(/^rondo: tree: line 1, column 1: .*\n$/);
  const told = JSON.parse(
    (await run("draw", trained, "--tree", "a + b", "--form", "expressions", "--json")).out,
  );
  expect(told.svg).toContain("<svg");
});

it.each([
  [["--tree", "(2 (1 very) (2 good)"], 1, "tree: line 1, column 1: a bracket is opened and never closed"],
  [["--tree", "(2 (1 very) (2 good)))"], 1, 'tree: line 1, column 22: ")" closes no bracket'],
  [["--tree", "(((a b) c)"], 1, "tree: line 1, column 1: a bracket is opened and never closed"],
  [["--tree", "()"], 1, "tree: line 1, column 1: an empty bracket: words or brackets expected"],
  [["--tree", "(2 (1 very) ((2 very) (2 good)))"], 1, "tree: line 1, column 13: a node without a label: .*"],
  [["--tree", "(2 good) (1 film)"], 1, "tree: 2 trees given, one expected"],
  [["--tree", " "], 1, "tree: 0 trees given, one expected"],
  [["--tree", ""], 2, 'tree "": expected a text of one character or more'],
  [["--tree", "good"], 1, "tree has neither trees in brackets, .*: the form expected, .*"],
  [["--form", "brackets"], 2, "no tree given to draw, .*"],
  [
    ["--tree", "(2 good)", "--view", "folded"],
    2,
    "--view is of a picture of the network, --tree of an example: .*",
  ],
  [
    ["--tree", `${"(1 (1 a) ".repeat(600)}(1 b)${")".repeat(600)}`],
    1,
    "tree: a tree of 1201 nodes, at most 1000 expected in a picture",
  ],
] as const)("draw %# ends with code %i and one line", async (words, code, line) => {
  const result = await run("draw", trained, ...words);
  expect({ ...result, error: "" }).toEqual({ code, out: "", error: "" });
  expect(result.error).toMatch(new RegExp(`^rondo: ${line.replaceAll(/[()"]/g, "\\$&")}\n$`));
});

it("draw says whose an example is", async () => {
  expect(await run("draw", "lstm", "--tree", "(2 good)")).toMatchObject({
    ...{ code: 2, error: "rondo: --tree is of a model of the task tree, and lstm is a cell\n" },
  });
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
  const layers = read(readFileSync(picture, "utf8")).shapes.filter(({ kind }) => kind === "layer");
  expect(layers.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^embedding \| \d+ → 4$/),
    "tree-lstm | 4 → 4",
    "head | 4 → 3",
  ]);
});

it("a run of another task takes no options of trees", async () => {
  const other = join(temporaryFolder(), "run");
  const made = await run("train", join(folder, "names.conll"), ...small, "--characters", "4", "--out", other);
  expect(made.code).toBe(0);
  const { code, error } = await run("evaluate", other, "--input", join(folder, "test.txt"), "--classes", "2");
  expect(code).toBe(2);
  expect(error).toMatch(/classes/);
});

it("predict --follow answers each tree as soon as it is whole", async () => {
  const { child, ended } = start(folder, ["predict", trained, "--follow"]);
  const answer = () =>
    new Promise<string>((done) => child.stdout?.once("data", (data) => done(String(data))));
  for (const [typed, told] of [
    ["(2 (1 very) (2 good))\n", /^\(\d \(\d very\) \(\d good\)\)\n$/],
    ["\n(2 (1 very)\n(2 bad))\r\n", /^\(\d \(\d very\) \(\d bad\)\)\n$/],
  ] as const) {
    const answered = answer();
    child.stdin?.write(typed);
    expect(await answered).toMatch(told);
  }
  child.stdin?.end("(2 (1 very)\n");
  const { code, error } = await ended;
  expect([code, error]).toEqual([
    1,
    "rondo: standard input: line 5, column 1: a bracket is opened and never closed\n",
  ]);
});
