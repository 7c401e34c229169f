// Bad input: one clear line on stderr, an exit code above 0, and nothing lost, half written or left behind.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../src/formats/safetensors.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { run, start } from "./cli.ts";

const small = "--hidden 6 --embedding 4 --batch 4 --window 12 --epochs 1".split(" ");

/** Runs the command in a folder; what it says must be one line with `message`. */
async function refused(
  folder: string,
  code: number,
  message: string,
  words: readonly string[],
): Promise<void> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    const result = await run(...words);
    expect(result.error).toContain(message);
    expect(result.error).toMatch(/^rondo: [^\n]+\n$/);
    expect(result.error).not.toMatch(/unexpected|undefined|\bat .*\.ts/);
    expect(result.code).toBe(code);
  } finally {
    process.chdir(before);
  }
}

it("a table without a task: those that may be meant; without a target: the columns, the option, and where the others are", async () => {
  const folder = temporaryFolder({ "sales.csv": "date,sold\n2024-01-01,3\n2024-01-02,4\n2024-01-03,5\n" });
  const message =
    "sales.csv: no target given, one or more of its columns date, sold expected (--target; rondo train --task forecast --help)";
  const unclear = "sales.csv: what to train on it is not clear: --task forecast or --task anomaly expected";
  await refused(folder, 2, unclear, ["train", "sales.csv"]);
  await refused(folder, 2, message, ["train", "sales.csv", "--task", "forecast"]);
  expect(existsSync(join(folder, "runs", "sales-gru"))).toBe(false);
});

describe("texts", () => {
  const files = {
    "fox.txt": sentence,
    "empty.txt": "",
    "short.txt": "too short for a window",
    "invalid.txt": Uint8Array.of(0x61, 0x62, 0x0a, 0x63, 0xff, 0x64),
    "one.txt": "a".repeat(3000),
    "single.txt": "a",
    "bom.txt": Uint8Array.of(0xef, 0xbb, 0xbf),
  };
  it.each<[string, string, string]>([
    ["missing.txt", "", "cannot read missing.txt: no such file or directory"],
    ["fox.txt/inside", "", "a part of the path is not a directory"],
    ["empty.txt", "", "empty.txt: the text is empty"],
    ["bom.txt", "", "bom.txt: the text is empty"],
    ["short.txt", "", "short.txt: the text has 19 tokens: one window of 64 steps needs 65"],
    ["single.txt", "", "single.txt: the text has 1 character: too few"],
    ["fox.txt", "--window 900", "one window of 900 steps needs 901"],
    ["invalid.txt", "", "invalid.txt: byte 4 (0xFF, line 2) is not valid UTF-8"],
    ["invalid.txt", "--tokens bytes", "is not valid UTF-8"],
    ["one.txt", "", "one.txt: the text has one distinct token (characters): there is nothing to learn"],
    ["one.txt", "--tokens words", "one distinct token (words): there is nothing to learn"],
    ["one.txt", "--tokens bytes", "one distinct token (bytes): there is nothing to learn"],
    ["fox.txt", "--batch 100 --window 12", "expected a batch of at most 67"],
    ["fox.txt", "--validation 0.001", "fox.txt: 1 token held out for validation"],
    ["fox.txt", "--validation-text single.txt", "single.txt: 1 token to validate on, two or more expected"],
    ["fox.txt", "--validation-text single.txt --tokens words", "single.txt: 1 token to validate on"],
    ["fox.txt", "--validation-text single.txt --tokens bytes", "single.txt: 1 token to validate on"],
    [
      "short.txt",
      "--validation-text fox.txt",
      "short.txt: the text has 22 tokens: one window of 64 steps needs",
    ],
    ["fox.txt", "--validation-text empty.txt", "empty.txt: the text is empty"],
    ["fox.txt", "--validation-text invalid.txt", "invalid.txt: byte 4 (0xFF, line 2) is not valid UTF-8"],
    ["fox.txt", "--validation-text missing.txt", "cannot read missing.txt: no such file or directory"],
    ["fox.txt", "--validation-text .", "cannot read .: it is a directory"],
    ["invalid.txt", "--validation-text fox.txt", "invalid.txt: byte 4"],
    [
      "one.txt",
      "--validation-text fox.txt --batch 100",
      "one.txt: the text has 3000 tokens: a batch of 100 rows",
    ],
  ])("train %s %s", async (text, options, message) => {
    const folder = temporaryFolder(files);
    await refused(folder, 1, message, ["train", text, ...options.split(" ").filter((word) => word !== "")]);
    expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  });

  it("a folder is for recordings, unless somebody says what else it may be", async () => {
    const folder = temporaryFolder(files);
    await refused(folder, 2, "what to train on it is not clear: --task classify expected", ["train", "."]);
    await refused(folder, 1, "cannot read .: it is a directory", ["train", ".", "--task", "language-model"]);
  });

  it("beyond the longest string are named with their size and the limit", async () => {
    const folder = temporaryFolder(files);
    writeFileSync(join(folder, "long.txt"), "");
    truncateSync(join(folder, "long.txt"), 5 * 2 ** 30);
    const message =
      "long.txt: a text of 5368709120 bytes, expected at most 536870888 characters: JavaScript holds no longer text";
    await refused(folder, 1, message, ["train", "long.txt"]);
    await refused(folder, 1, message, ["train", "fox.txt", "--validation-text", "long.txt"]);
    await run("train", join(folder, "fox.txt"), ...small, "--out", join(folder, "run"));
    await refused(folder, 1, message, ["evaluate", "run", "--text", "long.txt"]);
  });

  it("that cannot be evaluated", async () => {
    const folder = temporaryFolder({ ...files, "greek.txt": "τί ἐστιν" });
    await run("train", join(folder, "fox.txt"), ...small, "--out", join(folder, "run"));
    const cases: [string, string][] = [
      ["missing.txt", "cannot read missing.txt"],
      ["empty.txt", "empty.txt: the text is empty"],
      ["invalid.txt", "is not valid UTF-8"],
      ["single.txt", "single.txt: the text has 1 token: expected two or more to evaluate on"],
      ["greek.txt", 'greek.txt: character "τ" (U+03C4, line 1) is not in the vocabulary'],
    ];
    for (const [text, message] of cases)
      await refused(folder, 1, message, ["evaluate", "run", "--text", text]);
  });
});

