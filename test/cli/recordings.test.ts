// The commands on recordings: a folder for each label, paths from everywhere, one line for each, and labels at their times.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { type Files, makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { tone, wavBytes } from "../helpers/wav.ts";
import { run, start } from "./cli.ts";

const wav = (hertz: number, seconds: number, seed: number) =>
  wavBytes([tone(hertz, seconds, { seed })], 8000);
const tones = { high: 2000, low: 300, silence: 0 };
const recordings: Files = Object.fromEntries(
  Object.entries(tones).flatMap(([label, hertz]) =>
    Array.from({ length: 16 }, (_, at) => [`tones/${label}/${at}.wav`, wav(hertz, 0.2 + 0.01 * at, at)]),
  ),
);
const parts = [tone(0, 1), tone(2000, 0.4), tone(0, 1), tone(300, 0.4), tone(0, 1)];
const long = Float32Array.from(parts.flatMap((part) => [...part]));

let folder: string;
let trained: string;

beforeAll(async () => {
  folder = makeFolder({
    ...recordings,
    "long.wav": wavBytes([long], 8000),
    "empty.wav": wavBytes([new Float32Array(0)], 8000),
    "list.csv": "audio,label\ntones/low/3.wav,low\nempty.wav,high\ntones/high/3.wav,high\n",
  });
  trained = join(folder, "run");
  const options = "--mels 10 --hidden 6 --epochs 10 --batch 6 --learning-rate 0.03".split(" ");
  const result = await run("train", join(folder, "tones"), ...options, "--out", trained);
  expect(result).toMatchObject({ code: 0 });
  expect(result.out).toMatch(/^task classify: no other task has --mels$/m);
  expect(result.out).toMatch(/^.*tones: 48 rows of recordings, 3 labels$/m);
  expect(result.out).toMatch(/^recordings of 0\.27 s in the mean, 0\.20 to 0\.35$/m);
  expect(result.out).toMatch(/10 log-mel at 8000 Hz/);
  return () => removeFolder(folder);
}, 60_000);

it("predict tells exactly one line for each recording, with its path", async () => {
  const all = await run("predict", trained, "--input", join(folder, "tones"));
  const lines = all.out.trimEnd().split("\n");
  expect(lines).toHaveLength(48);
  for (const line of lines) expect(line).toMatch(/^(high|low|silence)\t\d\.\d{4}\t\1\/\d+\.wav$/);
  // Of a table whose model was trained on a folder, also of a recording of nothing.
  const listed = await run("predict", trained, "--input", join(folder, "list.csv"), "--json");
  const told = listed.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told.map(({ path }) => path)).toEqual(["tones/low/3.wav", "empty.wav", "tones/high/3.wav"]);
  expect([told[0].label, told[2].label]).toEqual(["low", "high"]);
  const one = await run("predict", trained, "--input", join(folder, "tones", "low", "0.wav"));
  expect(one.out).toMatch(/^low\t.*low\/0\.wav\n$/);
  const paths = join(folder, "tones", "high", "1.wav");
  const piped = start(".", ["predict", trained, "--input", "-"]);
  piped.child.stdin?.end(`${paths}\n${paths}\n`);
  const { out, code } = await piped.ended;
  expect(code).toBe(0);
  expect(out.trimEnd().split("\n")).toEqual(Array(2).fill(expect.stringMatching(/^high\t/)));
});

it("evaluate takes a folder, and names each recording", async () => {
  const predictions = join(temporaryFolder(), "told.jsonl");
  const words = ["--input", join(folder, "tones"), "--predictions", predictions, "--json"];
  const { out } = await run("evaluate", trained, ...words);
  expect(JSON.parse(out)).toMatchObject({ rows: 48, labels: { high: { rows: 16 } } });
  expect(JSON.parse(out).accuracy).toBeGreaterThan(0.9);
  const [first] = readFileSync(predictions, "utf8").split("\n");
  expect(JSON.parse(first as string)).toMatchObject({ path: "high/0.wav", expected: "high" });
});

it("predict --listen tells labels at their times", async () => {
  const words = ["predict", trained, "--input", join(folder, "long.wav"), "--listen", "--mute", "0.7"];
  const { out, code } = await run(...words, "--threshold", "high=0.6,low=0.5");
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines.map((line) => line.split("\t")[1])).toEqual(["high", "low"]);
  expect(lines[0]).toMatch(/^1\.\d\d\thigh\t0\.\d{4}\t.*long\.wav$/);
  const machines = await run(...words, "--threshold", "0.6", "--json", "--every", "0.05", "--smoothing", "2");
  const [first] = machines.out.split("\n");
  expect(JSON.parse(first as string)).toMatchObject({ label: "high", time: expect.any(Number) });
  const none = await run(...words, "--background", "high,low,silence");
  expect(none).toMatchObject({ code: 0, out: "" });
});

