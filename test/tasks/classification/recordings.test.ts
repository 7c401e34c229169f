// Recordings with labels: folders, tables and lists of paths, one file, samples of programs; trained, told, written and read again.
import { describe, expect, it } from "vitest";
import { folderOf } from "../../../src/data/folder.ts";
import { textSource } from "../../../src/data/source.ts";
import {
  type Classifier,
  DataError,
  FormatError,
  readClassifier,
  readSafetensors,
  trainClassifier,
  UsageError,
  writeSafetensors,
} from "../../../src/index.ts";
import { readLabelledRows, settledReading } from "../../../src/tasks/classification/data.ts";
import { guessed } from "../../../src/tasks/classification/guess.ts";
import type { Reading } from "../../../src/tasks/classification/inputs/input.ts";
import { recordingsOf } from "../../../src/tasks/classification/inputs/recordings.ts";
import { soundInput } from "../../../src/tasks/classification/inputs/sound.ts";
import { completeClassification } from "../../../src/tasks/classification/options.ts";
import { type GivenFile, givenFolder } from "../../../src/tasks/task.ts";
import { tone, wavBytes } from "../../helpers/wav.ts";

const wav = (hertz: number, seconds: number, rate = 8000) =>
  new File([wavBytes([tone(hertz, seconds, { rate })], rate)], "x.wav");
const none = new File([wavBytes([new Float32Array(0)], 8000)], "none.wav");

const readingOf = (options: object = {}): Reading => ({
  ...completeClassification({ sampleRate: 8000, mels: 10, ...options }, 1).settings,
  input: "sound",
});
const folder = folderOf(
  {
    "high/1.wav": wav(2000, 0.3),
    "high/2.WAV": wav(2000, 0.02),
    "low/deep/3.wave": wav(300, 0.3, 16000),
    "low/notes.txt": textSource("notes.txt", "made in spring"),
  },
  "tones",
);
/** A table beside the folder's files. */
const listed = (name: string, text: string): GivenFile => {
  const { size, arrayBuffer, stream } = textSource(name, text);
  return { name, size, arrayBuffer, stream, folder };
};
const all = async (file: GivenFile, options: object = {}, labelled = false) => {
  const found = [];
  for await (const row of soundInput.read(file, readingOf(options), labelled)) found.push(row);
  return found;
};
const told = async (file: GivenFile, options: object = {}, labelled = false) =>
  (await all(file, options, labelled)).map(({ content, ...row }) => ({
    ...row,
    steps: (content as Float32Array).length / 10,
  }));

describe("recordings are found", () => {
  it("in a folder: the label is the folder that they are in; other files are none", async () => {
    const expected = [
      { line: 0, place: "high/1.wav", path: "high/1.wav", labels: ["high"], group: undefined, steps: 28 },
      { line: 0, place: "high/2.WAV", path: "high/2.WAV", labels: ["high"], group: undefined, steps: 1 },
      {
        ...{ line: 0, place: "low/deep/3.wave", path: "low/deep/3.wave", labels: ["low"] },
        ...{ group: undefined, steps: 28 },
      },
    ];
    expect(await told(givenFolder(folder), {}, true)).toEqual(expected);
    const flat = givenFolder(folderOf({ "b.wav": wav(300, 0.1), "a.wav": wav(300, 0.1) }));
    expect((await told(flat)).map(({ path, labels }) => [path, labels])).toEqual([
      ["a.wav", undefined],
      ["b.wav", undefined],
    ]);
  });

  it("by a table or JSON Lines, seen from where that is, with groups", async () => {
    const table = "file,who,label\nhigh/1.wav,ann,up\n./low/deep/3.wave,,down\n";
    const expected = [
      {
        ...{ line: 2, place: "line 2, high/1.wav", path: "high/1.wav", labels: ["up"] },
        ...{ group: "ann", steps: 28 },
      },
      {
        ...{ line: 3, place: "line 3, ./low/deep/3.wave", path: "./low/deep/3.wave" },
        ...{ labels: ["down"], group: "", steps: 28 },
      },
    ];
    const columns = { audio: "file", group: "who" };
    expect(await told(listed("list.csv", table), columns, true)).toEqual(expected);
    const lines = '{"audio":"high/1.wav","label":["up","loud"]}\n';
    expect(await told(listed("list.jsonl", lines))).toMatchObject([
      { line: 1, labels: ["up", "loud"], group: undefined },
    ]);
  });

  it("by lines of paths, with a label before or without one", async () => {
    expect(await told(listed("list.txt", "high/1.wav\nup\thigh/2.WAV\n"))).toMatchObject([
      { line: 1, path: "high/1.wav", labels: undefined, steps: 28 },
      { line: 2, path: "high/2.WAV", labels: ["up"], steps: 1 },
    ]);
  });

  it("as one file, also one without samples, which is a frame of silence", async () => {
    const [row] = await all(wav(300, 0.3));
    expect(row).toMatchObject({ line: 0, place: "x.wav", path: "x.wav", labels: undefined });
    const [empty] = await all(none);
    const silence = Math.log(1e-10);
    expect(Array.from(empty?.content as Float32Array, (x) => Math.abs(x - silence) < 1e-5)).toEqual(
      Array(10).fill(true),
    );
  });
});