describe("options", () => {
  it.each<[string, string]>([
    ["train", "no text given"],
    ["train fox.txt more.txt", "too many arguments"],
    ["train fox.txt --hiden 3", "unknown option '--hiden' (Did you mean --hidden?)"],
    [
      "train fox.txt --cell lsmt",
      "argument 'lsmt' is invalid. Allowed choices are rnn, rnn-relu, rnn-sigmoid, irnn, lstm",
    ],
    ["train fox.txt --tokens letters", "Allowed choices are characters, words, bytes, subwords"],
    ["train fox.txt --optimizer nadam", "Allowed choices are sgd, rmsprop, adagrad, adadelta, adam, adamw"],
    ["train fox.txt --schedule exponential", "Allowed choices are constant, step, linear, cosine, plateau"],
    ["train fox.txt --initialize random", "Allowed choices are default, orthogonal, glorot"],
    ["train fox.txt --hidden", "argument missing"],
    ["train fox.txt --hidden 0", "hidden 0: expected a whole number from 1"],
    ["train fox.txt --hidden -5", "hidden -5: expected a whole number from 1"],
    ["train fox.txt --hidden many", "argument 'many' is invalid. A number is expected."],
    ["train fox.txt --hidden NaN", "argument 'NaN' is invalid. A number is expected."],
    ["train fox.txt --hidden Infinity", "argument 'Infinity' is invalid"],
    ["train fox.txt --hidden=", "argument '' is invalid"],
    ["train fox.txt --hidden 2.5", "hidden 2.5: expected a whole number from 1"],
    ["train fox.txt --layers 0", "layers 0: expected a whole number from 1"],
    ["train fox.txt --layers 1000000", "layers 1000000: expected a whole number from 1 to 100"],
    ["train fox.txt --embedding 0", "embedding 0: expected a whole number from 1"],
    ["train fox.txt --batch 0", "batch 0: expected a whole number from 1"],
    ["train fox.txt --window 0", "window 0: expected a whole number from 1"],
    ["train fox.txt --epochs 0", "epochs 0: expected a whole number from 1"],
    ["train fox.txt --dropout 1", "dropout 1: expected a number from 0 to below 1"],
    ["train fox.txt --learning-rate 0", "learning rate 0: expected a number above 0"],
    ["train fox.txt --clip -1", "clip -1: expected a number from 0"],
    [
      "train fox.txt --validation 1.5",
      "validation 1.5: expected a fraction from 0 to below 1, or a whole number",
    ],
    ["train fox.txt --seed 1.5", "seed 1.5: expected a whole number"],
    ["train fox.txt --vocabulary 50", "a vocabulary size applies to words and subwords, not to characters"],
    ["train fox.txt --tokens words --vocabulary 1", "vocabulary size 1: expected a whole number from 3"],
    ["train fox.txt --momentum 0.9", "adam: option momentum is unknown"],
    ["train fox.txt --optimizer sgd --nesterov", "sgd: nesterov needs a momentum above 0"],
    ["train fox.txt --decay-every 2", "schedule constant has no setting every"],
    ["train fox.txt --validation 5 --validation-text fox.txt", "expected one of them"],
    ["train fox.txt --validation 0 --patience 3", "patience needs a validation loss, but validation is 0"],
    ["train fox.txt --checkpoint-every 0", "checkpoint-every 0: expected a number of seconds above 0"],
    ["train fox.txt --diagnose 1.5", "diagnose 1.5: expected a whole number of updates, or 0 for never"],
    ["train --resume run --hidden 3", "--hidden cannot change when a run goes on"],
    ["train --resume run --out other", "--out cannot change when a run goes on"],
    [
      "train fox.txt --decay-hold 2 --schedule plateau",
      "schedule plateau has no setting hold: it is of step",
    ],
    ["train fox.txt --minimum-learning-rate 0", "no setting minimum: it is of linear and cosine and plateau"],
    [
      "explain gru --program stream --batch 2",
      "--batch is of a training: a stream takes one step of one row",
    ],
    [
      "explain gru --program stream --window 2",
      "--window is of a training: a stream takes one step of one row",
    ],
    ["explain gru --program stream --direction both", "a bidirectional network cannot take single steps"],
    ["explain gru --threads 1.5", "threads 1.5: expected a whole number from 1 to 64"],
    ["explain gru --hidden 0", "hidden size 0 given"],
    ["explain gru --layers 101", "layers 101: expected a whole number from 1 to 100"],
    ["draw gru --view folded --layers 101", "layers 101: expected a whole number from 1 to 100"],
    ["explain nolstm", "nolstm is no cell and no file"],
    ["explain fox.txt --hidden 3", "--hidden is of the network around a cell: the model fox.txt has its own"],
    ["draw gru --steps 5", "--steps is of an unrolled network, the view is cell: --view unrolled expected"],
    ["draw gru --view folded --steps 5", "--steps is of an unrolled network, the view is folded"],
    ["generate", "missing required argument 'run'"],
    ["compose run", "unknown command 'compose'"],
  ])("%s", async (words, message) => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    await refused(folder, 2, message, words.split(" "));
    expect(readdirSync(folder)).toEqual(["fox.txt"]);
  });
});

