import { expect, test } from "vitest";
import { Assembler, type Label } from "../../../src/backends/x86/assembler/assembler.ts";
import { notations } from "../../../src/backends/x86/assembler/vector-forms.ts";
import { type VectorCase, vectorCases } from "./cases.ts";
import { disassemble, missing } from "./objdump.ts";
import { signatures } from "./signatures.ts";

/** Where the disassembler reads something else than was asked for. It prints how often an element is repeated only if it must. */
function differences(cases: (start: Label) => Iterable<VectorCase>): string[] {
  const assembler = new Assembler("avx512");
  const start = assembler.newLabel();
  assembler.bind(start);
  const texts = new Map<number, string>();
  for (const { name, bits, operands, options, text } of cases(start)) {
    texts.set(assembler.bytes.length, text);
    assembler.vector(name, bits, operands, options);
  }
  const read = disassemble(assembler.finish());
  expect(read.size).toBe(texts.size);
  return [...texts].flatMap(([position, text]) => {
    const found = read.get(position);
    const expected = found?.includes("{1to") ? text : text.replace(/\{1to\d+\}/, "");
    return found === expected ? [] : [`${text} => ${found}`];
  });
}

test("every instruction has a signature here", () => {
  expect([...signatures.keys()].sort()).toEqual(Object.keys(notations).sort());
});

test.skipIf(missing)(`a disassembler reads what was asked for${missing ? `: ${missing}` : ""}`, () => {
  expect(differences((start) => vectorCases(4, start)).slice(0, 100)).toEqual([]);
});