describe("how recordings are read", () => {
  const { sampleRate: _, ...settings } = completeClassification({}, 1).settings;

  it("at the rate of the first one, unless one is given", async () => {
    const reversed = listed("list.csv", "audio,label\nlow/deep/3.wave,a\nhigh/1.wav,b\n");
    expect(
      await settledReading(reversed, { ...settings, sampleRate: undefined, audio: "audio" }),
    ).toMatchObject({
      ...{ input: "sound", sampleRate: 16000 },
    });
    const given = await settledReading(givenFolder(folder), { ...settings, sampleRate: 1000 });
    expect([given.input, given.sampleRate]).toEqual(["sound", 1000]);
    expect(() => soundInput.contentOf({ samples: new Float32Array(1), rate: 1 }, "x", given)).toThrow(/mels/);
    expect(() => soundInput.prepare("x", [], { ...given, sampleRate: undefined })).toThrow(
      new UsageError("sampleRate: none given, the samples a second expected that recordings are brought to"),
    );
  });

  it("with what is claimed of a folder", () => {
    const head = { name: "tones", lines: [] };
    expect(guessed({ ...head, paths: ["a/1.wav"] })).toBe(
      "tones has WAV files in folders, as those of labels",
    );
    expect(guessed({ ...head, paths: ["1.wav", "a/1.txt"] })).toBeUndefined();
  });
});

