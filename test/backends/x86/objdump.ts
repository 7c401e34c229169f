/** What a real disassembler reads in bytes: binutils' objdump, for tests of the assembler. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there is no disassembler, or nothing. */
export const missing = ((): string | undefined => {
  try {
    return /i386|x86-64/.test(execFileSync("objdump", ["--info"], { encoding: "utf8" }))
      ? undefined
      : "objdump (binutils) does not know x86-64";
  } catch {
    return "objdump (binutils) is not installed";
  }
})();

/**
 * The text of the instruction at each address, in Intel's syntax, with single blanks. What versions of objdump print in two ways is made
 * one: memory relative to rip is `[rip 0xADDRESS]`.
 */
export function disassemble(code: Uint8Array): Map<number, string> {
  const folder = mkdtempSync(join(tmpdir(), "rondo-"));
  try {
    const file = join(folder, "code.bin");
    writeFileSync(file, code);
    const flags = ["-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "--no-show-raw-insn"];
    const printed = execFileSync("objdump", [...flags, file], { encoding: "utf8", maxBuffer: 2 ** 28 });
    const lines = printed.matchAll(/^ *([0-9a-f]+):\t(.*)$/gm);
    return new Map(
      [...lines].map(([, address, text]) => [Number.parseInt(address ?? "", 16), plain(text ?? "")]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function plain(text: string): string {
  return text
    .replace(/\{evex\} /, "")
    .replace(/\[rip[+-]0x[0-9a-f]+\](.*?) +# (0x[0-9a-f]+)$/, "[rip $2]$1")
    .replace(/ +/g, " ")
    .trim();
}
