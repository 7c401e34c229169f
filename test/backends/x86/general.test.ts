import { expect, test } from "vitest";
import { Assembler } from "../../../src/backends/x86/assembler/assembler.ts";
import { generalCases } from "./instructions.ts";
import { disassemble, missing } from "./objdump.ts";

test.skipIf(missing)(`a disassembler reads what was asked for${missing ? `: ${missing}` : ""}`, () => {
  const assembler = new Assembler("avx512");
  const start = assembler.newLabel();
  assembler.bind(start);
  const starts: [number, string][] = [];
  for (const [text, write] of generalCases(start)) {
    starts.push([assembler.bytes.length, text]);
    write(assembler);
  }
  const read = disassemble(assembler.finish());
  const wrong = starts.filter(([start, text]) => read.get(start) !== text);
  expect(wrong.map(([start, text]) => `${text} => ${read.get(start)}`)).toEqual([]);
  expect(read.size).toBe(starts.length);
});