describe("what cannot be read is told in a line, with its place", () => {
  const broken = folderOf({ "a/bad.wav": new File(["RIFF"], "bad.wav"), "a/none.wav": none }, "set");
  const beside = (name: string, text: string): GivenFile => ({ ...listed(name, text), folder: broken });

  it.each<[string, GivenFile, object, string]>([
    [
      "no WAV",
      givenFolder(folderOf({ "a/1.txt": wav(1, 1) }, "set")),
      {},
      "set: no WAV files, one or more expected",
    ],
    [
      "another format",
      givenFolder(folderOf({ "a/1.mp3": wav(1, 1), "a/1.wav": wav(1, 1) }, "set")),
      {},
      "set/a/1.mp3: WAV files expected",
    ],
    [
      "no folder of a label",
      givenFolder(folderOf({ "1.wav": wav(1, 1) }, "set")),
      {},
      "set/1.wav has no label: a folder for each label expected, as in set/LABEL/1.wav",
    ],
    [
      "a broken file",
      givenFolder(broken),
      {},
      'set/a/bad.wav: no "RIFF" and "WAVE" at its start, those of a WAV file expected',
    ],
    [
      "one file",
      wav(1, 1),
      {},
      "x.wav: one recording given, a folder of labels or a table of paths and labels expected",
    ],
    [
      "a broken file of a table",
      beside("list.csv", "audio,label\na/bad.wav,x\n"),
      {},
      'list.csv: line 2: set/a/bad.wav: no "RIFF" and "WAVE" at its start, those of a WAV file expected',
    ],
    [
      "nothing to learn from",
      beside("list.csv", "audio,label\na/none.wav,x\n"),
      {},
      "list.csv: line 2: set/a/none.wav: a recording without samples given, one or more expected",
    ],
    [
      "a path that leads nowhere",
      beside("list.jsonl", '{"audio":"b.wav","label":"x"}'),
      {},
      "list.jsonl: line 1: cannot read set/b.wav: no such file or directory",
    ],
    [
      "no path",
      beside("list.jsonl", '{"audio":3,"label":"x"}'),
      {},
      "list.jsonl: line 1: audio is 3, the path of a WAV file expected",
    ],
    ["no column", beside("list.csv", "path,label\na,b\n"), {}, 'list.csv has no column "audio"'],
    [
      "no line",
      beside("list.txt", "a\t \n"),
      {},
      'list.txt: line 1: path is " ", the path of a WAV file expected',
    ],
  ])("%s", async (_name, file, options, message) => {
    const read = readLabelledRows(file, readingOf(options));
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toThrow(message);
  });

  it("files and options that do not fit together", async () => {
    await expect(all(givenFolder(folder), { group: "who" }, true)).rejects.toThrow(
      new UsageError("group who: a folder has no columns, a table of paths, labels and groups expected"),
    );
    await expect(all(textSource("list.csv", "audio\na.wav\n"))).rejects.toThrow(
      new UsageError("list.csv: no files given beside it, the recordings expected that it names"),
    );
    const paths = recordingsOf({ ...givenFolder(folder), folder: undefined }, readingOf(), false);
    await expect(paths.next()).rejects.toThrow(
      new UsageError("tones: no files given, those of a folder expected"),
    );
    const nothing = settledReading(listed("list.jsonl", "\n"), {
      ...readingOf(),
      sampleRate: undefined,
      audio: "audio",
    });
    await expect(nothing).rejects.toThrow(DataError);
  });
});