it.each([
  ["train", ""],
  ["train", "fox.txt", "--out", ""],
  ["train", "fox.txt", "--validation-text", ""],
  ["train", "--resume", ""],
  ["evaluate", "", "--text", "fox.txt"],
  ["evaluate", "run", "--text", ""],
  ["generate", ""],
  ["describe", ""],
  ["draw", ""],
  ["draw", "lstm", "--out", ""],
  ["explain", ""],
])("%s %s %s %s: an empty path", async (...words) => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  await refused(folder, 2, "A path is expected.", words);
  expect(readdirSync(folder)).toEqual(["fox.txt"]);
});

it("a model that no memory holds", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  await refused(folder, 1, "not enough memory for such a model", [
    "train",
    "fox.txt",
    "--hidden",
    "1000000000",
  ]);
  expect(readdirSync(folder)).toEqual(["fox.txt"]);
});

describe("folders", () => {
  it("that hold a run already stay as they are", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    await run("train", join(folder, "fox.txt"), ...small, "--out", join(folder, "run"));
    const contents = () =>
      readdirSync(join(folder, "run")).map((name) =>
        readFileSync(join(folder, "run", name)).toString("base64"),
      );
    const before = contents();
    const message =
      "run holds a run already: go on with it, or choose another folder (rondo train --resume run, or another --out)";
    await refused(folder, 2, message, ["train", "fox.txt", ...small, "--out", "run"]);
    expect(contents()).toEqual(before);
  });

  it("of which something is asked that its model cannot do", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    await run("train", join(folder, "fox.txt"), ...small, "--out", join(folder, "run"));
    for (const [words, message] of [
      ["generate run --temperature 0 --top-k 5", "top k changes nothing at temperature 0"],
      ["generate run --temperature 0 --top-p 0.5", "top p changes nothing at temperature 0"],
      ["predict run --input fox.txt --prompt the", "a prompt and a file of prompts given"],
      ["evaluate run", "--text FILE expected: what to evaluate run on"],
    ] as const) {
      await refused(folder, 2, message, words.split(" "));
    }
  });

  it.each<[string, string]>([
    ["fox.txt", "cannot make the folder fox.txt: a file is in the way"],
    ["fox.txt/run", "cannot make the folder fox.txt/run: a part of the path is not a directory"],
  ])("that cannot be made: %s", async (out, message) => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    await refused(folder, 1, message, ["train", "fox.txt", ...small, "--out", out]);
    expect(readFileSync(join(folder, "fox.txt"), "utf8")).toBe(sentence);
  });

  it("that hold no run", async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    mkdirSync(join(folder, "empty"));
    const cases: [string, string][] = [
      ["train --resume nowhere", "cannot read nowhere: no such file or directory"],
      ["train --resume empty", "empty holds no checkpoint.safetensors to go on from"],
      ["train --resume fox.txt", "fox.txt is a file, the folder of a run expected"],
      ["generate nowhere", "cannot read nowhere: no such file or directory"],
      ["generate empty", "empty holds no model.safetensors"],
      ["generate fox.txt", "fox.txt: not a safetensors file"],
      ["describe empty", "empty holds no model.safetensors"],
      ["evaluate empty --text fox.txt", "empty holds no model.safetensors"],
    ];
    for (const [words, message] of cases) await refused(folder, 1, message, words.split(" "));
    expect(readdirSync(join(folder, "empty"))).toEqual([]);
  });
});

