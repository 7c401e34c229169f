// Predictions in a process of their own: a stream is answered at once, and Ctrl-C ends it, and a file, cleanly.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../helpers/folder.ts";
import { rows, tabbed } from "../tasks/classification/rows.ts";
import { run, type Started, start } from "./cli.ts";

let folder: string;

beforeAll(async () => {
  folder = makeFolder({ "rows.tsv": tabbed(rows(40)) });
  const small = "--hidden 4 --embedding 4 --epochs 1 --threads 1".split(" ");
  const words = ["train", join(folder, "rows.tsv"), ...small, "--out", join(folder, "run")];
  expect(await run(...words)).toMatchObject({ code: 0, error: "" });
});
afterAll(() => removeFolder(folder));

/** Resolves when so many lines were printed, or the process has ended. */
function answered({ child }: Started, count: number): Promise<void> {
  let lines = 0;
  return new Promise((done) => {
    child.stdout?.on("data", (data) => {
      lines += String(data).split("\n").length - 1;
      if (lines >= count) done();
    });
    child.on("close", () => done());
  });
}

it("a stream is answered before its next line comes, and Ctrl-C leaves whole lines", async () => {
  const started = start(folder, ["predict", "run", "--follow"]);
  for (const text of ["ship wave", "tree", ""]) {
    const one = answered(started, 1);
    started.child.stdin?.write(`${text}\n`);
    await one;
  }
  started.child.stdin?.write("half of a li");
  started.child.kill("SIGINT");
  const { code, out, error } = await started.ended;
  expect({ code, error }).toEqual({ code: 130, error: "rondo: stopped after 3 predictions\n" });
  expect(out).toMatch(/^(\w+\t0\.\d+\n){3}$/);
});

it("a stream that ends ends the process", async () => {
  const { child, ended } = start(folder, ["predict", "run", "--follow", "--json"]);
  child.stdin?.end("ship\nroad");
  const { code, out } = await ended;
  expect([code, out.trimEnd().split("\n").length]).toEqual([0, 2]);
});

it("Ctrl-C leaves nothing of a file that is being written", async () => {
  const words = ["predict", "run", "--input", "-", "--output", "out.tsv", "--json"];
  const { child, ended } = start(folder, words);
  child.stdin?.write("ship wave\n".repeat(2000));
  const isWriting = () => readdirSync(folder).some((name) => name.startsWith(".out.tsv."));
  while (!isWriting() && child.exitCode === null) await new Promise((wait) => setTimeout(wait, 20));
  child.kill("SIGINT");
  const { code, out, error } = await ended;
  expect({ code, out, error }).toEqual({
    ...{ code: 130, out: "", error: "rondo: stopped: nothing was written to out.tsv\n" },
  });
  expect(readdirSync(folder).sort()).toEqual(["rows.tsv", "run"]);
});