describe("a classifier of recordings", () => {
  const labels = { high: 2000, low: 300, silence: 0 };
  const rows = (count: number, seed: number) =>
    Array.from({ length: count }, (_, at) => {
      const [label, hertz] = Object.entries(labels)[at % 3] as [string, number];
      return {
        audio: { samples: tone(hertz, 0.2 + 0.02 * (at % 5), { seed: seed + at }), rate: 8000 },
        label,
      };
    });
  const options = { audio: "audio", mels: 10, hidden: 6, epochs: 12, batch: 6, learningRate: 0.03, seed: 1 };
  let trained: Promise<Classifier> | undefined;
  const classifier = () => (trained ??= trainClassifier(rows(60, 1), options));

  it("hears recordings of any rate, and what readWav gives", async () => {
    const { predict } = await classifier();
    const high = tone(2000, 0.5, { rate: 22050, seed: 99 });
    expect(predict({ samples: high, rate: 22050 })).toMatchObject({ label: "high" });
    expect(predict({ audio: { channels: [high, high], rate: 22050 } }).label).toBe("high");
    const asked = predict([
      { samples: tone(300, 0.3), rate: 8000 },
      { samples: new Float32Array(0), rate: 8000 },
    ]);
    expect(asked.map(({ label }) => label)).toHaveLength(2);
    expect(asked[0]?.label).toBe("low");
    const { measures } = await (await classifier()).evaluate(rows(30, 500));
    expect(measures.accuracy).toBeGreaterThan(0.9);
  });

  it("says what it cannot hear", async () => {
    const { predict, evaluate } = await classifier();
    for (const [given, message] of [
      ["a.wav", "predict: a.wav"],
      [{ channels: [], rate: 8000 }, "predict: channels: none given, one or more of one length expected"],
      [
        { channels: [new Float32Array(2), new Float32Array(3)], rate: 8000 },
        "predict: channels: lengths 2, 3 given, one or more of one length expected",
      ],
      [
        { samples: Float32Array.of(Number.NaN), rate: 8000 },
        "predict: sample 0: NaN given, a finite number expected, -1 to 1 at full scale",
      ],
    ] as const) {
      const error = given === "a.wav" ? '"a.wav" given, { samples, rate } expected' : message.slice(9);
      expect(() => predict(given)).toThrow(new DataError(`predict: ${error}`));
    }
    await expect(evaluate([{ audio: 3, label: "high" }])).rejects.toThrow(
      new DataError("evaluate: row 1: 3 given, { samples, rate } expected"),
    );
  });

  it("says which moments decided", async () => {
    const { steps } = (await classifier()).explain({ samples: tone(2000, 0.1), rate: 8000 });
    expect(steps.map(({ name }) => name)).toEqual(
      ["0.00", "0.01", "0.02", "0.03", "0.04", "0.05", "0.06", "0.07"].map((time) => `${time} s`),
    );
  });

  it("listens: the same classifier out of a file tells tones at their time", async () => {
    const again = readClassifier((await classifier()).toBytes(), "m");
    const sound = Float32Array.from(
      [tone(0, 1), tone(2000, 0.4), tone(0, 1), tone(300, 0.4), tone(0, 1)].flatMap((part) => [...part]),
    );
    const live = again.listen(8000, { threshold: 0.6, mute: 0.7 });
    const detections = [
      ...live.push(sound.subarray(0, 7777)),
      ...live.push(sound.subarray(7777)),
      ...live.end(),
    ];
    expect(detections.map(({ label }) => label)).toEqual(["high", "low"]);
    const [high, low] = detections.map(({ time }) => time) as [number, number];
    expect(high).toBeGreaterThan(1);
    expect(high).toBeLessThan(1.6);
    expect(low).toBeGreaterThan(2.4);
    expect(low).toBeLessThan(3);
    expect(() => again.listen(8000, { threshold: 2 })).toThrow(UsageError);
    expect(() => again.listen(8000, 3 as never)).toThrow(/options 3 given, an object expected/);
    const texts = [..."ab"].flatMap((text) => Array.from({ length: 9 }, () => ({ text, label: text })));
    const other = await trainClassifier(texts, { hidden: 2, epochs: 1, embedding: 2, validation: 0 });
    expect(() => other.listen(8000)).toThrow(
      new UsageError("listen: a classifier of text given, one of recordings expected"),
    );
  });

  it("refuses a file whose parts do not fit", async () => {
    const bytes = (await classifier()).toBytes();
    const { tensors, metadata } = readSafetensors(bytes, "m");
    const damaged = (change: (input: Record<string, unknown>) => void) => {
      const prepared = JSON.parse(metadata.prepared as string);
      change(prepared.input);
      return () =>
        readClassifier(
          writeSafetensors({ tensors, metadata: { ...metadata, prepared: JSON.stringify(prepared) } }),
          "m",
        );
    };
    expect(damaged(() => {})().labels).toEqual(["high", "low", "silence"]);
    // How it hears says the input that was learnt, whatever the settings of the training say.
    const training = JSON.parse(metadata.training as string);
    Object.assign(training.settings, { hop: 0.02, mels: 12, sampleRate: 4000 });
    const other = writeSafetensors({
      tensors,
      metadata: { ...metadata, training: JSON.stringify(training) },
    });
    const [asked] = rows(1, 7) as [object];
    expect(readClassifier(other, "m").predict(asked)).toEqual((await classifier()).predict(asked));
    expect(damaged((input) => Object.assign(input, { seconds: 0 }))).toThrow(
      new FormatError("m: seconds 0 given, a length expected"),
    );
    expect(damaged((input) => Object.assign(input.reading as object, { mels: 12 }))).toThrow(
      new FormatError("m: scaler: 10 numbers given, 12 expected"),
    );
    expect(damaged((input) => Object.assign(input.reading as object, { rate: 0 }))).toThrow(
      /^m: input: the reading of sound: rate 0 given/,
    );
  });
});