describe("files of a run", () => {
  type Metadata = Record<string, string>;
  /** A finished run whose files can be damaged one by one. */
  async function runFolder() {
    const folder = temporaryFolder({ "fox.txt": sentence, "other.txt": sentence.replace("fox", "cat") });
    await run("train", join(folder, "fox.txt"), ...small, "--out", join(folder, "run"));
    const damage = (
      name: string,
      change: (tensors: Map<string, StoredTensor>, metadata: Metadata) => void,
    ) => {
      const file = join(folder, "damaged", name);
      cpSync(join(folder, "run"), join(folder, "damaged"), { recursive: true });
      const { tensors, metadata } = readSafetensors(readFileSync(file), name);
      change(tensors, metadata);
      writeFileSync(file, writeSafetensors({ tensors, metadata }));
    };
    return { folder, damage };
  }

  it("that are damaged are named with what is wrong, and stay as they are", async () => {
    const { folder, damage } = await runFolder();
    const files: [string, string, string[][]][] = [
      [
        "model.safetensors",
        "head.bias",
        [
          ["generate", "damaged"],
          ["describe", "damaged"],
          ["evaluate", "damaged", "--text", "fox.txt"],
        ],
      ],
      ["checkpoint.safetensors", "weights.head.bias", [["train", "--resume", "damaged"]]],
    ];
    for (const [name, tensor, commands] of files) {
      const path = join(folder, "damaged", name);
      const where = join("damaged", name);
      const cases: [() => void, string][] = [
        [() => damage(name, (tensors) => tensors.delete(tensor)), `${where}: tensor "${tensor}" is missing`],
        [
          () => damage(name, (tensors) => tensors.set(tensor, { shape: [2], data: new Float32Array(2) })),
          `${where}: tensor "${tensor}" has shape [2], expected [29]`,
        ],
        [
          () => damage(name, (tensors) => tensors.get(tensor)?.data.fill(Number.NaN as never)),
          `${where}: tensor "${tensor}" holds NaN at index 0`,
        ],
        [
          () => damage(name, (_, metadata) => delete metadata.format),
          `${where}: the metadata names no format`,
        ],
        [
          () => damage(name, (_, metadata) => delete metadata.training),
          name.startsWith("model") ? "" : "no training",
        ],
        [
          () => {
            damage(name, () => {});
            truncateSync(path, 1000);
          },
          `${where}: cut short`,
        ],
        [
          () => {
            damage(name, () => {});
            const bytes = readFileSync(path);
            bytes[20] = 0;
            writeFileSync(path, bytes);
          },
          `${where}: header is not JSON`,
        ],
        [() => writeFileSync(path, ""), `${where}: cut short: 0 bytes`],
      ];
      for (const [prepare, message] of cases) {
        if (message === "") continue;
        prepare();
        const before = readFileSync(path);
        for (const words of commands) await refused(folder, 1, message, words);
        expect(readFileSync(path).equals(before)).toBe(true);
      }
    }
  });

  it("another text is refused, and a text that moved can be named", async () => {
    const { folder } = await runFolder();
    const message =
      "other.txt (900 characters) is not the text that run/checkpoint.safetensors was trained on (fox.txt";
    await refused(folder, 1, message, ["train", "--resume", "run", "other.txt"]);
    cpSync(join(folder, "fox.txt"), join(folder, "moved.txt"));
    writeFileSync(join(folder, "fox.txt"), "gone");
    const advice = "; if it has moved, name it: rondo train TEXT --resume run";
    await refused(folder, 1, "fox.txt (4 characters) is not the text", ["train", "--resume", "run"]);
    await refused(folder, 1, advice, ["train", "--resume", "run"]);
    rmSync(join(folder, "fox.txt"));
    await refused(folder, 1, `fox.txt: no such file or directory${advice}`, ["train", "--resume", "run"]);
    const unused =
      "a text to validate on given, but the training of run/checkpoint.safetensors validates on the end of its own text";
    await refused(folder, 2, unused, "train moved.txt --resume run --validation-text moved.txt".split(" "));
    await refused(
      folder,
      2,
      "epochs 0: expected a whole number from 1",
      "train moved.txt --resume run --epochs 0".split(" "),
    );
    expect(await run("train", "--resume", join(folder, "run"), join(folder, "moved.txt"))).toMatchObject({
      code: 0,
    });
  });
});

