// What the command makes of all that a task can have, by a task that is made for this: lists, an audit, a summary, columns
// beside each other, headers, files that are written as predictions come, streams, plots.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { run } from "./cli.ts";

vi.mock("../../src/tasks/index.ts", async (original) => {
  const { fakeTask } = await import("./fake-task.ts");
  const { tasks } = await original<typeof import("../../src/tasks/index.ts")>();
  return { tasks: [...tasks, fakeTask], taskOf: () => fakeTask };
});

const json = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

let folder: string;
let trained: string;
let out: string;

beforeAll(async () => {
  folder = makeFolder({ "numbers.json": "1\n2\n3\n", "broken.json": "1\ntwo\n" });
  trained = join(folder, "run");
  const lists = ["--columns", 'a, "b,c"', "--columns", '"say ""x"""', "--levels", "0.5,0.25"];
  const result = await run("train", join(folder, "numbers.json"), ...lists, "--out", trained);
  expect(result).toMatchObject({ code: 0, error: "rondo: no better than a guess\n" });
  out = result.out;
});
afterAll(() => removeFolder(folder));

/** Runs with pieces as the standard input. */
async function fed(pieces: Iterable<string>, ...words: string[]) {
  const stream = Readable.from([...pieces].map((piece) => Buffer.from(piece)));
  const spy = vi.spyOn(process, "stdin", "get").mockReturnValue(stream as unknown as typeof process.stdin);
  try {
    return await run(...words);
  } finally {
    spy.mockRestore();
  }
}

const input = (name = "numbers.json") => ["--input", join(folder, name)];

describe("train", () => {
  it("tells guess, audit, plan, and what the best model comes to beside baselines", () => {
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "task doubles: no other task has --levels",
      "3 gaps in a",
      "2 gaps in b",
      'columns a and b,c and say "x", levels 0.5 and 0.25, 1 epoch',
    ]);
    expect(lines.slice(-6)).toEqual([
      "                     model  seasonal naive    mean",
      "rows                 1,200           1,200",
      "mean absolute error  1.250          12.500  20.000",
      "",
      "most doubtful: 3",
      `done: ${join(trained, "model.safetensors")}`,
    ]);
  });

  it("tells the same to machines", async () => {
    const place = temporaryFolder();
    const words = ["train", join(folder, "numbers.json"), "--out", join(place, "run"), "--json"];
    const { out, error, code } = await run(...words);
    expect([code, error]).toEqual([0, "rondo: no better than a guess\n"]);
    expect(json(out).filter(({ event }) => event !== "step")).toEqual([
      { event: "audit", gaps: { a: 3, b: 2 } },
      {
        ...{ event: "start", task: "doubles", guess: "it begins with a number", run: join(place, "run") },
        ...{ step: 0, columns: [], levels: [0.1, 0.9] },
      },
      {
        ...{ event: "summary", mae: 1.25, rows: 1200 },
        ...{ seasonalNaive: { mae: 12.5, rows: 1200 }, mean: { mae: 20 }, lists: { a: 1 } },
        warning: "no better than a guess",
      },
      { event: "end", reason: "finished", run: join(place, "run"), step: 1 },
    ]);
  });

  it.each([
    [["--levels", "0.5,x"], "option '--levels <numbers>' argument '0.5,x' is invalid. A number is expected."],
    [["--levels", "0.5,"], "A number is expected."],
    [["--levels", "0.5,1"], "levels 1: expected numbers above 0 to below 1, each once"],
    [["--columns", "a,,b"], 'columns "": expected names, each once'],
    [["--columns", "a,a"], 'columns "a": expected names, each once'],
  ])("refuses %j", async (words, message) => {
    const place = temporaryFolder();
    const result = await run("train", join(folder, "numbers.json"), ...words, "--out", join(place, "run"));
    expect(result).toMatchObject({ code: 2, error: expect.stringContaining(message) });
    expect(existsSync(join(place, "run"))).toBe(false);
  });
});

it("evaluate has a column for each baseline, and one object for machines", async () => {
  const told = await run("evaluate", trained, ...input());
  expect(told.error).toBe("rondo: no better than a guess\n");
  expect(told.out).toBe(
    [
      "                     model  seasonal naive    mean",
      "rows                 1,200           1,200",
      "mean absolute error  1.250          12.500  20.000",
      "",
      "most doubtful: 3",
      "",
    ].join("\n"),
  );
  expect(json((await run("evaluate", trained, ...input(), "--json")).out)).toEqual([
    {
      ...{ mae: 1.25, rows: 1200, lists: { a: 1 } },
      ...{ seasonalNaive: { mae: 12.5, rows: 1200 }, mean: { mae: 20 } },
      warning: "no better than a guess",
    },
  ]);
});

