// A folder of reference cases gets a line a case and a sum; what is wrong with a file is one failed line, never a crash.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSafetensors, type SafetensorsFile, writeSafetensors } from "../../src/formats/safetensors.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { runTool } from "./run-tool.ts";

const fixture = (name: string) => readFileSync(`test/fixtures/torch/${name}.safetensors`);

/** A fixture with changes, as a file's bytes. */
function changed(name: string, change: (file: SafetensorsFile) => void): Uint8Array {
  const file = readSafetensors(fixture(name), name);
  change(file);
  return writeSafetensors(file);
}

function folderOf(files: Record<string, Uint8Array>): string {
  const root = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(root, `${name}.safetensors`), bytes);
  return root;
}

function elementOf(file: SafetensorsFile, tensor: string): Float32Array {
  return file.tensors.get(tensor)?.data as Float32Array;
}

test("what is in a case decides what it is, not its file's name", () => {
  const folder = folderOf({
    "a case": fixture("gru-layers1-lengths"),
    "another case": fixture("optimizer-rmsprop"),
    "one more": fixture("training-run-rnn"),
    trees: fixture("tree-recursive"),
  });
  writeFileSync(join(folder, "notes.txt"), "not a case");
  const { status, lines } = runTool("check-torch", folder);
  expect(status).toBe(0);
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^passed {2}a case: reference \d\.\de-\d+ \((out|grad)\.\w+\)/);
  expect(lines[1]).toMatch(/^passed {2}another case: reference \d\.\de-\d+ \(out\.p\d\)/);
  expect(lines[2]).toMatch(/^passed {2}one more: reference /);
  expect(lines[3]).toMatch(/^passed {2}trees: reference /);
  expect(lines[4]).toBe("4 passed, 0 failed, 0 skipped");
});

test("an initial state, lengths and biases may be missing", () => {
  const withoutBiases = changed("lstm-layers1", (file) => {
    for (const name of [...file.tensors.keys()]) {
      if (name.includes("bias") || name.startsWith("out.") || name.startsWith("grad."))
        file.tensors.delete(name);
      if (/^(in|seed)\.[hc]_/.test(name)) file.tensors.delete(name);
    }
    // No weight lets anything in: g is 0, so c and h stay 0, and so does the output.
    elementOf(file, "param.weight_ih_l0").fill(0);
    elementOf(file, "param.weight_hh_l0").fill(0);
    const y = file.tensors.get("seed.y");
    if (y) file.tensors.set("out.y", { shape: y.shape, data: new Float32Array(y.data.length) });
  });
  const { status, lines } = runTool("check-torch", folderOf({ plain: withoutBiases }));
  expect(lines[0]).toMatch(/^passed {2}plain: reference 0\.0e\+0 \(out\.y\)/);
  expect(status).toBe(0);
});

test("numbers that are off, and files that are broken, are failed lines", () => {
  const folder = folderOf({
    a: changed("cross-entropy", (file) => {
      const slopes = elementOf(file, "grad.logits");
      slopes[3] = (slopes[3] as number) + 1e-4;
    }),
    b: changed("lstm-layers1", (file) => {
      elementOf(file, "out.y")[0] = Number.NaN;
    }),
    c: fixture("lstm-layers1").subarray(0, 3000),
    d: changed("lstm-layers1", (file) => void file.tensors.delete("param.weight_hh_l0")),
    e: changed("lstm-layers1", (file) => {
      file.tensors.set("grad.other", { shape: [1], data: new Float32Array(1) });
    }),
    f: new Uint8Array(0),
    g: changed("layer-norm", (file) => {
      file.metadata.eps = "small";
    }),
    h: changed("gru-layers1", (file) => {
      file.metadata.layers = "2";
    }),
    i: changed("optimizer-sgd", (file) => {
      file.metadata.defaults = "{";
    }),
    j: changed("gru-layers1", (file) => {
      for (const part of ["out.y", "seed.y", "out.h_n", "seed.h_n", "out.loss"]) file.tensors.delete(part);
      for (const name of [...file.tensors.keys()]) if (name.startsWith("grad.")) file.tensors.delete(name);
    }),
    k: changed("clip-grad-norm", (file) => {
      file.metadata = {};
    }),
    l: changed("lstm-layers1", (file) => {
      file.metadata.module = "TransformerEncoder";
    }),
  });
  mkdirSync(join(folder, "m.safetensors"));
  const { status, lines } = runTool("check-torch", folder);
  expect(status).toBe(1);
  expect(lines).toHaveLength(14);
  const expected = [
    /^failed {2}a: reference \d\.\de-[34] \(grad\.logits\)/,
    /^failed {2}b: reference Infinity \(out\.\w+\)/,
    /^failed {2}c: c\.safetensors: cut short/,
    /^failed {2}d: no tensor weight_hh_l0 given/,
    /^failed {2}e: grad\.other is expected, but no such tensor was computed$/,
    /^failed {2}f: f\.safetensors: cut short: 0 bytes/,
    /^failed {2}g: metadata eps: small given, a number expected$/,
    /^failed {2}h: no tensor weight_ih_l1 given/,
    /^failed {2}i: metadata defaults: \{ given, a JSON object expected$/,
    /^failed {2}j: no outputs and no gradients given, at least one expected$/,
    /^skipped k: no program for the tensors grad0, grad1$/,
    /^skipped l: the module TransformerEncoder is not built yet$/,
    /^failed {2}m: cannot read .*m\.safetensors: it is a directory$/,
  ];
  expected.forEach((line, index) => {
    expect(lines[index]).toMatch(line);
  });
  expect(lines[13]).toBe("0 passed, 11 failed, 2 skipped");
});

test("a folder that is missing, or without cases, is refused in one line", () => {
  const folder = temporaryFolder({ "notes.txt": "nothing here" });
  expect(runTool("check-torch", folder)).toEqual({
    status: 1,
    lines: [`${folder} holds no *.safetensors files`],
  });
  const missing = join(folder, "missing");
  expect(runTool("check-torch", missing)).toEqual({
    status: 1,
    lines: [`cannot read the folder: ENOENT: no such file or directory, scandir '${missing}'`],
  });
  const usage = {
    status: 2,
    lines: ["usage: npm run check:torch -- DIR, a folder of *.safetensors reference cases"],
  };
  expect(runTool("check-torch")).toEqual(usage);
});