it("of two texts that moved, the one that is missing is named, and how to say where it is", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence, "rest.txt": "the quick fox\n".repeat(9) });
  const paths = ["fox.txt", "rest.txt"].map((name) => join(folder, name)) as [string, string];
  const options = [...small, "--validation-text", paths[1], "--out", join(folder, "run")];
  expect(await run("train", paths[0], ...options)).toMatchObject({ code: 0 });
  for (const name of ["fox", "rest"])
    renameSync(join(folder, `${name}.txt`), join(folder, `${name}-moved.txt`));
  const cases: [string, string][] = [
    ["", "/fox.txt: no such file or directory; if it has moved, name it: rondo train TEXT --resume run"],
    [
      "fox-moved.txt",
      "/rest.txt: no such file or directory; if it has moved, name it: rondo train --resume run --validation-text FILE",
    ],
    [
      "fox-moved.txt --validation-text fox-moved.txt",
      "/fox-moved.txt (900 characters) is not the text that run/checkpoint.safetensors is validated on (126 characters)",
    ],
    ["rest-moved.txt --validation-text rest-moved.txt", "/rest-moved.txt with "],
  ];
  for (const [words, message] of cases) {
    await refused(
      folder,
      1,
      message,
      `train ${words} --resume run`.split(" ").filter((word) => word !== ""),
    );
  }
  const [fox, rest] = ["fox-moved.txt", "rest-moved.txt"].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  const named = ["train", fox, "--resume", join(folder, "run"), "--validation-text", rest, "--epochs", "2"];
  expect(await run(...named)).toMatchObject({ code: 0, error: "" });
  const fewer = ["train", "--resume", "run", "--epochs", "1"];
  await refused(folder, 2, "epochs 1: run/checkpoint.safetensors has been trained for 2 already", fewer);
});

it("a validation whose perplexity no number holds is no success", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const words = ["train", "fox.txt", ...small, "--optimizer", "sgd", "--learning-rate", "1e6", "--clip", "0"];
  const message = "its perplexity Infinity, at step 17: training diverged; try a lower learning rate";
  for (const form of [[], ["--json"]]) {
    await refused(folder, 1, message, [...words, ...form, "--out", `run${form.length}`]);
  }
  expect(readFileSync(join(folder, "run1", "metrics.jsonl"), "utf8")).not.toMatch(/null|"validation"/);
});