describe("evaluate --predictions", () => {
  const written = (place: string, name: string) => ["--predictions", join(place, name)];

  it("writes what the model makes of each row, in the form that the file's name asks for", async () => {
    const place = temporaryFolder();
    const told = await run("evaluate", trained, ...input(), ...written(place, "rows.txt"), "--json");
    expect(json(told.out)).toMatchObject([{ mae: 1.25 }]);
    expect(readFileSync(join(place, "rows.txt"), "utf8")).toBe("number,double\n1,2\n2,4\n3,6\n");
    expect((await run("evaluate", trained, ...input(), ...written(place, "rows.jsonl"))).code).toBe(0);
    expect(json(readFileSync(join(place, "rows.jsonl"), "utf8"))).toEqual([
      { double: 2 },
      { double: 4 },
      { double: 6 },
    ]);
  });

  it("leaves what was there where a row is wrong, and never writes over what it reads", async () => {
    const place = temporaryFolder({ "rows.jsonl": "before" });
    const words = [...input("broken.json"), ...written(place, "rows.jsonl")];
    expect(await run("evaluate", trained, ...words)).toMatchObject({
      ...{ code: 1, out: "", error: "rondo: line 2: two, a number expected\n" },
    });
    expect(readFileSync(join(place, "rows.jsonl"), "utf8")).toBe("before");
    expect(readdirSync(place)).toEqual(["rows.jsonl"]);
    const own = await run("evaluate", trained, ...input(), ...written(folder, "numbers.json"));
    expect(own).toMatchObject({
      code: 2,
      error: expect.stringContaining("is what is read: another file expected"),
    });
  });
});