it("evaluate --times tells how well labels are heard, and how often falsely in an hour", async () => {
  const place = temporaryFolder({
    "times.csv": "time,label\n1.2,high\n2.6,low\n4.2,high\n",
    "other.csv": "time,label,audio\n1.2,high,none.wav\n",
    "bad.csv": "time,label\n1.2,high\nsoon,low\n",
  });
  const heard = join(place, "heard.jsonl");
  const words = [
    "evaluate",
    trained,
    "--input",
    join(folder, "long.wav"),
    "--mute",
    "0.7",
    "--threshold",
    "0.5",
  ];
  const told = await run(...words, "--times", join(place, "times.csv"), "--predictions", heard, "--json");
  expect(told).toMatchObject({ code: 0, error: "" });
  expect(JSON.parse(told.out)).toMatchObject({
    ...{ recordings: 1, events: 3, hits: 2, falseAlarms: 0, falseAlarmsAnHour: 0, precision: 1 },
    recall: expect.closeTo(2 / 3, 10),
  });
  expect(readFileSync(heard, "utf8").trimEnd().split("\n")).toHaveLength(2);
  // Told too early to be at its time: an alarm that is false, in 3.8 seconds.
  const strict = await run(...words, "--times", join(place, "times.csv"), "--tolerance", "0", "--json");
  expect(JSON.parse(strict.out)).toMatchObject({ hits: 0, falseAlarms: 2 });
  expect(JSON.parse(strict.out).falseAlarmsAnHour).toBeCloseTo((2 * 3600) / 3.8, 6);
  expect((await run(...words, "--times", join(place, "times.csv"))).out).toMatch(
    /^false alarms an hour +0\.0$/m,
  );
  expect(await run(...words, "--times", join(place, "other.csv"))).toMatchObject({
    code: 1,
    error: expect.stringContaining("other.csv: none.wav is none of the recordings of"),
  });
  expect(await run(...words, "--times", join(place, "bad.csv"))).toMatchObject({
    code: 1,
    error: expect.stringContaining('bad.csv: line 3: time is "soon", seconds from 0 expected'),
  });
  const two = ["evaluate", trained, "--input", join(folder, "tones"), "--times", join(place, "times.csv")];
  expect((await run(...two)).error).toContain("48 recordings given, a column audio expected that says which");
});

it("predict --listen --follow tells them while a recording still comes from a pipe", async () => {
  const words = ["predict", trained, "--listen", "--follow", "--mute", "0.7", "--threshold", "0.6"];
  const { child, ended, printed } = start(".", words);
  const bytes = wavBytes([long], 8000);
  // As a pipe has it: nobody knows yet how long it will be.
  new DataView(bytes.buffer).setUint32(40, 0xffffffff, true);
  child.stdin?.write(bytes.subarray(0, 44 + 2 * 13000));
  await printed("high");
  expect(child.exitCode).toBeNull();
  child.stdin?.end(bytes.subarray(44 + 2 * 13000));
  const { out, code } = await ended;
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines.map((line) => line.replace(/\d\.\d{4}/, "p").slice(2))).toEqual([
    expect.stringMatching(/^\d\d\thigh\tp\tstandard input$/),
    expect.stringMatching(/^\d\d\tlow\tp\tstandard input$/),
  ]);
});

it.each<[string[], string]>([
  [["--mute", "1"], "mute 1 is for listening: --listen expected, or --times"],
  [["--listen", "--threshold", "2"], "Recognizer: threshold 2 given, a probability from 0 to 1 expected"],
  [["--listen", "--threshold", "x"], "threshold x: expected a probability, or such as yes=0.9,no=0.7"],
  [
    ["--listen", "--threshold", "up=0.5"],
    "threshold up=0.5: no row has the label up: expected high, low, silence",
  ],
  [
    ["--listen", "--window", "0.001"],
    "Recognizer: window 0.001 given, seconds from 0.025, the length of a frame, expected",
  ],
])("%j is refused", async (words, message) => {
  const result = await run("predict", trained, "--input", join(folder, "long.wav"), ...words);
  expect(result).toMatchObject({ code: 2, out: "", error: `rondo: ${message}\n` });
});

it("a recording that is cut short is told by its path, and nothing is half written", async () => {
  const own = temporaryFolder({ "a/1.wav": wav(300, 0.2, 1), "a/2.wav": wav(300, 0.2, 2).subarray(0, 1000) });
  const output = join(own, "..", "told.tsv");
  writeFileSync(join(own, "list.txt"), "a/1.wav\na/2.wav\n");
  const result = await run("predict", trained, "--input", join(own, "list.txt"), "--output", output);
  expect(result).toMatchObject({
    ...{ code: 1, out: "" },
    error: `rondo: ${join(own, "list.txt")}: line 2: ${join(own, "a", "2.wav")}: cut short: chunk "data" at byte 36: 3200 bytes expected, 956 found\n`,
  });
  expect(() => readFileSync(output)).toThrow();
});
