// What a training shows, line by line; the clock is the events' own.
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { duration, Report } from "../../src/node/report.ts";
import { LanguageModelTraining } from "../../src/tasks/language-model/index.ts";
import { asTask, languageModelTask } from "../../src/tasks/language-model/task.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { printed } from "../helpers/printed.ts";
import { sentence, tiny } from "../tasks/language-model/texts.ts";
import { start } from "./cli.ts";

it.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min 0 s"],
  [3599, "59 min 59 s"],
  [3600, "1 h 0 min"],
  [7384, "2 h 3 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it("a line each second tells the mean loss since the last, speed and time left; a validation ends its epoch", async () => {
  const training = LanguageModelTraining.start(sentence, { ...tiny, validation: 0.1, epochs: 2 });
  const written: unknown[] = [];
  const task = asTask(training);
  const words = { ...task, measures: languageModelTask.measures };
  const report = new Report("lines", task.training, words, (line) => written.push(line));
  const at = (step: number, seconds: number) => ({ step, epoch: 1, tokens: 48 * step, seconds });
  const rest = { gradientNorm: 1, learningRate: 0.002 };
  const { out } = await printed(() => {
    [3, 2, 1, 0.5].forEach((loss, k) => {
      report.onEvent({ event: "step", loss, ...rest, ...at(k + 1, 1 + k * 0.5) });
    });
    report.onEvent({
      event: "validation",
      ...{
        loss: Math.LN2,
        nats: Math.LN2,
        perplexity: 2,
        bitsPerCharacter: 1,
        improved: false,
        ...at(4, 2.6),
      },
    });
    report.end();
  });
  expect(training.windows).toBe(17);
  expect(out.trimEnd().split("\n")).toEqual([
    "epoch 1/2  step 1/34  loss 3.000  4.33 bits/character  48 tokens/s  33 s left",
    "epoch 1/2  step 3/34  loss 1.500  2.16 bits/character  72 tokens/s  21 s left",
    "epoch 1/2  step 4/34  loss 0.500  0.72 bits/character  77 tokens/s  19 s left",
    "epoch 1/2  validation  0.6931 nats  1.000 bits/character  perplexity 2.00  (no improvement)",
  ]);
  expect(written).toEqual([
    { event: "step", step: 1, epoch: 1, tokens: 48, loss: 3, learningRate: 0.002, seconds: 1 },
    { event: "step", step: 3, epoch: 1, tokens: 144, loss: 1.5, learningRate: 0.002, seconds: 2 },
    { event: "step", step: 4, epoch: 1, tokens: 192, loss: 0.5, learningRate: 0.002, seconds: 2.5 },
    {
      event: "validation",
      step: 4,
      epoch: 1,
      tokens: 192,
      loss: Math.LN2,
      nats: Math.LN2,
      bitsPerCharacter: 1,
      perplexity: 2,
    },
  ]);
});

// `script` (util-linux) runs a program on a pseudo-terminal.
const hasScript = spawnSync("script", ["--version"]).status === 0;

it.skipIf(!hasScript)(
  "a terminal of 80 columns shows a bar with loss, bits, speed and time left",
  async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const words = "train fox.txt --hidden 6 --embedding 4 --batch 4 --window 12 --epochs 3 --out run".split(
      " ",
    );
    const onTerminal = `exec script -qec "stty cols 80; $(printf '%q ' "$@")" /dev/null`;
    const { code, out } = await start(folder, words, onTerminal).ended;
    expect(code).toBe(0);
    const bars = out.split("\u001b").flatMap((part) => /=*-* \d+% {2}loss.*/.exec(part)?.[0] ?? []);
    expect(bars.length).toBeGreaterThan(0);
    for (const bar of bars) {
      expect(bar.slice(0, 80)).toMatch(
        /^=*-* \d+% {2}loss [\d.]+ {2}[\d.]+ bits\/character {2}[\d,]+ tokens\/s {2}\d+ s left/,
      );
    }
    expect(out).toMatch(/epoch 3\/3 {2}validation .*done: run\/model\.safetensors/s);
  },
);