it("an evaluation whose perplexity no number holds is none", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const out = join(folder, "run");
  await run("train", join(folder, "fox.txt"), ...small, "--out", out);
  const file = join(out, "model.safetensors");
  const { tensors, metadata } = readSafetensors(readFileSync(file), "m");
  for (const [bias, message] of [
    [
      1e4,
      /^rondo: .*fox\.txt: \d{5}\.\d{4} nats per token, a perplexity above 1\.8e\+308: the model predicts nothing of it\n$/,
    ],
    [3e38, /^rondo: .*fox\.txt: (NaN|Infinity) nats per token, a number expected: .*\n$/],
  ] as const) {
    // Two tokens have such a bias, so that a sum of the third kind overflows too.
    tensors.get("head.bias")?.data.fill(bias as never, 0, 2);
    tensors.get("head.bias")?.data.fill(-bias as never, 2);
    writeFileSync(file, writeSafetensors({ tensors, metadata }));
    for (const form of [[], ["--json"]]) {
      const {
        code,
        out: printed,
        error,
      } = await run("evaluate", out, "--text", join(folder, "fox.txt"), ...form);
      expect({ code, printed }).toEqual({ code: 1, printed: "" });
      expect(error).toMatch(message);
    }
  }
});

it("a model that is worse than a guess is said to be, and so is one that was removed", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const out = join(folder, "run");
  const words = ["--optimizer", "sgd", "--learning-rate", "100", "--clip", "0", "--out", out];
  const result = await run("train", join(folder, "fox.txt"), ...small, ...words);
  expect(result.code).toBe(0);
  expect(result.error).toMatch(
    /^rondo: the model predicts worse than chance: [\d.]+ nats per token, a guess among 29 has 3\.37; try a lower learning rate\n$/,
  );
  rmSync(join(out, "model.safetensors"));
  const again = await run("train", "--resume", out);
  expect(again.error).toMatch(
    /^rondo: .*model\.safetensors is gone, and all epochs are done: train more of them .*\n$/,
  );
  expect(again.code).toBe(1);
  expect(again.out).not.toContain("done:");
});

it("a loss that is no number ends training with advice; the last checkpoint is kept and good", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const words = ["train", "fox.txt", ...small, "--learning-rate", "1e39", "--clip", "0", "--out", "run"];
  const message = "training diverged; try a lower learning rate or stronger clipping";
  await refused(folder, 1, message, words);
  await refused(folder, 1, "run keeps the checkpoint of step 0", ["train", "--resume", "run"]);
  expect(existsSync(join(folder, "run", "model.safetensors"))).toBe(false);
});

it("a full disk ends training with a line, and what was written before stays whole", async () => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const words = (out: string) => ["train", "fox.txt", ...small, "--hidden", "40", "--out", out];
  // The limit on the size of a file, in KiB, stands for the disk: too little for a first checkpoint, then for a model.
  const first = await start(folder, words("first"), "ulimit -f 20").ended;
  expect(first.error).toMatch(
    /^rondo: cannot write first\/checkpoint\.safetensors: the file is too large\n$/,
  );
  expect(first.code).toBe(1);
  expect(readdirSync(folder)).toEqual(["fox.txt"]);
  await start(folder, words("run")).ended;
  const before = readFileSync(join(folder, "run/checkpoint.safetensors"));
  const more = await start(folder, ["train", "--resume", "run", "--epochs", "2"], "ulimit -f 60").ended;
  expect(more.error).toMatch(
    /^rondo: cannot write run\/.*: the file is too large; run keeps the checkpoint of step 17, go on from it with: rondo train --resume run\n$/,
  );
  expect(more.code).toBe(1);
  expect(readFileSync(join(folder, "run/checkpoint.safetensors")).equals(before)).toBe(true);
  expect(readdirSync(join(folder, "run")).sort()).toEqual([
    ...["checkpoint.safetensors", "metrics.jsonl", "model.safetensors"],
  ]);
});

it.skipIf(!existsSync("/dev/full"))(
  "a standard output that is full ends the command with a line",
  async () => {
    const folder = temporaryFolder({ "fox.txt": sentence });
    const result = await start(folder, ["train", "fox.txt", ...small, "--out", "run"], "exec > /dev/full")
      .ended;
    expect(result.error).toMatch(/^rondo: cannot write to the standard output: ENOSPC[^\n]+\n$/);
    expect(result.code).toBe(1);
    expect((await run("train", "--resume", join(folder, "run"))).code).toBe(0);
  },
);
