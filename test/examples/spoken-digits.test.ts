// Spoken digits: the tables of recordings, and a short training that tells two digits apart.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataError, readWav, trainClassifier } from "rondo";
import { folderSource } from "rondo/node";
import { expect, it } from "vitest";
import { tablesOf } from "../../examples/spoken-digits.ts";
import { realData } from "../helpers/real-data.ts";

it("the first five of each are for tests; what is named otherwise counts for nothing", () => {
  const files = ["0_ann_0.wav", "0_ann_4.wav", "0_ann_5.wav", "9_bo_12.wav", "notes.txt", "x_ann_1.wav"];
  expect(tablesOf(files, "all")).toEqual({
    training: 'audio,label,speaker\n"all/0_ann_5.wav",0,ann\n"all/9_bo_12.wav",9,bo\n',
    test: 'audio,label,speaker\n"all/0_ann_0.wav",0,ann\n"all/0_ann_4.wav",0,ann\n',
  });
  expect(() => tablesOf(["0_ann_0.wav"], "all")).toThrow(
    new DataError("all: recordings named DIGIT_SPEAKER_NUMBER.wav expected"),
  );
});

it("two digits are told apart far better than chance", async (context) => {
  const folder = folderSource(dirname(realData("fsdd/recordings/0_george_0.wav", context)));
  const { training, test } = tablesOf(await folder.paths(), "");
  const rowsOf = (table: string) =>
    Promise.all(
      [...table.matchAll(/^"(.*)",([35]),(?:george|theo)$/gm)].map(async ([, path, label]) => ({
        audio: await readWav(new File([readFileSync(join(folder.name, path as string))], path as string)),
        label,
      })),
    );
  const [rows, tests] = [await rowsOf(training), await rowsOf(test)];
  expect([rows.length, tests.length]).toEqual([60, 20]);
  const classifier = await trainClassifier(rows, {
    audio: "audio",
    hidden: 16,
    epochs: 12,
    learningRate: 0.01,
  });
  const { measures } = await classifier.evaluate(tests);
  expect(measures.accuracy).toBeGreaterThan(0.8);
});
