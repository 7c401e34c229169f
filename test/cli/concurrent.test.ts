// Several trainings at once, each a process of its own: every run has a folder for itself.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../helpers/folder.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { run, type Started, start } from "./cli.ts";

const small = "--hidden 6 --embedding 4 --batch 4 --window 12 --threads 1".split(" ");
const files = ["checkpoint.safetensors", "metrics.jsonl", "model.safetensors"];

const json = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; run: string });

it("six of one text, twice, get six folders each", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const names: string[] = [];
  for (const round of [1, 2]) {
    const all = Array.from({ length: 6 }, (_, seed) =>
      start(folder, ["train", "fox.txt", ...small, "--epochs", "2", "--seed", String(seed), "--json"]),
    );
    for (const { ended } of all) {
      const { code, out, error } = await ended;
      expect({ code, error }).toEqual({ code: 0, error: "" });
      names.push(json(out)[0]?.run ?? "");
    }
    expect(new Set(names).size).toBe(6 * round);
  }
  expect([...names].sort()).toEqual(
    Array.from({ length: 12 }, (_, k) => join("runs", k === 0 ? "fox-lstm" : `fox-lstm-${k + 1}`)).sort(),
  );
  for (const name of names) {
    expect(readdirSync(join(folder, name)).sort()).toEqual(files);
    const validations = readFileSync(join(folder, name, "metrics.jsonl"), "utf8").match(/"validation"/g);
    expect(validations).toHaveLength(2);
  }
}, 120_000);

/** Starts a training that does not end by itself. */
async function endless(folder: string): Promise<Started> {
  const started = start(folder, ["train", "fox.txt", ...small, "--epochs", "1000000", "--out", "run"]);
  await started.printed("tokens to train on");
  return started;
}

it("a run that is being trained is refused, and free again when its process is gone, however it went", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const out = join(folder, "run");
  const first = await endless(folder);
  const refusal = {
    code: 1,
    out: "",
    error: `rondo: ${out} is in use: another training runs in it, process ${first.child.pid}\n`,
  };
  expect(await run("train", "--resume", out)).toEqual(refusal);
  expect(await run("train", join(folder, "fox.txt"), ...small, "--out", out)).toEqual(refusal);
  first.child.kill("SIGKILL");
  await first.ended;
  expect(existsSync(join(out, ".lock"))).toBe(true);
  // As where it was killed amid writing a model.
  writeFileSync(join(out, `.model.safetensors.${first.child.pid}.tmp`), "half a model");

  const both = [1, 2].map(() => start(folder, ["train", "--resume", "run", "--epochs", "1000000"]));
  await Promise.race(both.map(({ ended }) => ended));
  const alive = both.filter(({ child }) => child.exitCode === null);
  expect(alive).toHaveLength(1);
  await alive[0]?.printed("tokens to train on");
  alive[0]?.child.kill("SIGTERM");
  const results = await Promise.all(both.map(({ ended }) => ended));
  expect(results.map(({ code }) => code).sort()).toEqual([1, 130]);
  expect(results.map(({ error }) => error).sort()).toEqual([
    `rondo: run is in use: another training runs in it, process ${alive[0]?.child.pid}\n`,
    expect.stringMatching(/^rondo: stopped at step \d+; go on with: rondo train --resume run\n$/),
  ]);
  expect(
    readdirSync(out)
      .sort()
      .filter((name) => name !== "model.safetensors"),
  ).toEqual(files.slice(0, 2));
}, 60_000);

it("a training that never begins leaves no folder", async () => {
  const folder = temporaryFolder({ "short.txt": "too short" });
  for (const out of [[], ["--out", "runs/deep/run"]]) {
    const { code, error } = await start(folder, ["train", "short.txt", ...out]).ended;
    expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining("short.txt: the text has") });
    expect(readdirSync(folder)).toEqual(["short.txt"]);
  }
});
