// Interrupted runs: killed at any moment, or told to stop, and gone on with; the end must be the same, bit for bit.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { uniform } from "../../src/graph/threefry.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { run, start } from "./cli.ts";

const text = sentence.repeat(4);
const options =
  "--cell lstm --hidden 24 --embedding 8 --layers 2 --dropout 0.1 --batch 4 --window 16 --seed 2".split(" ");
const schedule = "--schedule plateau --plateau-patience 0 --decay-factor 0.5 --validation 0.1".split(" ");

const bytes = (...path: string[]) => readFileSync(join(...path));

/** The lines of metrics.jsonl that do not depend on time. */
const validations = (folder: string) =>
  bytes(folder, "metrics.jsonl")
    .toString()
    .split("\n")
    .filter((line) => line.includes('"validation"'));

it("killed 20 times at random moments, a run ends as if nothing had been", async () => {
  const folder = temporaryFolder({ "fox.txt": text });
  const often = ["--checkpoint-every", "0.02"];
  const words = ["train", "fox.txt", ...options, ...schedule, "--epochs", "80", ...often];
  const begun = performance.now();
  const whole = start(folder, [...words, "--out", "whole"]);
  await whole.printed("tokens to train on");
  const startup = performance.now() - begun;
  expect(await whole.ended).toMatchObject({ code: 0, error: "" });
  const length = performance.now() - begun - startup;

  let kills = 0;
  for (let attempt = 0; ; attempt++) {
    const begins = !existsSync(join(folder, "killed", "checkpoint.safetensors"));
    const started = start(
      folder,
      begins ? [...words, "--out", "killed"] : ["train", "--resume", "killed", ...often],
    );
    if (kills < 20) {
      // One in four dies before it trains, the others a while after; together they do not come to the end.
      const chance = uniform(7, 7, attempt);
      if (attempt % 4 === 3) await wait(startup * chance);
      else {
        await started.printed("tokens to train on");
        await wait((chance * length) / 12);
      }
      started.child.kill("SIGKILL");
    }
    const { code, signal, error } = await started.ended;
    expect(error).toBe("");
    if (signal === "SIGKILL") kills += 1;
    else {
      expect(code).toBe(0);
      break;
    }
  }
  expect(kills).toBeGreaterThanOrEqual(15);
  expect(bytes(folder, "killed/model.safetensors").equals(bytes(folder, "whole/model.safetensors"))).toBe(
    true,
  );
  const [killed, undisturbed] = ["killed", "whole"].map((name) =>
    readSafetensors(bytes(folder, name, "checkpoint.safetensors"), name),
  );
  expect(killed?.tensors).toEqual(undisturbed?.tensors);
  expect(validations(join(folder, "killed"))).toEqual(validations(join(folder, "whole")));
}, 120_000);

it.each(["SIGINT", "SIGTERM"] as const)(
  "%s stops within a second, with a checkpoint, and says how to go on",
  async (signal) => {
    const folder = temporaryFolder({ "fox.txt": text });
    const started = start(folder, ["train", "fox.txt", ...options, "--epochs", "100000", "--out", "run"]);
    await started.printed("epoch 1/100000");
    await wait(300);
    const sent = performance.now();
    started.child.kill(signal);
    const { code, error } = await started.ended;
    expect(performance.now() - sent).toBeLessThan(1000);
    expect(code).toBe(130);
    expect(error).toMatch(/^rondo: stopped at step \d+; go on with: rondo train --resume run\n$/);
    const step = Number(/step (\d+)/.exec(error)?.[1]);
    const { metadata } = readSafetensors(bytes(folder, "run/checkpoint.safetensors"), "c");
    expect(JSON.parse(metadata.progress as string)).toMatchObject({ step });
  },
);

it("a second signal ends at once, without waiting for a checkpoint", async () => {
  const folder = temporaryFolder({ "fox.txt": text });
  const started = start(folder, ["train", "fox.txt", ...options, "--epochs", "100000", "--out", "run"]);
  await started.printed("epoch 1/100000");
  // Two kinds, for the system may deliver two of a kind as one.
  started.child.kill("SIGINT");
  started.child.kill("SIGTERM");
  expect(await started.ended).toMatchObject({ code: 130, error: "" });
});

it("measurements from after the checkpoint are dropped when a run goes on", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const out = join(folder, "run");
  await run("train", join(folder, "fox.txt"), ...options, "--epochs", "2", "--out", out);
  const metrics = join(out, "metrics.jsonl");
  const before = readFileSync(metrics, "utf8");
  const { appendFileSync } = await import("node:fs");
  appendFileSync(
    metrics,
    '{"event":"step","step":9999,"loss":1}\n{"event":"validation","step":9999}\n{"event":"st',
  );
  expect(await run("train", "--resume", out)).toMatchObject({ code: 0 });
  expect(readFileSync(metrics, "utf8")).toBe(before);
});
