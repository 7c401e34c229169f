// The loss curve of a run is a picture with every line named, and a run that is too short is refused in one line.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../helpers/folder.ts";
import { runTool } from "./run-tool.ts";

const step = (tokens: number, loss: number) => JSON.stringify({ event: "step", step: 1, tokens, loss });
const validation = (tokens: number, nats: number) => JSON.stringify({ event: "validation", tokens, nats });

test("training, validation and the reference level are drawn and named with their last values", () => {
  const metrics = [step(1000, 4), step(2000, 3), validation(2000, 2.5), step(3000, 2), validation(3000, 1.9)];
  const root = temporaryFolder({ "run/metrics.jsonl": `${metrics.join("\n")}\n` });
  const output = join(root, "curve.svg");
  const labels = ["--reference", "2.25", "--reference-label", "3-gram"];
  expect(runTool("loss-curve", join(root, "run"), output, ...labels)).toEqual({
    status: 0,
    lines: [`${output}: 3 training steps, 2 validations`],
  });
  const picture = readFileSync(output, "utf8");
  expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  for (const name of [
    "training 2.00",
    "validation 1.90",
    "3-gram 2.25",
    "tokens seen",
    "loss, nats per token",
  ]) {
    expect(picture).toContain(`>${name}<`);
  }
  expect(picture).not.toContain("NaN");
  const namePattern = /translate\(10,([\d.]+)\)"[^>]*><text transform="translate\([\d.]+,([\d.]+)\)/g;
  const heights = [...picture.matchAll(namePattern)].map(([, dy, y]) => Number(dy) + Number(y));
  expect(heights.map((height) => Math.round(height - (heights[0] ?? 0)))).toEqual([0, 32, 50]); // 13 would overlap
});

test("a run without steps is refused in one line", () => {
  const root = temporaryFolder({ "metrics.jsonl": `${step(1000, 4)}\n` });
  expect(runTool("loss-curve", root, join(root, "curve.svg"))).toEqual({
    status: 1,
    lines: [`${join(root, "metrics.jsonl")} holds 1 training steps, at least 2 are needed`],
  });
});