describe("predict", () => {
  it("writes lines of JSON to a file whose name asks for them", async () => {
    const output = join(temporaryFolder(), "out.jsonl");
    expect((await run("predict", trained, ...input(), "--output", output)).code).toBe(0);
    expect(json(readFileSync(output, "utf8"))).toEqual([{ double: 2 }, { double: 4 }, { double: 6 }]);
  });

  it("prints headers to people alone", async () => {
    expect((await run("predict", trained, ...input())).out).toBe("number,double\n1,2\n2,4\n3,6\n");
    const machines = await run("predict", trained, ...input(), "--json");
    expect(json(machines.out)).toEqual([{ double: 2 }, { double: 4 }, { double: 6 }]);
  });

  it("writes a large file while predictions come, and puts it in place at the end", async () => {
    const place = temporaryFolder({
      "many.csv": Array.from({ length: 40_000 }, (_, at) => `${at}\n`).join(""),
    });
    const output = join(place, "out.csv");
    writeFileSync(output, "before");
    const result = await run("predict", trained, "--input", join(place, "many.csv"), "--output", output);
    expect(result).toEqual({ code: 0, out: "", error: "" });
    const lines = readFileSync(output, "utf8").split("\n");
    expect([lines.length, lines[0], lines[40_000]]).toEqual([40_002, "number,double", "39999,79998"]);
    expect(readdirSync(place).sort()).toEqual(["many.csv", "out.csv"]);
  });

  it("leaves what was there where a later line is wrong", async () => {
    const numbers = Array.from({ length: 40_000 }, (_, at) => `${at}\n`).join("");
    const place = temporaryFolder({ "many.csv": `${numbers}two\n`, "out.csv": "before" });
    const words = ["--input", join(place, "many.csv"), "--output", join(place, "out.csv")];
    const result = await run("predict", trained, ...words);
    expect(result).toMatchObject({ code: 1, error: "rondo: line 40001: two, a number expected\n" });
    expect(readFileSync(join(place, "out.csv"), "utf8")).toBe("before");
    expect(readdirSync(place).sort()).toEqual(["many.csv", "out.csv"]);
  });

  it("writes a plot beside the predictions, and nothing where there is an error", async () => {
    const place = temporaryFolder();
    const [output, plot] = [join(place, "out.csv"), join(place, "out.svg")];
    expect(await run("predict", trained, ...input(), "--output", output, "--plot", plot)).toEqual({
      ...{ code: 0, out: "", error: "" },
    });
    expect(readFileSync(output, "utf8")).toContain("3,6");
    expect(readFileSync(plot, "utf8")).toMatch(/^<svg .*twice &#60;each&#62;.*<\/svg>\n$/s);
    const again = temporaryFolder();
    const words = ["--output", join(again, "o.csv"), "--plot", join(again, "o.svg")];
    expect((await run("predict", trained, ...input("broken.json"), ...words)).code).toBe(1);
    expect(readdirSync(again)).toEqual([]);
  });

  it("draws in the terminal in place of the predictions, and beside those of a file", async () => {
    const drawn = await run("predict", trained, ...input(), "--plot", "-");
    expect(drawn.out).toMatch(/^doubles\n.*6 ┤.*⠒⠒⠒ twice <each>\n$/s);
    expect(drawn.out).not.toContain("number,double");
    const output = join(temporaryFolder(), "out.csv");
    expect((await run("predict", trained, ...input(), "--plot", "-", "--output", output)).out).toBe(
      drawn.out,
    );
    expect(readFileSync(output, "utf8")).toContain("3,6");
  });

  it.each([
    [["--plot", "x.png"], "--plot x.png: a file whose name ends in .svg expected"],
    [["--plot", "-", "--json"], "--plot - draws for people, --json prints for machines: one expected"],
    [["--plot", "x.svg", "--output", "./x.svg"], "--output and --plot are both ./x.svg: two files expected"],
    [["--plot", "x.svg", "--follow"], "--follow goes on: there is nothing to plot"],
    [["--output", "x", "--follow"], "--follow answers at once, on the standard output: > x expected"],
    [["--plot", "x.svg", "--input", "-"], "the standard input cannot be read again for a plot"],
  ])("refuses %j", async (words, message) => {
    const result = await run("predict", trained, ...input(), ...words);
    expect(result).toMatchObject({ code: 2, out: "", error: expect.stringContaining(message) });
  });

  it("does not plot over its own input or model", async () => {
    const place = temporaryFolder({ "numbers.svg": "1\n" });
    const own = join(place, "numbers.svg");
    const result = await run("predict", trained, "--input", own, "--plot", own);
    expect(result.error).toBe(`rondo: --plot ${own} is what is read: another file expected\n`);
    expect(readFileSync(own, "utf8")).toBe("1\n");
  });

  it("says that a plot cannot be written", async () => {
    const place = temporaryFolder();
    mkdirSync(join(place, "x.svg"));
    const result = await run("predict", trained, ...input(), "--plot", join(place, "x.svg"));
    expect(result).toMatchObject({ code: 1, error: expect.stringMatching(/^rondo: cannot write .*x\.svg/) });
  });
});

describe("the standard input", () => {
  it("is what - stands for", async () => {
    expect((await fed(["1\n", "2"], "predict", trained, "--input", "-")).out).toBe(
      "number,double\n1,2\n2,4\n",
    );
    expect((await fed(["1"], "evaluate", trained, "--input", "-")).code).toBe(0);
  });

  it("is followed in pieces that end anywhere, and so is a file", async () => {
    const { out, code } = await fed(["1", "2\n3", "\n4\n"], "predict", trained, "--follow");
    expect({ out, code }).toEqual({ out: "number,double\n12,24\n3,6\n4,8\n", code: 0 });
    const file = await run("predict", trained, "--follow", ...input(), "--json");
    expect(json(file.out)).toEqual([{ double: 2 }, { double: 4 }, { double: 6 }]);
  });

  it("ends a stream with the line that is wrong, after what was answered", async () => {
    const result = await fed(["1\nx\n"], "predict", trained, "--follow");
    expect(result).toEqual({
      ...{ code: 1, out: "number,double\n1,2\n", error: "rondo: line 2: x, a number expected\n" },
    });
  });
});

describe("a model that learns from what it follows", () => {
  it("is written where that is asked for, once the stream has ended", async () => {
    const to = join(temporaryFolder(), "learnt.safetensors");
    const { code } = await fed(["1\n2\n"], "predict", trained, "--follow", "--learn", "--out", to);
    expect([code, readFileSync(to, "utf8")]).toEqual([0, "learnt"]);
    const other = join(temporaryFolder(), "learnt.safetensors");
    const broken = await fed(["1\nx\n"], "predict", trained, "--follow", "--learn", "--out", other);
    expect([broken.code, existsSync(other)]).toEqual([1, false]);
  });

  it.each([
    [
      ["--follow", "--out", "x"],
      /--out x: .*run learns nothing from what it is given: --follow, and options/,
    ],
    [["--learn", "--out", "x"], /--out x: .*run learns nothing/],
    [["--follow", "--learn", "--out", "-"], /--out -: a file for the model expected/],
  ])("refuses %j", async (words, message) => {
    const result = await run("predict", trained, ...input(), ...words);
    expect(result).toMatchObject({ code: 2, out: "", error: expect.stringMatching(message) });
  });

  it("takes the place of nothing in the run, and is refused early where it cannot be written", async () => {
    for (const name of ["model.safetensors", "checkpoint.safetensors", "x"]) {
      const to = join(trained, name);
      const { code, out, error } = await run(
        "predict",
        trained,
        ...input(),
        "--follow",
        "--learn",
        "--out",
        to,
      );
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(error).toMatch(/--out .* is (in|what is) .*(another (folder|file) expected)/);
    }
    const nowhere = join(temporaryFolder(), "nowhere", "learnt.safetensors");
    const late = await run("predict", trained, ...input(), "--follow", "--learn", "--out", nowhere);
    expect(late).toMatchObject({ code: 1, out: "", error: expect.stringContaining("cannot write") });
  });

  it("is not written over what it follows", async () => {
    const own = join(temporaryFolder({ "numbers.json": "1\n" }), "numbers.json");
    const words = ["--follow", "--learn", "--input", own, "--out", own];
    expect((await run("predict", trained, ...words)).error).toContain(`--out ${own} is what is read`);
    expect(readFileSync(own, "utf8")).toBe("1\n");
  });
});

describe("a folder", () => {
  const place = () =>
    temporaryFolder({
      "in/a/1.txt": "1\n2\n",
      "in/b.txt": "3\n",
      "in/.hidden": "x\n",
      "list.csv": "@in/b.txt\n4\n",
    });

  it("is trained on where the task takes one, and found again when the run goes on", async () => {
    const folder = place();
    const out = ["--out", join(folder, "run"), "--json"];
    const result = await run("train", join(folder, "in"), ...out);
    expect(result.code).toBe(0);
    expect(json(result.out)).toContainEqual(
      expect.objectContaining({ event: "start", guess: "in has a/1.txt and b.txt" }),
    );
    const again = await run("train", "--resume", join(folder, "run"));
    expect(again.error).toMatch(
      `rondo: no doubler goes on with folder ${join(folder, "in")}: a/1.txt,b.txt; if it has moved, name it: rondo train TABLE --resume`,
    );
  });

  it("is what predictions are made of, file by file", async () => {
    const told = await run("predict", trained, "--input", join(place(), "in"), "--json");
    expect(told).toMatchObject({ code: 0, error: "" });
    expect(json(told.out)).toEqual([{ double: 2 }, { double: 4 }, { double: 6 }]);
  });

  it("around a file has the files that it names; around the standard input it is the current one", async () => {
    const told = await run("predict", trained, "--input", join(place(), "list.csv"), "--json");
    expect(json(told.out)).toEqual([{ double: 6 }, { double: 8 }]);
    const missing = temporaryFolder({ "list.csv": "@none.txt\n" });
    expect((await run("predict", trained, "--input", join(missing, "list.csv"))).error).toBe(
      `rondo: cannot read ${join(missing, "none.txt")}: no such file or directory\n`,
    );
    const own = relative(".", join(place(), "in", "b.txt"));
    expect((await fed([`@${own}\n`], "predict", trained, "--input", "-", "--json")).out).toBe(
      '{"double":6}\n',
    );
  });

  it("is refused where a file is expected", async () => {
    const folder = place();
    const wrong = (words: string[]) => run(...words);
    const message = `rondo: cannot read ${join(folder, "in")}: it is a directory\n`;
    expect((await wrong(["evaluate", trained, "--input", join(folder, "in")])).error).toBe(message);
    const more = ["train", "--task", "doubles", join(folder, "in"), "--more", join(folder, "in")];
    expect(await wrong([...more, "--out", join(folder, "run")])).toMatchObject({ code: 1, error: message });
    const unclear = await wrong(["train", join(folder, "in", "a"), "--out", join(folder, "run")]);
    expect(unclear.error).toBe(
      `rondo: ${join(folder, "in", "a")}: what to train on it is not clear: --task classify or --task doubles expected\n`,
    );
  });

  it("gets no results among what is read of it", async () => {
    const folder = place();
    for (const name of ["in/out.csv", "in/b.txt"]) {
      const words = ["--input", join(folder, "in"), "--output", join(folder, name)];
      expect(await run("predict", trained, ...words)).toMatchObject({
        code: 2,
        error: expect.stringMatching(
          /^rondo: --output .* is in .*in, which is read: another folder expected\n$/,
        ),
      });
    }
    const beside = ["--input", join(folder, "in"), "--output", join(folder, "out.csv")];
    expect((await run("predict", trained, ...beside)).code).toBe(0);
  });
});

describe("predict --explain", () => {
  const explain = (place: string, ...more: string[]) =>
    run("predict", trained, "--explain", join(place, "why"), ...more);

  it("writes a picture of each row beside the predictions", async () => {
    const place = temporaryFolder();
    const output = ["--output", join(place, "out.csv")];
    expect(await explain(place, ...input(), ...output)).toEqual({ code: 0, out: "", error: "" });
    expect(readdirSync(place).sort()).toEqual(["out.csv", "why"]);
    expect(readdirSync(join(place, "why")).sort()).toEqual(["1.svg", "2.svg", "3.svg"]);
    expect(readFileSync(join(place, "why", "2.svg"), "utf8")).toMatch(
      /^<svg .*<title>double of &#60;2&#62;<\/title>.*<\/svg>\n$/s,
    );
    expect(readFileSync(join(place, "out.csv"), "utf8")).toBe("number,double\n1,2\n2,4\n3,6\n");
    const empty = temporaryFolder();
    mkdirSync(join(empty, "why"));
    expect((await explain(empty, ...input())).out).toBe("number,double\n1,2\n2,4\n3,6\n");
    expect(readdirSync(join(empty, "why"))).toHaveLength(3);
  });

  it("draws in the terminal in place of the predictions, and beside those of a file", async () => {
    const drawn = await run("predict", trained, ...input(), "--explain", "-");
    expect(drawn.out).toMatch(
      /^1\ndouble of <1>\n\ntwice\n█████\n\n≡ █ weight \(0 to 2\)\n\n2\ndouble of <2>\n/,
    );
    const output = join(temporaryFolder(), "out.csv");
    const beside = await run("predict", trained, ...input(), "--explain", "-", "--output", output);
    expect(beside.out).toBe(drawn.out);
    expect(readFileSync(output, "utf8")).toContain("3,6");
  });

  it("leaves nothing where a row is wrong, or the predictions cannot be written", async () => {
    const place = temporaryFolder();
    expect(await explain(place, ...input("broken.json"))).toMatchObject({
      ...{ code: 1, out: "", error: "rondo: line 2: two, a number expected\n" },
    });
    const output = ["--output", join(place, "none", "out.csv")];
    expect((await explain(place, ...input(), ...output)).error).toMatch(/^rondo: cannot write .*out\.csv/);
    expect(readdirSync(place)).toEqual([]);
  });

  it.each([
    [["--explain", "-", "--json"], "--explain - draws for people, --json prints for machines: one expected"],
    [["--explain", "-", "--plot", "-"], "--plot - and --explain - both draw in the terminal: one expected"],
    [["--explain", "x", "--follow"], "--follow goes on: there is nothing to explain"],
    [["--explain", "x", "--input", "-"], "the standard input cannot be read again for explanations: a file"],
    [["--explain", "x", "--output", "./x/y"], "--output ./x/y is in --explain x, which is made new"],
    [["--explain", "x.svg", "--plot", "x.svg"], "--plot x.svg is in --explain x.svg, which is made new"],
  ])("refuses %j", async (words, message) => {
    const result = await run("predict", trained, ...input(), ...words);
    expect(result).toMatchObject({ code: 2, out: "", error: expect.stringContaining(message) });
    expect(existsSync("x")).toBe(false);
  });

  it("refuses a folder with something in it, and one among what is read", async () => {
    const place = temporaryFolder({ "why/kept": "1", "in/1.txt": "1\n" });
    expect(await explain(place, ...input())).toMatchObject({
      ...{ code: 2, error: `rondo: ${join(place, "why")} is not empty: a new folder expected\n` },
    });
    expect(readdirSync(join(place, "why"))).toEqual(["kept"]);
    const words = ["--input", join(place, "in"), "--explain", join(place, "in", "why")];
    expect((await run("predict", trained, ...words)).error).toContain(
      "which is read: another folder expected",
    );
  });
});

it("inspect says so where a task has nothing to look into", async () => {
  const told = await run("inspect", trained, ...input());
  expect(told).toMatchObject({ code: 2, out: "" });
  expect(told.error).toMatch(/^rondo: .*: a doubler on numbers has nothing that can be looked into\n$/);
});
