/** What programs run on, as the command is told and tells: and that a run goes on with another backend as if nothing had been. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { offerMachineCode } from "../../src/backends/x86/offer.ts";
import { makeFolder, removeFolder } from "../helpers/folder.ts";
import { sets } from "../helpers/native.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { run } from "./cli.ts";

const folder = makeFolder({ "fox.txt": sentence.repeat(4) });
const options =
  "--cell lstm --hidden 24 --embedding 8 --layers 2 --dropout 0.1 --batch 4 --window 16 --seed 2".split(" ");
const at = (name: string) => join(folder, name);
const train = (out: string, epochs: number, backend: string, ...more: string[]) =>
  run(
    "train",
    at("fox.txt"),
    ...options,
    "--epochs",
    `${epochs}`,
    "--backend",
    backend,
    "--out",
    at(out),
    ...more,
  );
const weights = (out: string) => readFileSync(join(folder, out, "model.safetensors"));

afterAll(() => removeFolder(folder));
beforeAll(async () => {
  offerMachineCode();
  await train("whole", 3, "wasm");
}, 60_000);

describe.skipIf(sets.length === 0)("a run goes on", () => {
  test.each([
    ["native", "wasm"],
    ["wasm", "native"],
  ])("from %s to %s, with the bits of a whole one", async (first, second) => {
    const out = `from-${first}`;
    expect(await train(out, 1, first)).toMatchObject({ code: 0, error: "" });
    const resumed = await run("train", "--resume", at(out), "--epochs", "3", "--backend", second);
    expect(resumed).toMatchObject({ code: 0, error: "" });
    expect(weights(out).equals(weights("whole"))).toBe(true);
  });

  test("of machine code alone, on two threads", async () => {
    expect(await train("native", 3, "native", "--threads", "2")).toMatchObject({ code: 0, error: "" });
    expect(weights("native").equals(weights("whole"))).toBe(true);
  });
});

/** The command as it is installed, with variables of the environment and options of Node. */
function command(words: string[], environment: Record<string, string> = {}, node: string[] = []) {
  const main = join(inject("built"), "src/cli/main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, main, ...words], {
    ...{ cwd: folder, encoding: "utf8", env: { ...process.env, ...environment } },
  });
  return { code: status, out: stdout, error: stderr };
}
const without = ["--disable-wasm-trap-handler"];
const reason = "--disable-wasm-trap-handler takes away what stops machine code at the end of its memory";
const runsOn = ({ out }: { out: string }) => /^runs on +(.*)$/m.exec(out)?.[1];

test("describe says what runs, and why", () => {
  const words = ["describe", "whole"];
  if (sets.length > 0) expect(runsOn(command(words))).toMatch(/^native: machine code with AVX/);
  expect(runsOn(command(words, {}, without))).toBe(`wasm: no machine code: ${reason}`);
  for (const name of ["wasm", "reference", "native"]) {
    expect(runsOn(command(words, { RONDO_BACKEND: name }))).toBe(`${name}: RONDO_BACKEND asks for it`);
  }
  const { out } = command([...words, "--json"], { RONDO_BACKEND: "wasm" });
  expect(JSON.parse(out).backend).toEqual({ name: "wasm", reason: "RONDO_BACKEND asks for it" });
});

test("a variable that is no name is refused in one line", () => {
  const words = ["generate", "whole", "--length", "3"];
  expect(command(words, { RONDO_BACKEND: "quick" })).toEqual({
    code: 2,
    out: "",
    error: 'rondo: RONDO_BACKEND: "quick" given, auto, native, wasm, reference expected\n',
  });
  for (const name of ["", "auto"]) expect(command(words, { RONDO_BACKEND: name }).code).toBe(0);
});

test("native is refused in one line where it cannot run", () => {
  const words = ["train", "fox.txt", ...options, "--epochs", "1", "--out", "never", "--backend", "native"];
  expect(command(words, {}, without)).toMatchObject({
    code: 2,
    error: `rondo: --backend: backend native: ${reason}\n`,
  });
  expect(command(["generate", "whole"], { RONDO_BACKEND: "native" }, without)).toMatchObject({ code: 2 });
  const unknown = command([...words.slice(0, -1), "quick"]);
  expect(unknown.code).toBe(2);
  expect(unknown.error).toContain("Allowed choices are auto, native, wasm, reference");
});

test("explain says what runs", () => {
  for (const backend of ["wasm", ...(sets.length > 0 ? ["native"] : [])]) {
    const { code, out } = command(["explain", "whole", "--backend", backend]);
    expect(code).toBe(0);
    expect(out).toContain(backend);
  }
});
